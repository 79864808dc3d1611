//! Unions: the text of a value is looked at, and then decoded as the member that it is.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, EnumAccess, Error, IgnoredAny, MapAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::decode::{forgetting_failure, remember_failure};
use super::fields::Read;
use super::reader::{self, ReadError, Reader};
use super::shapes::{Alternatives, Kind, Shape, fit, kind, untagged};
use super::{Unknown, scan};

/// A union of types: which of them a value is shows in its text.
pub trait Union: Sized {
    /// Looks at the value, and decodes it as the member that it is.
    ///
    /// # Errors
    /// It has another shape than the member.
    fn read<'a, S: Source<'a>>(source: S) -> Result<Self, S::Error>;
}

/// Gives a [`Union`] what serde needs to read it.
#[macro_export]
macro_rules! union {
    ($name:ident) => {
        impl $crate::Field for $name {}

        impl<'de> $crate::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                $crate::read_union(deserializer)
            }
        }
    };
}

/// Reads a union. The reader of this crate lets it look ahead; from any other deserializer, the value is taken as text
/// first.
///
/// # Errors
/// The input is malformed, or has another shape than the member.
pub fn read_union<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(AHEAD, UnionVisitor(PhantomData))
}

/// A value that has not been decoded.
pub trait Source<'a>: Sized {
    /// Why it can't be decoded.
    type Error: Error;

    /// JSON text that begins with the value. More may follow.
    fn text(&self) -> &'a str;

    /// Whether nothing follows the value in its text.
    fn is_whole(&self) -> bool;

    /// Where the text goes on behind the member that was looked for last: the tag of a union within a union often
    /// stands next to that of the outer one.
    fn behind(&self) -> &Cell<usize>;

    /// Decodes the value.
    ///
    /// # Errors
    /// It has another shape than `T`.
    fn decode<T: DeserializeOwned>(self) -> Result<T, Self::Error>;

    /// Decodes the value as this member of the union.
    ///
    /// # Errors
    /// It has another shape than `T`.
    #[inline]
    fn decode_as<T: DeserializeOwned, U>(self, member: fn(T) -> U) -> Result<U, Self::Error> {
        self.decode().map(member)
    }

    /// Passes over a value whose text says all: it is this one.
    ///
    /// # Errors
    /// The text is malformed.
    fn known<T>(self, value: T) -> Result<T, Self::Error> {
        self.decode::<IgnoredAny>().map(|_| value)
    }

    /// Decodes the value as this variant, or as unknown if it has another shape: the crate may know no variant for it yet.
    ///
    /// # Errors
    /// The text is malformed.
    fn decode_or_unknown<T: DeserializeOwned, U>(
        self,
        known: fn(T) -> U,
        unknown: fn(Unknown) -> U,
        tag: Option<&str>,
    ) -> Result<U, Self::Error> {
        match attempt(self.text()) {
            Some(value) => self.known(known(value)),
            None => self.unknown(tag).map(unknown),
        }
    }

    /// Decodes the value as the variant that its tag names, or as the variant that admits any tag if only that one fits.
    ///
    /// # Errors
    /// It has another shape than both; the error is about the variant that the tag names.
    fn decode_or<T: DeserializeOwned, F: DeserializeOwned, U>(
        self,
        tagged: fn(T) -> U,
        other: fn(F) -> U,
    ) -> Result<U, Self::Error> {
        if let Some(value) = attempt(self.text()) {
            return self.known(tagged(value));
        }
        match attempt(self.text()) {
            Some(value) => self.known(other(value)),
            None => self.decode_as(tagged),
        }
    }

    /// Decodes the value as the variant that its tags name, or as the first of some others if only these fit.
    ///
    /// # Errors
    /// It has the shape of none of them; the error is about the variant that the tags name.
    fn decode_among<T: DeserializeOwned, U>(
        self,
        tagged: fn(T) -> U,
        others: &[fn(&str) -> Option<U>],
    ) -> Result<U, Self::Error> {
        let text = self.text();
        match attempt(text).map(tagged).or_else(|| others.iter().find_map(|other| other(text))) {
            Some(value) => self.known(value),
            None => self.decode_as(tagged),
        }
    }

    /// Keeps it as a member that the crate does not know.
    ///
    /// # Errors
    /// The text is malformed.
    fn unknown(self, tag: Option<&str>) -> Result<Unknown, Self::Error> {
        let Read(json) = self.decode()?;
        Ok(Unknown::new(tag, json))
    }

    /// What kind of value it is.
    fn kind(&self) -> Kind {
        kind(self.text())
    }

    /// The string at a path of property names, which tells the variant. There is none if the value is not an object, if a
    /// property is missing, and if it is not a string.
    fn tag(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        scan::string(self.at(path)?)
    }

    /// The boolean or number at a path of property names as text, which tells the variant.
    fn scalar(&self, path: &[&str]) -> Option<&'a str> {
        self.at(path).filter(|value| matches!(kind(value), Kind::Boolean | Kind::Integer | Kind::Number))
    }

    /// The text of the value at a path of property names.
    fn at(&self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        let (value, end) = scan::member_from(self.text(), self.behind().get(), first)?;
        self.behind().set(end);
        rest.iter().try_fold(value, |text, name| scan::member(text, name))
    }

    /// The error for an object whose tag is missing or not of the kind that tags have, and for a value that is not an
    /// object. `name` is that of the union.
    ///
    /// # Errors
    /// Always.
    #[cold]
    fn untagged<T>(self, path: &[&str], name: &str) -> Result<T, Self::Error> {
        let text = self.text();
        let (message, at) = untagged(text, path, name);
        self.decode::<IgnoredAny>()?;
        remember_failure(text, at);
        Err(Self::Error::custom(message))
    }

    /// Keeps a string that is none of the constants that the union lists. Any other value that no variant admits is an
    /// error. `name` is that of the union.
    ///
    /// # Errors
    /// No variant is of this kind of value.
    #[cold]
    fn unfit(self, shapes: &[Shape], name: &str) -> Result<Unknown, Self::Error> {
        let (text, found) = (self.text(), self.kind());
        if shapes.iter().any(|shape| shape.kind == found && shape.is_constant()) {
            let constant = scan::value(text).and_then(scan::string);
            return self.unknown(constant.as_deref());
        }
        let end = scan::value(text).map_or(0, str::len);
        self.decode::<IgnoredAny>()?;
        remember_failure(text, end);
        Err(Self::Error::custom(format_args!("invalid type: {found}, expected {} ({name})", Alternatives(shapes))))
    }

    /// Which of the shapes it has: among those that fit, the one that declares most of its properties, then the one
    /// that declares fewest others, then the first. If none fits, the closest one for the same kind of value: decoding
    /// the value as that says what is wrong with it.
    fn fit(&self, shapes: &[Shape]) -> Option<usize> {
        fit(self.text(), self.is_whole(), shapes)
    }
}

/// A JSON value as text, borrowed or collected.
struct RawJson<'de>(Cow<'de, str>);

/// How serde_json asks a deserializer for the text of a value. Where it is not understood, the value is collected
/// instead, which is slower and gives the same.
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// How a union asks a [`Reader`] to let it look ahead.
pub(super) const AHEAD: &str = "$polar_client_runtime::codec::Ahead";

/// How deep unions may nest in text that was taken from another deserializer. Each level is decoded by a deserializer of
/// its own, which counts from zero again.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

impl<'de> RawJson<'de> {
    /// Takes the next value as text.
    fn capture<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_VALUE, RawVisitor)
    }
}

/// A value whose text was taken from a deserializer with errors of type `E`.
pub struct Piece<'a, E> {
    text: &'a str,
    behind: Cell<usize>,
    error: PhantomData<E>,
}

impl<'a, E> Piece<'a, E> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, behind: Cell::new(0), error: PhantomData }
    }
}

impl<'a, E: Error> Source<'a> for Piece<'a, E> {
    type Error = E;

    fn text(&self) -> &'a str {
        self.text.trim_start()
    }

    fn is_whole(&self) -> bool {
        true
    }

    fn behind(&self) -> &Cell<usize> {
        &self.behind
    }

    fn decode<T: DeserializeOwned>(self) -> Result<T, E> {
        match read_apart(self.text) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => {
                let (message, offset) = error.explain(self.text);
                remember_failure(self.text, offset);
                Err(E::custom(message))
            }
            None => Err(E::custom("unions nest too deep")),
        }
    }
}

/// Reads a text apart from the deserializer that it came from, unless unions nest too deep.
fn read_apart<T: DeserializeOwned>(text: &str) -> Option<Result<T, ReadError>> {
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        return None;
    }
    DEPTH.set(depth + 1);
    let result = Reader::read(text);
    DEPTH.set(depth);
    Some(result)
}

/// Decodes the value that a text begins with, if it has the shape of `T`. A failure leaves no trace.
pub fn attempt<T: DeserializeOwned>(text: &str) -> Option<T> {
    forgetting_failure(|| read_apart(scan::value(text)?)?.ok())
}

/// What a [`Reader`] shows of the value that it has come to.
pub(super) struct View<'a> {
    /// Text that begins with the value.
    pub(super) text: &'a str,
    /// Whether nothing follows it.
    is_whole: bool,
}

impl<'de> Deserialize<'de> for View<'de> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ViewVisitor)
    }
}

struct ViewVisitor;

impl<'de> Visitor<'de> for ViewVisitor {
    type Value = View<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of a JSON value, and whether that is all of it")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<View<'de>, A::Error> {
        let (text, is_whole) = map.next_entry()?.unwrap_or_default();
        Ok(View { text, is_whole })
    }
}

/// The value that a [`Reader`] has come to.
struct Ahead<'a, A> {
    view: View<'a>,
    behind: Cell<usize>,
    value: A,
}

impl<'a, A: VariantAccess<'a>> Source<'a> for Ahead<'a, A> {
    type Error = A::Error;

    #[inline]
    fn text(&self) -> &'a str {
        self.view.text
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.view.is_whole
    }

    #[inline]
    fn behind(&self) -> &Cell<usize> {
        &self.behind
    }

    #[inline]
    fn decode<T: DeserializeOwned>(self) -> Result<T, A::Error> {
        self.value.newtype_variant()
    }
}

struct UnionVisitor<T>(PhantomData<T>);

impl<'de, T: Union> Visitor<'de> for UnionVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// What [`Reader`] answers to [`AHEAD`].
    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<T, A::Error> {
        let (view, value) = data.variant()?;
        T::read(Ahead { view, behind: Cell::new(0), value })
    }

    /// What every other deserializer answers.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let raw = RawJson::capture(deserializer)?;
        T::read(Piece::new(&raw.0))
    }
}

/// Reads JSON of any kind. From the reader of this crate it is taken as text, which `serde_json` reads by code that is
/// compiled already.
///
/// # Errors
/// The input is malformed.
pub(super) fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    deserializer.deserialize_newtype_struct(AHEAD, ValueVisitor)
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// What [`Reader`] answers to [`AHEAD`].
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (View { .. }, value) = data.variant()?;
        let RawJson(text) = value.newtype_variant()?;
        any_json(&text).map_err(|error| {
            remember_failure(&text, reader::offset_of(&text, &error));
            A::Error::custom(reader::message(&error))
        })
    }

    /// What every other deserializer answers.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
}

/// Reads JSON of any kind, by one copy of the code for all who need it.
///
/// # Errors
/// The text is no JSON.
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

    /// The text that a union gets to see, and whether it is the input's own.
    struct Seen(String, usize);

    impl Union for Seen {
        fn read<'a, S: Source<'a>>(source: S) -> Result<Self, S::Error> {
            let text = source.text();
            let seen = scan::value(text).unwrap_or_default();
            source.decode::<Value>().map(|_| Self(seen.to_owned(), text.as_ptr() as usize))
        }
    }

    impl<'de> Deserialize<'de> for Seen {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            read_union(deserializer)
        }
    }

    #[test]
    fn text_is_borrowed_from_text_and_collected_from_anything_else() {
        let text = r#"{ "a" : [1.10] }"#;
        for borrowed in [serde_json::from_str::<Seen>(text).ok(), super::super::decode(text.as_bytes()).ok()] {
            assert_eq!(borrowed.map(|seen| (seen.0, seen.1)), Some((text.to_owned(), text.as_ptr() as usize)));
        }
        for collected in [
            serde_json::from_value::<Seen>(json!({"a": [1.5]})),
            serde_json::from_reader::<_, Seen>(br#"{"a":[1.5]}"#.as_slice()),
        ] {
            assert_eq!(collected.map(|seen| seen.0).unwrap_or_default(), r#"{"a":[1.5]}"#);
        }
    }

    fn source(text: &str) -> Piece<'_, serde_json::Error> {
        Piece::new(text)
    }

    #[test]
    fn a_tag_may_stand_below_and_need_not_be_a_string() {
        let raw = source(r#"{"benefit":{"type":"custom","n":3},"legacy":true}, "more": 1"#);
        assert_eq!(raw.tag(&["benefit", "type"]).as_deref(), Some("custom"));
        assert_eq!((raw.scalar(&["legacy"]), raw.tag(&["legacy"])), (Some("true"), None));
        assert_eq!((raw.scalar(&["benefit", "n"]), raw.scalar(&["benefit", "type"])), (Some("3"), None));
        for path in ["benefit", "none", "more"] {
            assert_eq!((raw.tag(&[path]), raw.scalar(&[path])), (None, None));
        }
    }

    #[test]
    fn a_number_ends_where_something_else_begins() {
        assert_eq!(source("7,1.5").kind(), Kind::Integer);
        assert_eq!(source("7.0,1").kind(), Kind::Number);
    }
}
