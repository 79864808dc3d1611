//! Null, constants, and several types at once.

use serde_json::Value;

use super::super::preserved;
use super::schema::{Child, KeywordValue, Keywords};

/// Null as a type, a constant or a value of an enum becomes `nullable`, or `x-null-only` if nothing else is left.
pub(super) fn null(schema: &mut Keywords) {
    let mut only_null = schema.plain("const").is_some_and(Value::is_null);
    if only_null {
        schema.take("const");
        schema.take("type");
    }
    match schema.plain("type").cloned() {
        Some(Value::String(name)) if name == "null" => {
            schema.take("type");
            only_null = true;
        }
        Some(Value::Array(names)) => only_null |= several(schema, names),
        _ => {}
    }
    if let Some(Value::Array(values)) = schema.plain("enum").cloned()
        && values.iter().any(Value::is_null)
    {
        let rest: Vec<Value> = values.into_iter().filter(|value| !value.is_null()).collect();
        if rest.is_empty() {
            schema.take("enum");
            schema.take("type");
            only_null = true;
        } else {
            schema.set_plain("enum", rest);
            schema.set_plain("nullable", true);
        }
    }
    if only_null {
        schema.take("nullable");
        schema.set_plain(preserved::NULL_ONLY, true);
    }
}

/// Removes null from a list of types. Returns whether nothing else was in it.
fn several(schema: &mut Keywords, names: Vec<Value>) -> bool {
    let count = names.len();
    let mut rest: Vec<Value> = Vec::new();
    for name in names {
        if name != "null" && !rest.contains(&name) {
            rest.push(name);
        }
    }
    let had_null = rest.len() < count
        && schema.plain("type").and_then(Value::as_array).is_some_and(|all| all.iter().any(|name| name == "null"));
    if rest.is_empty() && had_null {
        schema.take("type");
        return true;
    }
    if had_null {
        schema.set_plain("nullable", true);
    }
    match (rest.len(), rest.first()) {
        (1, Some(name)) => schema.set_plain("type", name.clone()),
        _ => schema.set_plain("type", rest),
    }
    false
}

/// A constant is preserved as a whole. A scalar is also the only value of `enum`, so that code without knowledge of the
/// preserved key reads it correctly.
pub(super) fn constant(schema: &mut Keywords) {
    let Some(KeywordValue::Plain(value)) = schema.take("const") else {
        return;
    };
    if !value.is_object() && !value.is_array() {
        schema.set_plain("enum", vec![value.clone()]);
    }
    if !schema.has("type") {
        schema.set_plain("type", type_of(&value));
    }
    schema.set_plain(preserved::CONST, value);
}

/// A schema without a type gets the one of its values or its format.
pub(super) fn infer(schema: &mut Keywords) {
    if ["type", "allOf", "anyOf", "oneOf", preserved::NULL_ONLY].iter().any(|name| schema.has(name)) {
        return;
    }
    let by_values = schema.plain("enum").and_then(Value::as_array).and_then(|values| common_type(values));
    let by_format = schema.plain("format").and_then(Value::as_str).map(|format| match format {
        "int32" | "int64" => "integer",
        "float" | "double" => "number",
        _ => "string",
    });
    if let Some(name) = by_values.or(by_format.filter(|_| !schema.has("enum"))) {
        schema.set_plain("type", name);
    }
}

fn common_type(values: &[Value]) -> Option<&'static str> {
    let mut names = values.iter().map(type_of);
    let first = names.next()?;
    names.try_fold(first, |common, name| match (common, name) {
        (common, name) if common == name => Some(common),
        ("integer", "number") | ("number", "integer") => Some("number"),
        _ => None,
    })
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Several types become a union with a schema for each type, which has the keywords for that type.
pub(super) fn split(schema: &mut Keywords) {
    let Some(Value::Array(names)) = schema.plain("type").cloned() else {
        return;
    };
    let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.len() < 2 {
        return;
    }
    let entries = schema.split(|name| name == "type" || name == "enum" || !speaks_of(name).is_empty());
    let mut children: Vec<Child> = Vec::new();
    for name in &names {
        let mut variant = Keywords::new(&schema.origin);
        variant.set_plain("type", name.as_str());
        for (keyword, value) in &entries {
            if speaks_of(keyword).contains(&name.as_str()) && (keyword != "format" || fits_format(value, name, &names))
            {
                variant.set(keyword, value.clone());
            }
        }
        let values =
            entries.iter().find(|(keyword, _)| keyword == "enum").map(|(_, value)| values_of(value, name, &names));
        match values {
            Some(values) if values.is_empty() => continue,
            Some(values) => variant.set_plain("enum", values),
            None => {}
        }
        children.push(Child::Done(variant));
    }
    let union = KeywordValue::Many(children);
    if schema.has("anyOf") {
        // Both must hold, so the union of types is moved to a separate schema.
        let mut types = Keywords::new(&schema.origin);
        types.set("anyOf", union);
        let mut all = match schema.take("allOf") {
            Some(KeywordValue::Many(children)) => children,
            _ => Vec::new(),
        };
        all.push(Child::Done(types));
        schema.set("allOf", KeywordValue::Many(all));
    } else {
        schema.entries.insert(0, ("anyOf".to_owned(), union));
    }
}

/// Returns the types that a keyword applies to; other types ignore it.
fn speaks_of(keyword: &str) -> &'static [&'static str] {
    match keyword {
        "minLength" | "maxLength" | "pattern" | preserved::CONTENT_ENCODING | preserved::CONTENT_MEDIA_TYPE => {
            &["string"]
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => &["integer", "number"],
        "format" => &["string", "integer", "number"],
        "properties"
        | "required"
        | "additionalProperties"
        | "minProperties"
        | "maxProperties"
        | preserved::PROPERTY_NAMES => &["object"],
        "items" | "minItems" | "maxItems" | "uniqueItems" | preserved::PREFIX_ITEMS => &["array"],
        _ => &[],
    }
}

fn fits_format(format: &KeywordValue, name: &str, names: &[String]) -> bool {
    let KeywordValue::Plain(Value::String(format)) = format else {
        return true;
    };
    let named = match format.as_str() {
        "int32" | "int64" => "integer",
        "float" | "double" => "number",
        _ => "string",
    };
    // A format that belongs to none of the types is kept anyway.
    name == named || !names.iter().any(|name| name == named)
}

fn values_of(values: &KeywordValue, name: &str, names: &[String]) -> Vec<Value> {
    let KeywordValue::Plain(Value::Array(values)) = values else {
        return Vec::new();
    };
    let belongs = |value: &&Value| match type_of(value) {
        "integer" if !names.iter().any(|name| name == "integer") => name == "number",
        other => other == name,
    };
    values.iter().filter(belongs).cloned().collect()
}
