//! A deserializer over JSON text.
//!
//! It walks objects, arrays and plain strings itself, so that a model finds its members without copies and a union
//! gets the text of its value without a pass over it. Numbers that are not small integers, strings with escapes and
//! everything unusual go to `serde_json`, which also says what is wrong with a text that is no JSON.

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
use self::name::Name;
use super::raw::{AHEAD, RAW_VALUE};
use super::scan;

/// How deep values may nest: as deep as `serde_json` lets them.
const MAX_DEPTH: usize = 127;

/// A position in a text.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
    /// Whoever read an object or an array left a part of it.
    is_broken: bool,
}

type Read<T> = Result<T, ReadError>;

impl<'de> Reader<'de> {
    /// Reads the whole text.
    #[inline]
    pub(super) fn read<T: Deserialize<'de>>(text: &'de str) -> Read<T> {
        let mut reader = Self { text, at: 0, depth: 0, is_broken: false };
        let value = T::deserialize(&mut reader)?;
        if reader.is_done() { Ok(value) } else { Err(ReadError::syntax()) }
    }

    fn is_done(&mut self) -> bool {
        !self.is_broken && self.peek().is_none()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_space(),
        }
    }

    /// Servers send no space between values: this is not for every place that looks for one.
    #[inline(never)]
    fn peek_behind_space(&mut self) -> Option<u8> {
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

    /// Steps over a null, if one comes next.
    #[inline]
    fn null(&mut self) -> Read<bool> {
        match self.byte() {
            Some(byte) if byte > b' ' && byte != b'n' => Ok(false),
            _ if self.peek() != Some(b'n') => Ok(false),
            _ => self.literal("null").map(|()| true),
        }
    }

    fn unit(&mut self, expected: &dyn Expected) -> Read<()> {
        if self.null()? { Ok(()) } else { Err(self.misfit(expected)) }
    }

    fn boolean(&mut self, expected: &dyn Expected) -> Read<bool> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.misfit(expected)),
        }
    }

    #[inline]
    fn text(&mut self, expected: &dyn Expected) -> Read<Text<'de>> {
        if self.peek() == Some(b'"') { self.string() } else { Err(self.misfit(expected)) }
    }

    /// Steps over a string, and gives its text if it stands there as it is.
    fn string(&mut self) -> Read<Text<'de>> {
        let from = self.at + 1;
        let end = from + scan::plain(self.text.as_bytes().get(from..).unwrap_or_default());
        if self.text.as_bytes().get(end) == Some(&b'"')
            && let Some(text) = self.text.get(from..end)
        {
            self.at = end + 1;
            return Ok(Text::Plain(text));
        }
        self.unusual_string(end)
    }

    /// Steps over a string that is plain up to a place inside of it.
    #[inline(never)]
    fn unusual_string(&mut self, from: usize) -> Read<Text<'de>> {
        let start = self.at;
        (self.at, _) = scan::end_of_string(self.text.as_bytes(), from).ok_or_else(ReadError::syntax)?;
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map(Text::Escaped).map_err(|_| ReadError::syntax())
    }

    fn number(&mut self, expected: &dyn Expected) -> Read<Numeral> {
        let Some(b'-' | b'0'..=b'9') = self.peek() else { return Err(self.misfit(expected)) };
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

    /// Steps over one value and gives its text, which may turn out to be malformed when it is read.
    fn skip(&mut self) -> Read<&'de str> {
        self.peek();
        let start = self.at;
        self.at = scan::end_of_value(self.text, start).ok_or_else(ReadError::syntax)?;
        self.text.get(start..self.at).ok_or_else(ReadError::syntax)
    }

    /// Steps into an object or an array, and gives the depth inside of it.
    fn open(&mut self, bracket: u8, expected: &dyn Expected) -> Read<usize> {
        if self.peek() != Some(bracket) {
            return Err(self.misfit(expected));
        }
        if self.depth == MAX_DEPTH {
            let mut error = ReadError::custom("recursion limit exceeded");
            error.place(self.at);
            return Err(error);
        }
        self.depth += 1;
        self.at += 1;
        Ok(self.depth)
    }

    /// Steps behind the closing bracket where whoever read an array of fixed length asked for no more.
    fn close(&mut self, depth: usize) {
        if self.depth == depth && self.peek() == Some(b']') {
            self.at += 1;
            self.depth -= 1;
        }
        self.check_left(depth);
    }

    /// Whoever read the object or the array inside of which the depth was this one has left it, or else the whole text can't
    /// be read. What was read so far is not dropped for that here: it would be compiled for each type.
    #[inline]
    fn check_left(&mut self, depth: usize) {
        self.is_broken |= self.depth >= depth;
    }

    /// Gives an error its place.
    #[inline]
    fn placed<T>(&self, mut read: Read<T>) -> Read<T> {
        if let Err(error) = &mut read {
            error.place(self.at);
        }
        read
    }
}

/// A number, in the smallest of the types that serde has for it.
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

enum Text<'de> {
    Plain(&'de str),
    Escaped(String),
}

impl<'de> Text<'de> {
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

/// A whole number without a sign, of a size that needs no care.
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

/// Takes nothing, so that the error says what came in place of what was expected.
struct Nothing<'a>(&'a dyn Expected);

impl<'de> Visitor<'de> for Nothing<'_> {
    type Value = Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Reader<'de> {
    /// The error for a value of another kind than was asked for.
    #[cold]
    fn misfit(&mut self, expected: &dyn Expected) -> ReadError {
        match self.deserialize_any(Nothing(expected)) {
            Err(error) => error,
            Ok(never) => match never {},
        }
    }
}

/// Whoever asks for one kind of value gets the code for that one.
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
        self.placed(text.visit(visitor))
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'{', &visitor)?;
        let read = visitor.visit_map(Parts { reader: self, first: true });
        self.check_left(depth);
        self.placed(read)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'[', &visitor)?;
        let read = visitor.visit_seq(Parts { reader: self, first: true });
        self.check_left(depth);
        self.placed(read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Read<V::Value> {
        let depth = self.open(b'[', &visitor)?;
        let read = visitor.visit_seq(Parts { reader: self, first: true });
        self.close(depth);
        self.placed(read)
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.unit(&visitor)?;
        self.placed(visitor.visit_unit())
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let truth = self.boolean(&visitor)?;
        self.placed(visitor.visit_bool(truth))
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_f64(visitor)
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number(&visitor)?;
        self.placed(number.visit(visitor))
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.null()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Read<V::Value> {
        match name {
            AHEAD => {
                self.peek();
                visitor.visit_enum(Next(self))
            }
            RAW_VALUE => visitor.visit_map(RawText(Some(self.skip()?))),
            // A newtype takes a sequence of one as well. Were it asked for itself, every union would be compiled a
            // second time, for deserializers that can't look ahead.
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

/// The members of an object, or the elements of an array.
struct Parts<'a, 'de> {
    reader: &'a mut Reader<'de>,
    first: bool,
}

impl Parts<'_, '_> {
    /// Steps to the next part, or, where there is none, behind the closing bracket.
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
                // What follows a comma is a part: a closing bracket is none, and whoever reads it says so.
                Some(Ok(()))
            }
            _ => Some(Err(ReadError::syntax())),
        }
    }

    /// The same for an array. Objects have one loop for all types, arrays one for each.
    fn step_in_array(&mut self) -> Option<Read<()>> {
        self.step(b']')
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = ReadError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        match self.reader.text.as_bytes().get(self.reader.at..) {
            // Nearly all members are like this one.
            Some([b',', b'"', ..]) if !self.first => self.reader.at += 1,
            _ => {
                let Some(step) = self.step(b'}') else { return Ok(None) };
                step?;
                if self.reader.peek() != Some(b'"') {
                    return Err(ReadError::syntax());
                }
            }
        }
        seed.deserialize(Name(self.reader)).map(Some)
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

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = ReadError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        let Some(step) = self.step_in_array() else { return Ok(None) };
        step?;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

/// The value that comes next, as a sequence of one.
struct One<'a, 'de>(Option<&'a mut Reader<'de>>);

impl<'de> SeqAccess<'de> for One<'_, 'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        self.0.take().map(|reader| seed.deserialize(reader)).transpose()
    }
}

/// The value that comes next, for whoever wants to see its text first.
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

/// The text of a value, as whoever asks for it by [`RAW_VALUE`] expects it: one member that holds it.
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
