//! Adds descriptions to the docs of an API.

use std::collections::{BTreeSet, HashMap};

use super::{Descriptions, key};
use crate::diagnostics::Diagnostic;
use crate::ir::{Api, ExampleText, Operation, Shape, TypeDef};

/// The paths of the descriptions that an API has a place for.
pub type Used<'a> = BTreeSet<&'a [String]>;

/// Adds descriptions to the docs of an API. They replace the texts of the document; a text for all properties or
/// parameters of a name is used only if there is no other.
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
    for id in api.operations.iter().map(|operation| operation.id.replace('-', "_")) {
        for (end, _) in id.match_indices(':') {
            if let Some(text) = texts.get(&["resources", &id[..end], "description"]) {
                api.resource_docs.insert(id[..end].to_owned(), text.to_owned());
            }
        }
    }
    describe_webhook_union(api);
    texts.used
}

/// The docs of the variants of the union of all events say when the events are sent.
fn describe_webhook_union(api: &mut Api) {
    let Some(def) = api.webhook_union.and_then(|id| api.types.get_mut(id.0)) else { return };
    let Shape::Union(union) = &mut def.shape else { return };
    let events: HashMap<&str, &Option<String>> =
        api.webhooks.iter().map(|webhook| (webhook.event.as_str(), &webhook.docs.description)).collect();
    for variant in &mut union.variants {
        variant.description = events.get(variant.context.as_str()).and_then(|description| (*description).clone());
    }
}

/// Texts, and which of them were used.
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

    /// Returns the text of the entry, or that of the glossary.
    fn text_of(&mut self, description: &mut Option<String>, path: &[&str; 4]) {
        self.replace(description, path);
        let common = self.get(&path[2..]);
        if description.is_none() {
            *description = common.map(str::to_owned);
        }
    }

    /// The value in examples: that of the entry, which is shown, or that of the glossary.
    fn example_of(&mut self, section: &str, key: &str, wire: &str) -> Option<ExampleText> {
        let own = self.get(&[section, key, "examples", wire]);
        let common = self.get(&["examples", wire]);
        let text = own.or(common)?.to_owned();
        Some(ExampleText { text, is_shown: own.is_some() })
    }

    fn describe_type(&mut self, def: &mut TypeDef) {
        let key = key(def).to_owned();
        self.replace(&mut def.docs.description, &["types", &key, "description"]);
        match &mut def.shape {
            Shape::Struct(object) => {
                for field in &mut object.fields {
                    self.text_of(&mut field.docs.description, &["types", &key, "properties", &field.wire]);
                    field.docs.example = self.example_of("types", &key, &field.wire);
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
        let aliases = self.get(&["operations", &id, "aliases"]).unwrap_or_default();
        operation.aliases = aliases.split(", ").filter(|alias| !alias.is_empty()).map(str::to_owned).collect();
        let example = self.get(&["operations", &id, "example"]);
        operation.docs.example = example.map(|text| ExampleText { text: text.to_owned(), is_shown: true });
        let lists = [&mut operation.path_parameters, &mut operation.query, &mut operation.headers];
        for parameter in lists.into_iter().flatten() {
            self.text_of(&mut parameter.docs.description, &["operations", &id, "parameters", &parameter.wire]);
            parameter.docs.example = self.example_of("operations", &id, &parameter.wire);
        }
    }
}

/// Returns an error for each unused text, or one for all texts of an entry that no API has. The APIs are the versions that
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
            ["resources", path, ..] => (2, format!("no operation belongs to a resource `{path}`")),
            ["webhooks", event, ..] => (2, format!("unknown webhook `{event}`")),
            [_, entry, "parameters", name] => (4, format!("`{entry}` has no parameter `{name}`")),
            [_, entry, "properties", name] => (4, format!("`{entry}` has no property `{name}`")),
            [_, entry, "values", value] => (4, format!("`{entry}` has no value `{value}`")),
            [_, entry, "examples", name] => (4, format!("`{entry}` has no `{name}` that an example could show")),
            ["examples", name] => (2, format!("nothing is called `{name}` that an example could show")),
            ["parameters", name] => (2, format!("no operation has a parameter `{name}`")),
            ["properties", name] => (2, format!("no type has a property `{name}`")),
            keys => (keys.len(), format!("the description `{}` matches nothing", keys.join("/"))),
        };
        let path = path.get(..depth).unwrap_or(path);
        if unknown.insert(path) {
            let hint = "remove the entry, or correct its name; `cargo xtask names` lists all names";
            errors.push(descriptions.error(text.file, path, message).hint(hint));
        }
    }
    errors
}
