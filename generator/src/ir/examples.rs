//! Examples: a call of an operation as a program would write it.

use super::types::TypeId;

/// The example in the docs of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Example {
    /// A handwritten example.
    Written(String),
    /// A call that is derived from the API.
    Call(ExampleCall),
}

impl Example {
    /// Returns whether the descriptions have a value for each text in it.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Written(_) => true,
            Self::Call(call) => !call.has_gaps,
        }
    }
}

/// A call with its arguments, and the use of its result.
#[derive(Clone, Debug, PartialEq)]
pub struct ExampleCall {
    /// Methods from the client to the operation.
    pub path: Vec<String>,
    /// Values that the program has.
    pub variables: Vec<ExampleVariable>,
    /// Arguments of the method, in its order.
    pub arguments: Vec<ExampleValue>,
    /// Setters of the request: their names and values.
    pub setters: Vec<(String, ExampleValue)>,
    /// The shown part of the result.
    pub result: ExampleResult,
    /// Whether it contains a placeholder.
    pub has_gaps: bool,
}

/// A value that the program of an example has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleVariable {
    /// Its name.
    pub name: String,
    /// Whether it is a text; a UUID otherwise.
    pub is_text: bool,
}

/// A value as an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExampleValue {
    /// A variable of the program.
    Variable(String),
    /// A string literal.
    Str(String),
    /// An owned string.
    String(String),
    /// A secret that a variable has as text.
    Secret(String),
    /// An integer literal.
    Integer(i64),
    /// A literal with a fraction.
    Number(f64),
    /// `Number::from` an integer literal.
    IntegerOrNumber(i64),
    /// `true` or `false`
    Boolean(bool),
    /// A time in RFC 3339.
    DateTime(String),
    /// A date in ISO 8601.
    Date(String),
    /// JSON of any content, as text.
    Json(String),
    /// `null` or a value.
    Option(Option<Box<ExampleValue>>),
    /// An array, for an argument that accepts an iterator.
    Array(Vec<ExampleValue>),
    /// A vector.
    List(Vec<ExampleValue>),
    /// Values in a tuple.
    Tuple(Vec<ExampleValue>),
    /// A map with one entry.
    Map(Box<ExampleValue>, Box<ExampleValue>),
    /// `OneOrMany::from` a value.
    OneOrMany(Box<ExampleValue>),
    /// A variant by its identifier, with its content, which may be boxed.
    Variant(TypeId, String, Option<(Box<ExampleValue>, bool)>),
    /// An object: arguments of its constructor, and setters with their values.
    Object(TypeId, Vec<ExampleValue>, Vec<(String, ExampleValue)>),
}

/// The part of a call's result that an example shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleResult {
    /// There is none.
    Nothing,
    /// The items of all pages: variables for all and for one of them, and the shown part of one.
    Items(String, String, ExampleField),
    /// The value: its variable, and the shown part.
    Value(String, ExampleField),
    /// One of several successes: module and name of the enumeration, and its variants: identifier, and whether there is
    /// a body.
    ByStatus(String, String, Vec<(String, bool)>),
}

/// What an example prints of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExampleField {
    /// The value in `Debug`.
    Whole,
    /// The value, which is a text.
    Text,
    /// A field in `Display`.
    Field(String),
}
