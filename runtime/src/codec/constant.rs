//! Values that the document fixes.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

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
        match *self {
            Const::String(text) => deserializer.deserialize_any(OtherThan(text)),
            _ => Value::deserialize(deserializer).map(|value| Some(value).filter(|value| self != value)),
        }
    }
}

/// Makes a value of anything but this text.
struct OtherThan(&'static str);

impl<'de> Visitor<'de> for OtherThan {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Value>, E> {
        Ok((text != self.0).then(|| Value::from(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Option<Value>, E> {
        Ok(Some(Value::from(truth)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<Value>, E> {
        Ok(Some(Value::from(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<Value>, E> {
        Ok(Some(Value::from(number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<Value>, E> {
        Ok(Some(Value::from(number)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Option<Value>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<Value>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(Some)
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
