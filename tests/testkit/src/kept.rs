//! The parts of a decoded value for which the crate has no type, name or field.

use std::fmt::Debug;

/// A part of a value that the crate does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// Where it is, with `[]` for any element of a list and `{}` for any key of a map: `items[].prices[].type`.
    pub path: String,
    /// The type of the object that it is a property of; empty outside of one.
    pub of: String,
    /// What was kept.
    pub what: What,
}

/// Kinds of parts that the crate does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A property that the document does not declare.
    Property,
    /// A value of an enumeration or a variant of a union, with its text or tag.
    Variant(Option<String>),
}

/// Returns all unknown parts of a value, found in its `Debug` output: `shown` is the short form.
#[must_use]
pub fn kept(value: &impl Debug, shown: &str) -> Vec<Kept> {
    // The long form takes a while, and most values have none.
    if ["Unknown(", "Unknown {", "Extra(Some("].iter().any(|sign| shown.contains(sign)) {
        in_text(&format!("{value:#?}"))
    } else {
        Vec::new()
    }
}

/// What a line opens. Its content is indented below it.
#[derive(Clone, PartialEq, Eq)]
enum Opened {
    List,
    Extra,
    Object(String),
    Other,
}

/// Parses the long form of `Debug`, which has a line for each field, key and element, indented by four spaces per
/// level.
fn in_text(text: &str) -> Vec<Kept> {
    let mut found = Vec::new();
    // For each level: its steps of the path, and what opened it.
    let mut levels: Vec<(String, Opened)> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let content = line.trim_start();
        let depth = (line.len() - content.len()) / 4;
        levels.truncate(depth);
        let (label, is_key, rest) = labelled(content);
        // An undeclared property is JSON, whose content is neither known nor unknown. `Extra(`, `Some(`, `{`, a key.
        let extra = levels.iter().position(|(_, opened)| *opened == Opened::Extra);
        if let Some(extra) = extra {
            if depth == extra + 3
                && let Some(name) = label
            {
                let levels = &levels[..extra];
                found.push(Kept { path: path(levels, &name), of: object(levels), what: What::Property });
            }
            levels.push((String::new(), Opened::Other));
            continue;
        }
        let step = match label {
            Some(_) if is_key => "{}".to_owned(),
            Some(name) => name,
            None if levels.last().is_some_and(|(_, opened)| *opened == Opened::List) => "[]".to_owned(),
            None => String::new(),
        };
        if rest.starts_with("Unknown(") {
            let tag = lines.iter().skip(index + 1).take(3).find_map(|line| quoted(line.trim_start()));
            found.push(Kept { path: path(&levels, &step), of: object(&levels), what: What::Variant(tag) });
        }
        let opened = match (rest, rest.strip_suffix(" {")) {
            ("[", _) => Opened::List,
            ("Extra(", _) => Opened::Extra,
            (_, Some(name)) => Opened::Object(name.to_owned()),
            _ => Opened::Other,
        };
        // The undeclared properties of an object are parts of the object itself.
        let step = if step == "additional_properties" || opened == Opened::Extra { String::new() } else { step };
        levels.push((step, opened));
    }
    found
}

/// Returns the name of a field or the key of a map, whether it is a key, and the text after it.
fn labelled(content: &str) -> (Option<String>, bool, &str) {
    let key = content.strip_prefix('"').and_then(|text| text.split_once("\": "));
    if let Some((key, rest)) = key.filter(|(key, _)| !key.ends_with('\\')) {
        return (Some(key.to_owned()), true, rest);
    }
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    match content.split_once(": ") {
        Some((name, rest)) if is_name(name) && !name.contains(['"', '(', ' ']) => (Some(name.to_owned()), false, rest),
        _ => (None, false, content),
    }
}

/// Returns the text in quotes at the start of a line.
fn quoted(content: &str) -> Option<String> {
    let text = content.strip_prefix('"')?;
    text.rsplit_once('"').map(|(text, _)| text.to_owned())
}

/// The name of the innermost object.
fn object(levels: &[(String, Opened)]) -> String {
    let names = levels.iter().rev().filter_map(|(_, opened)| match opened {
        Opened::Object(name) => Some(name.clone()),
        _ => None,
    });
    names.into_iter().next().unwrap_or_default()
}

fn path(levels: &[(String, Opened)], last: &str) -> String {
    let mut path = String::new();
    for step in levels.iter().map(|(step, _)| step.as_str()).chain([last]).filter(|step| !step.is_empty()) {
        if !path.is_empty() && !["[]", "{}"].contains(&step) {
            path.push('.');
        }
        path.push_str(step);
    }
    path
}

#[cfg(test)]
mod tests {
    use polar_client::models::{ListResourceOrder, Order};
    use polar_client::runtime::codec::{Field, decode};
    use serde_json::{Value, json};

    use super::*;
    use crate::sample::sample;

    fn found<T: Field + Debug>(value: &Value) -> Vec<(String, String, What)> {
        let decoded: Option<T> = decode(value.to_string().as_bytes()).ok();
        kept(&decoded, &format!("{decoded:?}")).into_iter().map(|kept| (kept.path, kept.of, kept.what)).collect()
    }

    #[test]
    fn all_that_is_not_known_is_found_with_its_path() {
        let texts = json!({"a": "Unknown(", "b": "Extra(Some(", "c: d": "Unknown {"});
        let mut order = sample("Order", json!({"metadata": texts}));
        assert_eq!(found::<Order>(&order), []);
        order["status"] = json!("half_paid");
        order["customer"]["one"] = json!({"Extra(": [{"two": "\nUnknown("}]});
        order["three"] = json!(null);
        let variant = |text: &str| What::Variant(Some(text.to_owned()));
        let expected = [
            ("status", "Order", variant("half_paid")),
            ("customer.one", "OrderCustomer", What::Property),
            ("three", "Order", What::Property),
        ];
        let expected = expected.map(|(path, of, what)| (path.to_owned(), of.to_owned(), what));
        assert_eq!(found::<Order>(&order), expected);

        let page = json!({"items": [order], "pagination": {"total_count": 1, "max_page": 1}});
        let expected = expected.map(|(path, of, what)| (format!("items[].{path}"), of, what));
        assert_eq!(found::<ListResourceOrder>(&page), expected);
    }
}
