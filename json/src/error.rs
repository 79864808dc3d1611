//! Why a text can't be decoded, and at which position.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::path::{add, add_name, shortened};
use crate::shapes::{JsonKind, kind};
use crate::{scan, timestamp};

/// Maximum number of characters of a number or an id in an error.
const SHOWN_CHARS: usize = 40;

/// Why a JSON text could not be decoded into the requested model, and at which path.
///
/// The excerpt shows the JSON type and the length of the value. It shows the text only if the value is a number or a
/// boolean, or a short text without special characters in place of an id, a date or a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    message: String,
    excerpt: String,
}

impl DecodeError {
    /// Path of the value that does not fit: `items[3].prices[0].amount`. Empty for the whole text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was found and what was expected.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// JSON type and length of the value that does not fit. Empty if the text is not JSON.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// Creates an error without a position in the text.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into(), excerpt: String::new() }
    }

    /// Converts the error of a reader of `text`.
    #[cold]
    pub(crate) fn new(error: ReadError, text: &str) -> Self {
        let ReadError(inner) = error;
        let Inner { problem, at, path } = *inner;
        let found = text.get(at..).unwrap_or_default();
        if let Problem::Syntax = problem {
            return Self::syntax(text);
        }
        let message = problem.message(found);
        Self { path: rendered(&path), message, excerpt: excerpt(found, problem.shows_text()) }
    }

    /// Creates the error for a text that is not JSON. The cause is determined only here.
    fn syntax(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::whole("the text is empty");
        }
        // The first does not check strings and numbers; the second does not nest as deep.
        let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err();
        match error.or_else(|| serde_json::from_str::<Value>(text).err()) {
            Some(error) => Self::of_serde(&error, text),
            None => Self::whole("not JSON"),
        }
    }

    /// Converts an error of `serde_json` about `text`.
    pub(crate) fn of_serde(error: &serde_json::Error, text: &str) -> Self {
        let offset = offset_of(text, error);
        let (path, start) = scan::path_at(text, offset);
        if error.is_data() {
            let excerpt = excerpt(text.get(start..).unwrap_or_default(), false);
            return Self { path, message: without_text(without_place(error)), excerpt };
        }
        let mut message = about_syntax(&without_place(error), text, offset);
        if path.is_empty() {
            message.push_str(&format!(" at byte {offset}"));
        }
        Self { path, message, excerpt: String::new() }
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

/// Why a reader stopped. It collects its path on the way out, and becomes a [`DecodeError`] together with the text that
/// was read.
///
/// One pointer, so that a fallible function returns its result in a register. Nothing is formatted here: a union that
/// tries a variant discards the error if another variant fits.
#[derive(Debug)]
pub struct ReadError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    /// The offset of the value that does not fit.
    at: usize,
    /// The path, from the value outwards.
    path: Vec<Step>,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The text is not JSON.
    Syntax,
    /// A value of another JSON type. `expected` may be a type whose text is shown.
    Type { expected: Cow<'static, str>, shows_text: bool },
    /// An object that lacks a property; `of` is the name of a union that needs it.
    Missing { name: &'static str, of: Option<&'static str> },
    /// A text that is not a date or a time.
    Time,
    /// A text that is not a date.
    Date,
    /// A text that is not a UUID.
    Uuid,
    /// An integer that is too large.
    Range,
    /// A value of another JSON type than the constant or any variant of the union.
    NoVariant { expected: String },
    /// A list with another length.
    Length { found: usize, expected: usize },
    /// Values are nested too deeply.
    Depth,
}

/// One step of a path.
#[derive(Debug)]
pub(crate) enum Step {
    Name(&'static str),
    Key(Box<str>),
    Index(usize),
}

impl ReadError {
    #[cold]
    pub(crate) fn new(problem: Problem, at: usize) -> Self {
        Self(Box::new(Inner { problem, at, path: Vec::new() }))
    }

    #[cold]
    pub(crate) fn syntax() -> Self {
        Self::new(Problem::Syntax, 0)
    }

    /// Adds the step of the object or list that contains the value.
    #[cold]
    pub(crate) fn inside(mut self, step: Step) -> Self {
        // The path in a text that is not JSON is found by a separate pass.
        if !matches!(self.0.problem, Problem::Syntax) {
            self.0.path.push(step);
        }
        self
    }
}

impl Problem {
    /// Describes the value that `found` begins with.
    fn message(&self, found: &str) -> String {
        match self {
            Self::Syntax => "not JSON".to_owned(),
            Self::Type { expected, .. } => format!("invalid type: {}, expected {expected}", kind_words(found)),
            Self::Missing { name, of: None } => format!("missing field `{name}`"),
            Self::Missing { name, of: Some(union) } => format!("missing field `{name}` ({union})"),
            Self::Time => timestamp::explain(&string(found)),
            Self::Date => timestamp::explain_date(&string(found)),
            Self::Uuid => "not a UUID".to_owned(),
            Self::Range => "the integer is out of the range of i64".to_owned(),
            Self::NoVariant { expected } => format!("invalid type: {}, expected {expected}", kind(found)),
            Self::Length { found, expected } => {
                format!("invalid length {found}, expected a tuple of size {expected}")
            }
            Self::Depth => "recursion limit exceeded".to_owned(),
        }
    }

    fn shows_text(&self) -> bool {
        matches!(self, Self::Time | Self::Date | Self::Uuid | Self::Type { shows_text: true, .. })
    }
}

fn string(found: &str) -> Cow<'_, str> {
    scan::value(found).and_then(scan::string).unwrap_or_default()
}

/// The JSON type of a value, in the terms of serde.
fn kind_words(found: &str) -> String {
    match kind(found) {
        JsonKind::Null => "null".to_owned(),
        JsonKind::Boolean => format!("boolean `{}`", literal(found)),
        JsonKind::Integer => format!("integer `{}`", literal(found)),
        JsonKind::Number => format!("floating point `{}`", literal(found)),
        JsonKind::String => "string".to_owned(),
        JsonKind::Array => "sequence".to_owned(),
        JsonKind::Object => "map".to_owned(),
    }
}

/// A number or boolean, shortened.
fn literal(found: &str) -> String {
    shortened(scan::value(found).unwrap_or_default(), SHOWN_CHARS)
}

/// Returns the part of the value at the start of the text that an error shows.
fn excerpt(found: &str, shows_text: bool) -> String {
    let Some(value) = scan::value(found) else { return String::new() };
    match value.as_bytes().first() {
        Some(b'{') => counted("an object with", scan::length(value), "property", "properties"),
        Some(b'[') => format!("an array of {}", scan::length(value)),
        Some(b'"') => match string(value) {
            text if shows_text && is_plain(&text) => format!("{text:?}"),
            text => counted("a string of", text.chars().count(), "character", "characters"),
        },
        _ => shortened(value, SHOWN_CHARS),
    }
}

fn counted(what: &str, count: usize, one: &str, many: &str) -> String {
    format!("{what} {count} {}", if count == 1 { one } else { many })
}

/// Returns whether a text may be shown: only the characters of ids, numbers, dates and times are allowed, which are
/// digits, hexadecimal digits and the letters of RFC 3339. Names, passwords and tokens contain others.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_hexdigit() || b"TZtz-:.+/ ".contains(&byte);
    text.len() <= SHOWN_CHARS && text.bytes().all(is_plain) && text.bytes().any(|byte| byte.is_ascii_digit())
}

fn rendered(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path.iter().rev() {
        match step {
            // The name of a field comes from the document.
            Step::Name(name) => add(&mut text, name),
            Step::Key(name) => add_name(&mut text, name),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Returns the error message without serde_json's line and column.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if !error.is_io() => text[..end].to_owned(),
        _ => text,
    }
}

/// Returns a message of serde without the text of the value: `invalid type: string "...", expected i64`.
fn without_text(message: String) -> String {
    let cut = || {
        let (before, rest) = message.split_once("string \"")?;
        let (_, after) = rest.rsplit_once("\", expected ")?;
        Some(format!("{before}string, expected {after}"))
    };
    cut().unwrap_or(message)
}

/// Returns the offset at which the text stops being JSON.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column()).min(text.len())
}

/// The message of serde_json for a lone surrogate in otherwise valid JSON.
const OF_SURROGATES: [&str; 2] = ["lone leading surrogate in hex escape", "unexpected end of hex escape"];

/// Describes in plain words why a text is not JSON; `end` is the offset after the position.
fn about_syntax(message: &str, text: &str, end: usize) -> String {
    match message {
        message if message.starts_with("EOF") => format!("the JSON is cut off ({message})"),
        "expected value" => "expected a JSON value".to_owned(),
        "expected ident" => "expected `true`, `false` or `null`".to_owned(),
        "trailing characters" => "unexpected text after the JSON value".to_owned(),
        message if OF_SURROGATES.contains(&message) => {
            let before = text.get(..end).unwrap_or_default();
            let escape = before.rfind("\\u").and_then(|at| before.get(at..at + 6)).unwrap_or_default();
            format!("a string has a lone surrogate: `{escape}`")
        }
        message => message.to_owned(),
    }
}
