//! Reading JSON objects member by member. Derived code would do the same, but needs serde's macros, which are 3 %
//! of a build from nothing.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of an object that were not read yet.
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }

    /// Returns `None` if the text is not an object.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    /// Returns `None` if the value is not an object.
    pub(super) fn of_value(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok().map(Self)
    }

    /// Removes a member and returns its value. A missing member is read as null.
    ///
    /// # Errors
    /// It has another type. The message does not show the value, which may be a secret.
    pub(super) fn take<T: DeserializeOwned, E: Error>(&mut self, name: &'static str) -> Result<T, E> {
        self.convert(name).map_err(|()| E::custom(format_args!("`{name}` is missing or has another type")))
    }

    /// Like [`take`](Self::take), with the default for a missing member.
    ///
    /// # Errors
    /// It has another type.
    pub(super) fn take_or_default<T: DeserializeOwned + Default, E: Error>(
        &mut self,
        name: &'static str,
    ) -> Result<T, E> {
        if self.0.contains_key(name) { self.take(name) } else { Ok(T::default()) }
    }

    /// Returns `None` if it is missing or has another type.
    pub(super) fn get<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        self.convert(name).ok()
    }

    /// Returns the members that were not read.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }

    fn convert<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, ()> {
        serde_json::from_value(self.0.remove(name).unwrap_or_default()).map_err(|_| ())
    }
}
