//! Validation of requests, with the errors of the real server.

use serde_json::{Map, Value, json};

use crate::document::{Operation, document};

/// Returns the errors in the parameters and the body of a request, each as an item of a validation error.
pub(crate) fn problems(
    operation: Operation,
    path: &[(&str, String)],
    query: &[(String, String)],
    body: &Value,
) -> Vec<Value> {
    let mut found = Found::default();
    for (name, schema, _) in operation.parameters("path_parameters") {
        if let Some((_, value)) = path.iter().find(|(key, _)| *key == name) {
            found.check(schema, &json!(value), &[json!("path"), json!(name)]);
        }
    }
    for (name, schema, required) in operation.parameters("query") {
        let values: Vec<&String> = query.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect();
        let place = [json!("query"), json!(name)];
        match values.as_slice() {
            [] if required => found.add("missing", &place, "Field required", Value::Null, None),
            [] => {}
            values => values.iter().for_each(|value| found.parameter(schema, value, &place)),
        }
    }
    if let Some((media, schema, required)) = operation.body()
        && media == "application/json"
    {
        match body {
            Value::Null if !required => {}
            Value::Null => found.add("missing", &[json!("body")], "Field required", Value::Null, None),
            body => found.check(schema, body, &[json!("body")]),
        }
    }
    found.0
}

/// Adds the errors of a value.
pub(crate) fn problems_of(schema: &Value, value: &Value) -> Vec<Value> {
    let mut found = Found::default();
    found.check(schema, value, &[]);
    found.0
}

/// An item of a validation error.
pub(crate) fn problem(kind: &str, place: &[Value], message: &str, input: Value, context: Option<Value>) -> Value {
    let mut problem = json!({"type": kind, "loc": place, "msg": message, "input": input});
    if let (Some(context), Some(members)) = (context, problem.as_object_mut()) {
        members.insert("ctx".to_owned(), context);
    }
    problem
}

#[derive(Default)]
struct Found(Vec<Value>);

impl Found {
    fn add(&mut self, kind: &str, place: &[Value], message: &str, input: Value, context: Option<Value>) {
        self.0.push(problem(kind, place, message, input, context));
    }

    /// Reads the text of a query parameter by its schema.
    fn parameter(&mut self, schema: &Value, text: &str, place: &[Value]) {
        let variants = document().variants(schema);
        let has = |kind: &str| variants.iter().any(|variant| variant["type"] == kind);
        if has("string") || has("array") || has("object") {
            let scalar = variants.iter().copied().find(|variant| variant["type"] == "string");
            return if let Some(scalar) = scalar {
                self.check(scalar, &json!(text), place)
            };
        }
        let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        let before = self.0.len();
        self.check(schema, &value, place);
        self.0[before..].iter_mut().for_each(|problem| problem["input"] = json!(text));
    }

    fn check(&mut self, schema: &Value, value: &Value, place: &[Value]) {
        let schema = document().resolve(schema);
        let union = ["oneOf", "anyOf"].iter().find_map(|keyword| schema[*keyword].as_array());
        if let Some(variants) = union {
            return self.union(schema, variants, value, place);
        }
        match schema["type"].as_str() {
            _ if schema.get("const").is_some_and(|constant| constant != value) => {
                let expected = words(&schema["const"]);
                let message = format!("Input should be {expected}");
                self.add("literal_error", place, &message, value.clone(), Some(json!({"expected": expected})));
            }
            Some("string") => self.string(schema, value, place),
            Some("integer") if value.as_f64().is_none_or(|number| number.fract() != 0.0) => {
                self.add("int_type", place, "Input should be a valid integer", value.clone(), None);
            }
            Some("number") if !value.is_number() => {
                self.add("float_type", place, "Input should be a valid number", value.clone(), None);
            }
            Some("integer" | "number") => self.bounds(schema, value, place),
            Some("boolean") if !value.is_boolean() => {
                self.add("bool_type", place, "Input should be a valid boolean", value.clone(), None);
            }
            Some("null") if !value.is_null() => {
                self.add("none_required", place, "Input should be None", value.clone(), None);
            }
            Some("array") => self.array(schema, value, place),
            Some("object") => self.object(schema, value, place),
            _ => {}
        }
    }

    /// A value matches a union if it matches a variant. Otherwise, the variant of its tag is reported, or the closest
    /// one.
    /// that fits best.
    fn union(&mut self, schema: &Value, variants: &[Value], value: &Value, place: &[Value]) {
        let tag = schema["discriminator"]["propertyName"].as_str();
        if let Some(tag) = tag.filter(|tag| value.is_object() && value.get(tag).is_none()) {
            let message = format!("Unable to extract tag using discriminator '{tag}'");
            let context = json!({"discriminator": format!("'{tag}'")});
            return self.add("union_tag_not_found", place, &message, value.clone(), Some(context));
        }
        let tried = variants.iter().map(|variant| {
            let mut found = Self::default();
            found.check(variant, value, place);
            found.0
        });
        // A variant with another JSON type explains less than one with the same.
        let wrong_kind = |problems: &Vec<Value>| problems.iter().any(|problem| problem["loc"] == json!(place));
        if let Some(best) = tried.min_by_key(|problems| (wrong_kind(problems), problems.len())) {
            self.0.extend(best);
        }
    }

    fn string(&mut self, schema: &Value, value: &Value, place: &[Value]) {
        let Some(text) = value.as_str() else {
            return self.add("string_type", place, "Input should be a valid string", value.clone(), None);
        };
        let mut add = |kind: &str, message: &str, context: Option<Value>| {
            self.add(kind, place, message, value.clone(), context);
        };
        if let Some(listed) = schema["enum"].as_array()
            && !listed.contains(value)
        {
            let (last, first) = listed.split_last().map_or((String::new(), String::new()), |(last, first)| {
                (words(last), first.iter().map(words).collect::<Vec<_>>().join(", "))
            });
            let expected = if first.is_empty() { last } else { format!("{first} or {last}") };
            return add("enum", &format!("Input should be {expected}"), Some(json!({"expected": expected})));
        }
        match schema["format"].as_str() {
            Some("uuid" | "uuid4") => {
                if let Some(why) = not_a_uuid(text) {
                    let message = format!("Input should be a valid UUID, {why}");
                    return add("uuid_parsing", &message, Some(json!({"error": why})));
                }
            }
            Some("uri") if url::Url::parse(text).is_err() => {
                let why = url::Url::parse(text).err().map(|error| error.to_string()).unwrap_or_default();
                return add("url_parsing", &format!("Input should be a valid URL, {why}"), Some(json!({"error": why})));
            }
            Some("email") if !is_email(text) => {
                let why = "An email address must have an @-sign.";
                let message = format!("value is not a valid email address: {why}");
                return add("value_error", &message, Some(json!({"reason": why})));
            }
            Some("date-time") if chrono::DateTime::parse_from_rfc3339(text).is_err() => {
                let context = Some(json!({"error": "invalid characters"}));
                return add("datetime_from_date_parsing", "Input should be a valid datetime", context);
            }
            _ => {}
        }
        let length = text.chars().count() as u64;
        if let Some(least) = schema["minLength"].as_u64().filter(|least| length < *least) {
            let message = format!("String should have at least {least} characters");
            add("string_too_short", &message, Some(json!({"min_length": least})));
        } else if let Some(most) = schema["maxLength"].as_u64().filter(|most| length > *most) {
            let message = format!("String should have at most {most} characters");
            add("string_too_long", &message, Some(json!({"max_length": most})));
        }
    }

    fn bounds(&mut self, schema: &Value, value: &Value, place: &[Value]) {
        type Holds = fn(f64, f64) -> bool;
        let rules: [(&str, &str, &str, &str, Holds); 4] = [
            ("exclusiveMinimum", "greater_than", "greater than", "gt", |value, bound| value > bound),
            ("minimum", "greater_than_equal", "greater than or equal to", "ge", |value, bound| value >= bound),
            ("exclusiveMaximum", "less_than", "less than", "lt", |value, bound| value < bound),
            ("maximum", "less_than_equal", "less than or equal to", "le", |value, bound| value <= bound),
        ];
        for (keyword, kind, words, name, holds) in rules {
            if let (Some(bound), Some(number)) = (schema[keyword].as_f64(), value.as_f64())
                && !holds(number, bound)
            {
                let context = json!({name: schema[keyword]});
                let message = format!("Input should be {words} {}", schema[keyword]);
                return self.add(kind, place, &message, value.clone(), Some(context));
            }
        }
    }

    fn array(&mut self, schema: &Value, value: &Value, place: &[Value]) {
        let Some(items) = value.as_array() else {
            return self.add("list_type", place, "Input should be a valid list", value.clone(), None);
        };
        if let Some(least) = schema["minItems"].as_u64().filter(|least| (items.len() as u64) < *least) {
            let message = format!("List should have at least {least} item after validation, not {}", items.len());
            let context = json!({"field_type": "List", "min_length": least, "actual_length": items.len()});
            return self.add("too_short", place, &message, value.clone(), Some(context));
        }
        for (index, item) in items.iter().enumerate() {
            self.check(&schema["items"], item, &[place, &[json!(index)]].concat());
        }
    }

    fn object(&mut self, schema: &Value, value: &Value, place: &[Value]) {
        let Some(members) = value.as_object() else {
            return self.add("dict_type", place, "Input should be a valid dictionary", value.clone(), None);
        };
        let empty = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&empty);
        for (name, property) in properties {
            let below = [place, &[json!(name)]].concat();
            match members.get(name) {
                Some(member) => self.check(property, member, &below),
                None if schema["required"].as_array().is_some_and(|names| names.contains(&json!(name))) => {
                    self.add("missing", &below, "Field required", value.clone(), None);
                }
                None => {}
            }
        }
        for (name, member) in members.iter().filter(|(name, _)| !properties.contains_key(*name)) {
            if schema["additionalProperties"].is_object() {
                self.check(&schema["additionalProperties"], member, &[place, &[json!(name)]].concat());
            }
        }
    }
}

/// Returns a value for the text of an error.
fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("'{text}'"))
}

/// Returns why a text is not a UUID.
fn not_a_uuid(text: &str) -> Option<String> {
    uuid::Uuid::parse_str(text).err().map(|error| {
        let odd = text.char_indices().find(|(_, letter)| !letter.is_ascii_hexdigit() && *letter != '-');
        match odd {
            Some((index, letter)) => format!("invalid character: found `{letter}` at {}", index + 1),
            None => error.to_string(),
        }
    })
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains(' '))
}
