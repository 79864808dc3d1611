//! Properties whose value the API document fixes.

use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::lookahead::{LOOKAHEAD, LookaheadText};
use crate::raw::AnyJson;
use crate::shapes::JsonKind;

/// The value of a [`Constant`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    /// A string.
    String(&'static str),
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Null.
    Null,
}

/// A property whose value the API document fixes. It has no field: it is always written.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// Name of the property.
    pub name: &'static str,
    /// The value.
    pub value: Const,
    /// Whether an object without the property is an error.
    pub required: bool,
}

impl Const {
    /// Returns whether a value has the JSON type of the constant, so that it could be the constant of another version.
    fn is_of_kind(self, value: &Value) -> bool {
        match self {
            Self::String(_) => value.is_string(),
            Self::Boolean(_) => value.is_boolean(),
            Self::Integer(_) => value.is_number(),
            // The property may get a type later.
            Self::Null => true,
        }
    }
}

/// Writes the constant as JSON.
impl fmt::Display for Const {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "{text:?}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Null => f.write_str("null"),
        }
    }
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

/// Reads the value of the property. Returns `None` for the constant itself, and any other value of the same JSON type, so
/// that it can be kept. Null is kept as well if the property is optional.
impl<'de> DeserializeSeed<'de> for &Constant {
    type Value = Option<Value>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_newtype_struct(LOOKAHEAD, OtherThan(self))
    }
}

/// Returns any value except the constant.
struct OtherThan<'a>(&'a Constant);

impl OtherThan<'_> {
    fn check<E: Error>(&self, value: Value) -> Result<Option<Value>, E> {
        let Constant { value: constant, required, .. } = self.0;
        if value.is_null() && !required || constant.is_of_kind(&value) {
            return Ok(Some(value).filter(|value| constant != value));
        }
        Err(E::custom(format_args!("invalid type: {}, expected {constant}", JsonKind::of(&value))))
    }
}

impl<'de> Visitor<'de> for OtherThan<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.value)
    }

    /// Called by the reader of this crate. Most constants are strings, which are compared without a copy.
    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Option<Value>, A::Error> {
        let (LookaheadText { text, .. }, value) = data.variant()?;
        match self.0.value {
            Const::String(constant) if text.starts_with('"') => value.newtype_variant_seed(OtherText(constant)),
            _ => value.newtype_variant().and_then(|AnyJson(value)| self.check(value)),
        }
    }

    /// Called by every other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).and_then(|value| self.check(value))
    }
}

/// Returns any string except this one.
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
