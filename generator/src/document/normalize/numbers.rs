//! Bounds and counts.

use serde_json::{Number, Value};

use super::super::preserved;
use super::schema::Keywords;

const COUNTS: &[&str] = &["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// From here on, floating-point numbers can't be distinguished from their neighbors.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Converts numbers to the form of the typed document: one bound per side with a flag for "exclusive", and whole
/// numbers in schemas of integers.
pub(super) fn bounds(schema: &mut Keywords) {
    side(schema, "minimum", "exclusiveMinimum", |sharp, plain| sharp >= plain);
    side(schema, "maximum", "exclusiveMaximum", |sharp, plain| sharp <= plain);
    if schema.plain("type").is_some_and(|name| name == "integer") {
        inside(schema, "minimum", "exclusiveMinimum", f64::ceil);
        inside(schema, "maximum", "exclusiveMaximum", f64::floor);
        whole(schema, "multipleOf");
        whole(schema, preserved::CONST);
        values(schema);
    }
    for name in COUNTS {
        whole(schema, name);
    }
}

/// The tighter of the inclusive and the exclusive bound.
fn side(schema: &mut Keywords, inclusive: &str, exclusive: &str, tighter: fn(f64, f64) -> bool) {
    let Some(Value::Number(sharp)) = schema.plain(exclusive).cloned() else {
        return;
    };
    let plain = schema.plain(inclusive).and_then(Value::as_f64);
    if plain.is_none_or(|plain| sharp.as_f64().is_some_and(|sharp| tighter(sharp, plain))) {
        schema.set_plain(inclusive, Value::Number(sharp));
        schema.set_plain(exclusive, true);
    } else {
        schema.take(exclusive);
    }
}

/// Returns the next integer inside a fractional bound; it is an inclusive bound.
fn inside(schema: &mut Keywords, bound: &str, exclusive: &str, round: fn(f64) -> f64) {
    let Some(value) = schema.plain(bound).filter(|value| value.is_f64()).and_then(Value::as_f64) else {
        return;
    };
    let rounded = round(value);
    let Some(integer) = integer(rounded) else { return };
    if rounded != value {
        schema.take(exclusive);
    }
    schema.set_plain(bound, integer);
}

fn whole(schema: &mut Keywords, name: &str) {
    let value = schema.plain(name).filter(|value| value.is_f64()).and_then(Value::as_f64);
    if let Some(integer) = value.filter(|value| value.fract() == 0.0).and_then(integer) {
        schema.set_plain(name, integer);
    }
}

/// The values of an integer enum may be written with the fraction `.0`.
fn values(schema: &mut Keywords) {
    let Some(Value::Array(values)) = schema.plain("enum") else {
        return;
    };
    if values.iter().any(Value::is_f64) {
        let plain = |value: &Value| {
            let float = value.as_f64().filter(|float| value.is_f64() && float.fract() == 0.0);
            float.and_then(integer).map_or_else(|| value.clone(), Value::Number)
        };
        let values: Vec<Value> = values.iter().map(plain).collect();
        schema.set_plain("enum", values);
    }
}

fn integer(value: f64) -> Option<Number> {
    #[expect(clippy::cast_possible_truncation, reason = "within the range in which every integer is exact")]
    let exact = (value.abs() <= EXACT).then_some(value as i64);
    exact.map(Number::from)
}
