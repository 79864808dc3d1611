//! Why a text could not be read.

use std::fmt;

use serde::de::{Expected, IgnoredAny, Unexpected};
use serde_json::Value;

use super::super::words;

/// Why a text could not be read. One pointer, so that what can fail gives its result in registers.
#[derive(Debug)]
pub(crate) struct ReadError(Box<ReadErrorKind>);

#[derive(Debug)]
enum ReadErrorKind {
    /// The text is no JSON. What is wrong with it is looked for where somebody wants to know.
    Syntax,
    /// JSON of another shape than was asked for.
    Misfit {
        message: String,
        /// How much of the text had been read.
        at: Option<usize>,
    },
}

impl ReadError {
    #[cold]
    pub(super) fn syntax() -> Self {
        Self(Box::new(ReadErrorKind::Syntax))
    }

    pub(crate) fn is_syntax(&self) -> bool {
        matches!(*self.0, ReadErrorKind::Syntax)
    }

    /// What is wrong with the text, and behind which byte of it.
    pub(crate) fn explain(self, text: &str) -> (String, usize) {
        if let ReadErrorKind::Misfit { message, at } = *self.0 {
            return (message, at.unwrap_or(text.len()));
        }
        // The first does not look into strings and numbers, the second does not go as deep.
        let error = serde_json::from_str::<IgnoredAny>(text).err();
        match error.or_else(|| serde_json::from_str::<Value>(text).err()) {
            Some(error) => {
                let offset = offset_of(text, &error);
                (words::about_syntax(&message(&error), text, offset), offset)
            }
            None => ("not JSON".to_owned(), text.len()),
        }
    }

    /// Keeps the first place: it is the innermost.
    #[inline]
    pub(super) fn place(&mut self, place: usize) {
        if let ReadErrorKind::Misfit { at, .. } = &mut *self.0 {
            at.get_or_insert(place);
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.0 {
            ReadErrorKind::Syntax => "not JSON",
            ReadErrorKind::Misfit { message, .. } => message,
        })
    }
}

impl std::error::Error for ReadError {}

impl serde::de::Error for ReadError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(ReadErrorKind::Misfit { message: message.to_string(), at: None }))
    }

    #[cold]
    fn missing_field(name: &'static str) -> Self {
        Self::custom(format_args!("missing field `{name}`"))
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unit => Self::custom(format_args!("invalid type: null, expected {expected}")),
            _ => Self::custom(format_args!("invalid type: {found}, expected {expected}")),
        }
    }
}

/// The error's text without serde_json's line and column, which count inside a piece.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if !error.is_io() => text[..end].to_owned(),
        _ => text,
    }
}

/// The byte of the text at which it is no JSON.
pub(crate) fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column()).min(text.len())
}
