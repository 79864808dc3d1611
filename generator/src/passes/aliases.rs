//! Other names by which the search of the documentation finds an item: those of the document and of other clients.

use crate::ir::{Api, Shape};
use crate::words;

/// Finds the aliases of operations, types, values and events.
pub(super) fn run(api: &mut Api) {
    for operation in &mut api.operations {
        let called = operation.id.rsplit(':').next().unwrap_or_default();
        let names = [operation.id.clone(), called.to_owned(), camel_case(called)];
        let listed = std::mem::take(&mut operation.aliases);
        operation.aliases = others(&operation.method_name, listed.into_iter().chain(names));
    }
    let events: Vec<_> = api.webhooks.iter().map(|webhook| webhook.event.clone()).collect();
    for (index, def) in api.types.iter_mut().enumerate() {
        def.aliases = others(&def.name, def.component().map(str::to_owned));
        let is_event = api.webhook_union.is_some_and(|union| union.0 == index);
        match &mut def.shape {
            Shape::Enum(listed) => {
                for value in &mut listed.values {
                    value.aliases = others(&value.name, [value.wire.clone()]);
                }
            }
            Shape::Union(union) if is_event => {
                for variant in union.variants.iter_mut().filter(|variant| events.contains(&variant.context)) {
                    variant.aliases = vec![variant.context.clone()];
                }
            }
            Shape::Struct(_) | Shape::Union(_) => {}
        }
    }
}

/// Returns the names that the search does not find by the identifier, without duplicates.
fn others(identifier: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let is_known = found.iter().any(|other| searched(other) == searched(&name));
        if searched(&name) != searched(identifier) && !is_known && is_allowed(&name) {
            found.push(name);
        }
    }
    found
}

/// Normalizes a name like the search: without case and underscores. A time zone is found without its slash.
fn searched(name: &str) -> String {
    name.trim_start_matches("r#").chars().filter(|c| !matches!(c, '_' | '/')).flat_map(char::to_lowercase).collect()
}

/// Returns whether rustdoc accepts an alias.
fn is_allowed(name: &str) -> bool {
    let is_text = |c: char| !c.is_control() && !matches!(c, '"' | '\'' | '\\');
    !name.is_empty() && name.trim() == name && name.chars().all(is_text)
}

/// Converts `get_state_external` to `getStateExternal`.
fn camel_case(name: &str) -> String {
    let capitalized = |word: &String| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    let words: Vec<_> = words::split(name).iter().map(|word| word.to_lowercase()).collect();
    let Some((first, rest)) = words.split_first() else { return String::new() };
    [first.clone()].into_iter().chain(rest.iter().map(capitalized)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_search_finds_anyway_are_no_aliases() {
        let names = ["customers:get_state", "get_state", "getState"].map(str::to_owned);
        assert_eq!(others("get_state", names.clone()), ["customers:get_state"]);
        assert_eq!(others("state", names), ["customers:get_state", "get_state"]);
        assert_eq!(others("CreatedAtDesc", ["-created_at".to_owned()]), ["-created_at"]);
        assert_eq!(others("CreatedAt", ["created_at".to_owned(), "a ".to_owned(), String::new()]), [""; 0]);
    }

    #[test]
    fn camel_case_capitalizes_all_words_but_the_first() {
        assert_eq!(camel_case("list_webhook_endpoints"), "listWebhookEndpoints");
        assert_eq!(camel_case("get"), "get");
    }
}
