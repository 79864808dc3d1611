//! Types: definitions, and uses of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::arguments::Argument;
use super::unions::Union;
use crate::pointer;

/// Position of a definition in [`super::Api::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// A use of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Any JSON value, because the document does not restrict it.
    Any,
    /// A string of any content.
    String,
    /// A secret string.
    Secret,
    /// `format: uuid` or `uuid4`.
    Uuid,
    /// `format: date-time`.
    DateTime,
    /// `format: date`.
    Date,
    /// `type: integer`.
    Integer,
    /// `type: number`.
    Number,
    /// `integer | number`: a number that keeps whether it was written as an integer.
    IntegerOrNumber,
    /// `type: boolean`.
    Boolean,
    /// An array of one element type.
    List(Box<Type>),
    /// An array with a type for each position.
    Tuple(Vec<Type>),
    /// An object whose properties all have one type.
    Map(Box<Type>, Box<Type>),
    /// A value or an array of such values.
    OneOrMany(Box<Type>),
    /// Null or a value.
    Nullable(Box<Type>),
    /// A definition.
    Named(TypeId),
}

impl Type {
    /// Returns the type of the values other than null.
    #[must_use]
    pub fn without_null(&self) -> &Self {
        match self {
            Self::Nullable(inner) => inner.without_null(),
            other => other,
        }
    }

    /// Calls `visit` with each definition in the type.
    pub fn each_named(&self, visit: &mut impl FnMut(TypeId)) {
        match self {
            Self::Named(id) => visit(*id),
            Self::List(inner) | Self::OneOrMany(inner) | Self::Nullable(inner) => inner.each_named(visit),
            Self::Map(key, value) => {
                key.each_named(visit);
                value.each_named(visit);
            }
            Self::Tuple(items) => items.iter().for_each(|item| item.each_named(visit)),
            _ => {}
        }
    }
}

/// The parts of a doc comment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Docs {
    /// The text, if there is one.
    pub description: Option<String>,
    /// Bounds, formats and defaults as short clauses.
    pub facts: Vec<String>,
    /// Whether the document marks it as deprecated.
    pub deprecated: bool,
    /// Its value in an example.
    pub example: Option<ExampleText>,
}

/// A value in an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleText {
    /// A value as text, or the program part that shows an operation.
    pub text: String,
    /// Whether examples set it though it is optional.
    pub is_shown: bool,
}

/// The directions in which values of a type travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Sent by the client.
    pub input: bool,
    /// Sent by the server.
    pub output: bool,
}

/// What needs a definition: features by name, and whether the crate always needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeatureSet {
    /// Features whose operations or payloads contain it.
    pub features: BTreeSet<String>,
    /// Whether the root of the crate contains it, whatever the features.
    pub always: bool,
}

/// A part of the generated crate with definitions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// A module below `models`, by its name.
    Models(String),
    /// The module of the scopes.
    Scopes,
    /// The module of the union of all error bodies.
    Errors,
    /// The module of the union of all webhook payloads.
    Webhooks,
}

/// The origin of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A component schema.
    Component {
        /// Its name.
        name: String,
        /// Its JSON pointer.
        pointer: String,
    },
    /// An inline schema, by its JSON pointer.
    Inline(String),
    /// Many parts of the document, which the generator combines under this name.
    Synthesized(String),
}

/// A type with a name in the generated crate.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDef {
    /// Its origin.
    pub origin: Origin,
    /// Words for the name of an inline schema.
    pub context: Vec<String>,
    /// Doc comment.
    pub docs: Docs,
    /// Its content.
    pub shape: Shape,
    /// Directions.
    pub usage: Usage,
    /// What needs it.
    pub feature_set: FeatureSet,
    /// Identifier.
    pub name: String,
    /// The part of the crate that contains it.
    pub module: Module,
    /// Other names under which a search finds it.
    pub aliases: Vec<String>,
}

impl TypeDef {
    /// Returns the JSON pointer for messages: that of the schema, or of the whole document for a combined definition.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match &self.origin {
            Origin::Component { pointer, .. } | Origin::Inline(pointer) => pointer,
            Origin::Synthesized(_) => pointer::ROOT,
        }
    }

    /// Name of the component schema, if it is one.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        match &self.origin {
            Origin::Component { name, .. } => Some(name),
            Origin::Inline(_) | Origin::Synthesized(_) => None,
        }
    }

    /// Returns whether the document has no schema for it.
    #[must_use]
    pub fn is_synthesized(&self) -> bool {
        matches!(self.origin, Origin::Synthesized(_))
    }

    /// Returns whether values of it are sent or received. A schema whose properties are only used by `allOf` has none.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.usage.input || self.usage.output
    }
}

/// The content of a definition.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An object with declared properties.
    Struct(Struct),
    /// An enumeration of strings.
    Enum(Enum),
    /// A union.
    Union(Union),
}

/// An object with declared properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Struct {
    /// Declared properties, in the order of the document.
    pub fields: Vec<Field>,
    /// Type of the properties that are not declared, if the document has one.
    pub additional: Option<Type>,
    /// The resource that its token opens, if it is a session.
    pub session: Option<String>,
    /// How it implements `Default`, if it does.
    pub default: Option<DefaultImpl>,
}

/// How a struct implements `Default`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultImpl {
    /// Derived: all fields are unset.
    Derived,
    /// By the constructor, which sets fields.
    Constructor,
}

/// A declared property.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name as sent.
    pub wire: String,
    /// Identifier; a raw identifier if the plain one is a keyword.
    pub name: String,
    /// Doc comment.
    pub docs: Docs,
    /// Type, without null.
    pub ty: Type,
    /// Whether it is required and nullable.
    pub presence: Presence,
    /// How the field holds its value.
    pub wrapper: Wrapper,
    /// How constructors and setters take its value.
    pub argument: Argument,
    /// The only value that the document allows; such a property has no field.
    pub constant: Option<Const>,
    /// Whether `Debug` must not show its value, although it is an ordinary string.
    pub redacted: bool,
    /// Whether the field is boxed to end a cycle.
    pub boxed: bool,
    /// The values that the property allows here, if they are fewer than those of its type. They distinguish variants.
    pub narrowed: Option<Vec<Const>>,
    /// Another property of the same object that determines the variant, if the type is a union.
    pub parent_tag: Option<ParentTag>,
    /// The value that a new request sends unless it is set.
    pub preset: Option<Preset>,
    /// The directions in which it travels.
    pub direction: Direction,
}

/// The directions in which a property travels. It is not required in the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// In requests and in responses.
    #[default]
    Both,
    /// `writeOnly`: in requests only.
    Sent,
    /// `readOnly`: in responses only.
    Received,
}

/// How a field holds its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrapper {
    /// Directly.
    #[default]
    Plain,
    /// In an `Option`, for a value that may be absent, null or both.
    Option,
    /// In a `Nullable`, for a request in which absent and null differ.
    Nullable,
}

/// A tag beside a union, in the object that has both.
#[derive(Clone, Debug, PartialEq)]
pub struct ParentTag {
    /// Property names, from the object to the tag.
    pub path: Vec<String>,
    /// The variants of the tag's values.
    pub cases: Vec<ParentCase>,
}

/// A value of a tag beside a union.
#[derive(Clone, Debug, PartialEq)]
pub struct ParentCase {
    /// The value.
    pub value: String,
    /// Name of the component schema of the variant.
    pub component: String,
    /// Position of the variant in the union.
    pub variant: usize,
}

/// The value that a new request sends in an optional property that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The version of the API that the document describes.
    ApiVersion,
}

/// Whether a property is required, and whether it is nullable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Required, not nullable.
    Required,
    /// Required, nullable.
    RequiredNullable,
    /// Optional, not nullable.
    Optional,
    /// Optional and nullable, and the two differ in a request.
    OptionalNullable,
}

impl Presence {
    /// Returns the presence for the two facts.
    #[must_use]
    pub fn new(required: bool, nullable: bool) -> Self {
        match (required, nullable) {
            (true, false) => Self::Required,
            (true, true) => Self::RequiredNullable,
            (false, false) => Self::Optional,
            (false, true) => Self::OptionalNullable,
        }
    }

    /// Returns whether it can be null.
    #[must_use]
    pub fn is_nullable(self) -> bool {
        matches!(self, Self::RequiredNullable | Self::OptionalNullable)
    }

    /// Returns whether it is required.
    #[must_use]
    pub fn is_required(self) -> bool {
        matches!(self, Self::Required | Self::RequiredNullable)
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Const {
    /// A string.
    String(String),
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Null.
    Null,
}

impl Const {
    /// Converts a JSON scalar.
    #[must_use]
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::String(text.clone())),
            Value::Bool(truth) => Some(Self::Boolean(*truth)),
            Value::Number(number) => number.as_i64().map(Self::Integer),
            Value::Null => Some(Self::Null),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::String(text) => Value::from(text.as_str()).to_string(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Null => "null".to_owned(),
        }
    }

    /// Returns the text of a tag: a string without quotes.
    #[must_use]
    pub fn to_tag(&self) -> String {
        match self {
            Self::String(text) => text.clone(),
            other => other.to_json(),
        }
    }
}

/// An open enumeration of strings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enum {
    /// Known values, in the order of the document.
    pub values: Vec<EnumValue>,
}

/// A known value of an enumeration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnumValue {
    /// The value.
    pub wire: String,
    /// Identifier of the variant.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Other names under which a search finds it.
    pub aliases: Vec<String>,
}
