//! Properties with three states.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A property that can be absent, null or a value, with a different meaning each.
///
/// In an update, an absent property keeps the value on the server and null clears it. Setters take a value, an
/// `Option` (`None` sends null) or this type. A property with a text takes `&str`, `String` or an `Option` of one of
/// them, so that `None` alone does not say which: write [`Nullable::Null`] there.
///
/// ```
/// use polar_client_json::Nullable;
///
/// assert_eq!(Nullable::<i64>::from(7), Nullable::Value(7));
/// assert_eq!(Nullable::<i64>::from(None), Nullable::Null);
/// assert_eq!(Nullable::<i64>::default(), Nullable::Absent);
/// ```
#[doc(alias("null", "unset", "undefined"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// The property is not sent.
    #[default]
    Absent,
    /// The property is sent as null.
    Null,
    /// The property is sent with this value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Returns whether the property is absent.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns whether the property is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value, or `None` if the property is absent or null.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Converts into the value, or `None` if the property is absent or null.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::from)
    }
}

/// Writes null for an absent value, too. A model does not write absent properties at all.
impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}
