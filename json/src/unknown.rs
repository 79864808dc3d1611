//! Union variants that this version of the crate does not know.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A value of a union that has no variant in this version of the crate.
///
/// It keeps the JSON value and serializes to the same value.
#[derive(Clone, PartialEq)]
pub struct Unknown {
    tag: Option<Box<str>>,
    json: Value,
}

impl Unknown {
    /// An empty value for reading.
    #[doc(hidden)]
    #[must_use]
    pub fn blank() -> Self {
        Self { tag: None, json: Value::Null }
    }

    pub(crate) fn new(tag: Option<&str>, json: Value) -> Self {
        Self { tag: tag.map(Into::into), json }
    }

    /// Returns the tag that names the variant. `None` if the union has no tag.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the whole JSON value.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// Shows the tag only, because an unknown value may contain secrets.
impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unknown").field("tag", &self.tag).finish_non_exhaustive()
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}
