//! The deserializer of property names.

use serde::de::{Error as _, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::{Read, ReadError, Reader};
use crate::scan;

/// The property name that is next in the text.
pub(super) struct NextName<'a, 'de>(pub(super) &'a mut Reader<'de>);

impl<'de> NextName<'_, 'de> {
    /// Reads a name that is a number or a boolean, which JSON writes in quotes.
    fn value(self) -> Read<serde_json::Value> {
        let name = self.0.string()?;
        serde_json::from_str(name.as_str()).map_err(|_| ReadError::custom("invalid value: expected a number in quotes"))
    }

    /// Reads a name that is not the expected name.
    #[inline(never)]
    fn read_other<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_any(visitor)
    }

    /// Skips the name if it is `name`, written without escapes.
    #[inline]
    fn is(&mut self, name: &str) -> bool {
        let rest = self.0.text.as_bytes().get(self.0.at + 1..).unwrap_or_default();
        // Most other names have another length.
        let is = rest.get(name.len()) == Some(&b'"') && scan::starts_with(rest, name.as_bytes());
        if is {
            self.0.at += name.len() + 2;
        }
        is
    }
}

macro_rules! names {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            self.value()?.$method(visitor).map_err(ReadError::custom)
        })+
    };
}

impl<'de> Deserializer<'de> for NextName<'_, 'de> {
    type Error = ReadError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.0.string()?.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    /// A unit struct with the expected name: `model` asks for it. See the README of this crate.
    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(mut self, name: &'static str, visitor: V) -> Read<V::Value> {
        if self.is(name) { visitor.visit_unit() } else { self.read_other(visitor) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        serde_json::Value::from(self.0.string()?.as_str())
            .deserialize_enum(name, variants, visitor)
            .map_err(ReadError::custom)
    }

    names! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32
        deserialize_f64
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit seq tuple tuple_struct map struct identifier ignored_any
    }
}
