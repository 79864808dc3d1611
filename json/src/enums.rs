//! Open string enumerations: they have a variant for each known value, and keep any other value that a server sends.

use std::fmt;

/// A value of an enumeration that has no variant in this version of the crate.
///
/// It keeps the text and serializes to the same text. Programs can't construct it: convert a string into the
/// enumeration instead, so that a known value is always its variant.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    #[must_use]
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the value as sent by the API.
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
