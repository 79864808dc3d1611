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
            static OBJECT: $crate::Object = $crate::Object {
                name: stringify!($name),
                properties: &[$($crate::property($property)$(.$flag())*),*],
                $($key: $value,)*
                ..$crate::Object::EMPTY
            };

            impl$(<$($parameter: $crate::Field),+>)? $crate::Field for $name$(<$($parameter),+>)? {
                fn blank() -> Self {
                    Self { $($field: $crate::Field::blank(),)* $rest: $crate::Default::default() }
                }

                fn read(&mut self, reader: &mut $crate::Reader<'_>) -> $crate::Read {
                    $crate::read_object(&OBJECT, reader, &mut [$(&mut self.$field,)*], &mut self.$rest)
                }

                fn view(&self) -> $crate::View<'_> {
                    $crate::View::Model(self)
                }
            }

            impl$(<$($parameter: $crate::Field),+>)? $crate::Model for $name$(<$($parameter),+>)? {
                fn parts(&self, take: &mut $crate::TakeParts<'_>) {
                    take($crate::Parts { object: &OBJECT, fields: &[$(&self.$field,)*], rest: &self.$rest });
                }
            }

            impl$(<$($parameter: $crate::Clone),+>)? $crate::Clone for $name$(<$($parameter),+>)? {
                #[inline]
                fn clone(&self) -> Self {
                    Self {
                        $($field: $crate::Clone::clone(&self.$field),)*
                        $rest: $crate::Clone::clone(&self.$rest),
                    }
                }
            }

            impl$(<$($parameter: $crate::Field),+>)? $crate::PartialEq for $name$(<$($parameter),+>)? {
                #[inline]
                fn eq(&self, other: &Self) -> bool {
                    $crate::same($crate::Field::view(self), $crate::Field::view(other))
                }
            }

            impl$(<$($parameter: $crate::Field),+>)? $crate::fmt::Debug for $name$(<$($parameter),+>)? {
                #[inline]
                fn fmt(&self, f: &mut $crate::Formatter<'_>) -> $crate::Shown {
                    $crate::show($crate::Field::view(self), f)
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

                fn read(&mut self, reader: &mut $crate::Reader<'_>) -> $crate::Read {
                    $crate::read_union(&VARIANTS, reader, self)
                }

                fn view(&self) -> $crate::View<'_> {
                    match self {
                        $($crate::variant_pattern!($name, $variant, value $(, $constant)?) =>
                            $crate::variant_view!($variant, value $(, $constant)?),)*
                        Self::Unknown(value) => $crate::View::Unknown(value),
                    }
                }
            }

            impl $crate::Union for $name {
                fn read_variant(
                    &mut self,
                    index: usize,
                    reader: &mut $crate::Reader<'_>,
                ) -> $crate::Read {
                    *self = match index {
                        $($index => $crate::variant_value!($name, $variant, reader $(, $constant)?),)*
                        _ => return $crate::Ok(()),
                    };
                    $crate::Ok(())
                }

                fn set_unknown(&mut self, unknown: $crate::Unknown) {
                    *self = Self::Unknown(unknown);
                }
            }

            impl $crate::Clone for $name {
                #[inline]
                fn clone(&self) -> Self {
                    match self {
                        $($crate::variant_pattern!($name, $variant, value $(, $constant)?) =>
                            $crate::variant_clone!($name, $variant, value $(, $constant)?),)*
                        Self::Unknown(value) => Self::Unknown(value.clone()),
                    }
                }
            }

            impl $crate::PartialEq for $name {
                #[inline]
                fn eq(&self, other: &Self) -> bool {
                    $crate::same($crate::Field::view(self), $crate::Field::view(other))
                }
            }

            impl $crate::fmt::Debug for $name {
                #[inline]
                fn fmt(&self, f: &mut $crate::Formatter<'_>) -> $crate::Shown {
                    $crate::show($crate::Field::view(self), f)
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
        $name::$variant($crate::Clone::clone($value))
    };
    ($name:ident, $variant:ident, $value:ident, $constant:expr) => {
        $name::$variant
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_view {
    ($variant:ident, $value:ident) => {
        $crate::View::Variant(stringify!($variant), $value)
    };
    ($variant:ident, $value:ident, $constant:expr) => {
        $crate::View::Constant(stringify!($variant), $constant)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! variant_value {
    ($name:ident, $variant:ident, $reader:ident) => {
        match $crate::read($reader) {
            $crate::Ok(value) => $name::$variant(value),
            $crate::Err(error) => return $crate::Err(error),
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

        impl $crate::Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                match self {
                    $(Self::$variant => Self::$variant,)*
                    Self::Unknown(value) => Self::Unknown(value.clone()),
                }
            }
        }

        impl $crate::PartialEq for $name {
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

        impl $crate::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut $crate::Formatter<'_>) -> $crate::Shown {
                $crate::show($crate::Field::view(self), f)
            }
        }

        impl $crate::fmt::Display for $name {
            fn fmt(&self, f: &mut $crate::Formatter<'_>) -> $crate::Shown {
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

        impl ::core::convert::From<&::std::string::String> for $name {
            #[inline]
            fn from(text: &::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl $crate::FromText for $name {}

        impl ::core::cmp::PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::core::cmp::PartialEq<$name> for str {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                self == other.as_str()
            }
        }

        impl ::core::cmp::PartialEq<$name> for &str {
            #[inline]
            fn eq(&self, other: &$name) -> bool {
                *self == other.as_str()
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> $crate::Result<Self, Self::Err> {
                $crate::Ok(Self::from(text))
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

            fn read(&mut self, reader: &mut $crate::Reader<'_>) -> $crate::Read {
                match reader.string() {
                    $crate::Ok(text) => *self = Self::from(&*text),
                    $crate::Err(error) => return $crate::Err(error),
                }
                $crate::Ok(())
            }

            fn view(&self) -> $crate::View<'_> {
                match self {
                    Self::Unknown(value) => $crate::View::UnknownName(value.as_str()),
                    _ => $crate::View::Name(self.as_str()),
                }
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
            fn serialize<S: $crate::Serializer>(&self, serializer: S) -> $crate::Result<S::Ok, S::Error> {
                $crate::serialize($crate::Field::view(self), serializer)
            }
        }

        impl<'de $($(, $parameter: $crate::Field)+)?> $crate::Deserialize<'de> for $name$(<$($parameter),+>)? {
            fn deserialize<D: $crate::Deserializer<'de>>(
                deserializer: D,
            ) -> $crate::Result<Self, D::Error> {
                $crate::deserialize(deserializer)
            }
        }
    };
}
