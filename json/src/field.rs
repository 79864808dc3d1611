//! The traits of fields and models, and the view that writers use: the contract of the codec.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::constant::{Const, Constant};
use crate::error::ReadError;
use crate::reader::Reader;
use crate::timestamp;
use crate::unknown::Unknown;

/// The type of a field.
///
/// A value is read in place: [`blank`](Self::blank) creates it, and [`read`](Self::read) fills it. All loops work on
/// `dyn Field`, so that these functions are all that the compiler generates for a type.
pub trait Field {
    /// Returns an empty value for [`read`](Self::read) to fill. For a type that may be absent, it is the absent value.
    #[doc(hidden)]
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads the next value.
    ///
    /// # Errors
    /// The text has another structure.
    #[doc(hidden)]
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// Returns the view of the value that writers use.
    #[doc(hidden)]
    fn view(&self) -> View<'_>;
}

/// Reads a value into a new place.
///
/// # Errors
/// The text has another structure.
#[doc(hidden)]
pub fn read<T: Field>(reader: &mut Reader<'_>) -> Result<T, ReadError> {
    let mut value = T::blank();
    // `?` would instantiate two more functions for each type.
    match value.read(reader) {
        Ok(()) => Ok(value),
        Err(error) => Err(error),
    }
}

/// The view of a value: what it is written, shown and compared as.
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// A value that is left out if its property is optional, and null otherwise.
    Absent,
    /// Null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Any number.
    Float(f64),
    /// A string.
    Text(&'a str),
    /// A known value of an open enumeration, as sent.
    Name(&'a str),
    /// A value of an open enumeration that has no variant.
    UnknownName(&'a str),
    /// A string that `Debug` hides.
    Secret(&'a str),
    /// A UUID.
    Uuid(Uuid),
    /// A date and time.
    Time(DateTime<Utc>),
    /// A date.
    Date(NaiveDate),
    /// Any JSON.
    Json(&'a Value),
    /// A value of a union that has no variant.
    Unknown(&'a Unknown),
    /// A value inside of a variant, such as `Some`. The name is for `Debug` only.
    Variant(&'static str, &'a dyn Field),
    /// A variant for a constant.
    Constant(&'static str, Const),
    /// An object with declared properties.
    Model(&'a dyn Model),
    /// An array.
    List(&'a dyn List),
    /// An object with any properties.
    Map(&'a dyn Map),
}

/// An array of values.
pub trait List {
    /// Returns the number of values.
    fn count(&self) -> usize;

    /// Returns the value at an index.
    fn item(&self, index: usize) -> Option<View<'_>>;
}

/// Values with keys.
pub trait Map {
    /// Returns the number of entries.
    fn count(&self) -> usize;

    /// Calls `take` with each key and its value.
    fn each<'a>(&'a self, take: &mut dyn FnMut(View<'a>, View<'a>));
}

impl View<'_> {
    /// The text of a key, or of a value that is not a container.
    pub fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> T {
        match self {
            Self::Text(text) | Self::Name(text) | Self::UnknownName(text) | Self::Secret(text) => take(text),
            Self::Json(Value::String(text)) => take(text),
            Self::Boolean(truth) => take(&truth.to_string()),
            Self::Integer(number) => take(&number.to_string()),
            Self::Float(number) => take(&number.to_string()),
            Self::Uuid(id) => take(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Self::Time(time) => timestamp::with_text(time, take),
            Self::Date(date) => timestamp::with_date_text(date, take),
            Self::Json(json) => take(&json.to_string()),
            Self::Unknown(unknown) => take(&unknown.json().to_string()),
            Self::Absent | Self::Null | Self::Model(_) | Self::List(_) | Self::Map(_) => take(""),
            Self::Variant(_, content) => content.view().with_text(take),
            Self::Constant(_, constant) => constant.view().with_text(take),
        }
    }
}

impl Const {
    /// Writes the value as JSON.
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

/// The description of an object.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Name of the type.
    pub name: &'static str,
    /// The properties that have a field, in the order of the fields.
    pub properties: &'static [Property],
    /// Properties with a fixed value, which have no field.
    pub constants: &'static [Constant],
    /// Unions whose variant is determined by a property outside the union.
    pub parent_tags: &'static [ParentTag],
    /// Whether JSON text contains the names of all properties unescaped, so that they can be compared with the text. It
    /// must be false if a name contains a quote, a backslash or a control character.
    pub plain: bool,
}

impl Object {
    /// The default, for struct update syntax.
    pub const EMPTY: Self = Self { name: "", properties: &[], constants: &[], parent_tags: &[], plain: true };
}

/// A property that has a field.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Whether it is left out if absent. A required property is always written, as null if it has no value.
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

/// A union whose variant is determined by a tag at a path of properties of the same object.
#[derive(Clone, Copy, Debug)]
pub struct ParentTag {
    /// The index of the field.
    pub field: usize,
    /// Property names from the object down to the tag.
    pub path: &'static [&'static str],
    /// Values of the tag, each with the index of its variant.
    pub cases: &'static [(&'static str, usize)],
}

/// An object with declared properties.
pub trait Model {
    /// Calls `take` with the parts of the object.
    fn parts(&self, take: &mut TakeParts<'_>);
}

/// The parts of an object.
pub type TakeParts<'a> = dyn FnMut(Parts<'_>) + 'a;

/// What an object is made of.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// Its properties.
    pub object: &'static Object,
    /// Its fields.
    pub fields: &'a [&'a dyn Field],
    /// The properties without a field.
    pub rest: &'a dyn Rest,
}

/// The container for the properties of an object that have no field.
pub trait Rest {
    /// The name of the container in `Debug` output.
    fn label(&self) -> &'static str;

    /// Writes the `Debug` text of the container.
    ///
    /// # Errors
    /// Returns the error of the formatter.
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Removes all of them.
    fn reset(&mut self);

    /// Reads the value of a property.
    ///
    /// # Errors
    /// It has another structure than the document declares.
    fn keep(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<(), ReadError>;

    /// Returns whether it contains another value in place of a constant.
    fn has(&self, constant: &str) -> bool;

    /// Calls `take` with each property.
    fn each<'a>(&'a self, take: &mut dyn FnMut(&'a str, View<'a>));
}
