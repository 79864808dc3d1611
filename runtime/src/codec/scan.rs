//! A look at JSON text without decoding it: members of an object, kinds of values, the path of a byte.
//!
//! All of it takes the text for JSON. On other text it stops early, or says what is of no use: the decoding that follows
//! fails.

use std::borrow::Cow;

/// The name of a member, in quotes.
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

/// Looks for members of the object that a text begins with, and goes no further than it has to.
pub(crate) struct Walk<'a> {
    cursor: Cursor<'a>,
    /// Nothing follows the object.
    is_whole: bool,
    /// The members so far; the text of each begins with its value.
    seen: Vec<(Name<'a>, &'a str)>,
}

impl<'a> Walk<'a> {
    /// Nothing is found in what is no object. Where it `is_whole`, nothing but space follows it in the text.
    pub(crate) fn new(text: &'a str, is_whole: bool) -> Self {
        let mut cursor = Cursor::new(text);
        if !cursor.eat(b'{') {
            cursor.at = text.len();
        }
        Self { cursor, is_whole, seen: Vec::new() }
    }

    /// Text that begins with the value of a member.
    pub(crate) fn find(&mut self, name: &str) -> Option<&'a str> {
        if let Some((_, value)) = self.seen.iter().find(|(seen, _)| seen.is(name)) {
            return Some(value);
        }
        loop {
            if !self.seen.is_empty() {
                // The first member costs nothing, and from behind it the whole text may have to be searched: once is enough.
                if self.seen.len() == 1
                    && let Some(value) = self.last(name)
                {
                    return Some(value);
                }
                self.cursor.skip()?;
                self.cursor.eat(b',');
            }
            let found = self.cursor.name()?;
            let is_it = found.is(name);
            let value = self.cursor.text.get(self.cursor.skip_space()..)?;
            self.seen.push((found, value));
            if is_it {
                return Some(value);
            }
        }
    }

    /// The value of a member that is the last one, with no look at those before it: a list may be long.
    fn last(&self, name: &str) -> Option<&'a str> {
        let members = self.is_whole.then(|| self.cursor.text.trim_end().strip_suffix('}'))??;
        let (before, rest) = members.rsplit_once(name)?;
        // In JSON, what is in quotes and has a colon behind it is a name; what ends with the object is a member of it.
        let is_name = before.ends_with('"') && !before.ends_with("\\\"") && rest.starts_with('"');
        let mut cursor = Cursor { text: rest, at: 1 };
        if !is_name || !cursor.eat(b':') {
            return None;
        }
        let value = cursor.value()?;
        (cursor.skip_space() == rest.len()).then_some(value)
    }
}

/// The text of the member `name` of the object in `text`, which is looked for from a position behind one of its
/// members and then from the start; and the position behind it.
pub(crate) fn member_from<'a>(text: &'a str, from: usize, name: &str) -> Option<(&'a str, usize)> {
    let mut cursor = Cursor { text, at: from };
    if from == 0 || cursor.find(name).is_none() {
        cursor.at = 0;
        cursor.eat(b'{').then(|| cursor.find(name))??;
    }
    let value = cursor.value()?;
    cursor.eat(b',');
    Some((value, cursor.at))
}

/// The value that `text` begins with.
pub(crate) fn value(text: &str) -> Option<&str> {
    Cursor::new(text).value()
}

/// The text of the member `name` of the object in `text`.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    member_from(text, 0, name).map(|(value, _)| value)
}

/// The first element of the array in `text`.
pub(crate) fn first_element(text: &str) -> Option<&str> {
    let mut cursor = Cursor::new(text);
    (cursor.eat(b'[') && cursor.peek()? != b']').then(|| cursor.value())?
}

/// The string that `text` holds, if it holds one.
pub(crate) fn string(text: &str) -> Option<Cow<'_, str>> {
    text.starts_with('"').then(|| unescape(text))
}

/// The path of the value that ends at `offset`, or else of the innermost value around it: `items[3].price`. With the
/// text of that value, if it is complete.
pub(crate) fn value_at(text: &str, offset: usize) -> (String, Option<&str>) {
    let mut cursor = Cursor::new(text);
    let mut path = String::new();
    let value = descend(&mut cursor, offset, &mut path).and_then(|()| cursor.value());
    (path, value)
}

/// The names of the members of the object in `text`.
pub(crate) fn names(text: &str) -> Vec<Cow<'_, str>> {
    let mut cursor = Cursor::new(text);
    cursor.eat(b'{');
    let mut names = Vec::new();
    while let Some(name) = cursor.name() {
        names.push(unescape(name.quoted));
        if cursor.skip().is_none() || !cursor.eat(b',') {
            break;
        }
    }
    names
}

/// How many elements the array in `text` has.
pub(crate) fn length(text: &str) -> usize {
    let mut cursor = Cursor::new(text);
    cursor.eat(b'[');
    let mut length = 0;
    while cursor.skip().is_some() {
        length += 1;
        if !cursor.eat(b',') {
            break;
        }
    }
    length
}

/// Walks down, without recursion, to the value that holds the byte before `offset`. Stops early where the text ends or is
/// no JSON.
fn descend(cursor: &mut Cursor<'_>, offset: usize, path: &mut String) -> Option<()> {
    loop {
        let start = cursor.skip_space();
        let Some(opening @ (b'{' | b'[')) = cursor.peek() else {
            return Some(());
        };
        // A failure right behind the opening bracket is about the container: it should have been something else.
        let is_whole = (Cursor { text: cursor.text, at: start }).value().is_some_and(|v| start + v.len() <= offset);
        if is_whole || offset <= start + 1 {
            return Some(());
        }
        cursor.at += 1;
        let mut index = 0usize;
        let found = loop {
            let name = if opening == b'{' {
                let name = cursor.value()?;
                cursor.eat(b':');
                Some(unescape(name))
            } else {
                None
            };
            let at = cursor.skip_space();
            match cursor.value() {
                Some(value) if at + value.len() < offset => {}
                _ => break (name, at),
            }
            if !cursor.eat(b',') {
                return None;
            }
            index += 1;
        };
        match found.0 {
            Some(name) if path.is_empty() => path.push_str(&name),
            Some(name) => {
                path.push('.');
                path.push_str(&name);
            }
            None => path.push_str(&format!("[{index}]")),
        }
        cursor.at = found.1;
    }
}

/// The text of a JSON string, quotes taken off and escapes resolved.
fn unescape(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(quoted);
    if inner.contains('\\') {
        return serde_json::from_str(quoted).map_or(Cow::Borrowed(inner), Cow::Owned);
    }
    Cow::Borrowed(inner)
}

/// How many bytes come before a quote, a backslash or a control character.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    while let Some((chunk, _)) = bytes.get(at..).and_then(<[u8]>::split_first_chunk::<8>) {
        let chunk = u64::from_le_bytes(*chunk);
        let is_zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
        let quote = is_zero(chunk ^ (ONES * u64::from(b'"')));
        let backslash = is_zero(chunk ^ (ONES * u64::from(b'\\')));
        let control = chunk.wrapping_sub(ONES * 0x20) & !chunk;
        let found = (quote | backslash | control) & HIGH;
        if found != 0 {
            // A borrow can only mark a byte behind the first one that is meant.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20).count()
}

/// The position behind the closing quote, from a position inside of the string, and whether there are escapes before it.
pub(super) fn end_of_string(bytes: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from;
    let mut is_escaped = false;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some((at + 1, is_escaped));
        }
        is_escaped = true;
        at += 2;
    }
}

/// The position behind the value that begins at `at`, which is taken to be well-formed.
pub(super) fn end_of_value(text: &str, at: usize) -> Option<usize> {
    let mut cursor = Cursor { text, at };
    cursor.value()?;
    Some(cursor.at)
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip_space(&mut self) -> usize {
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

    /// Steps over one value and gives its text; nothing where the text ends inside it.
    fn value(&mut self) -> Option<&'a str> {
        let start = self.skip_space();
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// Steps over one value.
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

    /// Goes on to the value of the next member with this name.
    fn find(&mut self, name: &str) -> Option<()> {
        while !self.name()?.is(name) {
            self.skip()?;
            self.eat(b',');
        }
        Some(())
    }

    /// Steps over an object or an array. Whatever is no string and no bracket is passed over unseen.
    fn container(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut depth = 0usize;
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            match byte {
                b'"' => at = end_of_string(bytes, at)?.0,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => {
                    self.at = at;
                    return Some(());
                }
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
    }

    /// Steps over a string, and says whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        let (end, is_escaped) = end_of_string(self.text.as_bytes(), self.at + 1)?;
        self.at = end;
        Some(is_escaped)
    }

    /// Steps over the name of a member and its colon.
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
        self.at += 1;
        while !matches!(self.byte(self.at), None | Some(b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_its_text() {
        let text = r#" { "a" : {"x":[1,2,"}"]} , "q\"\u0041":null,"c":-1.5e3}"#;
        let found = ["a", "q\"A", "c", "x"].map(|name| member(text, name));
        assert_eq!(found, [Some(r#"{"x":[1,2,"}"]}"#), Some("null"), Some("-1.5e3"), None]);
        for empty in ["[1]", r#"{"a":"#, "{}", r#""a":1"#] {
            assert_eq!(member(empty, "a"), None, "{empty}");
        }
    }

    #[test]
    fn a_member_is_found_from_behind_another_one() {
        let text = r#"{"a":1,"b":2,"c":3}"#;
        let (value, behind) = member_from(text, 0, "b").unwrap_or_default();
        assert_eq!((value, text.get(behind..)), ("2", Some(r#""c":3}"#)));
        let found = ["c", "a", "d"].map(|name| member_from(text, behind, name).map(|(value, _)| value));
        assert_eq!(found, [Some("3"), Some("1"), None]);
    }

    #[test]
    fn a_member_is_found_from_either_end() {
        let found = |text: &'static str, is_whole, name| {
            let mut walk = Walk::new(text, is_whole);
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
    fn a_byte_has_a_path() {
        let text = r#"{"items": [{"id": 1}, {"id": null, "tags": ["x", 5]}], "n": 7}"#;
        let path_after = |needle: &str| value_at(text, text.find(needle).map_or(0, |i| i + needle.len())).0;
        assert_eq!(path_after("null"), "items[1].id");
        assert_eq!(path_after(", 5"), "items[1].tags[1]");
        assert_eq!(path_after(r#"{"id": 1}"#), "items[0]");
        assert_eq!(path_after("7"), "n");
        assert_eq!(value_at(text, text.len()).0, "");
    }

    #[test]
    fn a_cut_off_text_still_has_a_path() {
        let text = r#"{"items": [{"id": "ab"#;
        assert_eq!(value_at(text, text.len()), ("items[0].id".to_owned(), None));
    }
}
