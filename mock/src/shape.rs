//! Values of a schema: the part of a value that the API shows, and plausible values for unknown ones.

use serde_json::{Map, Value, json};

use crate::document::{Document, document};

/// Properties of prices that the real server shows beyond the document.
const UNDECLARED: (&str, [&str; 2]) = ("amount_type", ["type", "recurring_interval"]);

/// Properties that are null in an example: they are about an end, an error or an exception.
const UNUSUAL: [&str; 18] = [
    "canceled_at",
    "ended_at",
    "ends_at",
    "past_due_at",
    "paused_at",
    "resumes_at",
    "revoked_at",
    "deleted_at",
    "archived_at",
    "trial_start",
    "trial_end",
    "trial_interval",
    "trial_interval_count",
    "customer_cancellation_reason",
    "customer_cancellation_comment",
    "error",
    "pending_update",
    "next_payment_attempt_at",
];

/// Depth at which recursive schemas are cut off.
const DEPTH: usize = 10;

/// Returns the part of a value that a component schema declares. Required properties that the value lacks are null if
/// that is allowed, else empty.
pub(crate) fn shape(name: &str, value: &Value) -> Value {
    let document = document();
    let schema = document.schema(name);
    Filler { document, complete: false }.shape(schema, value, DEPTH)
}

/// Returns a complete and plausible value of a schema.
pub(crate) fn example(schema: &Value) -> Value {
    Filler { document: document(), complete: true }.fill(schema, "", DEPTH)
}

struct Filler {
    document: &'static Document,
    /// Whether optional properties are filled too, and null is avoided.
    complete: bool,
}

impl Filler {
    fn shape(&self, schema: &Value, value: &Value, depth: usize) -> Value {
        if value.is_null() {
            return Value::Null;
        }
        let variants = self.document.variants(schema);
        let Some(variant) = variants.into_iter().find(|variant| self.admits(variant, value)) else {
            return value.clone();
        };
        match value {
            Value::Array(items) => {
                let item = |item| self.shape(&variant["items"], item, depth);
                if variant.get("items").is_some() { items.iter().map(item).collect() } else { value.clone() }
            }
            Value::Object(members) => self.object(variant, members, depth),
            _ => value.clone(),
        }
    }

    fn object(&self, schema: &Value, members: &Map<String, Value>, depth: usize) -> Value {
        let Some(properties) = schema["properties"].as_object() else { return members.clone().into() };
        let mut shaped = Map::new();
        for (name, property) in properties {
            match members.get(name) {
                Some(value) if !value.is_null() || self.admits_null(property) => {
                    shaped.insert(name.clone(), self.shape(property, value, depth));
                }
                _ if is_required(schema, name) => {
                    shaped.insert(name.clone(), self.fill(property, name, depth.saturating_sub(1)));
                }
                _ => {}
            }
        }
        if schema["additionalProperties"].is_object() {
            let others = members.iter().filter(|(name, _)| !properties.contains_key(*name));
            shaped.extend(others.map(|(name, value)| (name.clone(), value.clone())));
        }
        let (tag, undeclared) = UNDECLARED;
        if shaped.contains_key(tag) {
            let kept = undeclared.iter().filter_map(|name| members.get_key_value(*name));
            shaped.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
        }
        shaped.into()
    }

    /// Returns whether a value has the JSON type and the constants of a schema that is not a union.
    fn admits(&self, schema: &Value, value: &Value) -> bool {
        if let Some(constant) = schema.get("const") {
            return constant == value;
        }
        let of_kind = match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("null") => value.is_null(),
            Some("object") => value.is_object(),
            _ => true,
        };
        let listed = schema["enum"].as_array().is_none_or(|values| values.contains(value));
        of_kind && listed && self.has_constants(schema, value)
    }

    fn has_constants(&self, schema: &Value, value: &Value) -> bool {
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties.map(|(name, property)| (name, property, self.document.resolve(property))).all(
            |(name, property, resolved)| {
                let listed = |values: &Vec<Value>| value.get(name).is_none_or(|value| values.contains(value));
                match property.get("const").or(resolved.get("const")) {
                    Some(constant) if is_required(schema, name) => value.get(name) == Some(constant),
                    Some(constant) => value.get(name).is_none_or(|value| value == constant),
                    None if name == "type" || name.ends_with("_type") => resolved["enum"].as_array().is_none_or(listed),
                    None => true,
                }
            },
        )
    }

    fn admits_null(&self, schema: &Value) -> bool {
        self.document.variants(schema).iter().any(|variant| variant["type"] == "null")
    }

    /// Returns a value for an unknown one.
    fn fill(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let variants = self.document.variants(schema);
        if (!self.complete || UNUSUAL.contains(&name)) && variants.iter().any(|variant| variant["type"] == "null") {
            return Value::Null;
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        let wanted = variants.iter().find(|variant| variant["type"] != "null" && !is_legacy(variant));
        let Some(variant) = wanted.or(variants.first()) else { return Value::Null };
        if let Some(fixed) = variant.get("const") {
            return fixed.clone();
        }
        if let Some(listed) = variant["enum"].as_array() {
            return plausible_of(name, listed);
        }
        match variant["type"].as_str() {
            Some("string") => string(variant, name),
            Some("integer") => integer(variant, name).into(),
            Some("number") => json!(bounded(variant, 12) as f64 + 0.5),
            Some("boolean") => {
                (!["is_archived", "is_deleted", "is_revoked", "cancel_at_period_end"].contains(&name)).into()
            }
            Some("array") => self.array(variant, name, depth),
            Some("null") => Value::Null,
            Some("object") => self.filled(variant, &owner(schema, name), depth),
            _ if variant["properties"].is_object() => self.filled(variant, &owner(schema, name), depth),
            _ => json!({}),
        }
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if let Some(fixed) = schema["prefixItems"].as_array() {
            return fixed.iter().map(|item| self.fill(item, name, depth)).collect();
        }
        let least = schema["minItems"].as_u64().unwrap_or_default();
        let count = if self.complete && depth > 0 { least.max(1) } else { least };
        (0..count).map(|_| self.fill(&schema["items"], name, depth.saturating_sub(1))).collect()
    }

    /// Fills properties that depend on a tag of the object, such as `properties` by `benefit.type`.
    fn follow_parents(&self, schema: &Value, members: &mut Map<String, Value>, depth: usize) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let discriminator = &self.document.resolve(property)["x-parent-discriminator"];
            let mut path = discriminator["path"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let tag = path.next().and_then(|first| path.try_fold(members.get(first)?, |value, part| value.get(part)));
            let variant = tag.and_then(Value::as_str).map(|tag| &discriminator["mapping"][tag]);
            if let Some(reference) = variant.filter(|reference| reference.is_string() && members.contains_key(name)) {
                let filled = self.fill(&json!({"$ref": reference}), name, depth.saturating_sub(1));
                members.insert(name.clone(), filled);
            }
        }
    }

    /// Returns an object. Its `id` is derived from the name of the object, so that `customer.id` is `customer_id`.
    fn filled(&self, schema: &Value, owner: &str, depth: usize) -> Value {
        let mut members = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if is_required(schema, name) || (self.complete && depth > 0) {
                let own_id = format!("{owner}_id");
                let known_as = if name == "id" { &own_id } else { name };
                members.insert(name.clone(), self.fill(property, known_as, depth.saturating_sub(1)));
            }
        }
        self.follow_parents(schema, &mut members, depth);
        if self.complete && schema["additionalProperties"].is_object() && members.is_empty() {
            let name = schema.get("propertyNames").map(|names| self.fill(names, "key", 0));
            let name = name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_else(|| "key".to_owned());
            members.insert(name, self.fill(&schema["additionalProperties"], "", depth.saturating_sub(1)));
        }
        members.into()
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name))
}

/// Returns the name of an object: its property, or the name of its schema if the property is too general.
fn owner(schema: &Value, name: &str) -> String {
    let reference = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    match reference.filter(|_| ["", "items", "data"].contains(&name)) {
        Some(schema) => {
            let lower = schema.chars().enumerate().flat_map(|(index, letter)| {
                let gap = (index > 0 && letter.is_uppercase()).then_some('_');
                gap.into_iter().chain(letter.to_lowercase())
            });
            lower.collect()
        }
        None => name.strip_suffix('s').unwrap_or(name).to_owned(),
    }
}

/// Returns whether a variant is that of legacy prices.
fn is_legacy(schema: &Value) -> bool {
    schema["properties"]["legacy"]["const"] == true
}

/// Returns the value of an enumeration for an example.
fn plausible_of(name: &str, listed: &[Value]) -> Value {
    let usual = ["active", "paid", "open", "succeeded", "month", "US", "usd", "individual", "owner"];
    let has = |value: &&str| listed.iter().any(|other| other == *value);
    let wanted = if name == "status" || name.ends_with("interval") { usual.iter().copied().find(has) } else { None };
    let wanted = wanted.or_else(|| usual[5..].iter().copied().find(has));
    wanted.map_or_else(|| listed.first().cloned().unwrap_or_default(), Value::from)
}

/// Texts by the end of a property's name.
const TEXTS: [(&str, &str); 32] = [
    ("email", "ada@example.com"),
    ("currency", "usd"),
    ("country", "US"),
    ("client_secret", "polar_c_example"),
    ("session_token", "polar_cst_example"),
    ("access_token", "polar_at_u_example"),
    ("refresh_token", "polar_rt_u_example"),
    ("token_type", "Bearer"),
    ("token", "polar_cst_example"),
    ("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("portal_url", "https://polar.sh/acme/portal"),
    ("success_url", "https://example.com/success"),
    ("url", "https://example.com/"),
    ("uri", "https://example.com/"),
    ("website", "https://example.com/"),
    ("invoice_number", "ACME-0001"),
    ("receipt_number", "RCPT-0001"),
    ("external_id", "user_1842"),
    ("slug", "acme"),
    ("postal_code", "10001"),
    ("city", "New York"),
    ("state", "US-NY"),
    ("line1", "1 Example Street"),
    ("line2", "Floor 2"),
    ("locale", "en"),
    ("billing_name", "Ada Lovelace"),
    ("customer_name", "Ada Lovelace"),
    ("name", "Pro"),
    ("label", "Pro"),
    ("description", "Everything in Pro"),
    ("api_version", "2026-10"),
    ("key", "APP-1C341C16-E304-490C-ACC7-45E0D2E8F99F"),
];

fn string(schema: &Value, name: &str) -> Value {
    let text = match schema["format"].as_str() {
        Some("uuid" | "uuid4") => return uuid_for(name).into(),
        Some("date-time") => "2026-10-01T12:30:00Z",
        Some("date") => "2026-10-01",
        Some("email") => "ada@example.com",
        Some("ipvanyaddress") => "203.0.113.7",
        _ if is_decimal(schema) => "12.5",
        format => {
            let is_url = format.is_some_and(|format| format == "uri");
            let text = TEXTS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, text)| *text);
            text.unwrap_or(if is_url { "https://example.com/" } else { "example" })
        }
    };
    let most = schema["maxLength"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    let least = schema["minLength"].as_u64().and_then(|least| usize::try_from(least).ok()).unwrap_or_default();
    let text: String = text.chars().take(most).collect();
    format!("{text:x<least$}").into()
}

/// Returns whether the pattern of a text is that of a decimal number.
fn is_decimal(schema: &Value) -> bool {
    schema["pattern"].as_str().is_some_and(|pattern| pattern.contains("\\d") && !pattern.contains('@'))
}

/// Returns an identifier: the same for the same name, so that `customer_id` equals `customer.id` and differs from
/// `product_id`.
fn uuid_for(name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    uuid::Builder::from_random_bytes((u128::from(hash) << 64 | u128::from(hash.rotate_left(29))).to_be_bytes())
        .into_uuid()
        .to_string()
}

fn integer(schema: &Value, name: &str) -> i64 {
    match name {
        "page" | "max_page" | "total_count" | "recurring_interval_count" => 1,
        _ if name.contains("refund") || name.contains("discount") || name.contains("tax") => bounded(schema, 0),
        _ if name.ends_with("amount") => bounded(schema, 1500),
        _ => bounded(schema, 7),
    }
}

fn bounded(schema: &Value, usual: i64) -> i64 {
    let number = |name: &str| schema[name].as_f64().map(|number| number as i64);
    let least = number("minimum").or(number("exclusiveMinimum").map(|least| least + 1));
    let most = number("maximum").or(number("exclusiveMaximum").map(|most| most - 1));
    usual.max(least.unwrap_or(usual)).min(most.unwrap_or(i64::MAX))
}
