//! One schema of 3.1 (or 3.0) to what the typed document can hold.
//!
//! The work is done on a [`Node`]: the keywords of one schema, whose subschemas still are as the document has them
//! and each remember where they came from. Steps move keywords around on the node; writing it out normalizes the
//! subschemas, and marks with `x-pointer` each schema that ended up in another place.

use serde_json::{Map, Value};

use super::super::model::{Fate, Kind, Shape};
use super::super::pointer;
use super::super::preserved;
use super::{numbers, types};
use crate::diagnostics::Diagnostic;

/// Keywords that speak about the schema, not about the values it admits.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "example",
    "externalDocs",
    "nullable",
    preserved::EXAMPLES,
    preserved::DEFAULT_NULL,
    preserved::ENUM_NAMES,
    preserved::XML,
];

/// Keywords that give a schema its structure. Beside `allOf`, `anyOf` or `oneOf` they need a schema of their own.
const STRUCTURE: &[&str] = &[
    "type",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    preserved::PROPERTY_NAMES,
    "items",
    preserved::PREFIX_ITEMS,
];

const COMBINATORS: &[&str] = &["allOf", "oneOf", "anyOf"];

/// A schema inside of another one.
#[derive(Clone, Debug)]
pub(super) enum Child {
    /// As the document has it, and where.
    Raw(Value, String),
    Done(Node),
}

/// What stands behind a keyword.
#[derive(Clone, Debug)]
pub(super) enum Word {
    Plain(Value),
    One(Box<Child>),
    Many(Vec<Child>),
    Map(Vec<(String, Child)>),
}

/// A schema as keywords, in order.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where the schema stands in the document as it was read.
    pub(super) origin: String,
    pub(super) words: Vec<(String, Word)>,
}

/// Normalizes the schema that stood at `origin` and will stand at `place`.
pub(super) fn normalize(schema: Value, place: &str, origin: &str, errors: &mut Vec<Diagnostic>) -> Value {
    match schema {
        Value::Object(members) => write(normal(members, origin), place, errors),
        Value::Bool(true) => write(Node::new(origin), place, errors),
        Value::Bool(false) => {
            let message = "the schema `false`, which admits no value, is not modelled";
            errors.push(Diagnostic::error(origin, message).hint(super::super::check::UNMODELLED_HINT));
            Value::Object(Map::new())
        }
        // The check of shapes that follows names it.
        other => other,
    }
}

impl Node {
    pub(super) fn new(origin: &str) -> Self {
        Self { origin: origin.to_owned(), words: Vec::new() }
    }

    /// The keywords of a schema; an origin that an earlier step has noted on the schema wins.
    fn read(mut members: Map<String, Value>, origin: &str) -> Self {
        let noted = members.shift_remove(preserved::POINTER);
        let origin = noted.as_ref().and_then(Value::as_str).unwrap_or(origin);
        let words = members.into_iter().map(|(name, value)| {
            let word = Word::read(&name, value, origin);
            (name, word)
        });
        Self { origin: origin.to_owned(), words: words.collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Word> {
        self.words.iter().find(|(word, _)| word == name).map(|(_, word)| word)
    }

    pub(super) fn plain(&self, name: &str) -> Option<&Value> {
        match self.get(name) {
            Some(Word::Plain(value)) => Some(value),
            _ => None,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Word> {
        let index = self.words.iter().position(|(word, _)| word == name)?;
        Some(self.words.remove(index).1)
    }

    pub(super) fn set(&mut self, name: &str, word: Word) {
        match self.words.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = word,
            None => self.words.push((name.to_owned(), word)),
        }
    }

    pub(super) fn set_plain(&mut self, name: &str, value: impl Into<Value>) {
        self.set(name, Word::Plain(value.into()));
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.plain(name) == Some(&Value::Bool(true))
    }

    /// Whether the schema is a `$ref` and nothing else, which cannot hold a mark.
    fn is_bare_reference(&self) -> bool {
        self.words.len() == 1 && self.has("$ref")
    }

    fn many(&mut self, name: &str) -> Option<Vec<Child>> {
        match self.take(name) {
            Some(Word::Many(children)) => Some(children),
            Some(other) => {
                self.set(name, other);
                None
            }
            None => None,
        }
    }

    /// Takes out the keywords for which `choose` answers true.
    pub(super) fn split(&mut self, choose: impl Fn(&str) -> bool) -> Vec<(String, Word)> {
        let words = std::mem::take(&mut self.words);
        let (chosen, kept) = words.into_iter().partition(|(name, _)| choose(name));
        self.words = kept;
        chosen
    }
}

impl Word {
    fn read(name: &str, value: Value, owner: &str) -> Self {
        let shape = Kind::Schema.member(name).filter(|member| member.fate == Fate::Modelled).map(|member| member.shape);
        let at = || pointer::child(owner, name);
        match (shape, value) {
            (Some(Shape::One(Kind::Schema)), Value::Bool(open)) if name == "additionalProperties" => {
                Self::Plain(open.into())
            }
            (Some(Shape::One(Kind::Schema)), schema) => Self::One(Box::new(Child::Raw(schema, at()))),
            (Some(Shape::Many(Kind::Schema)), Value::Array(schemas)) => {
                let base = at();
                let child = |(index, schema)| Child::Raw(schema, pointer::element(&base, index));
                Self::Many(schemas.into_iter().enumerate().map(child).collect())
            }
            (Some(Shape::Map(Kind::Schema)), Value::Object(schemas)) => {
                let base = at();
                let child = |(name, schema): (String, Value)| {
                    let at = pointer::child(&base, &name);
                    (name, Child::Raw(schema, at))
                };
                Self::Map(schemas.into_iter().map(child).collect())
            }
            (_, value) => Self::Plain(value),
        }
    }
}

impl Child {
    /// The child as a node; whatever is no object has nothing to move.
    fn node(self) -> Result<Node, Self> {
        match self {
            Self::Raw(Value::Object(members), origin) => Ok(normal(members, &origin)),
            Self::Done(node) => Ok(node),
            other => Err(other),
        }
    }
}

/// All steps, in an order in which each finds what it needs.
fn normal(members: Map<String, Value>, origin: &str) -> Node {
    let mut node = Node::read(members, origin);
    if node.is_bare_reference() {
        return node;
    }
    reference(&mut node);
    patterns(&mut node);
    preserve(&mut node);
    types::null(&mut node);
    types::constant(&mut node);
    members_with_null(&mut node, "anyOf");
    members_with_null(&mut node, "oneOf");
    types::infer(&mut node);
    numbers::bounds(&mut node);
    tuple(&mut node);
    types::split(&mut node);
    nest(&mut node);
    node
}

/// A `$ref` with siblings becomes the first member of `allOf`.
fn reference(node: &mut Node) {
    let Some(Word::Plain(target)) = node.take("$ref") else {
        return;
    };
    let mut only = Node::new(&node.origin);
    only.set_plain("$ref", target);
    let mut children = vec![Child::Done(only)];
    children.extend(node.many("allOf").unwrap_or_default());
    node.words.insert(0, ("allOf".to_owned(), Word::Many(children)));
}

/// Properties whose names match a pattern become the additional ones: the typed document has no patterns for names.
fn patterns(node: &mut Node) {
    let Some(Word::Map(children)) = node.take("patternProperties") else {
        return;
    };
    let mut schemas: Vec<Child> = children.into_iter().map(|(_, child)| child).collect();
    match node.get("additionalProperties") {
        // Names that match no pattern are not allowed, or nothing is said about them.
        None | Some(Word::Plain(Value::Bool(false))) => {
            node.take("additionalProperties");
        }
        Some(_) => {
            if let Some(Word::One(others)) = node.take("additionalProperties") {
                schemas.push(*others);
            } else {
                schemas.push(Child::Done(Node::new(&node.origin)));
            }
        }
    }
    if !node.has("type") {
        node.set_plain("type", "object");
    }
    let all = match <[Child; 1]>::try_from(schemas) {
        Ok([only]) => only,
        Err(schemas) => {
            let mut any = Node::new(&node.origin);
            any.set("anyOf", Word::Many(schemas));
            Child::Done(any)
        }
    };
    node.set("additionalProperties", Word::One(Box::new(all)));
}

/// Keywords that the typed document has no place for change their name or go.
fn preserve(node: &mut Node) {
    for (name, word) in std::mem::take(&mut node.words) {
        let is_null = matches!(word, Word::Plain(Value::Null));
        match (Kind::Schema.member(&name).map(|member| member.fate), name.as_str()) {
            (Some(Fate::Dropped), _) => {}
            (Some(Fate::Preserved(key)), _) => node.set(key, word),
            (_, "default") if is_null => node.set_plain(preserved::DEFAULT_NULL, true),
            // The typed document takes a null here for none at all.
            (_, "example") if is_null => node.set_plain(preserved::EXAMPLES, vec![Value::Null]),
            (_, "propertyNames") => node.set(preserved::PROPERTY_NAMES, word),
            _ => node.set(&name, word),
        }
    }
}

/// Null among the members of a union is a quality of the whole, and so is a member that may be null.
fn members_with_null(node: &mut Node, keyword: &str) {
    let Some(children) = node.many(keyword) else { return };
    let count = children.len();
    let mut kept = Vec::new();
    let mut nullable = false;
    for child in children {
        match child.node() {
            Ok(member) if member.is_true(preserved::NULL_ONLY) => nullable = true,
            Ok(mut member) => {
                nullable |= member.is_true("nullable");
                if member.is_true("nullable") {
                    member.take("nullable");
                }
                kept.push(Child::Done(member));
            }
            Err(other) => kept.push(other),
        }
    }
    let dropped = kept.len() < count;
    if kept.is_empty() && dropped {
        node.set_plain(preserved::NULL_ONLY, true);
        return;
    }
    if nullable {
        node.set_plain("nullable", true);
    }
    if kept.len() == 1 && nullable && !node.has("discriminator") {
        if let Some(only) = kept.pop() {
            merge_up(node, only);
        }
        return;
    }
    let kept = if keyword == "anyOf" { flatten(kept) } else { kept };
    node.set(keyword, Word::Many(kept));
}

/// A member that is nothing but an `anyOf` of its own adds its members to the outer one.
fn flatten(children: Vec<Child>) -> Vec<Child> {
    let mut flat = Vec::new();
    for child in children {
        match child {
            Child::Done(Node { words, .. }) if matches!(words.as_slice(), [(name, Word::Many(_))] if name == "anyOf") => {
                for (_, word) in words {
                    if let Word::Many(inner) = word {
                        flat.extend(inner);
                    }
                }
            }
            other => flat.push(other),
        }
    }
    flat
}

/// The last member of a union moves into the schema around it, where the two do not get into each other's way.
fn merge_up(node: &mut Node, member: Child) {
    let joins = match &member {
        Child::Done(member) if !member.has("$ref") => {
            let bare = node.words.iter().all(|(name, _)| is_annotation(name));
            bare && member.words.iter().all(|(name, _)| !node.has(name))
        }
        _ => false,
    };
    match member {
        Child::Done(member) if joins => {
            let own = std::mem::replace(&mut node.words, member.words);
            node.words.extend(own);
        }
        member => {
            let mut children = node.many("allOf").unwrap_or_default();
            children.push(member);
            node.words.insert(0, ("allOf".to_owned(), Word::Many(children)));
        }
    }
}

fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || (name.starts_with("x-") && !preserved::RESERVED.contains(&name))
}

/// A tuple: the typed document holds an array of anything, and a preserved key the schemas of its elements.
fn tuple(node: &mut Node) {
    let Some(children) = node.many("prefixItems") else {
        return;
    };
    let length = children.len();
    let closed =
        matches!(node.take("items"), Some(Word::One(child)) if matches!(*child, Child::Raw(Value::Bool(false), _)));
    if closed && !node.has("maxItems") {
        node.set_plain("maxItems", length);
    }
    node.set_plain("items", Map::new());
    node.set(preserved::PREFIX_ITEMS, Word::Many(children));
    if !node.has("type") {
        node.set_plain("type", "array");
    }
}

/// The typed document holds a type, or one kind of combination: where several stand side by side, each becomes a
/// member of one `allOf`, which means the same.
fn nest(node: &mut Node) {
    let structured = node.words.iter().any(|(name, _)| STRUCTURE.contains(&name.as_str()));
    let present = COMBINATORS.iter().filter(|name| node.has(name)).count();
    if present == 0 || present + usize::from(structured) < 2 {
        return;
    }
    let mut children = node.many("allOf").unwrap_or_default();
    if structured {
        let words = node.split(|name| !is_annotation(name) && !COMBINATORS.contains(&name) && name != "discriminator");
        let mut part = Node { origin: node.origin.clone(), words };
        types::infer(&mut part);
        children.push(Child::Done(part));
    }
    for keyword in ["oneOf", "anyOf"] {
        if node.has(keyword) {
            // The discriminator tells the members of the first union apart, so that it goes with them.
            let words = node.split(|name| name == keyword || name == "discriminator");
            children.push(Child::Done(Node { origin: node.origin.clone(), words }));
        }
    }
    node.words.insert(0, ("allOf".to_owned(), Word::Many(children)));
}

fn write(node: Node, place: &str, errors: &mut Vec<Diagnostic>) -> Value {
    let moved = node.origin != place && !node.is_bare_reference();
    let origin = node.origin;
    let mut members = Map::new();
    for (name, word) in node.words {
        let at = || pointer::child(place, &name);
        let value = match word {
            Word::Plain(value) => value,
            Word::One(child) => write_child(*child, &at(), errors),
            Word::Many(children) => {
                let at = at();
                let child = |(index, child)| write_child(child, &pointer::element(&at, index), errors);
                Value::Array(children.into_iter().enumerate().map(child).collect())
            }
            Word::Map(children) => {
                let at = at();
                let child = |(name, child): (String, Child)| {
                    let value = write_child(child, &pointer::child(&at, &name), errors);
                    (name, value)
                };
                Value::Object(children.into_iter().map(child).collect())
            }
        };
        members.insert(name, value);
    }
    if moved {
        members.insert(preserved::POINTER.to_owned(), origin.into());
    }
    Value::Object(members)
}

fn write_child(child: Child, place: &str, errors: &mut Vec<Diagnostic>) -> Value {
    match child {
        Child::Raw(schema, origin) => normalize(schema, place, &origin, errors),
        Child::Done(node) => write(node, place, errors),
    }
}
