//! Numbers that keep whether they are integers.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JSON number that is either an integer or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A number without fraction and exponent.
    Integer(i64),
    /// Any other number.
    Float(f64),
}

impl Number {
    /// Returns the number as a float. Integers beyond 2^53 lose digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "documented; `as_i64` returns the exact integer")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    /// Returns the number if it is an integer.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Integer(integer) => Some(integer),
            Self::Float(_) => None,
        }
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<i32> for Number {
    fn from(integer: i32) -> Self {
        Self::Integer(integer.into())
    }
}

impl From<f64> for Number {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Float(float) => float.fmt(f),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Integer(integer) => serializer.serialize_i64(integer),
            Self::Float(float) => serializer.serialize_f64(float),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;

        impl Visitor<'_> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, integer: i64) -> Result<Number, E> {
                Ok(Number::Integer(integer))
            }

            #[expect(clippy::cast_precision_loss, reason = "no integer type of this crate holds it")]
            fn visit_u64<E: Error>(self, integer: u64) -> Result<Number, E> {
                Ok(i64::try_from(integer).map_or(Number::Float(integer as f64), Number::Integer))
            }

            fn visit_f64<E: Error>(self, float: f64) -> Result<Number, E> {
                Ok(Number::Float(float))
            }
        }

        deserializer.deserialize_any(NumberVisitor)
    }
}
