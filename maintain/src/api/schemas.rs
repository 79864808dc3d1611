//! Schemas of a document: the values they allow, independent of how OpenAPI expresses it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Directions;
use super::operations::text;

/// The values that a schema allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Schema {
    pub(crate) shape: Shape,
    /// Whether null is allowed, too.
    pub(crate) nullable: bool,
    pub(crate) default: Option<Value>,
    pub(crate) deprecated: bool,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    /// Limits such as `maxLength`.
    pub(crate) bounds: BTreeMap<&'static str, Value>,
    pub(crate) text: String,
}

/// The structure of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Shape {
    #[default]
    Anything,
    /// Only null.
    Null,
    Scalar(Kind, Option<String>),
    /// One of these values.
    Values(Vec<Value>),
    /// Always this value.
    Constant(Value),
    List(Box<Schema>),
    Tuple(Vec<Schema>),
    /// An object with arbitrary keys: the schema of the keys, then that of the values.
    Map(Box<Schema>, Box<Schema>),
    Object(BTreeMap<String, Property>),
    /// One of these structures, and the property that distinguishes them.
    Union(Vec<Schema>, Option<String>),
    /// A type, by name.
    Reference(String),
    /// A combination that is compared as text only.
    Other(String),
}

/// A property of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Property {
    pub(crate) required: bool,
    pub(crate) schema: Schema,
}

/// A type of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    String,
    Integer,
    Number,
    Boolean,
}

impl Schema {
    fn of(shape: Shape) -> Self {
        Self { shape, ..Self::default() }
    }

    /// Returns the schemas directly in this one, each with the directions in which it can travel.
    pub(crate) fn inner(&self) -> Box<dyn Iterator<Item = (&Schema, Directions)> + '_> {
        const BOTH: Directions = Directions { requests: true, responses: true };
        match &self.shape {
            Shape::List(inner) => Box::new([(&**inner, BOTH)].into_iter()),
            Shape::Map(keys, values) => Box::new([(&**keys, BOTH), (&**values, BOTH)].into_iter()),
            Shape::Tuple(schemas) | Shape::Union(schemas, _) => Box::new(schemas.iter().map(|schema| (schema, BOTH))),
            Shape::Object(properties) => {
                Box::new(properties.values().map(|property| (&property.schema, property.schema.directions())))
            }
            _ => Box::new(std::iter::empty()),
        }
    }

    /// Returns the directions in which a property with this schema can travel.
    pub(crate) fn directions(&self) -> Directions {
        Directions { requests: !self.read_only, responses: !self.write_only }
    }

    /// Returns the values, if they are listed.
    pub(crate) fn values(&self) -> Option<&[Value]> {
        match &self.shape {
            Shape::Values(values) => Some(values),
            Shape::Constant(value) => Some(std::slice::from_ref(value)),
            _ => None,
        }
    }
}

/// Maximum number of values in a sentence.
const SHOWN: usize = 4;

/// Keywords of a schema that limit values.
const BOUNDS: &[&str] = &[
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Reads the schemas of a document.
pub(crate) struct Reader<'a> {
    document: Value,
    schemas: Option<&'a Map<String, Value>>,
    /// Types that are being merged, so that a type that contains itself by `allOf` ends.
    merging: RefCell<BTreeSet<String>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(document: &'a Map<String, Value>) -> Self {
        let schemas = document.get("components").and_then(|components| components.get("schemas"));
        Self {
            document: Value::Object(document.clone()),
            schemas: schemas.and_then(Value::as_object),
            merging: RefCell::default(),
        }
    }

    /// All types by name.
    pub(super) fn types(&self) -> BTreeMap<String, Schema> {
        self.schemas.into_iter().flatten().map(|(name, schema)| (name.clone(), self.schema(schema))).collect()
    }

    /// Follows a reference in place of a parameter, a body or a response.
    pub(super) fn resolve<'b>(&'b self, value: &'b Value) -> &'b Value {
        let mut value = value;
        for _ in 0..16 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { break };
            let Some(target) = pointer::resolve(&self.document, &pointer::decoded(reference)) else { break };
            value = target;
        }
        value
    }

    pub(crate) fn schema(&self, value: &Value) -> Schema {
        let members = match value {
            Value::Object(members) => members,
            Value::Bool(false) => return Schema::of(Shape::Other("nothing".to_owned())),
            _ => return Schema::default(),
        };
        let mut schema = self.shape(members);
        let is_true = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or_default();
        schema.nullable |= is_true("nullable");
        schema.deprecated |= is_true("deprecated");
        schema.read_only |= is_true("readOnly");
        schema.write_only |= is_true("writeOnly");
        schema.default = members.get("default").cloned().or(schema.default);
        let bounds = BOUNDS.iter().filter_map(|name| Some((*name, plain(members.get(*name)?))));
        schema.bounds.extend(bounds);
        let own = text(members);
        if !own.is_empty() {
            schema.text = own;
        }
        schema
    }

    fn shape(&self, members: &Map<String, Value>) -> Schema {
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            return self.reference(reference);
        }
        if let Some(constant) = members.get("const") {
            return Schema::of(if constant.is_null() { Shape::Null } else { Shape::Constant(constant.clone()) });
        }
        if let Some(Value::Array(list)) = members.get("enum") {
            return values(list);
        }
        if let Some(Value::Array(parts)) = members.get("allOf") {
            return self.all_of(parts, members);
        }
        let alternatives = members.get("anyOf").or_else(|| members.get("oneOf")).and_then(Value::as_array);
        if let Some(alternatives) = alternatives.filter(|_| !members.contains_key("properties")) {
            let tag = members.get("discriminator").and_then(|tag| tag.get("propertyName")).and_then(Value::as_str);
            return self.union(alternatives, tag);
        }
        self.typed(members)
    }

    fn reference(&self, reference: &str) -> Schema {
        if let Some(name) = pointer::component(reference, "schemas") {
            return Schema::of(Shape::Reference(name));
        }
        let target = pointer::resolve(&self.document, &pointer::decoded(reference));
        // A reference into a schema. A circular one is compared as text.
        if self.merging.borrow_mut().insert(reference.to_owned()) {
            let schema = target.map(|target| self.schema(target));
            self.merging.borrow_mut().remove(reference);
            return schema.unwrap_or_default();
        }
        Schema::of(Shape::Other(reference.to_owned()))
    }

    fn union(&self, alternatives: &[Value], tag: Option<&str>) -> Schema {
        let mut flat = Vec::new();
        let mut schema = Schema::default();
        let mut tag = tag.map(str::to_owned);
        for alternative in alternatives.iter().map(|alternative| self.schema(alternative)) {
            schema.nullable |= alternative.nullable || alternative.shape == Shape::Null;
            match alternative.shape {
                Shape::Null => {}
                Shape::Union(inner, inner_tag) => {
                    flat.extend(inner);
                    tag = tag.or(inner_tag);
                }
                _ => flat.push(Schema { nullable: false, ..alternative }),
            }
        }
        match flat.len() {
            0 => schema.shape = Shape::Null,
            1 => {
                let only = flat.remove(0);
                schema = Schema { nullable: schema.nullable || only.nullable, ..only };
            }
            _ => schema.shape = Shape::Union(flat, tag),
        }
        schema
    }

    /// Returns an intersection: of objects, the object with all properties; of anything else with one part, that part.
    fn all_of(&self, parts: &[Value], members: &Map<String, Value>) -> Schema {
        let mut schemas: Vec<Schema> = parts.iter().map(|part| self.schema(part)).collect();
        if members.contains_key("properties") {
            schemas.push(self.typed(members));
        }
        if schemas.len() == 1 {
            return schemas.remove(0);
        }
        let mut merged = BTreeMap::new();
        for schema in &schemas {
            let Some(properties) = self.properties(schema) else {
                return Schema::of(Shape::Other(Value::Array(parts.to_vec()).to_string()));
            };
            for (name, property) in properties {
                match merged.get_mut(&name) {
                    None => {
                        merged.insert(name, property);
                    }
                    Some(Property { required, schema }) => {
                        *required |= property.required;
                        if schema.shape == Shape::Anything {
                            *schema = property.schema;
                        }
                    }
                }
            }
        }
        let required =
            members.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            if let Some(property) = merged.get_mut(name) {
                property.required = true;
            }
        }
        Schema::of(Shape::Object(merged))
    }

    /// The properties of an object or of the type that a reference leads to.
    fn properties(&self, schema: &Schema) -> Option<BTreeMap<String, Property>> {
        match &schema.shape {
            Shape::Object(properties) => Some(properties.clone()),
            Shape::Anything => Some(BTreeMap::new()),
            Shape::Map(_, values) if values.shape == Shape::Anything => Some(BTreeMap::new()),
            Shape::Reference(name) => {
                let target = self.schemas?.get(name)?;
                if !self.merging.borrow_mut().insert(name.clone()) {
                    return Some(BTreeMap::new());
                }
                let properties = self.properties(&self.schema(target));
                self.merging.borrow_mut().remove(name);
                properties
            }
            _ => None,
        }
    }

    fn typed(&self, members: &Map<String, Value>) -> Schema {
        let named: Vec<&str> = match members.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ if members.contains_key("properties") => vec!["object"],
            _ if members.contains_key("items") => vec!["array"],
            _ => return Schema::default(),
        };
        let nullable = named.contains(&"null");
        let mut shapes: Vec<Shape> = named.iter().filter_map(|name| self.of_type(name, members)).collect();
        let shape = match shapes.len() {
            0 => Shape::Null,
            1 => shapes.remove(0),
            _ => Shape::Union(shapes.into_iter().map(Schema::of).collect(), None),
        };
        Schema { nullable: nullable && shape != Shape::Null, ..Schema::of(shape) }
    }

    fn of_type(&self, name: &str, members: &Map<String, Value>) -> Option<Shape> {
        let format = || members.get("format").and_then(Value::as_str).map(str::to_owned);
        Some(match name {
            "null" => return None,
            "string" => Shape::Scalar(Kind::String, format()),
            "integer" => Shape::Scalar(Kind::Integer, format()),
            "number" => Shape::Scalar(Kind::Number, format()),
            "boolean" => Shape::Scalar(Kind::Boolean, None),
            "array" => match members.get("prefixItems").and_then(Value::as_array) {
                Some(items) => Shape::Tuple(items.iter().map(|item| self.schema(item)).collect()),
                None => Shape::List(Box::new(members.get("items").map(|items| self.schema(items)).unwrap_or_default())),
            },
            "object" => self.object(members),
            other => Shape::Other(other.to_owned()),
        })
    }

    fn object(&self, members: &Map<String, Value>) -> Shape {
        let properties =
            members.get("properties").and_then(Value::as_object).filter(|properties| !properties.is_empty());
        let Some(properties) = properties else {
            let schema = |name: &str| members.get(name).map(|schema| self.schema(schema)).unwrap_or_default();
            let mut keys = schema("propertyNames");
            if keys.shape == Shape::Anything {
                keys.shape = Shape::Scalar(Kind::String, None);
            }
            return Shape::Map(Box::new(keys), Box::new(schema("additionalProperties")));
        };
        let required = members.get("required").and_then(Value::as_array);
        let is_required = |name: &String| required.is_some_and(|names| names.iter().any(|other| other == name));
        let property = |(name, schema): (&String, &Value)| {
            (name.clone(), Property { required: is_required(name), schema: self.schema(schema) })
        };
        Shape::Object(properties.iter().map(property).collect())
    }
}

/// An enumeration, without null.
fn values(list: &[Value]) -> Schema {
    let values: Vec<Value> = list.iter().filter(|value| !value.is_null()).cloned().collect();
    let nullable = values.len() < list.len();
    let shape = if values.is_empty() { Shape::Null } else { Shape::Values(values) };
    Schema { nullable: nullable && shape != Shape::Null, ..Schema::of(shape) }
}

/// `1.0` is `1`.
fn plain(value: &Value) -> Value {
    match value.as_f64() {
        // An integer of this size is exact.
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        _ => value.clone(),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        })
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Anything => f.write_str("anything")?,
            Shape::Null => f.write_str("null")?,
            Shape::Scalar(kind, None) => write!(f, "{kind}")?,
            Shape::Scalar(kind, Some(format)) => write!(f, "{kind} ({format})")?,
            Shape::Values(values) if values.len() > SHOWN => write!(f, "enumeration of {} values", values.len())?,
            Shape::Values(values) => {
                let values: Vec<_> = values.iter().map(|value| format!("`{}`", value_text(value))).collect();
                write!(f, "one of {}", values.join(", "))?;
            }
            Shape::Constant(value) => write!(f, "`{}`", value_text(value))?,
            Shape::List(items) => write!(f, "list of {items}")?,
            Shape::Tuple(items) => write!(f, "tuple of {} values", items.len())?,
            Shape::Map(_, values) => write!(f, "map of {values}")?,
            Shape::Object(properties) => write!(f, "object with {} properties", properties.len())?,
            Shape::Union(variants, _) => {
                let variants: Vec<_> = variants.iter().map(ToString::to_string).collect();
                f.write_str(&variants.join(" or "))?;
            }
            Shape::Reference(name) => write!(f, "`{name}`")?,
            Shape::Other(_) => f.write_str("a combination of schemas")?,
        }
        if self.nullable { f.write_str(" or null") } else { Ok(()) }
    }
}

/// Returns a value as a reader expects it: a text without quotes.
pub(crate) fn value_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
