//! Objects: reading members into fields, and writing them back.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Extra, Nullable};

/// What a `Debug` text shows in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// An object with declared members.
pub trait Model<'de>: Sized {
    /// Name of the type, for error texts.
    const NAME: &'static str;
    /// Names of the declared members; [`Fields::next`] answers with positions in this list.
    const FIELDS: &'static [&'static str];

    /// Reads the members of an object.
    ///
    /// # Errors
    /// A member is missing or has another shape.
    fn read<A: MapAccess<'de>>(fields: Fields<A>) -> Result<Self, A::Error>;
}

/// Reads a model.
///
/// # Errors
/// The input is no object, or its members are not those of `T`.
pub fn model<'de, T: Model<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ModelVisitor(PhantomData))
}

struct ModelVisitor<T>(PhantomData<T>);

impl<'de, T: Model<'de>> Visitor<'de> for ModelVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::read(Fields { map, names: T::FIELDS, next: 0, extra: Extra::default() })
    }
}

/// The members of an object that is being read.
pub struct Fields<A> {
    map: A,
    names: &'static [&'static str],
    /// Where the next member is expected: servers write members in the order of the document.
    next: usize,
    extra: Extra,
}

impl<'de, A: MapAccess<'de>> Fields<A> {
    /// Steps to the next declared member and gives its position; members in between go to [`Extra`].
    ///
    /// # Errors
    /// The input is malformed.
    #[expect(clippy::should_implement_trait, reason = "it fails, and an iterator could not lend itself to `value`")]
    pub fn next(&mut self) -> Result<Option<usize>, A::Error> {
        loop {
            match self.map.next_key_seed(NameSeed { names: self.names, next: self.next })? {
                None => return Ok(None),
                Some(Name::Known(index)) => {
                    self.next = index + 1;
                    return Ok(Some(index));
                }
                Some(Name::Other(name)) => {
                    let value = self.map.next_value::<Value>()?;
                    self.extra.insert(name, value);
                }
            }
        }
    }

    /// The value of the member that [`Fields::next`] stepped to.
    ///
    /// # Errors
    /// It has another shape.
    pub fn value<T: Deserialize<'de>>(&mut self) -> Result<T, A::Error> {
        self.map.next_value()
    }

    /// Reads a member that the document fixes to one value. Another value is kept in [`Extra`] and written back.
    ///
    /// # Errors
    /// The input is malformed.
    pub fn constant(&mut self, expected: Const) -> Result<(), A::Error> {
        let value = self.map.next_value::<Value>()?;
        if expected != value {
            self.extra.insert(self.names[self.next - 1], value);
        }
        Ok(())
    }

    /// Unwraps a member that must be there.
    ///
    /// # Errors
    /// It was missing.
    pub fn required<T>(&self, value: Option<T>, name: &'static str) -> Result<T, A::Error> {
        value.ok_or_else(|| A::Error::missing_field(name))
    }

    /// The members that are not declared.
    #[must_use]
    pub fn extra(self) -> Extra {
        self.extra
    }

    /// The members that are not declared, where the document gives them a type.
    ///
    /// # Errors
    /// One of them has another shape.
    pub fn additional<T: serde::de::DeserializeOwned, M: FromIterator<(String, T)>>(self) -> Result<M, A::Error> {
        self.extra
            .iter()
            .map(|(name, value)| match T::deserialize(value) {
                Ok(value) => Ok((name.clone(), value)),
                Err(error) => Err(A::Error::custom(format_args!("in member `{name}`: {error}"))),
            })
            .collect()
    }
}

enum Name {
    Known(usize),
    Other(String),
}

struct NameSeed {
    names: &'static [&'static str],
    next: usize,
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        let (before, after) = self.names.split_at(self.next.min(self.names.len()));
        let position = after.iter().position(|known| *known == name).map(|i| i + before.len());
        Ok(position
            .or_else(|| before.iter().position(|known| *known == name))
            .map_or_else(|| Name::Other(name.to_owned()), Name::Known))
    }
}

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

/// The members of an object that is being written.
pub struct Members<S: Serializer>(S::SerializeMap);

impl<S: Serializer> Members<S> {
    /// Begins an object.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn new(serializer: S) -> Result<Self, S::Error> {
        serializer.serialize_map(None).map(Self)
    }

    /// Writes a member that is always there.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn required<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        self.0.serialize_entry(name, value)
    }

    /// Writes a member that is left out where there is no value.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn optional<T: Serialize>(&mut self, name: &'static str, value: &Option<T>) -> Result<(), S::Error> {
        match value {
            Some(value) => self.0.serialize_entry(name, value),
            None => Ok(()),
        }
    }

    /// Writes a member that can be left out, null, or a value.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn nullable<T: Serialize>(&mut self, name: &'static str, value: &Nullable<T>) -> Result<(), S::Error> {
        match value {
            Nullable::Absent => Ok(()),
            Nullable::Null => self.0.serialize_entry(name, &()),
            Nullable::Value(value) => self.0.serialize_entry(name, value),
        }
    }

    /// Writes a member that the document fixes, unless another value came for it.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn constant(&mut self, name: &'static str, value: Const, extra: &Extra) -> Result<(), S::Error> {
        match extra.get(name) {
            Some(_) => Ok(()),
            None => self.0.serialize_entry(name, &value),
        }
    }

    /// Writes the members that are not declared.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn additional<'a, K: AsRef<str> + 'a, T: Serialize + 'a>(
        &mut self,
        members: impl IntoIterator<Item = (&'a K, &'a T)>,
    ) -> Result<(), S::Error> {
        members.into_iter().try_for_each(|(name, value)| self.0.serialize_entry(name.as_ref(), value))
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The output can't take it.
    pub fn end(mut self, extra: &Extra) -> Result<S::Ok, S::Error> {
        self.additional(extra)?;
        self.0.end()
    }
}
