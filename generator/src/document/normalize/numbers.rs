//! Bounds and counts.

use serde_json::{Number, Value};

use super::super::preserved;
use super::schema::Node;

const COUNTS: &[&str] = &["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/// From here on, floating point numbers are too coarse to be told apart from their neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Brings numbers into the form that the typed document holds: one bound per side with a flag for "exclusive", whole
/// numbers where the schema is about integers.
pub(super) fn bounds(node: &mut Node) {
    side(node, "minimum", "exclusiveMinimum", |sharp, plain| sharp >= plain);
    side(node, "maximum", "exclusiveMaximum", |sharp, plain| sharp <= plain);
    if node.plain("type").is_some_and(|name| name == "integer") {
        inside(node, "minimum", "exclusiveMinimum", f64::ceil);
        inside(node, "maximum", "exclusiveMaximum", f64::floor);
        whole(node, "multipleOf");
        whole(node, preserved::CONST);
        values(node);
    }
    for name in COUNTS {
        whole(node, name);
    }
}

/// The tighter of the inclusive and the exclusive bound.
fn side(node: &mut Node, inclusive: &str, exclusive: &str, tighter: fn(f64, f64) -> bool) {
    let Some(Value::Number(sharp)) = node.plain(exclusive).cloned() else {
        return;
    };
    let plain = node.plain(inclusive).and_then(Value::as_f64);
    if plain.is_none_or(|plain| sharp.as_f64().is_some_and(|sharp| tighter(sharp, plain))) {
        node.set_plain(inclusive, Value::Number(sharp));
        node.set_plain(exclusive, true);
    } else {
        node.take(exclusive);
    }
}

/// The next integer inside a bound that is a fraction; it is a bound that may be reached.
fn inside(node: &mut Node, bound: &str, exclusive: &str, round: fn(f64) -> f64) {
    let Some(value) = node.plain(bound).filter(|value| value.is_f64()).and_then(Value::as_f64) else {
        return;
    };
    let rounded = round(value);
    let Some(integer) = integer(rounded) else { return };
    if rounded != value {
        node.take(exclusive);
    }
    node.set_plain(bound, integer);
}

fn whole(node: &mut Node, name: &str) {
    let value = node.plain(name).filter(|value| value.is_f64()).and_then(Value::as_f64);
    if let Some(integer) = value.filter(|value| value.fract() == 0.0).and_then(integer) {
        node.set_plain(name, integer);
    }
}

/// The values of an integer enum may be written with a fraction of nothing.
fn values(node: &mut Node) {
    let Some(Value::Array(values)) = node.plain("enum") else {
        return;
    };
    if values.iter().any(Value::is_f64) {
        let plain = |value: &Value| {
            let float = value.as_f64().filter(|float| value.is_f64() && float.fract() == 0.0);
            float.and_then(integer).map_or_else(|| value.clone(), Value::Number)
        };
        let values: Vec<Value> = values.iter().map(plain).collect();
        node.set_plain("enum", values);
    }
}

fn integer(value: f64) -> Option<Number> {
    #[expect(clippy::cast_possible_truncation, reason = "within the range in which every integer is exact")]
    let exact = (value.abs() <= EXACT).then_some(value as i64);
    exact.map(Number::from)
}
