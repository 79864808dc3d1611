//! Fields and models, and what writers see of them: the contract of the codec.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::constant::{Const, Constant};
use crate::error::ReadError;
use crate::reader::Reader;
use crate::timestamp;

/// The type of a field.
///
/// A value is read in place: [`blank`](Self::blank) makes it, and [`read`](Self::read) fills it. All loops work on
/// `dyn Field`, so that a type costs the compiler these functions and no more.
pub trait Field: Debug {
    /// A value without content, to be read into. For a type that may be left out, this is the absent value.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads the next value.
    ///
    /// # Errors
    /// The text has another shape.
    #[doc(hidden)]
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// What is written of the value.
    #[doc(hidden)]
    fn view(&self) -> View<'_>;

    /// Makes it the absent value, and returns whether the type has one.
    #[doc(hidden)]
    fn leave_out(&mut self) -> bool {
        false
    }
}

/// Reads a value.
///
/// # Errors
/// The text has another shape.
#[doc(hidden)]
pub fn read<T: Field>(reader: &mut Reader<'_>) -> Result<T, ReadError> {
    let mut value = T::blank();
    // Not `?`, which is two more functions for each type.
    match value.read(reader) {
        Ok(()) => Ok(value),
        Err(error) => Err(error),
    }
}

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
    fn count(&self) -> usize;

    /// The value at a position.
    fn item(&self, index: usize) -> Option<View<'_>>;
}

/// Values by key.
pub trait Map {
    /// How many there are.
    fn count(&self) -> usize;

    /// Calls `take` with each key and its value.
    fn each(&self, take: &mut dyn FnMut(View<'_>, View<'_>));
}

impl View<'_> {
    /// The text of a key, and of a value that is not a container.
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

impl Const {
    /// As it is written.
    #[must_use]
    pub fn view(self) -> View<'static> {
        match self {
            Self::String(text) => View::Text(text),
            Self::Boolean(truth) => View::Boolean(truth),
            Self::Integer(number) => View::Integer(number),
            Self::Null => View::Null,
        }
    }
}

/// What an object is made of.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Name of the type.
    pub name: &'static str,
    /// The properties that have a field, in the order of the fields.
    pub properties: &'static [Property],
    /// Properties that have one fixed value and no field.
    pub constants: &'static [Constant],
    /// Unions whose variant another property tells.
    pub parent_tags: &'static [ParentTag],
    /// Whether the names of all properties are the same in JSON text, so that they can be looked for in it. It must be
    /// false if one has a quote, a backslash or a control character.
    pub plain: bool,
}

impl Object {
    /// Nothing, for what an object does not have.
    pub const EMPTY: Self = Self { name: "", properties: &[], constants: &[], parent_tags: &[], plain: true };
}

/// A property that has a field.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Whether it may be left out. Any other is always written, as null if need be.
    pub optional: bool,
    /// Whether `Debug` hides its value.
    pub secret: bool,
}

/// A property that must be there.
#[must_use]
pub const fn property(name: &'static str) -> Property {
    Property { name, optional: false, secret: false }
}

impl Property {
    /// It may be left out.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// `Debug` hides its value.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// A union in a field whose variant the text at a path of properties tells.
#[derive(Clone, Copy, Debug)]
pub struct ParentTag {
    /// The position of the field.
    pub field: usize,
    /// Property names from the object down to the tag.
    pub path: &'static [&'static str],
    /// Tags, and the positions of the variants that they lead to.
    pub cases: &'static [(&'static str, usize)],
}

/// An object with declared properties.
pub trait Model {
    /// Calls `take` with what the object is made of.
    fn parts(&self, take: &mut TakeParts<'_>);
}

/// What is called with the parts of an object.
pub type TakeParts<'a> = dyn FnMut(Parts<'_>) + 'a;

/// What an object is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// Its properties.
    pub object: &'static Object,
    /// Its fields.
    pub fields: &'a [&'a dyn Field],
    /// The properties that have no field.
    pub rest: &'a dyn Rest,
}

/// What holds the properties of an object that have no field.
pub trait Rest: Debug {
    /// What `Debug` calls them.
    fn label(&self) -> &'static str;

    /// Removes all of them.
    fn reset(&mut self);

    /// Reads the value of a property.
    ///
    /// # Errors
    /// It has another shape than the document says.
    fn keep(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// Whether it has another value in place of a constant.
    fn has(&self, constant: &str) -> bool;

    /// Calls `take` with each of them.
    fn each(&self, take: &mut dyn FnMut(&str, View<'_>));
}
