//! Open string enumerations: values that this crate knows, and any other that a server may add.

use std::fmt;

/// A value of an enumeration that this version of the crate has no variant for.
///
/// It keeps the text as it came and serializes back to it. It can't be made by hand, so that a value that is known
/// is always its variant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The position of a text in a list.
#[must_use]
pub fn position(text: &str, known: &[&str]) -> Option<usize> {
    known.iter().position(|value| *value == text)
}

/// Shows a value as sent by the API, and whether this crate does not know it.
///
/// # Errors
/// The output can't take it.
pub fn show_value(text: &str, is_known: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_known { f.write_str(text) } else { f.debug_tuple("Unknown").field(&text).finish() }
}
