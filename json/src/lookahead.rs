//! The lookahead protocol: how a visitor asks a deserializer for the text of the next value before it decodes it.
//!
//! The README of this crate describes it.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The newtype name with which serde_json asks a deserializer for the text of a value. A deserializer that does not know
/// the name passes the value itself, which is then written as text: slower, with the same result.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The newtype name with which a visitor asks a deserializer for a lookahead. The reader of this crate calls `visit_enum`
/// with a [`LookaheadText`] as the variant. A deserializer that does not know the name calls `visit_newtype_struct`.
pub(crate) const LOOKAHEAD: &str = "$polar_client_json::Lookahead";

/// The text that a lookahead can read.
pub(crate) struct LookaheadText<'a> {
    /// Text that begins with the value.
    pub(crate) text: &'a str,
    /// Whether only whitespace follows the value.
    pub(crate) is_whole: bool,
}

impl<'de> Deserialize<'de> for LookaheadText<'de> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LookaheadTextVisitor)
    }
}

struct LookaheadTextVisitor;

impl<'de> Visitor<'de> for LookaheadTextVisitor {
    type Value = LookaheadText<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text of a JSON value, and whether that is all of it")
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LookaheadText<'de>, A::Error> {
        let (text, is_whole) = map.next_entry()?.unwrap_or_default();
        Ok(LookaheadText { text, is_whole })
    }
}
