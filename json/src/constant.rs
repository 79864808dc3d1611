//! Properties whose value the API document fixes.

use std::fmt;

use crate::error::{Problem, ReadError};
use crate::reader::{Numeral, Read, Reader};
use crate::shapes::{JsonKind, kind};

/// The value of a [`Constant`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Const {
    /// A string.
    String(&'static str),
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Null.
    Null,
}

/// A property whose value the API document fixes. It has no field: it is always written.
#[derive(Clone, Copy, Debug)]
pub struct Constant {
    /// Name of the property.
    pub name: &'static str,
    /// The value.
    pub value: Const,
    /// Whether an object without the property is an error.
    pub required: bool,
}

/// Writes the constant as JSON.
impl fmt::Display for Const {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "{text:?}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl Constant {
    /// Reads a value, and returns whether it is the constant. Another value of the same JSON type is not an error,
    /// because another version of the API may send it. Null is not an error if the property may be absent.
    pub(crate) fn read(&self, reader: &mut Reader<'_>) -> Read<bool> {
        let (_, text) = reader.rest();
        let found = kind(text);
        match (self.value, found) {
            (Const::Null, JsonKind::Null) => return reader.pass().map(|()| true),
            (_, JsonKind::Null) if !self.required => return Ok(false),
            (Const::String(wanted), JsonKind::String) => return Ok(reader.string()? == wanted),
            (Const::Boolean(wanted), JsonKind::Boolean) => return Ok(reader.boolean()? == wanted),
            (Const::Integer(wanted), JsonKind::Integer | JsonKind::Number) => {
                return Ok(matches!(reader.number("a number")?, Numeral::Integer(number) if number == wanted));
            }
            // A later version of the API may declare a type for the property.
            (Const::Null, _) => return Ok(false),
            _ => {}
        }
        let mark = reader.mark();
        reader.pass()?;
        reader.return_to(mark);
        let (at, _) = reader.rest();
        Err(ReadError::new(Problem::NoVariant { expected: self.value.to_string() }, at))
    }
}
