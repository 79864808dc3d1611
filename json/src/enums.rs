//! Open string enumerations: the values that the crate knows, and any other value that a server adds later.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};

/// A value of an enumeration that this version of the crate has no variant for.
///
/// It keeps the text and serializes to the same text. Programs can't construct it: convert a string into the
/// enumeration instead, so that a known value is always its variant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the value as sent by the API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Reads a string into a type that converts from `&str`.
pub struct EnumVisitor<T>(PhantomData<T>);

impl<T> Default for EnumVisitor<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: for<'a> From<&'a str>> Visitor<'_> for EnumVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    /// Called from several functions, therefore not inlined.
    #[inline(never)]
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

/// Returns the value among `known` whose text this is.
#[must_use]
pub fn value_of<T: Clone>(text: &str, known: &[T], as_str: impl Fn(&T) -> &str) -> Option<T> {
    known.iter().find(|value| as_str(value) == text).cloned()
}

/// Writes the `Debug` text of a value: the value as sent by the API, inside `Unknown(..)` if the crate does not know it.
///
/// # Errors
/// Returns the error of the formatter.
pub fn show_value(text: &str, is_known: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_known { f.write_str(text) } else { f.debug_tuple("Unknown").field(&text).finish() }
}

/// Implements the traits that open enumerations share: conversions from text, order, and serde's traits.
///
/// The enumeration must have `VARIANTS`, `as_str` and a variant `Unknown(UnknownValue)`.
#[macro_export]
macro_rules! open_enum {
    ($name:ident) => {
        impl $crate::Field for $name {}

        impl ::core::cmp::Eq for $name {}

        impl ::core::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::show_value(self.as_str(), !::core::matches!(self, Self::Unknown(_)), f)
            }
        }

        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::value_of(text, Self::VARIANTS, Self::as_str)
                    .unwrap_or_else(|| Self::Unknown($crate::UnknownValue::__new(text)))
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::core::cmp::PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl ::core::cmp::Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl $crate::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                deserializer.deserialize_str($crate::EnumVisitor::<Self>::default())
            }
        }
    };
}
