//! The reader: a position in a JSON text, and the few operations that all decoders use.
//!
//! It walks through objects, arrays and plain strings itself, so that a model finds its properties without copies and a
//! union finds its tag without a separate pass. Strings with escapes, numbers other than small integers, and values of
//! any type are passed to `serde_json`, which also explains errors in malformed text.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::{Number, Value};

use crate::choice::Told;
use crate::error::{Problem, ReadError};
use crate::scan;

/// Maximum depth of nested values, the same as that of `serde_json`.
const MAX_DEPTH: usize = 127;

/// A position in a JSON text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// The variant of the next union, if a property outside the union determines it.
    pub(crate) told: Option<Told>,
    /// The offset of a value, and the offset after the property that was found last inside of it: the tag of a nested
    /// union often follows that of the outer one.
    pub(crate) ahead: (usize, usize),
    is_of_nothing: bool,
}

/// What reading results in.
pub type Read<T = ()> = Result<T, ReadError>;

/// A position to which a reader can return.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    at: usize,
    depth: usize,
}

/// A number, in the smallest type that can hold it.
#[derive(Clone, Copy)]
pub(crate) enum Numeral {
    Integer(i64),
    /// An integer above the range of i64.
    Large(u64),
    Float(f64),
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, told: None, ahead: (0, 0), is_of_nothing: false }
    }

    /// A reader for properties that are absent. A type that may be absent reads its absent value from it, any other type
    /// an error.
    pub(crate) fn of_nothing() -> Self {
        Self { is_of_nothing: true, ..Self::new("") }
    }

    pub(crate) fn is_of_nothing(&self) -> bool {
        self.is_of_nothing
    }

    /// Returns an error unless the value is the last token.
    pub(crate) fn finish(&mut self) -> Read<()> {
        if self.peek().is_none() { Ok(()) } else { Err(ReadError::syntax()) }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    pub(crate) fn return_to(&mut self, mark: Mark) {
        (self.at, self.depth) = (mark.at, mark.depth);
    }

    /// Returns the offset of the next value, and the text from there.
    pub(crate) fn rest(&mut self) -> (usize, &'a str) {
        self.peek();
        (self.at, self.text.get(self.at..).unwrap_or_default())
    }

    /// Returns the text since a mark.
    pub(crate) fn text_from(&self, mark: Mark) -> &'a str {
        self.text.get(mark.at..).unwrap_or_default()
    }

    /// Returns whether the next value is the whole text.
    pub(crate) fn is_whole(&self) -> bool {
        self.depth == 0
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Returns the next byte that is not whitespace.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.byte() {
            Some(byte) if byte > b' ' => Some(byte),
            _ => self.peek_behind_space(),
        }
    }

    /// Servers send no whitespace between values, so this slower function is called only where it may be needed.
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

    fn literal(&mut self, literal: &str) -> Read<()> {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(literal.as_bytes()));
        if !found {
            return Err(ReadError::syntax());
        }
        self.at += literal.len();
        Ok(())
    }

    /// Skips a null, if it is the next value.
    #[inline]
    pub(crate) fn null(&mut self) -> Read<bool> {
        match self.peek() {
            Some(b'n') => self.literal("null").map(|()| true),
            None => Ok(self.is_of_nothing),
            _ => Ok(false),
        }
    }

    pub(crate) fn boolean(&mut self) -> Read<bool> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.mismatch("a boolean")),
        }
    }

    /// Returns the error for a value of another JSON type.
    #[cold]
    pub(crate) fn mismatch(&mut self, expected: impl Into<Cow<'static, str>>) -> ReadError {
        self.expected(expected.into(), false)
    }

    /// The same for a value whose text may be shown.
    #[cold]
    pub(crate) fn mismatch_shown(&mut self, expected: &'static str) -> ReadError {
        self.expected(expected.into(), true)
    }

    fn expected(&mut self, expected: Cow<'static, str>, shows_text: bool) -> ReadError {
        match self.peek() {
            // Invalid words and numbers are detected here.
            Some(b'"' | b'{' | b'[' | b'n' | b't' | b'f' | b'-' | b'0'..=b'9') if self.is_json() => {
                ReadError::new(Problem::Type { expected, shows_text }, self.at)
            }
            _ => ReadError::syntax(),
        }
    }

    /// Returns whether the next value is an object, an array or valid JSON.
    fn is_json(&self) -> bool {
        let text = self.text.get(self.at..).unwrap_or_default();
        let is_json = |value| serde_json::from_str::<Value>(value).is_ok();
        text.starts_with(['{', '[']) || scan::value(text).is_some_and(is_json)
    }

    /// Reads a string.
    ///
    /// # Errors
    /// The value is not a string.
    #[doc(hidden)]
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, ReadError> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(self.mismatch("a string")) }
    }

    /// Reads a string whose text an error may show.
    #[inline]
    pub(crate) fn string_as(&mut self, expected: &'static str) -> Read<Cow<'a, str>> {
        if self.peek() == Some(b'"') { self.quoted() } else { Err(self.mismatch_shown(expected)) }
    }

    /// Reads a string whose opening quote is the next byte.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Read<Cow<'a, str>> {
        let from = self.at + 1;
        let end = from + scan::plain(self.text.as_bytes().get(from..).unwrap_or_default());
        if self.text.as_bytes().get(end) == Some(&b'"')
            && let Some(text) = self.text.get(from..end)
        {
            self.at = end + 1;
            return Ok(Cow::Borrowed(text));
        }
        self.escaped(end).map(Cow::Owned)
    }

    /// Reads a string that has no escapes before an offset.
    #[inline(never)]
    fn escaped(&mut self, from: usize) -> Read<String> {
        let start = self.at;
        (self.at, _) = scan::end_of_string(self.text.as_bytes(), from).ok_or_else(ReadError::syntax)?;
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted).map_err(|_| ReadError::syntax())
    }

    /// Reads an integer or any other number.
    pub(crate) fn number(&mut self, expected: &'static str) -> Read<Numeral> {
        let Some(b'-' | b'0'..=b'9') = self.peek() else { return Err(self.mismatch(expected)) };
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if let Some((integer, length)) = small_integer(bytes) {
            self.at += length;
            return Ok(Numeral::Integer(integer));
        }
        self.any_number(bytes)
    }

    #[inline(never)]
    fn any_number(&mut self, bytes: &[u8]) -> Read<Numeral> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
        let end = self.at + bytes.iter().take_while(|byte| is_part(byte)).count();
        let literal = self.text.get(self.at..end).unwrap_or_default();
        let number: Number = serde_json::from_str(literal).map_err(|_| ReadError::syntax())?;
        self.at = end;
        match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Ok(Numeral::Integer(number)),
            (_, Some(number), _) => Ok(Numeral::Large(number)),
            (_, _, Some(number)) => Ok(Numeral::Float(number)),
            _ => Err(ReadError::syntax()),
        }
    }

    /// Skips a value and returns its text without validating it.
    pub(crate) fn skip(&mut self) -> Read<&'a str> {
        self.peek();
        let start = self.at;
        self.at = scan::end_of_value(self.text, start).ok_or_else(ReadError::syntax)?;
        self.text.get(start..self.at).ok_or_else(ReadError::syntax)
    }

    /// Skips a value of any type.
    ///
    /// # Errors
    /// It is malformed.
    pub fn pass(&mut self) -> Result<(), ReadError> {
        serde_json::from_str::<IgnoredAny>(self.skip()?).map(drop).map_err(|_| ReadError::syntax())
    }

    /// Reads a value of any type.
    pub(crate) fn value(&mut self) -> Read<Value> {
        any_json(self.skip()?).map_err(|_| ReadError::syntax())
    }

    /// Enters an object or an array.
    pub(crate) fn open(&mut self, bracket: u8, expected: impl FnOnce() -> Cow<'static, str>) -> Read<()> {
        if self.peek() != Some(bracket) {
            return Err(self.mismatch(expected()));
        }
        if self.depth == MAX_DEPTH {
            return Err(ReadError::new(Problem::Depth, self.at));
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Moves to the next element of an array, or after the closing bracket if there is none.
    #[inline]
    pub(crate) fn element(&mut self, is_first: bool) -> Read<bool> {
        self.step(b']', is_first)
    }

    #[inline]
    fn step(&mut self, close: u8, is_first: bool) -> Read<bool> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(_) if is_first => Ok(true),
            Some(b',') => {
                self.at += 1;
                // A closing bracket is not a value. The caller reports the error when it reads the value.
                Ok(true)
            }
            _ => Err(ReadError::syntax()),
        }
    }

    /// Moves to the name of the next property, or after the closing brace if there is none.
    #[inline]
    pub(crate) fn property(&mut self, is_first: bool) -> Read<bool> {
        match self.text.as_bytes().get(self.at..) {
            // The fast path for nearly all properties.
            Some([b',', b'"', ..]) if !is_first => {
                self.at += 1;
                Ok(true)
            }
            _ => match self.step(b'}', is_first) {
                Ok(true) if self.peek() != Some(b'"') => Err(ReadError::syntax()),
                step => step,
            },
        }
    }

    /// Skips a name and its colon if it is this name without escapes.
    #[inline]
    pub(crate) fn is_named(&mut self, name: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at + 1..).unwrap_or_default();
        // Most other names have another length.
        let is_it = rest.get(name.len()) == Some(&b'"')
            && rest.get(name.len() + 1) == Some(&b':')
            && scan::starts_with(rest, name.as_bytes());
        if is_it {
            self.at += name.len() + 3;
        }
        is_it
    }

    /// Reads the name of a property and its colon.
    #[inline(never)]
    pub(crate) fn name(&mut self) -> Read<Cow<'a, str>> {
        let name = self.quoted()?;
        self.colon()?;
        Ok(name)
    }

    pub(crate) fn colon(&mut self) -> Read<()> {
        if self.peek() != Some(b':') {
            return Err(ReadError::syntax());
        }
        self.at += 1;
        Ok(())
    }
}

/// Returns an integer that can't overflow, and its length.
#[inline]
fn small_integer(bytes: &[u8]) -> Option<(i64, usize)> {
    let (digits, sign) = match bytes {
        [b'-', digits @ ..] => (digits, 1),
        digits => (digits, 0),
    };
    let mut number = 0i64;
    let mut length = 0;
    while let Some(digit) = digits.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        if length == 18 {
            return None;
        }
        number = number * 10 + i64::from(digit);
        length += 1;
    }
    let has_zero_first = length > 1 && digits.first() == Some(&b'0');
    // "-0" is a float.
    let is_negative_zero = sign == 1 && number == 0;
    if length == 0 || has_zero_first || is_negative_zero || matches!(digits.get(length), Some(b'.' | b'e' | b'E')) {
        return None;
    }
    Some((if sign == 1 { -number } else { number }, length + sign))
}

/// Reads any JSON. All types of a program share this copy of the code.
///
/// # Errors
/// The text is not JSON.
pub fn any_json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}
