//! The error of the reader.

use std::fmt;

use serde::de::{Expected, IgnoredAny, Unexpected};
use serde_json::Value;

use crate::messages;

/// Why a text could not be read. It has the size of a pointer, so that results are returned in registers.
#[derive(Debug)]
pub(crate) struct ReadError(Box<ReadErrorKind>);

#[derive(Debug)]
enum ReadErrorKind {
    /// The text is not JSON. [`ReadError::explain`] finds out what is wrong with it.
    Syntax,
    /// The JSON does not fit the type.
    Mismatch {
        message: String,
        /// Offset in the text at which the error was noticed.
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

    /// Returns what is wrong with the text, and the offset after it.
    pub(crate) fn explain(self, text: &str) -> (String, usize) {
        if let ReadErrorKind::Mismatch { message, at } = *self.0 {
            return (message, at.unwrap_or(text.len()));
        }
        // The first does not check strings and numbers, the second has a lower limit of depth.
        let error = serde_json::from_str::<IgnoredAny>(text).err();
        match error.or_else(|| serde_json::from_str::<Value>(text).err()) {
            Some(error) => {
                let offset = offset_of(text, &error);
                (messages::about_syntax(&message(&error), text, offset), offset)
            }
            None => ("not JSON".to_owned(), text.len()),
        }
    }

    /// Sets the offset if there is none: the first one is the innermost.
    #[inline]
    pub(super) fn set_offset(&mut self, offset: usize) {
        if let ReadErrorKind::Mismatch { at, .. } = &mut *self.0 {
            at.get_or_insert(offset);
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.0 {
            ReadErrorKind::Syntax => "not JSON",
            ReadErrorKind::Mismatch { message, .. } => message,
        })
    }
}

impl std::error::Error for ReadError {}

impl serde::de::Error for ReadError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(ReadErrorKind::Mismatch { message: message.to_string(), at: None }))
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

/// Returns the message of an error without line and column, which count from the start of captured text.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if !error.is_io() => text[..end].to_owned(),
        _ => text,
    }
}

/// Returns the offset in the text at which it is not JSON.
pub(crate) fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (before + error.column()).min(text.len())
}
