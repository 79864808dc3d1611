//! Corrections to a document, as data: the OpenAPI Overlay Specification 1.0, and accepted unsupported constructs.
//!
//! An action updates or removes what a JSONPath matches, one action after the other. Beyond the specification, each
//! action needs a `description` with its reason, and a target without a match is an error.

use std::cmp::Ordering;
use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value};
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use super::read::describe;
use crate::diagnostics::Diagnostic;
use crate::pointer;

/// The pointer of the actions.
pub(super) const ACTIONS: &str = "#/actions";

/// Longer targets are rejected, because the JSONPath parser is recursive in brackets.
const MAX_TARGET: usize = 500;

/// An overlay, read and checked.
#[derive(Clone, Debug)]
pub struct Overlay {
    file: String,
    actions: Vec<Action>,
    /// Pointers of `x-accept`, each with the place of its entry.
    accepted: IndexMap<String, String>,
}

#[derive(Clone, Debug)]
struct Action {
    pointer: String,
    target: String,
    path: JsonPath,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Update(Value),
    Remove,
}

impl Overlay {
    /// Returns the number of actions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Returns whether it has no actions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Returns whether the overlay accepts that the construct at `pointer` is left out.
    #[must_use]
    pub fn accepts(&self, pointer: &str) -> bool {
        self.accepted.contains_key(pointer)
    }

    /// Returns an error for each entry of `x-accept` that is not in `used`: the construct is supported now, or was
    /// removed.
    #[must_use]
    pub fn stale(&self, used: &IndexSet<String>) -> Vec<Diagnostic> {
        let stale = self.accepted.iter().filter(|(pointer, _)| !used.contains(*pointer));
        stale
            .map(|(pointer, place)| {
                let message = format!("nothing needs to be accepted at `{pointer}`");
                Diagnostic::error(place.clone(), message).in_file(&self.file).hint("remove the entry")
            })
            .collect()
    }
}

/// Reads an overlay.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(file: &str, value: Value) -> Result<Overlay, Vec<Diagnostic>> {
    let mut reader = Reader { file, errors: Vec::new() };
    let overlay = reader.overlay(value);
    if reader.errors.is_empty() { Ok(overlay) } else { Err(reader.errors) }
}

struct Reader<'a> {
    file: &'a str,
    errors: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn error(&mut self, pointer: &str, message: impl Into<String>, hint: &str) {
        self.errors.push(Diagnostic::error(pointer, message).in_file(self.file).hint(hint));
    }

    fn overlay(&mut self, value: Value) -> Overlay {
        let mut overlay = Overlay { file: self.file.to_owned(), actions: Vec::new(), accepted: IndexMap::new() };
        let root = match value {
            Value::Object(properties) => properties,
            other => {
                self.error(
                    pointer::ROOT,
                    format!("an overlay is an object, not {}", describe(&other)),
                    "see the Overlay 1.0 specification",
                );
                return overlay;
            }
        };
        self.known(pointer::ROOT, &root, &["overlay", "info", "extends", "actions"]);
        match root.get("overlay").and_then(Value::as_str) {
            Some(version) if version.starts_with("1.0.") => {}
            _ => {
                self.error("#/overlay", "this is not an overlay of version 1.0", "start the file with `overlay: 1.0.0`")
            }
        }
        self.info(root.get("info"));
        if let Some(actions) = self.list(&root, "actions") {
            for (index, action) in actions.into_iter().enumerate() {
                let at = pointer::element(ACTIONS, index);
                overlay.actions.extend(self.action(at, action));
            }
        }
        if !root.contains_key("actions") {
            self.error(pointer::ROOT, "the overlay has no `actions`", "add them, if only `actions: []`");
        }
        for (index, entry) in self.list(&root, "x-accept").unwrap_or_default().into_iter().enumerate() {
            let at = pointer::element("#/x-accept", index);
            if let Some(pointer) = self.accepted(&at, &entry) {
                overlay.accepted.insert(pointer, at);
            }
        }
        overlay
    }

    fn info(&mut self, info: Option<&Value>) {
        let hint = "add `info` with `title` and `version`";
        let Some(properties) = info.and_then(Value::as_object) else {
            return self.error("#/info", "the overlay has no `info` object", hint);
        };
        self.known("#/info", properties, &["title", "version"]);
        for name in ["title", "version"] {
            if !properties.get(name).is_some_and(Value::is_string) {
                self.error("#/info", format!("`info` has no `{name}` that is a string"), hint);
            }
        }
    }

    fn list(&mut self, root: &Map<String, Value>, name: &str) -> Option<Vec<Value>> {
        match root.get(name)? {
            Value::Array(list) => Some(list.clone()),
            other => {
                let message = format!("`{name}` is {}, not an array", describe(other));
                self.error(&pointer::child(pointer::ROOT, name), message, "make it a list");
                None
            }
        }
    }

    fn known(&mut self, at: &str, properties: &Map<String, Value>, names: &[&str]) {
        for name in properties.keys().filter(|name| !names.contains(&name.as_str()) && !name.starts_with("x-")) {
            let message = format!("`{name}` is not a known property here");
            self.error(&pointer::child(at, name), message, &format!("known are: {}", names.join(", ")));
        }
    }

    fn action(&mut self, at: String, value: Value) -> Option<Action> {
        let Value::Object(mut properties) = value else {
            self.error(
                &at,
                format!("an action is an object, not {}", describe(&value)),
                "add `target` and `update` or `remove`",
            );
            return None;
        };
        self.known(&at, &properties, &["target", "description", "update", "remove"]);
        if !has_text(&properties, "description") {
            self.error(
                &at,
                "the action has no description",
                "describe what is wrong in the document, and how you know",
            );
        }
        let change = self.change(&at, &mut properties);
        let path = self.target(&at, &properties);
        let (target, path) = path?;
        Some(Action { pointer: at, target, path, change: change? })
    }

    fn change(&mut self, at: &str, properties: &mut Map<String, Value>) -> Option<Change> {
        let remove = match properties.get("remove") {
            None => false,
            Some(Value::Bool(remove)) => *remove,
            Some(other) => {
                let message = format!("`remove` is {}, not a boolean", describe(other));
                self.error(&pointer::child(at, "remove"), message, "write `remove: true`");
                return None;
            }
        };
        match (properties.shift_remove("update"), remove) {
            (Some(update), false) => Some(Change::Update(update)),
            (None, true) => Some(Change::Remove),
            (Some(_), true) => {
                self.error(at, "the action has both `update` and `remove`", "split it into two actions");
                None
            }
            (None, false) => {
                self.error(at, "the action has neither `update` nor `remove`", "add `update`, or `remove: true`");
                None
            }
        }
    }

    fn target(&mut self, at: &str, properties: &Map<String, Value>) -> Option<(String, JsonPath)> {
        let Some(target) = properties.get("target").and_then(Value::as_str) else {
            self.error(at, "the action has no string `target`", "add a JSONPath, such as `$.info`");
            return None;
        };
        let at = pointer::child(at, "target");
        if target.len() > MAX_TARGET {
            self.error(&at, format!("the target is longer than {MAX_TARGET} bytes"), "use a shorter JSONPath");
            return None;
        }
        match JsonPath::parse(target) {
            Ok(path) => Some((target.to_owned(), path)),
            Err(error) => {
                let column =
                    target.get(..error.position()).map_or(error.position(), |before| before.chars().count()) + 1;
                let message =
                    format!("the target `{target}` is not a valid JSONPath at character {column}: {}", error.message());
                self.error(&at, message, "see RFC 9535 for the syntax of JSONPath");
                None
            }
        }
    }

    fn accepted(&mut self, at: &str, value: &Value) -> Option<String> {
        let Some(properties) = value.as_object() else {
            self.error(
                at,
                format!("an entry of x-accept is an object, not {}", describe(value)),
                "add `pointer` and `reason`",
            );
            return None;
        };
        self.known(at, properties, &["pointer", "reason"]);
        if !has_text(properties, "reason") {
            self.error(at, "the entry has no reason", "describe why this part of the document can be left out");
        }
        let pointer =
            properties.get("pointer").and_then(Value::as_str).filter(|pointer| pointer::parse(pointer).is_some());
        if pointer.is_none() {
            self.error(
                at,
                "the entry has no JSON pointer",
                "copy it from the diagnostic, as in `#/components/schemas/A/not`",
            );
        }
        Some(pointer?.to_owned())
    }
}

fn has_text(properties: &Map<String, Value>, name: &str) -> bool {
    properties.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
}

/// Applies all actions in order. An action that fails is reported and leaves the document unchanged.
pub fn apply(document: &mut Value, overlay: &Overlay) -> Vec<Diagnostic> {
    apply_some(document, overlay, usize::MAX).0
}

/// The same as [`apply`], for so many actions. Also returns what they wrote.
pub(super) fn apply_some(document: &mut Value, overlay: &Overlay, count: usize) -> (Vec<Diagnostic>, Written) {
    let mut written = Written::default();
    let actions = overlay.actions.iter().take(count);
    let failed = actions.filter_map(|action| apply_one(document, action, &mut written).err());
    (failed.map(|diagnostic| diagnostic.in_file(&overlay.file)).collect(), written)
}

/// What actions wrote: pointers into the document, each with the pointer into the overlay of its source.
#[derive(Clone, Debug, Default)]
pub(super) struct Written(HashMap<String, String>);

impl Written {
    /// Returns the pointer into the overlay of the source of a place in the document.
    pub(super) fn source(&self, pointer: &str) -> Option<String> {
        let mut above = pointer;
        loop {
            if let Some(source) = self.0.get(above) {
                return Some(format!("{source}{}", &pointer[above.len()..]));
            }
            above = above.rsplit_once('/')?.0;
        }
    }

    fn add(&mut self, pointer: String, source: String) {
        self.0.insert(pointer, source);
    }

    /// Removes the places below an array, whose elements may have moved.
    fn forget(&mut self, array: &str) {
        let is_below = |pointer: &str| pointer.strip_prefix(array).is_some_and(|rest| rest.starts_with('/'));
        self.0.retain(|pointer, _| !is_below(pointer));
    }
}

fn apply_one(document: &mut Value, action: &Action, written: &mut Written) -> Result<(), Diagnostic> {
    let found = locate(document, &action.path);
    if found.is_empty() {
        let message = format!("the target `{}` matches nothing", action.target);
        let hint = "remove the action if the document was fixed; otherwise correct the path";
        return Err(Diagnostic::error(action.pointer.clone(), message).hint(hint));
    }
    match &action.change {
        Change::Update(update) => {
            for place in &found {
                updatable(document, place, action, update)?;
            }
            for place in &found {
                if let Some(value) = resolve_mut(document, place) {
                    let at = (pointer_of(place), pointer::child(&action.pointer, "update"));
                    update_one(value, update, at, written);
                }
            }
        }
        Change::Remove => {
            if found.iter().any(Vec::is_empty) {
                let message = format!("the target `{}` is the whole document, which cannot be removed", action.target);
                return Err(Diagnostic::error(action.pointer.clone(), message).hint("use the path of a part of it"));
            }
            for place in &found {
                if let [array @ .., Step::Index(_)] = place.as_slice() {
                    written.forget(&pointer_of(array));
                }
                remove(document, place);
            }
        }
    }
    Ok(())
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// Matched places without repetition, in an order in which a removal never moves a later one.
fn locate(document: &Value, path: &JsonPath) -> Vec<Vec<Step>> {
    let mut found: Vec<_> = path.query_located(document).into_iter().map(|node| steps(node.location())).collect();
    found.sort_by(|a, b| last_first(a, b));
    found.dedup();
    found
}

fn steps(path: &NormalizedPath<'_>) -> Vec<Step> {
    path.iter()
        .map(|element| match element {
            PathElement::Name(name) => Step::Name((*name).to_owned()),
            PathElement::Index(index) => Step::Index(*index),
        })
        .collect()
}

fn pointer_of(place: &[Step]) -> String {
    place.iter().fold(pointer::ROOT.to_owned(), |at, step| match step {
        Step::Name(name) => pointer::child(&at, name),
        Step::Index(index) => pointer::element(&at, *index),
    })
}

/// Later elements of an array come before earlier ones, and parts before the whole.
fn last_first(a: &[Step], b: &[Step]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        let order = match (a, b) {
            (Step::Index(a), Step::Index(b)) => b.cmp(a),
            (Step::Name(a), Step::Name(b)) => a.cmp(b),
            (Step::Name(_), Step::Index(_)) => Ordering::Less,
            (Step::Index(_), Step::Name(_)) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    b.len().cmp(&a.len())
}

fn resolve_mut<'a>(document: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(document, |value, step| match step {
        Step::Name(name) => value.get_mut(name),
        Step::Index(index) => value.get_mut(index),
    })
}

fn remove(document: &mut Value, place: &[Step]) {
    let Some((last, path)) = place.split_last() else { return };
    match (resolve_mut(document, path), last) {
        (Some(Value::Object(properties)), Step::Name(name)) => {
            // `shift_remove`, because the order of the document is the order of the generated code.
            properties.shift_remove(name);
        }
        (Some(Value::Array(elements)), Step::Index(index)) if *index < elements.len() => {
            elements.remove(*index);
        }
        _ => {}
    }
}

/// The specification updates objects with objects, and appends to arrays; it never updates a single value.
fn updatable(document: &mut Value, place: &[Step], action: &Action, update: &Value) -> Result<(), Diagnostic> {
    let problem = match resolve_mut(document, place) {
        Some(Value::Array(_)) | None => return Ok(()),
        Some(Value::Object(_)) if update.is_object() => return Ok(()),
        Some(Value::Object(_)) => format!("an object, which {} cannot update", describe(update)),
        Some(single) => format!("{}, which can't be updated", describe(single)),
    };
    let message = format!("the target `{}` is {problem}", action.target);
    Err(Diagnostic::error(action.pointer.clone(), message)
        .hint("use the object that contains it as the target, and update its property"))
}

/// A pointer into the document, and one into the overlay.
type Pointers = (String, String);

fn update_one(target: &mut Value, update: &Value, at: Pointers, written: &mut Written) {
    match target {
        Value::Array(elements) => {
            written.add(pointer::element(&at.0, elements.len()), at.1);
            elements.push(update.clone());
        }
        other => merge(other, update, at, written),
    }
}

/// Objects merge property by property, arrays join, and everything else is replaced.
fn merge(target: &mut Value, update: &Value, at: Pointers, written: &mut Written) {
    match (target, update) {
        (Value::Object(properties), Value::Object(updates)) => {
            for (name, update) in updates {
                let at = (pointer::child(&at.0, name), pointer::child(&at.1, name));
                match properties.get_mut(name) {
                    Some(property) => merge(property, update, at, written),
                    None => {
                        written.add(at.0, at.1);
                        properties.insert(name.clone(), update.clone());
                    }
                }
            }
        }
        (Value::Array(elements), Value::Array(more)) => {
            for (index, element) in more.iter().enumerate() {
                written.add(pointer::element(&at.0, elements.len()), pointer::element(&at.1, index));
                elements.push(element.clone());
            }
        }
        (target, update) => {
            written.add(at.0, at.1);
            *target = update.clone();
        }
    }
}
