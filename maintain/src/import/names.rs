//! Names of schemas in our form, and the references to them.

use std::collections::{BTreeMap, BTreeSet};

use polar_codegen::Diagnostic;
use polar_codegen::pointer;
use serde_json::{Map, Value};

use super::Summary;
use super::objects::{Object, full_reference, visit_mut};

/// Converts the name of each schema and all references to it, and checks that references have a target.
pub(super) fn run(document: &mut Map<String, Value>, summary: &mut Summary) -> Result<(), Diagnostic> {
    let names = names(document, summary);
    if let Some(schemas) = schemas(document) {
        let renamed = std::mem::take(schemas).into_iter();
        *schemas = renamed.map(|(name, schema)| (names.get(&name).unwrap_or(&name).clone(), schema)).collect();
    }
    let mut wrong = None;
    replace_references(document, &mut |reference, at| {
        let target = match pointer::parse(&pointer::decoded(reference)) {
            Some(target) => target,
            None => {
                let message = format!("the reference `{reference}` is not to a place in this document");
                let hint = "bundle the document into one file";
                wrong.get_or_insert_with(|| Diagnostic::error(at, message).hint(hint));
                return None;
            }
        };
        Some(renamed(&target, &names))
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    let lost = dangling(document);
    lost.map_or(Ok(()), |(reference, at)| {
        Err(Diagnostic::error(at, format!("the reference `{reference}` has no target"))
            .hint("fix the document, or download it again"))
    })
}

/// Returns the name in our form: `ListResource_Order_` is `ListResourceOrder`, `Tier-Input` is `TierInput`.
pub(super) fn in_our_form(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn schemas(document: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    document.get_mut("components")?.get_mut("schemas")?.as_object_mut()
}

/// Returns new names by former names. If two schemas would get the same name, the one that already has it keeps it, and
/// the others stay as they are.
fn names(document: &mut Map<String, Value>, summary: &mut Summary) -> BTreeMap<String, String> {
    let former: Vec<String> = schemas(document).map(|schemas| schemas.keys().cloned().collect()).unwrap_or_default();
    let mut taken: BTreeSet<String> = former.iter().filter(|name| in_our_form(name) == **name).cloned().collect();
    let mut names = BTreeMap::new();
    for name in former.iter().filter(|name| in_our_form(name) != **name) {
        let wanted = in_our_form(name);
        if !wanted.is_empty() && taken.insert(wanted.clone()) {
            summary.renamed.push((name.clone(), wanted.clone()));
            names.insert(name.clone(), wanted);
        } else {
            summary.kept_names.push(name.clone());
        }
    }
    names
}

fn renamed(target: &[String], names: &BTreeMap<String, String>) -> String {
    let is_schema = |index: usize| index == 2 && target[0] == "components" && target[1] == "schemas";
    target.iter().enumerate().fold(pointer::ROOT.to_owned(), |base, (index, name)| {
        let name = if is_schema(index) { names.get(name).unwrap_or(name) } else { name };
        pointer::child(&base, name)
    })
}

/// Replaces each reference by the result of `replace` for it and its place.
fn replace_references(document: &mut Map<String, Value>, replace: &mut dyn FnMut(&str, &str) -> Option<String>) {
    visit_mut(document, &mut |kind, members, at| {
        let own = members.get_mut("$ref").map(|reference| (reference, pointer::child(at, "$ref")));
        if let Some((Value::String(reference), here)) = own
            && let Some(other) = replace(reference, &here)
        {
            *reference = other;
        }
        let mapping = members.get_mut("mapping").filter(|_| kind == Object::Discriminator);
        for (tag, target) in mapping.and_then(Value::as_object_mut).into_iter().flatten() {
            let here = pointer::child(&pointer::child(at, "mapping"), tag);
            if let Value::String(target) = target
                && let Some(other) = replace(&full_reference(target), &here)
            {
                *target = other;
            }
        }
    });
}

/// Returns the first reference without a target, and its place.
fn dangling(document: &mut Map<String, Value>) -> Option<(String, String)> {
    let whole = Value::Object(document.clone());
    let mut found = None;
    replace_references(document, &mut |reference, at| {
        if found.is_none() && pointer::resolve(&whole, reference).is_none() {
            found = Some((reference.to_owned(), at.to_owned()));
        }
        None
    });
    found
}
