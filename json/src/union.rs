//! Unions: reads enough of the text of a value to choose its variant, then decodes the value as that variant.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{DeserializeOwned, EnumAccess, Error, IgnoredAny, VariantAccess, Visitor};

use crate::failure::{forgetting_failure, remember_failure};
use crate::lookahead::{LOOKAHEAD, LookaheadText};
use crate::raw::{AnyJson, RawJson};
use crate::reader::{ReadError, Reader};
use crate::shapes::{Alternatives, JsonKind, VariantShape, fit, kind, untagged};
use crate::{Unknown, scan};

/// An enumeration whose variants are different types. The text of a value tells its variant.
pub trait Union: Sized {
    /// Chooses the variant by the text of the value, and decodes the value.
    ///
    /// # Errors
    /// Returns an error if the value does not fit the variant.
    fn read<'a, S: UnionSource<'a>>(source: S) -> Result<Self, S::Error>;
}

/// Implements `Deserialize` for a [`Union`].
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

/// Reads a union. The reader of this crate grants a lookahead. From any other deserializer, the value is captured as text
/// first.
///
/// # Errors
/// Returns an error if the input is malformed or does not fit the variant.
pub fn read_union<'de, T: Union, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(LOOKAHEAD, UnionVisitor(PhantomData))
}

/// The value of a union before it is decoded: its text, and ways to decode it.
pub trait UnionSource<'a>: Sized {
    /// The error of the deserializer.
    type Error: Error;

    /// Returns JSON text that begins with the value. More text may follow the value.
    fn text(&self) -> &'a str;

    /// Returns whether only whitespace follows the value in its text.
    fn is_whole(&self) -> bool;

    /// The offset in the text after the property that was found last. The next search starts there, because the tag of a
    /// nested union is often next to that of the outer union.
    fn resume_position(&self) -> &Cell<usize>;

    /// Decodes the value.
    ///
    /// # Errors
    /// Returns an error if the value does not fit `T`.
    fn decode<T: DeserializeOwned>(self) -> Result<T, Self::Error>;

    /// Decodes the value as this variant of the union.
    ///
    /// # Errors
    /// Returns an error if the value does not fit `T`.
    #[inline]
    fn decode_as<T: DeserializeOwned, U>(self, variant: fn(T) -> U) -> Result<U, Self::Error> {
        self.decode().map(variant)
    }

    /// Skips the value, which was decoded from its text already, and returns `value`.
    ///
    /// # Errors
    /// Returns an error if the text is malformed.
    fn known<T>(self, value: T) -> Result<T, Self::Error> {
        self.decode::<IgnoredAny>().map(|_| value)
    }

    /// Decodes the value as this variant, or keeps it as unknown if it does not fit: a newer API version may have added the
    /// variant of the value.
    ///
    /// # Errors
    /// Returns an error if the text is malformed.
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
    /// Returns an error about the variant that the tag names if the value fits neither.
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
    /// Returns an error about the variant that the tags name if the value fits none.
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

    /// Keeps the value as a variant that the crate does not know.
    ///
    /// # Errors
    /// Returns an error if the text is malformed.
    fn unknown(self, tag: Option<&str>) -> Result<Unknown, Self::Error> {
        let AnyJson(json) = self.decode()?;
        Ok(Unknown::new(tag, json))
    }

    /// Returns the JSON type of the value.
    fn kind(&self) -> JsonKind {
        kind(self.text())
    }

    /// Returns the string at a path of property names, which names the variant. `None` if the value is not an object, if a
    /// property is missing, or if it is not a string.
    fn tag(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        scan::string(self.at(path)?)
    }

    /// Returns the boolean or number at a path of property names as text, which names the variant.
    fn scalar(&self, path: &[&str]) -> Option<&'a str> {
        self.at(path).filter(|value| matches!(kind(value), JsonKind::Boolean | JsonKind::Integer | JsonKind::Number))
    }

    /// Returns the text of the value at a path of property names.
    fn at(&self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        let (value, end) = scan::property_from(self.text(), self.resume_position().get(), first)?;
        self.resume_position().set(end);
        rest.iter().try_fold(value, |text, name| scan::property(text, name))
    }

    /// Returns the error for an object whose tag is missing or has the wrong type, and for a value that is not an object.
    /// `name` is the name of the union.
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

    /// Keeps a value that has the JSON type of a constant variant as unknown. Any other value that fits no variant is an
    /// error. `name` is the name of the union.
    ///
    /// # Errors
    /// Returns an error if no constant variant has the JSON type of the value.
    #[cold]
    fn unfit(self, shapes: &[VariantShape], name: &str) -> Result<Unknown, Self::Error> {
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

    /// Returns the index of the shape that fits best: of those that fit, the one that declares most properties of the value,
    /// then the one that declares fewest others, then the first. If none fits, returns the closest shape with the same JSON
    /// type, so that decoding the value reports what is wrong with it.
    fn fit(&self, shapes: &[VariantShape]) -> Option<usize> {
        fit(self.text(), self.is_whole(), shapes)
    }
}

/// How deep unions may nest in captured text. Each level is decoded by its own reader, which counts its depth from zero.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// A value that was captured as text from a deserializer with errors of type `E`.
pub struct CapturedText<'a, E> {
    text: &'a str,
    resume_position: Cell<usize>,
    error: PhantomData<E>,
}

impl<'a, E> CapturedText<'a, E> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, resume_position: Cell::new(0), error: PhantomData }
    }
}

impl<'a, E: Error> UnionSource<'a> for CapturedText<'a, E> {
    type Error = E;

    fn text(&self) -> &'a str {
        self.text.trim_start()
    }

    fn is_whole(&self) -> bool {
        true
    }

    fn resume_position(&self) -> &Cell<usize> {
        &self.resume_position
    }

    fn decode<T: DeserializeOwned>(self) -> Result<T, E> {
        match read_captured(self.text) {
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

/// Reads captured text with a new reader. `None` if unions nest too deep.
fn read_captured<T: DeserializeOwned>(text: &str) -> Option<Result<T, ReadError>> {
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        return None;
    }
    DEPTH.set(depth + 1);
    let result = Reader::read(text);
    DEPTH.set(depth);
    Some(result)
}

/// Decodes the value that a text begins with. `None` if it does not fit `T`; the failure is not recorded.
pub fn attempt<T: DeserializeOwned>(text: &str) -> Option<T> {
    forgetting_failure(|| read_captured(scan::value(text)?)?.ok())
}

/// The next value of a [`Reader`], with a lookahead at its text.
struct Lookahead<'a, A> {
    next: LookaheadText<'a>,
    resume_position: Cell<usize>,
    value: A,
}

impl<'a, A: VariantAccess<'a>> UnionSource<'a> for Lookahead<'a, A> {
    type Error = A::Error;

    #[inline]
    fn text(&self) -> &'a str {
        self.next.text
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.next.is_whole
    }

    #[inline]
    fn resume_position(&self) -> &Cell<usize> {
        &self.resume_position
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

    /// Called by [`Reader`].
    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<T, A::Error> {
        let (next, value) = data.variant()?;
        T::read(Lookahead { next, resume_position: Cell::new(0), value })
    }

    /// Called by every other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let raw = RawJson::capture(deserializer)?;
        T::read(CapturedText::new(&raw.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    /// The text that a union reads, and its address.
    struct Seen(String, usize);

    impl Union for Seen {
        fn read<'a, S: UnionSource<'a>>(source: S) -> Result<Self, S::Error> {
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
    fn text_is_borrowed_if_the_input_is_text() {
        let text = r#"{ "a" : [1.10] }"#;
        for borrowed in [serde_json::from_str::<Seen>(text).ok(), crate::decode(text.as_bytes()).ok()] {
            assert_eq!(borrowed.map(|seen| (seen.0, seen.1)), Some((text.to_owned(), text.as_ptr() as usize)));
        }
        for collected in [
            serde_json::from_value::<Seen>(json!({"a": [1.5]})),
            serde_json::from_reader::<_, Seen>(br#"{"a":[1.5]}"#.as_slice()),
        ] {
            assert_eq!(collected.map(|seen| seen.0).unwrap_or_default(), r#"{"a":[1.5]}"#);
        }
    }

    fn source(text: &str) -> CapturedText<'_, serde_json::Error> {
        CapturedText::new(text)
    }

    #[test]
    fn a_tag_may_be_nested_or_not_a_string() {
        let raw = source(r#"{"benefit":{"type":"custom","n":3},"legacy":true}, "more": 1"#);
        assert_eq!(raw.tag(&["benefit", "type"]).as_deref(), Some("custom"));
        assert_eq!((raw.scalar(&["legacy"]), raw.tag(&["legacy"])), (Some("true"), None));
        assert_eq!((raw.scalar(&["benefit", "n"]), raw.scalar(&["benefit", "type"])), (Some("3"), None));
        for path in ["benefit", "none", "more"] {
            assert_eq!((raw.tag(&[path]), raw.scalar(&[path])), (None, None));
        }
    }

    #[test]
    fn a_number_ends_at_the_next_token() {
        assert_eq!(source("7,1.5").kind(), JsonKind::Integer);
        assert_eq!(source("7.0,1").kind(), JsonKind::Number);
    }
}
