//! Descriptions into the docs of an API.

use std::collections::{BTreeSet, HashMap};

use super::{Descriptions, key};
use crate::diagnostics::Diagnostic;
use crate::ir::{Api, Operation, Shape, TypeDef};

/// The paths of the descriptions that an API has a place for.
pub type Used<'a> = BTreeSet<&'a [String]>;

/// Puts descriptions into the docs of an API. They take the place of the document's words; a text that holds for all
/// properties or parameters of a name is used only if there are no others.
///
/// Returns the descriptions of what the API has.
pub fn apply<'a>(api: &mut Api, descriptions: &'a Descriptions<'a>) -> Used<'a> {
    let mut texts = Texts { descriptions, used: BTreeSet::new() };
    if descriptions.texts.is_empty() {
        return texts.used;
    }
    for def in &mut api.types {
        texts.describe_type(def);
    }
    for operation in &mut api.operations {
        texts.describe_operation(operation);
    }
    for webhook in &mut api.webhooks {
        texts.replace(&mut webhook.docs.description, &["webhooks", &webhook.event, "description"]);
    }
    describe_webhook_union(api);
    texts.used
}

/// The variants of the union of all events say when the events are sent.
fn describe_webhook_union(api: &mut Api) {
    let Some(def) = api.webhook_union.and_then(|id| api.types.get_mut(id.0)) else { return };
    let Shape::Union(union) = &mut def.shape else { return };
    let events: HashMap<&str, &Option<String>> =
        api.webhooks.iter().map(|webhook| (webhook.event.as_str(), &webhook.docs.description)).collect();
    for variant in &mut union.variants {
        variant.description = events.get(variant.context.as_str()).and_then(|description| (*description).clone());
    }
}

/// Texts, and which of them have been asked for.
struct Texts<'a> {
    descriptions: &'a Descriptions<'a>,
    used: BTreeSet<&'a [String]>,
}

impl<'a> Texts<'a> {
    fn get(&mut self, path: &[&str]) -> Option<&'a str> {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        let (path, text) = self.descriptions.texts.get_key_value(&path)?;
        self.used.insert(path);
        Some(&text.text)
    }

    fn replace(&mut self, description: &mut Option<String>, path: &[&str]) {
        if let Some(text) = self.get(path) {
            *description = Some(text.to_owned());
        }
    }

    /// The entry's own text, or that of the glossary.
    fn text_of(&mut self, description: &mut Option<String>, path: &[&str; 4]) {
        self.replace(description, path);
        let common = self.get(&path[2..]);
        if description.is_none() {
            *description = common.map(str::to_owned);
        }
    }

    fn describe_type(&mut self, def: &mut TypeDef) {
        let key = key(def).to_owned();
        self.replace(&mut def.docs.description, &["types", &key, "description"]);
        match &mut def.shape {
            Shape::Struct(object) => {
                for field in &mut object.fields {
                    self.text_of(&mut field.docs.description, &["types", &key, "properties", &field.wire]);
                }
            }
            Shape::Enum(listed) => {
                for value in &mut listed.values {
                    self.replace(&mut value.description, &["types", &key, "values", &value.wire]);
                }
            }
            Shape::Union(_) => {}
        }
    }

    fn describe_operation(&mut self, operation: &mut Operation) {
        let id = operation.id.clone();
        let parts = ["summary", "description"].map(|part| self.get(&["operations", &id, part]));
        let text: Vec<_> = parts.into_iter().flatten().collect();
        if !text.is_empty() {
            operation.docs.description = Some(text.join("\n\n"));
        }
        let lists = [&mut operation.path_parameters, &mut operation.query, &mut operation.headers];
        for parameter in lists.into_iter().flatten() {
            self.text_of(&mut parameter.docs.description, &["operations", &id, "parameters", &parameter.wire]);
        }
    }
}

/// An error for each text that is not used; one for all texts of an entry that no API has. The APIs are the versions that
/// the descriptions are for.
#[must_use]
pub fn stale(descriptions: &Descriptions<'_>, used: &Used<'_>, apis: &[&Api]) -> Vec<Diagnostic> {
    let has_operation = |id: &str| apis.iter().any(|api| api.operations.iter().any(|operation| operation.id == id));
    let has_type = |name: &str| apis.iter().any(|api| api.types.iter().any(|def| key(def) == name));
    let mut errors = Vec::new();
    let mut unknown = BTreeSet::new();
    for (path, text) in descriptions.texts.iter().filter(|(path, _)| !used.contains(path.as_slice())) {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let (depth, message) = match keys.as_slice() {
            ["operations", id, ..] if !has_operation(id) => (2, format!("unknown operation `{id}`")),
            ["types", name, ..] if !has_type(name) => (2, format!("unknown type `{name}`")),
            ["webhooks", event, ..] => (2, format!("unknown webhook `{event}`")),
            [_, entry, "parameters", name] => (4, format!("`{entry}` has no parameter `{name}`")),
            [_, entry, "properties", name] => (4, format!("`{entry}` has no property `{name}`")),
            [_, entry, "values", value] => (4, format!("`{entry}` has no value `{value}`")),
            ["parameters", name] => (2, format!("no operation has a parameter `{name}`")),
            ["properties", name] => (2, format!("no type has a property `{name}`")),
            keys => (keys.len(), format!("nothing has the description `{}`", keys.join("/"))),
        };
        let path = path.get(..depth).unwrap_or(path);
        if unknown.insert(path) {
            let hint = "remove the entry, or correct its name; `cargo xtask names` lists what there is";
            errors.push(descriptions.error(text.file, path, message).hint(hint));
        }
    }
    errors
}
