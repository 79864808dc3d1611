//! Values that the document fixes.

use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::fields::Read;
use super::raw::{AHEAD, View};

/// A value that the document fixes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    /// A string.
    String(&'static str),
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Null.
    Null,
}

/// A member that the document fixes to one value.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// Name of the member.
    pub name: &'static str,
    /// The value, which is always written.
    pub value: Const,
    /// Whether it must be there.
    pub required: bool,
}

impl PartialEq<Value> for Const {
    fn eq(&self, value: &Value) -> bool {
        match *self {
            Self::String(text) => value.as_str() == Some(text),
            Self::Boolean(truth) => value.as_bool() == Some(truth),
            Self::Integer(number) => value.as_i64() == Some(number),
            Self::Null => value.is_null(),
        }
    }
}

/// Reads a value, and gives it back where it is another one.
impl<'de> DeserializeSeed<'de> for &Const {
    type Value = Option<Value>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_newtype_struct(AHEAD, OtherThan(self))
    }
}

/// Makes a value of anything but the constant.
struct OtherThan<'a>(&'a Const);

impl OtherThan<'_> {
    fn check(&self, value: Value) -> Option<Value> {
        Some(value).filter(|value| self.0 != value)
    }
}

impl<'de> Visitor<'de> for OtherThan<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// What the reader of this crate answers to [`AHEAD`]. Most constants are text, of which no copy is made.
    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Option<Value>, A::Error> {
        let (View { text, .. }, value) = data.variant()?;
        match self.0 {
            Const::String(constant) if text.starts_with('"') => value.newtype_variant_seed(OtherText(constant)),
            _ => value.newtype_variant().map(|Read(value)| self.check(value)),
        }
    }

    /// What every other deserializer answers.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(|value| self.check(value))
    }
}

/// Makes a value of any text but this one.
struct OtherText(&'static str);

impl<'de> DeserializeSeed<'de> for OtherText {
    type Value = Option<Value>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for OtherText {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Value>, E> {
        Ok((text != self.0).then(|| Value::from(text)))
    }
}

impl Serialize for Const {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::String(text) => serializer.serialize_str(text),
            Self::Boolean(truth) => serializer.serialize_bool(truth),
            Self::Integer(number) => serializer.serialize_i64(number),
            Self::Null => serializer.serialize_unit(),
        }
    }
}
