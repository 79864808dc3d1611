//! Values that the document fixes.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// A value that the document fixes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    /// A string.
    String(&'static str),
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Null.
    Null,
}

/// A member that the document fixes to one value.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// Name of the member.
    pub name: &'static str,
    /// The value, which is always written.
    pub value: Const,
    /// Whether it must be there.
    pub required: bool,
}

impl PartialEq<Value> for Const {
    fn eq(&self, value: &Value) -> bool {
        match *self {
            Self::String(text) => value.as_str() == Some(text),
            Self::Boolean(truth) => value.as_bool() == Some(truth),
            Self::Integer(number) => value.as_i64() == Some(number),
            Self::Null => value.is_null(),
        }
    }
}

impl Serialize for Const {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::String(text) => serializer.serialize_str(text),
            Self::Boolean(truth) => serializer.serialize_bool(truth),
            Self::Integer(number) => serializer.serialize_i64(number),
            Self::Null => serializer.serialize_unit(),
        }
    }
}
