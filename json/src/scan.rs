//! Reads JSON text without decoding it: finds properties of an object, the end of a value, and the path of a byte.
//!
//! All functions assume that the text is JSON. For other text they stop early or return a wrong result, and the decoding
//! that follows fails.

use std::borrow::Cow;

/// How many chunks of eight bytes of a string are checked before the rest is searched with `memchr`.
const SHORT_CHUNKS: usize = 3;

/// The name of a property, in quotes.
struct Name<'a> {
    quoted: &'a str,
    is_escaped: bool,
}

impl Name<'_> {
    #[inline]
    fn is(&self, name: &str) -> bool {
        if self.is_escaped {
            return unescape(self.quoted) == name;
        }
        self.quoted.len() == name.len() + 2 && self.quoted.get(1..=name.len()) == Some(name)
    }
}

/// Finds properties of the object that a text begins with. It reads no further than necessary.
pub(crate) struct PropertyLookup<'a> {
    scanner: Scanner<'a>,
    /// Only whitespace follows the object.
    is_whole: bool,
    /// The properties read so far, each with text that begins with its value.
    seen: Vec<(Name<'a>, &'a str)>,
    /// Index in `seen` where the next search starts: callers ask for properties in the order of the document, and servers
    /// write them in that order.
    next: usize,
}

impl<'a> PropertyLookup<'a> {
    /// Starts a lookup. It finds nothing if the text is not an object. `is_whole`: only whitespace follows the object.
    pub(crate) fn new(text: &'a str, is_whole: bool) -> Self {
        let mut scanner = Scanner::new(text);
        if !scanner.eat(b'{') {
            scanner.at = text.len();
        }
        Self { scanner, is_whole, seen: Vec::new(), next: 0 }
    }

    /// Returns text that begins with the value of the property `name`.
    pub(crate) fn find(&mut self, name: &str) -> Option<&'a str> {
        let (before, after) = self.seen.split_at(self.next.min(self.seen.len()));
        let later = after.iter().position(|(seen, _)| seen.is(name)).map(|index| index + before.len());
        if let Some(index) = later.or_else(|| before.iter().position(|(seen, _)| seen.is(name))) {
            self.next = index + 1;
            return self.seen.get(index).map(|(_, value)| *value);
        }
        loop {
            if !self.seen.is_empty() {
                // The first property is checked directly. After it, the end of the text is checked once before all of
                // it is searched.
                if self.seen.len() == 1
                    && let Some(value) = self.last(name)
                {
                    return Some(value);
                }
                self.scanner.skip()?;
                self.scanner.eat(b',');
            }
            let found = self.scanner.name()?;
            let is_it = found.is(name);
            let value = self.scanner.text.get(self.scanner.skip_space()..)?;
            self.seen.push((found, value));
            if is_it {
                self.next = self.seen.len();
                return Some(value);
            }
        }
    }

    /// Returns the value of the property if it is the last one, without reading those before it: a list may be long.
    fn last(&self, name: &str) -> Option<&'a str> {
        let properties = self.is_whole.then(|| self.scanner.text.trim_end().strip_suffix('}'))??;
        let (before, rest) = properties.rsplit_once(name)?;
        // A string before a colon is a name, and the property that ends with the object belongs to the object.
        let is_name = before.ends_with('"') && !before.ends_with("\\\"") && rest.starts_with('"');
        let mut scanner = Scanner { text: rest, at: 1 };
        if !is_name || !scanner.eat(b':') {
            return None;
        }
        let value = scanner.value()?;
        (scanner.skip_space() == rest.len()).then_some(value)
    }
}

/// Returns the text of the property `name` of the object in `text`, and the offset after it. The search begins at the
/// offset `from`, which is that after another property, and goes on from the start.
pub(crate) fn property_from<'a>(text: &'a str, from: usize, name: &str) -> Option<(&'a str, usize)> {
    let mut scanner = Scanner { text, at: from };
    if from == 0 || scanner.find(name).is_none() {
        scanner.at = 0;
        scanner.eat(b'{').then(|| scanner.find(name))??;
    }
    let value = scanner.value()?;
    scanner.eat(b',');
    Some((value, scanner.at))
}

/// Returns the text of the value that `text` begins with.
pub(crate) fn value(text: &str) -> Option<&str> {
    Scanner::new(text).value()
}

/// Returns the text of the property `name` of the object in `text`.
pub(crate) fn property<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    property_from(text, 0, name).map(|(value, _)| value)
}

/// Returns the text of the first element of the array in `text`.
pub(crate) fn first_element(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    (scanner.eat(b'[') && scanner.peek()? != b']').then(|| scanner.value())?
}

/// Returns the string in `text`. `None` if it is another value.
pub(crate) fn string(text: &str) -> Option<Cow<'_, str>> {
    text.starts_with('"').then(|| unescape(text))
}

/// Returns the path of the value that holds the byte before `offset`, found in one pass: `items[3].price`. Values that end before
/// it count as passed, and the whole text has an empty path. Also returns the offset at which that value begins.
pub(crate) fn path_at(text: &str, offset: usize) -> (String, usize) {
    let bytes = text.as_bytes();
    // For each object and array around the position: the name in quotes or the index of the current part.
    // Also its offset.
    let mut around: Vec<(Part<'_>, usize)> = Vec::new();
    let mut at = 0;
    let mut value = 0;
    while at < offset.min(bytes.len()) {
        let start = at;
        at += 1;
        looked_at(1);
        match bytes[start] {
            b'{' | b'[' if at >= offset => {
                value = start;
                break;
            }
            b'{' => {
                value = start;
                around.push((Part::Before, start));
            }
            b'[' => {
                value = start;
                around.push((Part::Index(0), start));
            }
            b'}' | b']' => value = around.pop().map_or(value, |(_, begin)| begin),
            b',' => match around.last_mut() {
                Some((Part::Index(index), _)) => *index += 1,
                Some((part, _)) => *part = Part::Before,
                None => {}
            },
            b'"' => {
                at = end_of_string(bytes, at).map_or(bytes.len(), |(end, _)| end);
                match around.last_mut() {
                    Some((part @ Part::Before, _)) => *part = text.get(start..at).map_or(Part::Before, Part::Name),
                    _ => value = start,
                }
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if start == 0 || !is_scalar(bytes[start - 1]) => value = start,
            _ => {}
        }
    }
    // An error about the type of an object or array may have the offset before it.
    let next = Scanner { text, at }.skip_space();
    if matches!(bytes.get(next), Some(b'{' | b'[')) {
        value = next;
    }
    let mut path = String::new();
    for (part, _) in around {
        match part {
            Part::Name(name) => crate::path::add_name(&mut path, &unescape(name)),
            Part::Index(index) => path.push_str(&format!("[{index}]")),
            Part::Before => {}
        }
    }
    (path, value)
}

/// Whether a byte is part of a number or a word.
fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// The part of an object or an array that a position is in.
enum Part<'a> {
    /// Before the name of the next property.
    Before,
    /// The property with this name, in quotes.
    Name(&'a str),
    /// The element at this index.
    Index(usize),
}

/// Returns the number of elements or properties of the array or object in `text`.
pub(crate) fn length(text: &str) -> usize {
    let mut scanner = Scanner::new(text);
    let is_object = scanner.eat(b'{');
    if !is_object && !scanner.eat(b'[') {
        return 0;
    }
    let mut length = 0;
    while (!is_object || scanner.name().is_some()) && scanner.skip().is_some() {
        length += 1;
        if !scanner.eat(b',') {
            break;
        }
    }
    length
}

/// Returns the text of a JSON string, without quotes and escapes.
fn unescape(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(quoted);
    if inner.contains('\\') {
        return serde_json::from_str(quoted).map_or(Cow::Borrowed(inner), Cow::Owned);
    }
    Cow::Borrowed(inner)
}

/// Returns whether a text starts with `start`. Inlined, because names are short.
#[inline]
pub(crate) fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let Some(text) = text.get(..start.len()) else { return false };
    let (words, rest) = start.as_chunks::<8>();
    match (rest.is_empty(), text.last_chunk::<8>(), start.last_chunk::<8>()) {
        // The last chunk may overlap the one before it.
        (false, Some(text), Some(start)) if text != start => return false,
        (false, None, _) => return text.iter().zip(start).all(|(one, other)| one == other),
        _ => {}
    }
    words.iter().zip(text.as_chunks::<8>().0).all(|(one, other)| one == other)
}

/// Counts the bytes that are read, for tests of this crate: the work for an error must not grow faster than the text.
#[inline]
fn looked_at(bytes: usize) {
    #[cfg(test)]
    steps::add(bytes);
    let _ = bytes;
}

#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(bytes: usize) {
        STEPS.set(STEPS.get() + bytes);
    }

    /// The number of bytes that were read since. A byte can count several times.
    pub(crate) fn of(run: impl FnOnce()) -> usize {
        let before = STEPS.get();
        run();
        STEPS.get() - before
    }
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

/// Marks the first zero byte in its highest bit. Bytes after it may be marked too; bytes before it are not.
#[inline]
fn zero(bytes: u64) -> u64 {
    bytes.wrapping_sub(ONES) & !bytes & HIGH
}

/// Marks the first quote and the first backslash.
#[inline]
fn end_or_escape(bytes: u64) -> u64 {
    zero(bytes ^ (ONES * u64::from(b'"'))) | zero(bytes ^ (ONES * u64::from(b'\\')))
}

/// Returns the index of the first byte that is marked.
#[inline]
fn first_marked(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

/// Marks the first quote, the first backslash and the first control character.
#[inline]
fn unusual(bytes: u64) -> u64 {
    end_or_escape(bytes) | (bytes.wrapping_sub(ONES * 0x20) & !bytes & HIGH)
}

/// Returns the number of bytes before a quote, a backslash or a control character.
#[inline]
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut at = 0;
    for chunk in chunks {
        let both = u128::from_le_bytes(*chunk);
        let (first, second) = (unusual(both as u64), unusual((both >> 64) as u64));
        looked_at(16);
        if first | second != 0 {
            return at + if first != 0 { first_marked(first) } else { 8 + first_marked(second) };
        }
        at += 16;
    }
    at + rest.iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20).count()
}

/// Returns the number of bytes before a quote or a backslash. Most strings are too short for `memchr` to be faster.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    let (chunks, _) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate().take(SHORT_CHUNKS) {
        let marks = end_or_escape(u64::from_le_bytes(*chunk));
        if marks != 0 {
            return Some(index * 8 + first_marked(marks));
        }
    }
    let checked = chunks.len().min(SHORT_CHUNKS) * 8;
    memchr::memchr2(b'"', b'\\', bytes.get(checked..)?).map(|at| checked + at)
}

/// Returns the offset after the closing quote of the string that contains the offset `from`, and whether there are escapes
/// between them.
pub(crate) fn end_of_string(bytes: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from;
    let mut is_escaped = false;
    loop {
        let before = at;
        at += quote_or_backslash(bytes.get(at..)?)?;
        looked_at(at - before);
        if bytes.get(at) == Some(&b'"') {
            return Some((at + 1, is_escaped));
        }
        is_escaped = true;
        at += 2;
    }
}

/// Returns the offset after the value that begins at `at`.
pub(crate) fn end_of_value(text: &str, at: usize) -> Option<usize> {
    let mut scanner = Scanner { text, at };
    scanner.value()?;
    Some(scanner.at)
}

/// A position in JSON text.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    #[inline]
    fn skip_space(&mut self) -> usize {
        if self.byte(self.at).is_some_and(|byte| byte > b' ') {
            return self.at;
        }
        while matches!(self.byte(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.at
    }

    fn peek(&mut self) -> Option<u8> {
        let at = self.skip_space();
        self.byte(at)
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += 1;
        }
        found
    }

    /// Skips one value and returns its text. `None` if the text ends inside of it.
    fn value(&mut self) -> Option<&'a str> {
        let start = self.skip_space();
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// Skips one value.
    fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.container(),
            b'}' | b']' => None,
            _ => {
                self.scalar();
                Some(())
            }
        }
    }

    /// Moves to the value of the next property with this name.
    fn find(&mut self, name: &str) -> Option<()> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.skip_space();
            let inner = bytes.get(start..)?.strip_prefix(b"\"")?;
            let is_plain = inner.get(name.len()) == Some(&b'"') && starts_with(inner, name.as_bytes());
            let is_escaped = if is_plain {
                self.at = start + name.len() + 2;
                false
            } else {
                self.string()?
            };
            let is_it = is_plain || (is_escaped && unescape(self.text.get(start..self.at)?) == name);
            self.eat(b':');
            if is_it {
                return Some(());
            }
            self.skip()?;
            self.eat(b',');
        }
    }

    /// Skips an object or an array. It only looks at strings and brackets.
    fn container(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut depth = 0usize;
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            looked_at(1);
            if byte == b'"' {
                at = end_of_string(bytes, at)?.0;
                continue;
            }
            // Brackets and braces differ in one bit. No other token of JSON becomes a brace with that bit set.
            match byte | 0x20 {
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    self.at = at;
                    return Some(());
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
    }

    /// Skips a string and returns whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        let (end, is_escaped) = end_of_string(self.text.as_bytes(), self.at + 1)?;
        self.at = end;
        Some(is_escaped)
    }

    /// Skips the name of a property and its colon.
    fn name(&mut self) -> Option<Name<'a>> {
        let start = self.skip_space();
        if self.byte(start)? != b'"' {
            return None;
        }
        let is_escaped = self.string()?;
        let quoted = self.text.get(start..self.at)?;
        self.eat(b':');
        Some(Name { quoted, is_escaped })
    }

    fn scalar(&mut self) {
        let start = self.at;
        self.at += 1;
        while !matches!(self.byte(self.at), None | Some(b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        looked_at(self.at - start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_has_its_text() {
        let text = r#" { "a" : {"x":[1,2,"}"]} , "q\"\u0041":null,"c":-1.5e3}"#;
        let found = ["a", "q\"A", "c", "x"].map(|name| property(text, name));
        assert_eq!(found, [Some(r#"{"x":[1,2,"}"]}"#), Some("null"), Some("-1.5e3"), None]);
        for empty in ["[1]", r#"{"a":"#, "{}", r#""a":1"#] {
            assert_eq!(property(empty, "a"), None, "{empty}");
        }
    }

    #[test]
    fn a_property_is_found_after_another_one() {
        let text = r#"{"a":1,"b":2,"c":3}"#;
        let (value, after) = property_from(text, 0, "b").unwrap_or_default();
        assert_eq!((value, text.get(after..)), ("2", Some(r#""c":3}"#)));
        let found = ["c", "a", "d"].map(|name| property_from(text, after, name).map(|(value, _)| value));
        assert_eq!(found, [Some("3"), Some("1"), None]);
    }

    #[test]
    fn a_property_is_found_from_either_end() {
        let found = |text: &'static str, is_whole, name| {
            let mut walk = PropertyLookup::new(text, is_whole);
            [walk.find(name), walk.find(name)].map(|text| text.and_then(value))
        };
        for (text, name, expected) in [
            (r#"{"items":[{"n":1}],"n" : 2 } "#, "n", Some("2")),
            (r#"{"n":1,"items":[{"n":2}]}"#, "n", Some("1")),
            (r#"{"a":{"n":1}}"#, "n", None),
            (r#"{"n":{"n":1}}"#, "n", Some(r#"{"n":1}"#)),
            (r#"{"a":"\"n\":1"}"#, "n", None),
            (r#"{"a":"\\","n":1}"#, "n", Some("1")),
            (r#"{"\u006e":1}"#, "n", Some("1")),
            (r#"{"b":1,"an":2}"#, "n", None),
            (r#"{"n":1,"a":"n"}"#, "n", Some("1")),
            (r#"{"a":["n",1]}"#, "n", None),
            ("[1]", "n", None),
            ("{}", "n", None),
        ] {
            assert_eq!(found(text, true, name), [expected; 2], "{text}");
            assert_eq!(found(text, false, name), [expected; 2], "{text}");
        }
        assert_eq!(found(r#"{"a":1},"b":{"n":2}}"#, false, "n"), [None; 2]);
        assert_eq!(found(r#"{"n":"#, false, "n"), [None; 2]);
    }

    #[test]
    fn a_string_ends_at_its_quote() {
        for length in 0..70 {
            let text = "ü".repeat(length / 2) + &"x".repeat(length % 2);
            for (end, place) in [("\"", 1), ("\\\"\"", 3)] {
                let quoted = format!("{text}{end},\"");
                assert_eq!(plain(quoted.as_bytes()), text.len(), "{quoted}");
                assert_eq!(end_of_string(quoted.as_bytes(), 0), Some((text.len() + place, place > 1)), "{quoted}");
            }
            for control in ["\n", "\u{1f}"] {
                assert_eq!(plain(format!("{text}{control} longer than that").as_bytes()), text.len());
            }
            assert_eq!(end_of_string(text.as_bytes(), 0), None);
        }
    }

    #[test]
    fn starts_with_compares_every_byte() {
        let text = b"organization_id and more";
        for length in 0..=text.len() {
            let start = &text[..length];
            assert!(starts_with(text, start));
            assert!(!starts_with(&text[..length.saturating_sub(1)], start) || length == 0);
            for place in 0..length {
                let mut other = start.to_vec();
                other[place] ^= 1;
                assert!(!starts_with(text, &other), "{place} of {length}");
            }
        }
    }

    #[test]
    fn a_byte_has_a_path() {
        let text = r#"{"items": [{"id": 1}, {"id": null, "tags": ["x", 5]}], "n": 7}"#;
        let path_after = |needle: &str| path_at(text, text.find(needle).map_or(0, |i| i + needle.len())).0;
        assert_eq!(path_after("null"), "items[1].id");
        assert_eq!(path_after(", 5"), "items[1].tags[1]");
        assert_eq!(path_after(r#"{"id": 1}"#), "items[0]");
        assert_eq!(path_after("7"), "n");
        assert_eq!(path_at(text, text.len()).0, "");
    }

    #[test]
    fn a_cut_off_text_still_has_a_path() {
        let text = r#"{"items": [{"id": "ab"#;
        assert_eq!(path_at(text, text.len()).0, "items[0].id");
    }
}
