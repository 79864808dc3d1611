//! Doc comments: the texts of the document, and bounds, formats and defaults as short clauses.

use openapiv3::{
    AdditionalProperties, IntegerType, NumberType, Schema, SchemaData, SchemaKind, StringFormat, StringType, Type,
    VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::document::preserved;
use crate::ir::{Direction, Docs, Field, Preset, Shape, Type as FieldType, TypeDef, TypeId};

/// Extension for an ordinary string that contains a secret, such as a link with a token in it.
const REDACTED: &str = "x-redacted";

/// Extension for a response with a token: the resource that the token opens.
const SESSION: &str = "x-session";

/// Extension: with `true`, a request that does not set the property sends the API version of the document.
const DEFAULT_API_VERSION: &str = "x-default-api-version";

/// Maximum length of a default in a doc comment.
const QUOTED_CHARS: usize = 60;

/// Returns whether `Debug` must not show the value.
pub(super) fn redacted(data: &SchemaData) -> bool {
    data.extensions.get(REDACTED) == Some(&Value::Bool(true))
}

/// Returns the directions in which a property travels.
pub(super) fn direction(data: &SchemaData) -> Direction {
    match (data.read_only, data.write_only) {
        (true, false) => Direction::Received,
        (false, true) => Direction::Sent,
        _ => Direction::Both,
    }
}

/// Returns the resource that the token in a response opens.
pub(super) fn session(data: &SchemaData, place: &Place, diagnostics: &mut Diagnostics) -> Option<String> {
    let value = data.extensions.get(SESSION)?;
    if value.as_str().is_none() {
        let hint = "set it to the name of a resource, as a string";
        diagnostics.push(place.below(&[SESSION]).error("this is not the name of a resource").hint(hint));
    }
    value.as_str().map(str::to_owned)
}

/// Returns the value that a request sends in a property that is not set. `version` is that of the document.
pub(super) fn preset(
    data: &SchemaData,
    field: &Field,
    types: &[TypeDef],
    version: &str,
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<Preset> {
    let value = data.extensions.get(DEFAULT_API_VERSION)?;
    let listed = |id: &TypeId| match &types[id.0].shape {
        Shape::Enum(listed) => listed.values.iter().any(|value| value.wire == version),
        _ => false,
    };
    let problem = match &field.ty {
        _ if value != &Value::Bool(true) => Some("its value is not `true`".to_owned()),
        _ if field.presence.is_required() || field.constant.is_some() => {
            Some("the property is not optional".to_owned())
        }
        FieldType::String => None,
        FieldType::Named(id) if listed(id) => None,
        FieldType::Named(id) if matches!(types[id.0].shape, Shape::Enum(_)) => {
            Some(format!("the property does not allow `{version}`, the version of the document"))
        }
        _ => Some("the property is not a string".to_owned()),
    };
    if let Some(problem) = problem {
        let hint = "only an optional string that allows the version of the document can have this default";
        let place = place.below(&[DEFAULT_API_VERSION]);
        diagnostics.push(place.error(format!("the API version can't be the default: {problem}")).hint(hint));
        return None;
    }
    Some(Preset::ApiVersion)
}

/// Returns the doc comment of a schema.
pub(super) fn docs(schema: &Schema) -> Docs {
    let data = &schema.schema_data;
    let mut facts = Vec::new();
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(string)) => string_facts(string, &mut facts),
        SchemaKind::Type(Type::Integer(integer)) => integer_facts(integer, &mut facts),
        SchemaKind::Type(Type::Number(number)) => number_facts(number, &mut facts),
        SchemaKind::Type(Type::Array(array)) => {
            range("item", array.min_items.map(|n| n.to_string()), array.max_items.map(|n| n.to_string()), &mut facts);
            if array.unique_items {
                facts.push("no item twice".to_owned());
            }
        }
        SchemaKind::Type(Type::Object(object)) => {
            let (min, max) = (object.min_properties, object.max_properties);
            range("member", min.map(|n| n.to_string()), max.map(|n| n.to_string()), &mut facts);
            if matches!(object.additional_properties, Some(AdditionalProperties::Any(false))) {
                facts.push("no other members".to_owned());
            }
        }
        _ => {}
    }
    if let Some(encoding) = preserved::content_encoding(&data.extensions) {
        facts.push(format!("bytes in {encoding}"));
    }
    if let Some(media_type) = preserved::content_media_type(&data.extensions) {
        facts.push(format!("holds {media_type}"));
    }
    if data.read_only {
        facts.push("set by the server".to_owned());
    }
    if data.write_only {
        facts.push("never sent by the server".to_owned());
    }
    if let Some(default) = &data.default {
        let text = default.to_string();
        if text.chars().count() <= QUOTED_CHARS {
            facts.push(format!("default `{text}`"));
        }
    }
    Docs { description: data.description.clone(), facts, deprecated: data.deprecated }
}

fn string_facts(string: &StringType, facts: &mut Vec<String>) {
    let (min, max) = (string.min_length, string.max_length);
    range("character", min.map(|n| n.to_string()), max.map(|n| n.to_string()), facts);
    if let Some(pattern) = &string.pattern {
        facts.push(format!("matches `{pattern}`"));
    }
    match &string.format {
        VariantOrUnknownOrEmpty::Item(StringFormat::DateTime | StringFormat::Date | StringFormat::Password)
        | VariantOrUnknownOrEmpty::Empty => {}
        VariantOrUnknownOrEmpty::Item(StringFormat::Byte) => facts.push("bytes in base64".to_owned()),
        VariantOrUnknownOrEmpty::Item(StringFormat::Binary) => facts.push("format `binary`".to_owned()),
        VariantOrUnknownOrEmpty::Unknown(format) if format == "uuid" || format == "uuid4" => {}
        VariantOrUnknownOrEmpty::Unknown(format) => facts.push(format!("format `{format}`")),
    }
}

fn integer_facts(integer: &IntegerType, facts: &mut Vec<String>) {
    bounds(
        integer.minimum.map(|n| n.to_string()),
        integer.exclusive_minimum,
        integer.maximum.map(|n| n.to_string()),
        integer.exclusive_maximum,
        facts,
    );
    if let Some(step) = integer.multiple_of {
        facts.push(format!("a multiple of {step}"));
    }
    listed(integer.enumeration.iter().flatten(), facts);
}

fn number_facts(number: &NumberType, facts: &mut Vec<String>) {
    bounds(
        number.minimum.map(|n| n.to_string()),
        number.exclusive_minimum,
        number.maximum.map(|n| n.to_string()),
        number.exclusive_maximum,
        facts,
    );
    if let Some(step) = number.multiple_of {
        facts.push(format!("a multiple of {step}"));
    }
    listed(number.enumeration.iter().flatten(), facts);
}

fn listed<T: ToString>(values: impl Iterator<Item = T>, facts: &mut Vec<String>) {
    let values: Vec<_> = values.map(|v| v.to_string()).collect();
    if !values.is_empty() {
        facts.push(format!("one of {}", values.join(", ")));
    }
}

fn bounds(min: Option<String>, above: bool, max: Option<String>, below: bool, facts: &mut Vec<String>) {
    if let Some(min) = min {
        facts.push(format!("{} {min}", if above { "greater than" } else { "at least" }));
    }
    if let Some(max) = max {
        facts.push(format!("{} {max}", if below { "less than" } else { "at most" }));
    }
}

fn range(unit: &str, min: Option<String>, max: Option<String>, facts: &mut Vec<String>) {
    let plural = |n: &str| if n == "1" { unit.to_owned() } else { format!("{unit}s") };
    match (min.filter(|n| n != "0"), max) {
        (Some(min), Some(max)) if min == max => facts.push(format!("{min} {}", plural(&min))),
        (Some(min), Some(max)) => facts.push(format!("{min} to {max} {}", plural(&max))),
        (Some(min), None) => facts.push(format!("at least {min} {}", plural(&min))),
        (None, Some(max)) => facts.push(format!("at most {max} {}", plural(&max))),
        (None, None) => {}
    }
}
