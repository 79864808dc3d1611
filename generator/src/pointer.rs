//! JSON pointers (RFC 6901), written as URI fragments such as `#/paths/~1v1~1orders~1/get`.
//!
//! Pointers are for people, so only `~` and `/` are escaped.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The pointer of the whole document.
pub const ROOT: &str = "#";

/// The pointer of the paths of a document.
pub const PATHS: &str = "#/paths";

/// The pointer of the webhooks of a document.
pub const WEBHOOKS: &str = "#/webhooks";

/// The pointer of the components of a document.
const COMPONENTS: &str = "#/components";

/// The section of components that has the schemas.
pub const SCHEMAS: &str = "schemas";

/// The pointer of a component of a section.
#[must_use]
pub fn to_component(section: &str, name: &str) -> String {
    child(&child(COMPONENTS, section), name)
}

/// The pointer of a component schema.
#[must_use]
pub fn to_schema(name: &str) -> String {
    to_component(SCHEMAS, name)
}

/// The pointer without the common prefix of component schemas, or without the root.
#[must_use]
pub fn below_schemas(pointer: &str) -> &str {
    let below = |prefix: &str| pointer.strip_prefix(prefix)?.strip_prefix('/');
    below(&child(COMPONENTS, SCHEMAS)).or_else(|| below(ROOT)).unwrap_or(pointer)
}

/// Returns whether the pointer refers to a component itself, not to a part of one.
#[must_use]
pub fn is_component(pointer: &str) -> bool {
    let rest = pointer.strip_prefix(COMPONENTS).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| rest.matches('/').count() == 1)
}

/// Returns the pointer of the value that contains the one at `pointer`.
#[must_use]
pub fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or(ROOT, |(parent, _)| parent)
}

/// Returns the pointer of a property of the value at `base`.
#[must_use]
pub fn child(base: &str, name: &str) -> String {
    let mut pointer = String::with_capacity(base.len() + name.len() + 1);
    pointer.push_str(base);
    pointer.push('/');
    if !name.contains(['~', '/']) {
        pointer.push_str(name);
        return pointer;
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
    pointer
}

/// Returns the pointer of an element of the array at `base`.
#[must_use]
pub fn element(base: &str, index: usize) -> String {
    format!("{base}/{index}")
}

/// Returns the names from the root to the place, or nothing if the text is not a pointer.
#[must_use]
pub fn parse(pointer: &str) -> Option<Vec<String>> {
    let rest = pointer.strip_prefix(ROOT)?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    rest.strip_prefix('/')?.split('/').map(unescape).collect()
}

/// Decodes the text of a `$ref`, which is a URI with a percent-encoded fragment.
#[must_use]
pub fn decoded(reference: &str) -> Cow<'_, str> {
    percent_decode_str(reference).decode_utf8().unwrap_or(Cow::Borrowed(reference))
}

/// Returns the name in a reference such as `#/components/schemas/NAME`, if it refers to a component of this section.
#[must_use]
pub fn component(reference: &str, section: &str) -> Option<String> {
    match <[String; 3]>::try_from(parse(&decoded(reference))?) {
        Ok([components, found, name]) if components == "components" && found == section => Some(name),
        _ => None,
    }
}

/// Returns the value at the pointer.
#[must_use]
pub fn resolve<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    parse(pointer)?.iter().try_fold(document, |value, name| match value {
        Value::Object(properties) => properties.get(name),
        Value::Array(elements) => elements.get(index(name)?),
        _ => None,
    })
}

/// Removes the value at the pointer from its object or array.
pub fn remove(document: &mut Value, pointer: &str) -> Option<Value> {
    let names = parse(pointer)?;
    let (last, path) = names.split_last()?;
    let parent = path.iter().try_fold(document, |value, name| match value {
        Value::Object(properties) => properties.get_mut(name),
        Value::Array(elements) => elements.get_mut(index(name)?),
        _ => None,
    })?;
    match parent {
        // `shift_remove`, because the order of the document is the order of the generated code.
        Value::Object(properties) => properties.shift_remove(last),
        Value::Array(elements) => {
            let index = index(last).filter(|index| *index < elements.len())?;
            Some(elements.remove(index))
        }
        _ => None,
    }
}

/// RFC 6901 allows neither signs nor leading zeros in an index.
pub(super) fn index(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
    plain.then(|| name.parse().ok()).flatten()
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_survive_the_way_there_and_back() {
        for name in ["", "a", "/v1/a~b", "~1", "~01", "ü", "a%20b"] {
            assert_eq!(parse(&child(ROOT, name)), Some(vec![name.to_owned()]));
        }
        assert_eq!(child("#/paths", "/v1/{id}~"), "#/paths/~1v1~1{id}~0");
    }

    #[test]
    fn components_are_told_from_their_parts() {
        assert_eq!(to_schema("A/B"), "#/components/schemas/A~1B");
        assert!(is_component(&to_schema("A/B")) && is_component("#/components/responses/"));
        for other in ["#/components", "#/components/schemas", "#/components/schemas/A/items", "#/paths/a/get"] {
            assert!(!is_component(other), "{other}");
        }
        assert_eq!(below_schemas("#/components/schemas/A/items"), "A/items");
        assert_eq!(below_schemas("#/paths/~1a/get"), "paths/~1a/get");
    }

    #[test]
    fn texts_that_are_no_pointers() {
        for text in ["", "/a", "#a", "#/~", "#/~2", "other.yaml#/a"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn resolves_and_removes() {
        let mut document = json!({"a/b": [1, {"~": 2}], "": 3, "c": 4});
        assert_eq!(resolve(&document, "#/a~1b/1/~0"), Some(&json!(2)));
        assert_eq!(resolve(&document, "#/"), Some(&json!(3)));
        for nowhere in ["#/a~1b/01", "#/a~1b/+1", "#/a~1b/2", "#/a~1b/", "#/c/d"] {
            assert_eq!(resolve(&document, nowhere), None, "{nowhere}");
            assert_eq!(remove(&mut document, nowhere), None, "{nowhere}");
        }
        assert_eq!(remove(&mut document, "#/a~1b/0"), Some(json!(1)));
        assert_eq!(remove(&mut document, "#/"), Some(json!(3)));
        assert_eq!(document.to_string(), r#"{"a/b":[{"~":2}],"c":4}"#);
    }
}
