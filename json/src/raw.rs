//! JSON values as text, and JSON of any kind.

use std::borrow::Cow;
use std::fmt;

use serde::de::{EnumAccess, Error, MapAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::failure::remember_failure;
use crate::lookahead::{LOOKAHEAD, LookaheadText, RAW_VALUE};
use crate::reader;

/// A JSON value as text, borrowed from the input if the deserializer permits it.
pub(crate) struct RawJson<'de>(pub(crate) Cow<'de, str>);

impl<'de> RawJson<'de> {
    /// Takes the next value as text.
    pub(crate) fn capture<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, RawVisitor)
    }
}

/// A JSON value of any kind, read by [`read_value`].
pub(crate) struct AnyJson(pub(crate) Value);

impl<'de> Deserialize<'de> for AnyJson {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_value(deserializer).map(Self)
    }
}

/// Reads JSON of any kind. The reader of this crate passes its text, which one compiled copy of `serde_json`'s parser
/// reads.
///
/// # Errors
/// Returns an error if the input is malformed.
pub(crate) fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_newtype_struct(LOOKAHEAD, ValueVisitor)
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// Called by the reader of this crate.
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (LookaheadText { .. }, value) = data.variant()?;
        let RawJson(text) = value.newtype_variant()?;
        any_json(&text).map_err(|error| {
            remember_failure(&text, reader::offset_of(&text, &error));
            A::Error::custom(reader::message(&error))
        })
    }

    /// Called by every other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
}

/// Parses JSON text of any kind. It is not inlined, so that a program has one copy of the parser.
///
/// # Errors
/// Returns an error if the text is not JSON.
#[inline(never)]
pub fn any_json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}

impl<'de> Deserialize<'de> for RawJson<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::capture(deserializer)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawJson<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// Called by deserializers that know [`RAW_VALUE`]: a map with one entry, whose value is the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (_, text) = map
            .next_entry::<RawKey, RawText<'de>>()?
            .ok_or_else(|| A::Error::custom("the deserializer gave no text for a raw JSON value"))?;
        Ok(RawJson(text.0))
    }

    /// Called by every other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Value::deserialize(deserializer).map(|value| RawJson(Cow::Owned(value.to_string())))
    }
}

struct RawKey;

impl<'de> Deserialize<'de> for RawKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(serde::de::IgnoredAny).map(|_| Self)
    }
}

struct RawText<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for RawText<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = RawText<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of a JSON value")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(RawText(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RawText(Cow::Owned(text.to_owned())))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(RawText(Cow::Owned(text)))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}
