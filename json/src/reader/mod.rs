//! A deserializer over JSON text.
//!
//! It reads objects, arrays and plain strings itself, so that a model finds its properties without copies and a union
//! gets the text of its value without a pass over it. `serde_json` reads numbers that are not small integers, strings with
//! escapes and everything unusual, and reports what is wrong with text that is not JSON.

mod error;
mod name;

use std::convert::Infallible;
use std::{fmt, iter};

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, Expected, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Number;

pub(super) use self::error::{ReadError, message, offset_of};
use self::name::NextName;
use crate::lookahead::{LOOKAHEAD, RAW_VALUE};
use crate::scan;

/// How deep values may nest. The same limit as that of `serde_json`.
const MAX_DEPTH: usize = 127;

/// A deserializer over JSON text: the text and a position in it.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
    /// Whether a visitor did not read an object or an array to its end.
    is_unfinished: bool,
}

type Read<T> = Result<T, ReadError>;

impl<'de> Reader<'de> {
    /// Reads the whole text.
    #[inline]
    pub(super) fn read<T: Deserialize<'de>>(text: &'de str) -> Read<T> {
        let mut reader = Self { text, at: 0, depth: 0, is_unfinished: false };
        let value = T::deserialize(&mut reader)?;
        if reader.is_done() { Ok(value) } else { Err(ReadError::syntax()) }
    }

    fn is_done(&mut self) -> bool {
        !self.is_unfinished && self.peek().is_none()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves to the next byte that is not whitespace and returns it.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_space(),
        }
    }

    /// Servers send no whitespace between values, so that this is rarely called and not inlined.
    #[inline(never)]
    fn peek_after_space(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn expect(&mut self, wanted: u8) -> Read<()> {
        if self.peek() != Some(wanted) {
            return Err(ReadError::syntax());
        }
        self.at += 1;
        Ok(())
    }

    fn literal(&mut self, literal: &str) -> Read<()> {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(literal.as_bytes()));
        if !found {
            return Err(ReadError::syntax());
        }
        self.at += literal.len();
        Ok(())
    }

    /// Skips null, if it is next.
    #[inline]
    fn null(&mut self) -> Read<bool> {
        match self.byte() {
            Some(byte) if byte > b' ' && byte != b'n' => Ok(false),
            _ if self.peek() != Some(b'n') => Ok(false),
            _ => self.literal("null").map(|()| true),
        }
    }

    fn unit(&mut self, expected: &dyn Expected) -> Read<()> {
        if self.null()? { Ok(()) } else { Err(self.mismatch(expected)) }
    }

    fn boolean(&mut self, expected: &dyn Expected) -> Read<bool> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.mismatch(expected)),
        }
    }

    #[inline]
    fn text(&mut self, expected: &dyn Expected) -> Read<JsonString<'de>> {
        if self.peek() == Some(b'"') { self.string() } else { Err(self.mismatch(expected)) }
    }

    /// Skips a string and returns its text.
    fn string(&mut self) -> Read<JsonString<'de>> {
        let from = self.at + 1;
        let end = from + scan::plain(self.text.as_bytes().get(from..).unwrap_or_default());
        if self.text.as_bytes().get(end) == Some(&b'"')
            && let Some(text) = self.text.get(from..end)
        {
            self.at = end + 1;
            return Ok(JsonString::Plain(text));
        }
        self.unusual_string(end)
    }

    /// Skips a string that has no escapes before the offset `from`.
    #[inline(never)]
    fn unusual_string(&mut self, from: usize) -> Read<JsonString<'de>> {
        let start = self.at;
        (self.at, _) = scan::end_of_string(self.text.as_bytes(), from).ok_or_else(ReadError::syntax)?;
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map(JsonString::Escaped).map_err(|_| ReadError::syntax())
    }

    fn number(&mut self, expected: &dyn Expected) -> Read<Numeral> {
        let Some(b'-' | b'0'..=b'9') = self.peek() else { return Err(self.mismatch(expected)) };
        let start = self.at;
        let bytes = self.text.as_bytes();
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
        self.at += bytes.get(start..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count();
        let literal = self.text.get(start..self.at).unwrap_or_default();
        if let Some(integer) = small_integer(literal.as_bytes()) {
            return Ok(Numeral::Natural(integer));
        }
        let number: Number = serde_json::from_str(literal).map_err(|_| ReadError::syntax())?;
        match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), _, _) => Ok(Numeral::Natural(number)),
            (_, Some(number), _) => Ok(Numeral::Integer(number)),
            (_, _, Some(number)) => Ok(Numeral::Float(number)),
            _ => Err(ReadError::syntax()),
        }
    }

    /// Skips one value and returns its text, which is not checked.
    fn skip(&mut self) -> Read<&'de str> {
        self.peek();
        let start = self.at;
        self.at = scan::end_of_value(self.text, start).ok_or_else(ReadError::syntax)?;
        self.text.get(start..self.at).ok_or_else(ReadError::syntax)
    }

    /// Enters an object or an array and returns the depth inside of it.
    fn open(&mut self, bracket: u8, expected: &dyn Expected) -> Read<usize> {
        if self.peek() != Some(bracket) {
            return Err(self.mismatch(expected));
        }
        if self.depth == MAX_DEPTH {
            let mut error = ReadError::custom("recursion limit exceeded");
            error.set_offset(self.at);
            return Err(error);
        }
        self.depth += 1;
        self.at += 1;
        Ok(self.depth)
    }

    /// Skips the closing bracket of an array of fixed length, which visitors do not ask for.
    fn close(&mut self, depth: usize) {
        if self.depth == depth && self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
        }
        self.check_finished(depth);
    }

    /// Fails the whole decode if a visitor did not read the object or array of this depth to its end. It sets a flag instead
    /// of returning an error, because code that drops the value would be compiled for each type.
    #[inline]
    fn check_finished(&mut self, depth: usize) {
        self.is_unfinished |= self.depth >= depth;
    }

    /// Sets the offset of an error.
    #[inline]
    fn with_offset<T>(&self, mut read: Read<T>) -> Read<T> {
        if let Err(error) = &mut read {
            error.set_offset(self.at);
        }
        read
    }
}

/// A number, in one of the types of serde's visitors.
#[derive(Clone, Copy)]
enum Numeral {
    Natural(u64),
    Integer(i64),
    Float(f64),
}

impl Numeral {
    #[inline]
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Self::Natural(number) => visitor.visit_u64(number),
            Self::Integer(number) => visitor.visit_i64(number),
            Self::Float(number) => visitor.visit_f64(number),
        }
    }
}

/// The text of a string: a slice of the input, or a copy without escapes.
enum JsonString<'de> {
    Plain(&'de str),
    Escaped(String),
}

impl<'de> JsonString<'de> {
    fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Escaped(text) => text,
        }
    }

    #[inline]
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Self::Plain(text) => visitor.visit_borrowed_str(text),
            Self::Escaped(text) => visitor.visit_string(text),
        }
    }
}

/// Returns the value of an unsigned integer of at most 18 digits. `None` for any other number.
#[inline]
fn small_integer(literal: &[u8]) -> Option<u64> {
    match literal {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] if literal.len() <= 18 => literal.iter().try_fold(0, |number: u64, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then(|| number * 10 + u64::from(digit))
        }),
        _ => None,
    }
}

/// A visitor that accepts no value. Its error names the value that was found and the one that was expected.
struct Mismatch<'a>(&'a dyn Expected);

impl<'de> Visitor<'de> for Mismatch<'_> {
    type Value = Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Reader<'de> {
    /// Returns the error for a value of another type than expected.
    #[cold]
    fn mismatch(&mut self, expected: &dyn Expected) -> ReadError {
        match self.deserialize_any(Mismatch(expected)) {
            Err(error) => error,
            Ok(never) => match never {},
        }
    }
}

/// Each method contains only the code for the type that it is asked for.
impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = ReadError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.peek().ok_or_else(ReadError::syntax)? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_tuple(0, visitor),
            b'n' => self.deserialize_unit(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'-' | b'0'..=b'9' => self.deserialize_f64(visitor),
            _ => Err(ReadError::syntax()),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let text = self.text(&visitor)?;
        self.with_offset(text.visit(visitor))
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'{', &visitor)?;
        let read = visitor.visit_map(Items { reader: self, first: true });
        self.check_finished(depth);
        self.with_offset(read)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'[', &visitor)?;
        let read = visitor.visit_seq(Items { reader: self, first: true });
        self.check_finished(depth);
        self.with_offset(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'[', &visitor)?;
        let read = visitor.visit_seq(Items { reader: self, first: true });
        self.close(depth);
        self.with_offset(read)
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.unit(&visitor)?;
        self.with_offset(visitor.visit_unit())
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let truth = self.boolean(&visitor)?;
        self.with_offset(visitor.visit_bool(truth))
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_f64(visitor)
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number(&visitor)?;
        self.with_offset(number.visit(visitor))
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Read<V::Value> {
        match name {
            LOOKAHEAD => {
                self.peek();
                visitor.visit_enum(Next(self))
            }
            RAW_VALUE => visitor.visit_map(RawText(Some(self.skip()?))),
            // A derived newtype accepts a sequence of one element, too. Calling `visit_newtype_struct` would compile every
            // union a second time, for deserializers without lookahead.
            _ => visitor.visit_seq(One(Some(self))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let value: serde_json::Value = serde_json::from_str(self.skip()?).map_err(|_| ReadError::syntax())?;
        value.deserialize_enum(name, variants, visitor).map_err(ReadError::custom)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match serde_json::from_str::<IgnoredAny>(self.skip()?) {
            Ok(_) => visitor.visit_unit(),
            Err(_) => Err(ReadError::syntax()),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit_struct tuple_struct struct identifier
    }
}

/// The properties of an object, or the elements of an array.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl Items<'_, '_> {
    /// Moves to the next item. If there is none, skips the closing bracket and returns `None`.
    #[inline]
    fn step(&mut self, close: u8) -> Option<Read<()>> {
        match self.reader.peek() {
            Some(byte) if byte == close => {
                self.reader.at += 1;
                self.reader.depth -= 1;
                None
            }
            Some(_) if self.first => {
                self.first = false;
                Some(Ok(()))
            }
            Some(b',') => {
                self.reader.at += 1;
                // An item must follow. A closing bracket is an error when it is read as an item.
                Some(Ok(()))
            }
            _ => Some(Err(ReadError::syntax())),
        }
    }

    /// [`step`](Self::step) for an array, not inlined: each type of element has its own loop.
    fn step_in_array(&mut self) -> Option<Read<()>> {
        self.step(b']')
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = ReadError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        match self.reader.text.as_bytes().get(self.reader.at..) {
            // The fast path for nearly all properties.
            Some([b',', b'"', ..]) if !self.first => self.reader.at += 1,
            _ => {
                let Some(step) = self.step(b'}') else { return Ok(None) };
                step?;
                if self.reader.peek() != Some(b'"') {
                    return Err(ReadError::syntax());
                }
            }
        }
        seed.deserialize(NextName(self.reader)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        if self.reader.byte() == Some(b':') {
            self.reader.at += 1;
        } else {
            self.reader.expect(b':')?;
        }
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = ReadError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        let Some(step) = self.step_in_array() else { return Ok(None) };
        step?;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// The next value as a sequence of one element.
struct One<'a, 'de>(Option<&'a mut Reader<'de>>);

impl<'de> SeqAccess<'de> for One<'_, 'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        self.0.take().map(|reader| seed.deserialize(reader)).transpose()
    }
}

/// The next value, with its text as a lookahead.
struct Next<'a, 'de>(&'a mut Reader<'de>);

impl<'de> EnumAccess<'de> for Next<'_, 'de> {
    type Error = ReadError;
    type Variant = Self;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Self)> {
        let text = BorrowedStrDeserializer::new(self.0.text.get(self.0.at..).unwrap_or_default());
        let is_whole = self.0.depth == 0;
        Ok((seed.deserialize(MapDeserializer::new(iter::once((text, is_whole))))?, self))
    }
}

impl<'de> VariantAccess<'de> for Next<'_, 'de> {
    type Error = ReadError;

    fn unit_variant(self) -> Read<()> {
        self.newtype_variant()
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Read<T::Value> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Read<V::Value> {
        self.0.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Read<V::Value> {
        self.0.deserialize_any(visitor)
    }
}

/// The text of a value in the form that [`RAW_VALUE`] asks for: a map with one entry.
struct RawText<'de>(Option<&'de str>);

impl<'de> MapAccess<'de> for RawText<'de> {
    type Error = ReadError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if self.0.is_none() {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(RAW_VALUE)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        seed.deserialize(BorrowedStrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}
