//! Macros for generated code: a type's description, and the trait implementations that follow from it.

/// Implements an object with declared properties for a struct. It lists each field with the name of its property, and
/// the field that holds all other properties.
///
/// ```
/// use polar_client_json::{Const, Constant, Extra, decode, model, to_vec, Field};
///
/// struct Price {
///     amount: i64,
///     currency: Option<String>,
///     extra: Extra,
/// }
///
/// model! {
///     Price {
///         amount: "amount",
///         currency: "price_currency" optional,
///         ..extra
///     }
///     constants: &[Constant { name: "type", value: Const::String("fixed"), required: true }],
/// }
///
/// let text = br#"{"type":"fixed","amount":500}"#;
/// let price: Price = decode(text)?;
/// assert_eq!((price.amount, &price.currency), (500, &None));
/// assert_eq!(to_vec(price.view()), text);
/// # Ok::<(), polar_client_json::DecodeError>(())
/// ```
#[macro_export]
macro_rules! model {
    (
        $name:ident $(<$($parameter:ident),+>)? {
            $($field:ident: $property:literal $($flag:ident)*,)*
            ..$rest:ident
        }
        $($key:ident: $value:expr,)*
    ) => {
        const _: () = {
            #[allow(clippy::needless_update, reason = "a property may have all flags")]
            static PROPERTIES: &[$crate::Property] = &[
                $($crate::Property { name: $property, $($flag: true,)* ..$crate::Property::REQUIRED },)*
            ];
            static OBJECT: $crate::Object = $crate::Object {
                name: stringify!($name),
                properties: PROPERTIES,
                $($key: $value,)*
                ..$crate::Object::EMPTY
            };

            impl$(<$($parameter: $crate::Field),+>)? $crate::Field for $name$(<$($parameter),+>)? {
                fn blank() -> Self {
                    Self { $($field: $crate::Field::blank(),)* $rest: ::core::default::Default::default() }
                }

                fn read(&mut self, reader: &mut $crate::Reader<'_>) -> ::core::result::Result<(), $crate::ReadError> {
                    $crate::read_object(&OBJECT, reader, &mut [$(&mut self.$field,)*], &mut self.$rest)
                }

                fn view(&self) -> $crate::View<'_> {
                    $crate::View::Model(self)
                }
            }

            impl$(<$($parameter: $crate::Field),+>)? $crate::Model for $name$(<$($parameter),+>)? {
                fn parts(&self, take: &mut dyn ::core::ops::FnMut($crate::Parts<'_>)) {
                    take($crate::Parts { object: &OBJECT, fields: &[$(&self.$field,)*], rest: &self.$rest });
                }
            }

            impl$(<$($parameter: ::core::clone::Clone),+>)? ::core::clone::Clone for $name$(<$($parameter),+>)? {
                #[inline]
                fn clone(&self) -> Self {
                    Self {
                        $($field: ::core::clone::Clone::clone(&self.$field),)*
                        $rest: ::core::clone::Clone::clone(&self.$rest),
                    }
                }
            }

            impl$(<$($parameter: ::core::cmp::PartialEq),+>)? ::core::cmp::PartialEq for $name$(<$($parameter),+>)? {
                #[inline]
                fn eq(&self, other: &Self) -> bool {
                    $(self.$field == other.$field &&)* self.$rest == other.$rest
                }
            }

            impl$(<$($parameter: $crate::Field),+>)? ::core::fmt::Debug for $name$(<$($parameter),+>)? {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::show(self, f)
                }
            }

            $crate::serde_traits!($name $(<$($parameter),+>)?);
        };
    };
}

/// Implements a union for an enumeration. It lists each variant with its position, or with its constant if it has no
/// content.
#[macro_export]
macro_rules! union {
    (
        $name:ident {
            $($index:literal => $variant:ident $(= $constant:expr)?,)*
        }
        $($key:ident: $value:expr,)*
    ) => {
        const _: () = {
            static VARIANTS: $crate::Variants = $crate::Variants {
                name: stringify!($name),
                $($key: $value,)*
                ..$crate::Variants::EMPTY
            };

            impl $crate::Field for $name {
                fn blank() -> Self {
                    Self::Unknown($crate::Unknown::blank())
                }

                fn read(&mut self, reader: &mut $crate::Reader<'_>) -> ::core::result::Result<(), $crate::ReadError> {
                    $crate::read_union(&VARIANTS, reader, self)
                }

                fn view(&self) -> $crate::View<'_> {
                    match self {
                        $($crate::variant_pattern!($name, $variant, value $(, $constant)?) =>
                            $crate::variant_view!(value $(, $constant)?),)*
                        Self::Unknown(value) => value.view(),
                    }
                }
            }

            impl $crate::Union for $name {
                fn read_variant(
                    &mut self,
                    index: usize,
                    reader: &mut $crate::Reader<'_>,
                ) -> ::core::result::Result<(), $crate::ReadError> {
                    *self = match index {
                        $($index => $crate::variant_value!($name, $variant, reader $(, $constant)?),)*
                        _ => return ::core::result::Result::Ok(()),
                    };
                    ::core::result::Result::Ok(())
                }

                fn set_unknown(&mut self, unknown: $crate::Unknown) {
                    *self = Self::Unknown(unknown);
                }
            }

            impl ::core::clone::Clone for $name {
                #[inline]
                fn clone(&self) -> Self {
                    match self {
                        $($crate::variant_pattern!($name, $variant, value $(, $constant)?) =>
                            $crate::variant_clone!($name, $variant, value $(, $constant)?),)*
                        Self::Unknown(value) => Self::Unknown(value.clone()),
                    }
                }
            }

            impl ::core::cmp::PartialEq for $name {
                #[inline]
                fn eq(&self, other: &Self) -> bool {
                    match (self, other) {
                        $(($crate::variant_pattern!($name, $variant, one $(, $constant)?),
                            $crate::variant_pattern!($name, $variant, other $(, $constant)?)) =>
                            $crate::variant_equal!(one, other $(, $constant)?),)*
                        (Self::Unknown(one), Self::Unknown(other)) => one == other,
                        _ => false,
                    }
                }
            }

            impl ::core::fmt::Debug for $name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match self {
                        $($crate::variant_pattern!($name, $variant, value $(, $constant)?) =>
                            $crate::variant_debug!(f, $variant, value $(, $constant)?),)*
                        Self::Unknown(value) => f.debug_tuple("Unknown").field(value).finish(),
                    }
                }
            }

            $crate::serde_traits!($name);
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_pattern {
    ($name:ident, $variant:ident, $value:ident) => {
        $name::$variant($value)
    };
    ($name:ident, $variant:ident, $value:ident, $constant:expr) => {
        $name::$variant
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_clone {
    ($name:ident, $variant:ident, $value:ident) => {
        $name::$variant(::core::clone::Clone::clone($value))
    };
    ($name:ident, $variant:ident, $value:ident, $constant:expr) => {
        $name::$variant
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_equal {
    ($one:ident, $other:ident) => {
        $one == $other
    };
    ($one:ident, $other:ident, $constant:expr) => {
        true
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_debug {
    ($f:ident, $variant:ident, $value:ident) => {
        $crate::show_variant($f, stringify!($variant), $value)
    };
    ($f:ident, $variant:ident, $value:ident, $constant:expr) => {
        $f.write_str(stringify!($variant))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_view {
    ($value:ident) => {
        $crate::Field::view($value)
    };
    ($value:ident, $constant:expr) => {
        $crate::Const::view($constant)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_value {
    ($name:ident, $variant:ident, $reader:ident) => {
        match $crate::read($reader) {
            ::core::result::Result::Ok(value) => $name::$variant(value),
            ::core::result::Result::Err(error) => return ::core::result::Result::Err(error),
        }
    };
    ($name:ident, $variant:ident, $reader:ident, $constant:expr) => {{
        $reader.pass()?;
        $name::$variant
    }};
}

/// Implements an open string enumeration. It lists each variant with its text; `Unknown` keeps any other text.
#[macro_export]
macro_rules! open_enum {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        impl $name {
            /// All values known to this version of the crate.
            pub const VARIANTS: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the value as sent by the API.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl ::core::clone::Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant => Self::$variant,)*
                    Self::Unknown(value) => Self::Unknown(value.clone()),
                }
            }
        }

        impl ::core::cmp::PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl ::core::cmp::Eq for $name {}

        impl ::core::hash::Hash for $name {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                ::core::hash::Hash::hash(self.as_str(), state);
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::show_value(self.as_str(), !::core::matches!(self, Self::Unknown(_)), f)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown($crate::UnknownValue::__new(text)),
                }
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
                ::core::result::Result::Ok(Self::from(text))
            }
        }

        impl ::core::cmp::PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(self.cmp(other))
            }
        }

        impl ::core::cmp::Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl $crate::Field for $name {
            fn blank() -> Self {
                Self::Unknown($crate::UnknownValue::__new(""))
            }

            fn read(&mut self, reader: &mut $crate::Reader<'_>) -> ::core::result::Result<(), $crate::ReadError> {
                match reader.string() {
                    ::core::result::Result::Ok(text) => *self = Self::from(&*text),
                    ::core::result::Result::Err(error) => return ::core::result::Result::Err(error),
                }
                ::core::result::Result::Ok(())
            }

            fn view(&self) -> $crate::View<'_> {
                $crate::View::Text(self.as_str())
            }
        }

        $crate::serde_traits!($name);
    };
}

/// Implements serde's traits for a type that is a [`Field`](crate::Field).
#[doc(hidden)]
#[macro_export]
macro_rules! serde_traits {
    ($name:ident $(<$($parameter:ident),+>)?) => {
        impl$(<$($parameter: $crate::Field),+>)? $crate::Serialize for $name$(<$($parameter),+>)? {
            fn serialize<S: $crate::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::serialize($crate::Field::view(self), serializer)
            }
        }

        impl<'de $($(, $parameter: $crate::Field)+)?> $crate::Deserialize<'de> for $name$(<$($parameter),+>)? {
            fn deserialize<D: $crate::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::deserialize(deserializer)
            }
        }
    };
}
