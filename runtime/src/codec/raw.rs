//! Unions: a value is taken as text first, looked at, and then decoded as the member that it is.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::decode::{message, remember_failure};
use super::{Unknown, scan};

/// A JSON value as text.
///
/// From a `serde_json` deserializer over a string it is borrowed; from any other it is collected first. Either way
/// the member types are decoded by one kind of deserializer, so that each of them is compiled once.
pub struct RawJson<'de>(Cow<'de, str>);

/// Kinds of JSON values, integers apart from other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number without fraction and exponent.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What an array must hold to be a member; an empty array fits any.
pub type ElementKind = Kind;

/// What tells one member of a union from the others, where no tag does.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The kind of value.
    pub kind: Kind,
    /// The kind of an array's elements, where members differ in it.
    pub element: Option<ElementKind>,
    /// Paths of member names, from the value down, that must be there.
    pub required: &'static [&'static [&'static str]],
    /// Names of all declared members.
    pub declared: &'static [&'static str],
    /// Members, or the value itself under an empty name, that must be one of these JSON scalars.
    pub values: &'static [(&'static str, &'static [&'static str])],
}

/// How serde_json asks a deserializer for the text of a value. Where it is not understood, the value is collected
/// instead, which is slower and gives the same.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// How deep unions may nest. Each level is decoded by a deserializer of its own, which counts from zero again.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

impl<'de> RawJson<'de> {
    /// Takes the next value as text.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn capture<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, RawVisitor)
    }

    /// Decodes it.
    ///
    /// # Errors
    /// It has another shape than `T`.
    pub fn decode<T: DeserializeOwned, E: Error>(&self) -> Result<T, E> {
        let depth = DEPTH.get();
        if depth >= MAX_DEPTH {
            return Err(E::custom("unions nest too deep"));
        }
        DEPTH.set(depth + 1);
        let result = T::deserialize(&mut serde_json::Deserializer::from_str(&self.0));
        DEPTH.set(depth);
        result.map_err(|error| {
            remember_failure(&self.0, &error);
            E::custom(message(&error))
        })
    }

    /// Decodes it, and keeps it as a member that the crate does not know where it has another shape: a string of a
    /// format may stand beside constants, of which the server may add more.
    ///
    /// # Errors
    /// The text is malformed.
    pub fn decode_or_unknown<T: DeserializeOwned, U, E: Error>(
        &self,
        known: fn(T) -> U,
        unknown: fn(Unknown) -> U,
    ) -> Result<U, E> {
        match T::deserialize(&mut serde_json::Deserializer::from_str(&self.0)) {
            Ok(value) => Ok(known(value)),
            Err(_) => self.unknown(None).map(unknown),
        }
    }

    /// Keeps it as a member that the crate does not know.
    ///
    /// # Errors
    /// The text is malformed.
    pub fn unknown<E: Error>(&self, tag: Option<&str>) -> Result<Unknown, E> {
        Ok(Unknown::new(tag, self.decode()?))
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        kind(&self.0)
    }

    /// The scalar at a path of member names as text: the string itself, or `true`, `false` or the number as written.
    #[must_use]
    pub fn tag(&self, path: &[&str]) -> Option<Cow<'_, str>> {
        let value = path.iter().try_fold(self.0.trim(), |text, name| scan::member(text, name))?;
        scan::string(value).or_else(|| {
            matches!(kind(value), Kind::Boolean | Kind::Integer | Kind::Number).then_some(Cow::Borrowed(value))
        })
    }

    /// Which of the shapes it has: among those that fit, the one that declares most of its members, then the one
    /// that declares fewest others, then the first.
    #[must_use]
    pub fn fit(&self, shapes: &[Shape]) -> Option<usize> {
        let text = self.0.trim();
        let kind = kind(text);
        let members: Vec<_> = scan::members(text).collect();
        let member = |name: &str| members.iter().find(|member| member.name == name).map(|member| member.value);
        let at = |path: &[&str]| {
            let (first, rest) = path.split_first()?;
            rest.iter().try_fold(member(first)?, |text, name| scan::member(text, name))
        };
        let fits = |shape: &&Shape| {
            let kind_fits = shape.kind == kind || (shape.kind == Kind::Number && kind == Kind::Integer);
            kind_fits
                && shape.required.iter().all(|path| at(path).is_some())
                && shape.element.is_none_or(|wanted| element_fits(text, wanted))
                && shape.values.iter().all(|(name, allowed)| {
                    let value = if name.is_empty() { Some(text) } else { member(name) };
                    value.is_none_or(|value| allowed.contains(&value))
                })
        };
        let score = |shape: &Shape| {
            let known = shape.declared.iter().filter(|name| member(name).is_some()).count();
            let exact = shape.values.len() + usize::from(shape.kind == kind);
            (known, exact, usize::MAX - shape.declared.len())
        };
        let mut best = None;
        for (index, shape) in shapes.iter().enumerate().filter(|(_, shape)| fits(shape)) {
            if best.is_none_or(|(_, found)| score(shape) > found) {
                best = Some((index, score(shape)));
            }
        }
        best.map(|(index, _)| index)
    }
}

fn element_fits(text: &str, wanted: Kind) -> bool {
    scan::first_element(text).is_none_or(|first| {
        let found = kind(first);
        found == wanted || (wanted == Kind::Number && found == Kind::Integer)
    })
}

fn kind(text: &str) -> Kind {
    match text.trim_start().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ if text.contains(['.', 'e', 'E']) => Kind::Number,
        _ => Kind::Integer,
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawJson<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// What serde_json answers to [`RAW_VALUE`]: one entry whose value is the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (_, text) = map
            .next_entry::<RawKey, RawText<'de>>()?
            .ok_or_else(|| A::Error::custom("no text came for a raw JSON value"))?;
        Ok(RawJson(text.0))
    }

    /// What every other deserializer answers.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Captured(String, bool);

    impl<'de> Deserialize<'de> for Captured {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            RawJson::capture(deserializer).map(|raw| Self(raw.0.to_string(), matches!(raw.0, Cow::Borrowed(_))))
        }
    }

    #[test]
    fn text_is_borrowed_from_text_and_collected_from_anything_else() {
        let text = r#"{ "a" : [1.10] }"#;
        let borrowed: Captured = serde_json::from_str(text).unwrap_or(Captured(String::new(), false));
        assert_eq!((borrowed.0.as_str(), borrowed.1), (text, true));
        for collected in [
            serde_json::from_value::<Captured>(json!({"a": [1.5]})),
            serde_json::from_reader::<_, Captured>(br#"{"a":[1.5]}"#.as_slice()),
        ] {
            assert_eq!(collected.map(|c| c.0).unwrap_or_default(), r#"{"a":[1.5]}"#);
        }
    }

    #[test]
    fn the_shape_that_declares_most_members_fits_best() {
        const fn object(required: &'static [&'static [&'static str]], declared: &'static [&'static str]) -> Shape {
            Shape { kind: Kind::Object, element: None, required, declared, values: &[] }
        }
        let shapes =
            [object(&[&["sub"]], &["sub", "name"]), object(&[&["sub"], &["email"]], &["sub", "name", "email"])];
        let fit = |text: &'static str| RawJson(Cow::Borrowed(text)).fit(&shapes);
        assert_eq!(fit(r#"{"sub":"x","name":"n"}"#), Some(0));
        assert_eq!(fit(r#"{"sub":"x","email":"n"}"#), Some(1));
        assert_eq!(fit(r#"{"name":"x"}"#), None);
        assert_eq!(fit("[]"), None);
    }

    #[test]
    fn a_member_that_must_be_there_may_stand_below() {
        let shape =
            Shape { kind: Kind::Object, element: None, required: &[&["a", "b"]], declared: &["a"], values: &[] };
        let fit = |text: &'static str| RawJson(Cow::Borrowed(text)).fit(&[shape]);
        assert_eq!(fit(r#"{"a":{"b":1}}"#), Some(0));
        assert_eq!(fit(r#"{"a":{"c":1}}"#), None);
        assert_eq!(fit(r#"{"a":1}"#), None);
    }

    #[test]
    fn a_tag_may_stand_below_and_need_not_be_a_string() {
        let raw = RawJson(Cow::Borrowed(r#"{"benefit":{"type":"custom","n":3},"legacy":true}"#));
        assert_eq!(raw.tag(&["benefit", "type"]).as_deref(), Some("custom"));
        assert_eq!(raw.tag(&["legacy"]).as_deref(), Some("true"));
        assert_eq!(raw.tag(&["benefit"]), None);
        assert_eq!(raw.tag(&["none"]), None);
    }
}
