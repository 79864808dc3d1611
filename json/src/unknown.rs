//! Union members that this version of the crate does not know.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::view::View;

/// A member of a union that this version of the crate has no variant for.
///
/// It keeps the JSON as it came and serializes back to it.
#[derive(Clone, PartialEq)]
pub struct Unknown {
    tag: Option<Box<str>>,
    json: Value,
}

impl Unknown {
    /// Nothing, to be read into.
    #[doc(hidden)]
    #[must_use]
    pub fn blank() -> Self {
        Self { tag: None, json: Value::Null }
    }

    /// As it is written.
    #[doc(hidden)]
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::Json(&self.json)
    }

    pub(crate) fn new(tag: Option<&str>, json: Value) -> Self {
        Self { tag: tag.map(Into::into), json }
    }

    /// The tag that says which member it is, where the union has one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The whole member.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// Shows the tag alone: what the crate does not know may hold secrets.
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
