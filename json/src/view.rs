//! What is written of a value: all that writers know about types.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::object::Model;
use super::timestamp;

/// A value as it is written.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// A value that is left out if its property may be, and null otherwise.
    Absent,
    /// Null.
    Null,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Any number.
    Float(f64),
    /// A string.
    Text(&'a str),
    /// A UUID.
    Uuid(Uuid),
    /// A date and time.
    Time(DateTime<Utc>),
    /// A date.
    Date(NaiveDate),
    /// Any JSON.
    Json(&'a Value),
    /// An object with declared properties.
    Model(&'a dyn Model),
    /// An array.
    List(&'a dyn List),
    /// An object with any properties.
    Map(&'a dyn Map),
}

/// An array of values.
pub trait List {
    /// How many there are.
    fn len(&self) -> usize;

    /// The value at a position.
    fn item(&self, index: usize) -> Option<View<'_>>;
}

/// Values by key.
pub trait Map {
    /// How many there are.
    fn len(&self) -> usize;

    /// Calls `take` with each key and its value.
    fn each(&self, take: &mut dyn FnMut(View<'_>, View<'_>));
}

impl View<'_> {
    /// The text of a key, and of a value that is no container.
    pub fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Text(text) => take(text),
            Self::Json(Value::String(text)) => take(text),
            Self::Boolean(truth) => take(&truth.to_string()),
            Self::Integer(number) => take(&number.to_string()),
            Self::Float(number) => take(&number.to_string()),
            Self::Uuid(id) => take(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Self::Time(time) => timestamp::with_text(time, take),
            Self::Date(date) => timestamp::with_date_text(date, take),
            Self::Json(json) => take(&json.to_string()),
            Self::Absent | Self::Null | Self::Model(_) | Self::List(_) | Self::Map(_) => take(""),
        }
    }
}
