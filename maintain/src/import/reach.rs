//! Removes components that no operation or webhook uses.

use std::collections::BTreeSet;

use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Summary;
use super::objects::{Object, children, references};

/// The section whose components are used by name and not by reference.
const SECURITY: &str = "securitySchemes";

/// Removes them and adds the schemas among them to the summary.
pub(super) fn drop_unused(document: &mut Map<String, Value>, summary: &mut Summary) {
    let used = used(document);
    let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) else { return };
    for (section, entries) in components.iter_mut().filter(|(section, _)| *section != SECURITY) {
        let Value::Object(entries) = entries else { continue };
        let base = pointer::child("#/components", section);
        entries.retain(|name, _| {
            let is_used = used.contains(&pointer::child(&base, name));
            if !is_used && section == "schemas" {
                summary.unused_schemas.push(name.clone());
            }
            is_used
        });
    }
    components.retain(|_, entries| entries.as_object().is_none_or(|entries| !entries.is_empty()));
    if components.is_empty() {
        document.shift_remove("components");
    }
}

/// Pointers of the components that are reachable from outside of `components`.
fn used(document: &Map<String, Value>) -> BTreeSet<String> {
    let whole = Value::Object(document.clone());
    let mut open: Vec<_> = children(Object::Document, document, pointer::ROOT);
    open.retain(|(kind, ..)| *kind != Object::Components);
    let mut used = BTreeSet::new();
    while let Some((kind, members, at)) = open.pop() {
        for reference in references(kind, members) {
            let Some(component) = component(&reference) else { continue };
            if used.insert(component.pointer.clone())
                && let Some(members) = pointer::resolve(&whole, &component.pointer).and_then(Value::as_object)
            {
                open.push((component.kind, members, component.pointer));
            }
        }
        open.extend(children(kind, members, &at));
    }
    used
}

/// A component that contains the target of a reference.
struct Component {
    kind: Object,
    pointer: String,
}

fn component(reference: &str) -> Option<Component> {
    let path = pointer::parse(&pointer::decoded(reference))?;
    let [components, section, name, ..] = path.as_slice() else { return None };
    let kind = match section.as_str() {
        "schemas" => Object::Schema,
        "responses" => Object::Response,
        "parameters" => Object::Parameter,
        "requestBodies" => Object::RequestBody,
        "headers" => Object::Header,
        _ => return None,
    };
    let base = pointer::child(pointer::ROOT, components);
    (components == "components")
        .then(|| Component { kind, pointer: pointer::child(&pointer::child(&base, section), name) })
}
