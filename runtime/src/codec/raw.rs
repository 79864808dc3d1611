//! Unions: the text of a value is looked at, and then decoded as the member that it is.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, EnumAccess, Error, IgnoredAny, MapAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::decode::remember_failure;
use super::fields::Read;
use super::reader::{self, Reader};
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
        impl $crate::codec::Field for $name {}

        impl<'de> $crate::codec::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::codec::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::codec::read_union(deserializer)
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

    /// Decodes it, and keeps it as a member that the crate does not know where it has another shape: a string of a
    /// format may stand beside constants, of which the server may add more.
    ///
    /// # Errors
    /// The text is malformed.
    fn decode_or_unknown<T: DeserializeOwned, U>(
        self,
        known: fn(T) -> U,
        unknown: fn(Unknown) -> U,
    ) -> Result<U, Self::Error> {
        let Read(value) = self.decode::<Read<Value>>()?;
        Ok(T::deserialize(&value).map_or_else(|_| unknown(Unknown::new(None, value.clone())), known))
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

    /// The scalar at a path of member names as text: the string itself, or `true`, `false` or the number as written.
    fn tag(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        let value = match path.split_first() {
            Some((first, rest)) => {
                let (value, end) = scan::member_from(self.text(), self.behind().get(), first)?;
                self.behind().set(end);
                rest.iter().try_fold(value, |text, name| scan::member(text, name))?
            }
            None => scan::value(self.text())?,
        };
        scan::string(value).or_else(|| {
            matches!(kind(value), Kind::Boolean | Kind::Integer | Kind::Number).then_some(Cow::Borrowed(value))
        })
    }

    /// Which of the shapes it has: among those that fit, the one that declares most of its members, then the one
    /// that declares fewest others, then the first.
    fn fit(&self, shapes: &[Shape]) -> Option<usize> {
        fit(self.text(), self.is_whole(), shapes)
    }
}

/// A JSON value as text, borrowed or collected.
struct RawJson<'de>(Cow<'de, str>);

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
    /// Members that must be there.
    pub required: &'static [&'static str],
    /// Members of members that must be there: paths of names, from the value down.
    pub below: &'static [&'static [&'static str]],
    /// Members that may be there.
    pub optional: &'static [&'static str],
    /// Members, or the value itself under an empty name, that must be one of these JSON scalars.
    pub values: &'static [(&'static str, &'static [&'static str])],
}

impl Shape {
    /// Any object: nothing, for what a shape has none of.
    pub const EMPTY: Self =
        Self { kind: Kind::Object, element: None, required: &[], below: &[], optional: &[], values: &[] };
}

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
struct Piece<'a, E> {
    text: &'a str,
    behind: Cell<usize>,
    error: PhantomData<E>,
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
        let depth = DEPTH.get();
        if depth >= MAX_DEPTH {
            return Err(E::custom("unions nest too deep"));
        }
        DEPTH.set(depth + 1);
        let result = Reader::read(self.text);
        DEPTH.set(depth);
        result.map_err(|error| {
            let (message, offset) = error.explain(self.text);
            remember_failure(self.text, offset);
            E::custom(message)
        })
    }
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
        T::read(Piece { text: &raw.0, behind: Cell::new(0), error: PhantomData })
    }
}

/// A value that is held against shapes.
struct Fitting<'a> {
    text: &'a str,
    kind: Kind,
    members: scan::Walk<'a>,
}

impl<'a> Fitting<'a> {
    /// Text that begins with the value at a path of member names.
    fn at(&mut self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.members.find(first)?, |text, name| scan::member(text, name))
    }

    fn fits(&mut self, shape: &Shape) -> bool {
        let kind_fits = shape.kind == self.kind || (shape.kind == Kind::Number && self.kind == Kind::Integer);
        kind_fits
            && shape.required.iter().all(|name| self.members.find(name).is_some())
            && shape.below.iter().all(|path| self.at(path).is_some())
            && shape.element.is_none_or(|wanted| element_fits(self.text, wanted))
            && shape.values.iter().all(|(name, allowed)| {
                let value = if name.is_empty() { Some(self.text) } else { self.members.find(name) };
                value.and_then(scan::value).is_none_or(|value| allowed.contains(&value))
            })
    }

    /// How well it fits, which it does.
    fn score(&mut self, shape: &Shape) -> (usize, usize, usize) {
        let known = shape.optional.iter().filter(|name| self.members.find(name).is_some()).count();
        let exact = shape.values.len() + usize::from(shape.kind == self.kind);
        (shape.required.len() + known, exact, usize::MAX - shape.required.len() - shape.optional.len())
    }
}

fn fit(text: &str, is_whole: bool, shapes: &[Shape]) -> Option<usize> {
    let mut value = Fitting { text, kind: kind(text), members: scan::Walk::new(text, is_whole) };
    let mut best: Option<usize> = None;
    for (index, shape) in shapes.iter().enumerate() {
        if value.fits(shape) && best.is_none_or(|best| value.score(shape) > value.score(&shapes[best])) {
            best = Some(index);
        }
    }
    best
}

fn element_fits(text: &str, wanted: Kind) -> bool {
    scan::first_element(text).is_none_or(|first| {
        let found = kind(first);
        found == wanted || (wanted == Kind::Number && found == Kind::Integer)
    })
}

fn kind(text: &str) -> Kind {
    match text.as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ if scan::value(text).is_some_and(|number| number.contains(['.', 'e', 'E'])) => Kind::Number,
        _ => Kind::Integer,
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

/// Reads JSON of any kind, by one copy of the code for all of this crate.
///
/// # Errors
/// The text is no JSON.
#[inline(never)]
pub(crate) fn any_json(text: &str) -> serde_json::Result<Value> {
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
        Piece { text, behind: Cell::new(0), error: PhantomData }
    }

    #[test]
    fn the_shape_that_declares_most_members_fits_best() {
        const fn object(required: &'static [&'static str]) -> Shape {
            Shape { required, optional: &["name"], ..Shape::EMPTY }
        }
        let shapes = [object(&["sub"]), object(&["sub", "email"])];
        let fit = |text: &'static str| source(text).fit(&shapes);
        assert_eq!(fit(r#"{"sub":"x","name":"n"}"#), Some(0));
        assert_eq!(fit(r#"{"sub":"x","email":"n"}"#), Some(1));
        assert_eq!(fit(r#"{"name":"x"}"#), None);
        assert_eq!(fit("[]"), None);
    }

    #[test]
    fn a_member_that_must_be_there_may_stand_below() {
        let shape = Shape { below: &[&["a", "b"]], optional: &["a"], ..Shape::EMPTY };
        let fit = |text: &'static str| source(text).fit(&[shape]);
        assert_eq!(fit(r#"{"a":{"b":1}}"#), Some(0));
        assert_eq!(fit(r#"{"a":{"c":1}}"#), None);
        assert_eq!(fit(r#"{"a":1}"#), None);
    }

    #[test]
    fn a_tag_may_stand_below_and_need_not_be_a_string() {
        let raw = source(r#"{"benefit":{"type":"custom","n":3},"legacy":true}, "more": 1"#);
        assert_eq!(raw.tag(&["benefit", "type"]).as_deref(), Some("custom"));
        assert_eq!(raw.tag(&["legacy"]).as_deref(), Some("true"));
        assert_eq!(raw.tag(&["benefit"]), None);
        assert_eq!(raw.tag(&["none"]), None);
        assert_eq!(raw.tag(&["more"]), None);
    }

    #[test]
    fn a_number_ends_where_something_else_begins() {
        assert_eq!(source("7,1.5").kind(), Kind::Integer);
        assert_eq!(source("7.0,1").kind(), Kind::Number);
    }
}
