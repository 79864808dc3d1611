//! Decodes a whole JSON text and reports where decoding failed.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;

use crate::reader::{ReadError, Reader};
use crate::{failure, messages, scan};

/// The error of [`decode`]: what is wrong with the text, and at which path.
///
/// The path is found in a second pass over the text, which only runs after a failure. The excerpt contains scalars and
/// property names of objects, never whole objects, so that it does not repeat a secret next to the failing value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    message: String,
    excerpt: String,
}

impl DecodeError {
    /// Returns the path of the failing value, as in `items[3].prices[0].amount`. It is empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what was found and what was expected.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the failing value, shortened to 80 characters. An object is shown as its property names.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// An error about the whole text.
    fn whole(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into(), excerpt: String::new() }
    }

    fn locate(text: &str, error: ReadError) -> Self {
        let is_json = !error.is_syntax();
        let (message, offset) = error.explain(text);
        let below = failure::take_path_below();
        let (mut path, value) = scan::value_at(text, failure::take_within(text).unwrap_or(offset));
        if !below.is_empty() {
            path = if path.is_empty() { below } else { format!("{path}.{below}") };
            return Self { path, message, excerpt: String::new() };
        }
        let value = value.filter(|_| is_json);
        let mut message = messages::about_value(message, value);
        if !is_json && path.is_empty() && !text.trim().is_empty() {
            message.push_str(&format!(" at byte {offset}"));
        }
        let excerpt = value.map(excerpt).unwrap_or_default();
        Self { path, message, excerpt }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.excerpt.is_empty() {
            write!(f, " (found {})", self.excerpt)?;
        }
        Ok(())
    }
}

impl std::error::Error for DecodeError {}

/// Decodes a JSON text.
///
/// # Errors
/// Returns an error with the path of the failing value if the text is not UTF-8, not JSON, or does not fit `T`.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = text(body)?;
    failure::forget();
    Reader::read(text).map_err(|error| DecodeError::locate(text, error))
}

/// Returns the string property `name` of the object in a body, without decoding the rest of it. `None` if the body is
/// not an object, or has no such property, or the property is not a string.
pub fn string_property<'a>(body: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    scan::property(text(body).ok()?, name).and_then(scan::string)
}

/// Returns the text of a body without a byte order mark, which RFC 8259 (8.1) lets a reader ignore.
fn text(body: &[u8]) -> Result<&str, DecodeError> {
    let text = std::str::from_utf8(body)
        .map_err(|e| DecodeError::whole(format!("not UTF-8 from byte {}", e.valid_up_to())))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

const EXCERPT_CHARS: usize = 80;

fn excerpt(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{') => format!("an object with {}", shorten(&format!("{{{}}}", scan::names(value).join(", ")))),
        Some(b'[') => format!("an array of {}", scan::length(value)),
        _ => shorten(value),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeMap;

    fn failure<T: DeserializeOwned + fmt::Debug>(text: &str) -> String {
        match decode::<T>(text.as_bytes()) {
            Ok(value) => format!("decoded {value:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_failure_names_its_path() {
        type Rows = BTreeMap<String, Vec<BTreeMap<String, i64>>>;
        assert_eq!(
            failure::<Rows>("{\"items\": [\n {\"a\": 1},\n {\"a\": 1, \"b\": \"7\"}]}"),
            "at `items[1].b`: invalid type: string \"7\", expected i64 (found \"7\")"
        );
        assert_eq!(
            failure::<Rows>(r#"{"items": [{"b": null}]}"#),
            "at `items[0].b`: invalid type: null, expected i64 (found null)"
        );
        assert_eq!(
            failure::<Rows>(r#"{"items": [{"a": 1"#),
            "at `items[0].a`: the JSON is cut off (EOF while parsing an object)"
        );
    }

    #[test]
    fn whoever_knows_the_length_of_an_array_need_not_look_for_its_end() {
        let pairs = decode::<Vec<(i64, Option<String>)>>(br#"[ [1, "a" ] ,[2,null]]"#);
        assert_eq!(pairs, Ok(vec![(1, Some("a".to_owned())), (2, None)]));
        assert!(decode::<Vec<(i64,)>>(b"[[1, 2]]").is_err());
        assert_eq!(failure::<(i64, i64)>("[1]"), "invalid length 1, expected a tuple of size 2 (found an array of 1)");
    }

    #[test]
    fn a_newtype_is_what_it_holds() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Cents(i64);

        assert_eq!(decode(b"[7, 8]"), Ok(vec![Cents(7), Cents(8)]));
        assert_eq!(failure::<Vec<Cents>>("[null]"), "at `[0]`: invalid type: null, expected i64 (found null)");
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(decode::<Value>(nested(127).as_bytes()).is_ok());
        let error = failure::<Value>(&nested(10_000));
        assert!(error.contains("recursion limit exceeded"), "{error}");
    }

    #[test]
    fn an_excerpt_shows_no_values_of_an_object() {
        let text = r#"{"a": [{"id": 1, "k\u0065y": "hidden", "more": [2]}]}"#;
        assert_eq!(
            failure::<BTreeMap<String, Vec<i64>>>(text),
            "at `a[0]`: invalid type: map, expected i64 (found an object with {id, key, more})"
        );
        assert_eq!(
            failure::<BTreeMap<String, i64>>(text),
            "at `a`: invalid type: sequence, expected i64 (found an array of 1)"
        );
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(decode("\u{feff}[1]".as_bytes()), Ok(vec![1]));
        assert_eq!(failure::<Vec<i64>>("\u{feff}[null]"), "at `[0]`: invalid type: null, expected i64 (found null)");
    }

    #[test]
    fn text_that_is_no_json_is_an_error() {
        assert_eq!(failure::<i64>(""), "the text is empty");
        assert_eq!(failure::<i64>("1 2"), "more text follows the JSON value at byte 3");
        assert_eq!(decode::<i64>(b"\xff").map_err(|e| e.to_string()), Err("not UTF-8 from byte 0".to_owned()));
    }
}
