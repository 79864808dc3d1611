//! serde's traits for the types of the codec: thin layers that are generic over the serializer and not over the types.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::decode::decode_text;
use crate::error::DecodeError;
use crate::field::{Field, View};

/// Writes a value with any serializer.
///
/// # Errors
/// Returns the error of the serializer.
pub fn serialize<S: Serializer>(view: View<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    match view {
        View::Absent | View::Null => serializer.serialize_unit(),
        View::Boolean(truth) => serializer.serialize_bool(truth),
        View::Integer(number) => serializer.serialize_i64(number),
        View::Float(number) => serializer.serialize_f64(number),
        View::Text(text) | View::Name(text) | View::UnknownName(text) | View::Secret(text) => {
            serializer.serialize_str(text)
        }
        View::Uuid(_) | View::Time(_) | View::Date(_) => view.with_text(|text| serializer.serialize_str(text)),
        View::Json(json) => json.serialize(serializer),
        View::Variant(_, content) => serialize(content.view(), serializer),
        View::Constant(_, constant) => serialize(constant.view(), serializer),
        View::Unknown(unknown) => unknown.serialize(serializer),
        View::Model(model) => {
            let (mut serializer, mut result) = (Some(serializer), None);
            model.parts(&mut |parts| {
                result = serializer.take().map(|serializer| {
                    let mut map = serializer.serialize_map(None)?;
                    parts.constants().try_for_each(|(name, view)| map.serialize_entry(name, &Shown(view)))?;
                    parts.fields().try_for_each(|(name, view)| map.serialize_entry(name, &Shown(view)))?;
                    let mut result = Ok(());
                    parts.rest.each(&mut |name, view| {
                        if result.is_ok() {
                            result = map.serialize_entry(name, &Shown(view));
                        }
                    });
                    result?;
                    map.end()
                });
            });
            result.unwrap_or_else(|| Err(serde::ser::Error::custom("a model without parts")))
        }
        View::List(list) => {
            let mut seq = serializer.serialize_seq(Some(list.count()))?;
            (0..list.count())
                .filter_map(|index| list.item(index))
                .try_for_each(|item| seq.serialize_element(&Shown(item)))?;
            seq.end()
        }
        View::Map(map) => {
            let mut entries = serializer.serialize_map(Some(map.count()))?;
            let mut result = Ok(());
            map.each(&mut |key, value| {
                if result.is_ok() {
                    result = entries.serialize_entry(&Shown(key), &Shown(value));
                }
            });
            result?;
            entries.end()
        }
    }
}

/// A value that is serialized through its view.
struct Shown<'a>(View<'a>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer)
    }
}

/// Reads a value from any deserializer: it takes the text of the value and decodes that text like a response.
///
/// # Errors
/// The input is malformed or has another structure. The message has the path.
pub fn deserialize<'de, T: Field, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserialize_text(deserializer, decode_text)
}

/// Takes the text of a value from any deserializer, and reads it with `decode`.
///
/// # Errors
/// The input is malformed, or `decode` fails.
pub fn deserialize_text<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    decode: impl FnOnce(&str) -> Result<T, DecodeError>,
) -> Result<T, D::Error> {
    let text = capture(deserializer)?;
    decode(&text).map_err(D::Error::custom)
}

/// Requests the text of a value from serde_json's deserializer. Any other deserializer returns a value instead, which
/// is slower and has the same result.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

fn capture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_newtype_struct(RAW_VALUE, RawVisitor)
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// serde_json answers [`RAW_VALUE`] with one entry whose value is the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let entry = map.next_entry::<RawKey, RawText<'de>>()?;
        entry.map(|(_, text)| text.0).ok_or_else(|| A::Error::custom("no text came for a raw JSON value"))
    }

    /// Every other deserializer answers with a value.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Value::deserialize(deserializer).map(|value| Cow::Owned(value.to_string()))
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
