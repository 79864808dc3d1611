//! Replaces a component that only refers to another one by that one, if nothing else refers to it.
//!
//! This happens to a union whose variants were removed one by one. People know the name of the union.

use std::collections::BTreeMap;

use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Summary;
use super::objects::{references, visit_mut};

/// Replaces aliases by their schemas.
pub(super) fn collapse(document: &mut Map<String, Value>, summary: &mut Summary) {
    while let Some((alias, target)) = next(document) {
        let schemas = document.get_mut("components").and_then(|components| components.get_mut("schemas"));
        let Some(Value::Object(schemas)) = schemas else { return };
        let Some(schema) = schemas.shift_remove(&target) else { return };
        schemas.insert(alias.clone(), schema);
        summary.aliases.push((alias, target));
    }
}

/// An alias, and the schema that only it refers to.
fn next(document: &mut Map<String, Value>) -> Option<(String, String)> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let mut aliases: Vec<(String, String)> = Vec::new();
    visit_mut(document, &mut |kind, members, at| {
        for reference in references(kind, members) {
            *uses.entry(reference).or_default() += 1;
        }
        let target = members.get("$ref").and_then(Value::as_str).filter(|_| members.len() == 1);
        let alias = at.strip_prefix("#/components/schemas/").filter(|name| !name.contains('/'));
        if let (Some(alias), Some(target)) = (alias, target) {
            aliases.push((alias.to_owned(), target.to_owned()));
        }
    });
    let once = aliases.into_iter().filter(|(_, reference)| uses.get(reference) == Some(&1));
    let mut named = once.filter_map(|(alias, reference)| Some((alias, pointer::component(&reference, "schemas")?)));
    named.find(|(alias, target)| alias != target)
}
