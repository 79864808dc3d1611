//! A look at JSON text without decoding it: members of an object, kinds of values, the path of a byte.
//!
//! All of it expects text that `serde_json` has already accepted; on other text it stops early and says less.

use std::borrow::Cow;

/// One member of an object: its name in quotes, and its value as text.
pub(crate) struct Member<'a> {
    quoted: &'a str,
    is_escaped: bool,
    pub(crate) value: &'a str,
}

impl Member<'_> {
    /// Whether this is its name.
    #[inline]
    pub(crate) fn is(&self, name: &str) -> bool {
        if self.is_escaped {
            return unescape(self.quoted) == name;
        }
        self.quoted.len() == name.len() + 2 && self.quoted.get(1..=name.len()) == Some(name)
    }
}

/// The members of the object that `text` holds, in order; none where it holds something else.
pub(crate) fn members(text: &str) -> impl Iterator<Item = Member<'_>> {
    let mut cursor = Cursor::new(text);
    let open = cursor.eat(b'{');
    std::iter::from_fn(move || {
        if !open || cursor.peek()? == b'}' {
            return None;
        }
        let quoted = cursor.value()?;
        let is_escaped = quoted.as_bytes().contains(&b'\\');
        cursor.eat(b':');
        let value = cursor.value()?;
        cursor.eat(b',');
        Some(Member { quoted, is_escaped, value })
    })
}

/// The value that `text` begins with.
pub(crate) fn value(text: &str) -> Option<&str> {
    Cursor::new(text).value()
}

/// The text of the member `name` of the object in `text`.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    members(text).find(|member| member.is(name)).map(|member| member.value)
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

/// The path of the value that ends at `offset`, or else of the innermost value around it: `items[3].price`.
pub(crate) fn path_at(text: &str, offset: usize) -> String {
    let mut cursor = Cursor::new(text);
    let mut path = String::new();
    descend(&mut cursor, offset, &mut path);
    path
}

/// Walks down, without recursion, into whichever container holds the byte before `offset`.
fn descend(cursor: &mut Cursor<'_>, offset: usize, path: &mut String) {
    loop {
        let start = cursor.skip_space();
        let Some(opening @ (b'{' | b'[')) = cursor.peek() else {
            return;
        };
        // A failure right behind the opening bracket is about the container: it should have been something else.
        let is_whole = (Cursor { text: cursor.text, at: start }).value().is_some_and(|v| start + v.len() <= offset);
        if is_whole || offset <= start + 1 {
            return;
        }
        cursor.at += 1;
        let mut index = 0usize;
        let found = loop {
            let name = if opening == b'{' {
                let Some(name) = cursor.value() else { return };
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
                return;
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

/// The position behind the closing quote, from a position inside of the string.
pub(super) fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += plain(bytes.get(at..)?);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => return None,
        }
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
        match self.byte(start)? {
            b'"' => self.string()?,
            b'{' | b'[' => self.container()?,
            b'}' | b']' => return None,
            _ => self.scalar(),
        }
        self.text.get(start..self.at)
    }

    /// Steps over an object or an array. Whatever is no string and no bracket is passed over unseen.
    fn container(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut depth = 0usize;
        loop {
            match bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.at = end_of_string(self.text.as_bytes(), self.at + 1)?;
        Some(())
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
    fn members_come_in_order_with_their_text() {
        let text = r#" { "a" : {"x":[1,2,"}"]} , "q\"\u0041":null,"c":-1.5e3}"#;
        let found: Vec<_> = members(text).map(|m| (unescape(m.quoted).into_owned(), m.value)).collect();
        assert_eq!(found, [("a".into(), r#"{"x":[1,2,"}"]}"#), ("q\"A".into(), "null"), ("c".into(), "-1.5e3")]);
        assert_eq!(members("[1]").count(), 0);
        assert_eq!(members(r#"{"a":"#).count(), 0);
        assert_eq!(members("{}").count(), 0);
    }

    #[test]
    fn a_byte_has_a_path() {
        let text = r#"{"items": [{"id": 1}, {"id": null, "tags": ["x", 5]}], "n": 7}"#;
        let path_after = |needle: &str| path_at(text, text.find(needle).map_or(0, |i| i + needle.len()));
        assert_eq!(path_after("null"), "items[1].id");
        assert_eq!(path_after(", 5"), "items[1].tags[1]");
        assert_eq!(path_after(r#"{"id": 1}"#), "items[0]");
        assert_eq!(path_after("7"), "n");
        assert_eq!(path_at(text, text.len()), "");
    }

    #[test]
    fn a_cut_off_text_still_has_a_path() {
        let text = r#"{"items": [{"id": "ab"#;
        assert_eq!(path_at(text, text.len()), "items[0].id");
    }
}
