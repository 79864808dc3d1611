//! Compares a JSON value with the original after a round trip.

use polar_client::runtime::chrono::DateTime;
use serde_json::{Number, Value};
use uuid::Uuid;

/// The allowed changes of a round trip.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// Whether a null may be left out, as in types that are only received.
    pub nulls_merge: bool,
    /// Whether a null may be added: an absent nullable property is written as null if it is required.
    pub nulls_appear: bool,
    /// Properties that may be added: constants that are always written, although the document makes them optional.
    pub constants: &'a [(&'a str, &'a Value)],
}

/// Returns the first place where `went` differs from `came`. `None` if they are equal.
///
/// Numbers are compared by value, times as points in time and UUIDs as UUIDs, whatever their format.
#[must_use]
pub fn difference(came: &Value, went: &Value, rules: Rules<'_>) -> Option<String> {
    at(came, went, rules, &mut String::new())
}

fn at(came: &Value, went: &Value, rules: Rules<'_>, path: &mut String) -> Option<String> {
    match (came, went) {
        (Value::Object(came), Value::Object(went)) => {
            let known = came.iter().find_map(|(name, value)| match went.get(name) {
                Some(other) => below(path, &format!(".{name}"), |path| at(value, other, rules, path)),
                None if value.is_null() && rules.nulls_merge => None,
                None => Some(format!("{path}.{name}: {} is gone", short(value))),
            });
            let allowed = |name: &str, value: &Value| {
                rules.constants.contains(&(name, value)) || (rules.nulls_appear && value.is_null())
            };
            let added = || went.iter().find(|(name, value)| !came.contains_key(*name) && !allowed(name, value));
            known.or_else(|| added().map(|(name, value)| format!("{path}.{name}: {} is new", short(value))))
        }
        (Value::Array(came), Value::Array(went)) if came.len() == went.len() => {
            came.iter().zip(went).enumerate().find_map(|(index, (came, went))| {
                below(path, &format!("[{index}]"), |path| at(came, went, rules, path))
            })
        }
        (Value::Number(a), Value::Number(b)) if same_number(a, b) => None,
        (Value::String(a), Value::String(b)) if a == b || same_moment(a, b) || same_uuid(a, b) => None,
        (came, went) if came == went => None,
        (came, went) => Some(format!("{path}: {} became {}", short(came), short(went))),
    }
}

fn below<T>(path: &mut String, step: &str, inner: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    path.push_str(step);
    let result = inner(path);
    path.truncate(length);
    result
}

fn same_number(a: &Number, b: &Number) -> bool {
    if a.is_f64() || b.is_f64() { a.as_f64() == b.as_f64() } else { a == b }
}

fn same_moment(a: &str, b: &str) -> bool {
    let moment = |text| DateTime::parse_from_rfc3339(text).ok();
    moment(a).is_some_and(|a| Some(a) == moment(b))
}

fn same_uuid(a: &str, b: &str) -> bool {
    let uuid = |text| Uuid::try_parse(text).ok();
    uuid(a).is_some_and(|a| Some(a) == uuid(b))
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(80).collect();
    if cut.len() < text.len() { format!("{cut}...") } else { cut }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MERGING: Rules<'_> = Rules { nulls_merge: true, nulls_appear: false, constants: &[] };

    fn seen(came: Value, went: Value, rules: Rules<'_>) -> String {
        difference(&came, &went, rules).unwrap_or_default()
    }

    #[test]
    fn what_is_written_in_another_way_is_the_same() {
        let came = json!({"n": 1.0, "at": "2026-10-01T02:00:00+02:00", "id": "6BA7B810-9DAD-41D1-80B4-00C04FD430C8"});
        let went = json!({"n": 1, "at": "2026-10-01T00:00:00Z", "id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8"});
        assert_eq!(difference(&came, &went, Rules::default()), None);
    }

    #[test]
    fn what_is_lost_added_or_changed_is_told_with_its_place() {
        assert_eq!(seen(json!({"a": [{"b": 1}]}), json!({"a": [{}]}), MERGING), ".a[0].b: 1 is gone");
        assert_eq!(seen(json!({}), json!({"a": null}), MERGING), ".a: null is new");
        assert_eq!(seen(json!({"a": [1]}), json!({"a": [2]}), MERGING), ".a[0]: 1 became 2");
        assert_eq!(seen(json!([1]), json!([1, 1]), MERGING), ": [1] became [1,1]");
        let (large, near) = (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64));
        assert_eq!(seen(large, near, MERGING), ": 9007199254740993 became 9007199254740992");
    }

    #[test]
    fn a_null_may_be_left_out_only_where_it_means_nothing() {
        let (came, went) = (json!({"a": null}), json!({}));
        assert_eq!(difference(&came, &went, MERGING), None);
        assert_eq!(seen(came, went, Rules::default()), ".a: null is gone");
    }

    #[test]
    fn a_null_may_be_added_only_where_it_means_nothing() {
        let rules = Rules { nulls_appear: true, ..Rules::default() };
        assert_eq!(difference(&json!({}), &json!({"a": null}), rules), None);
        assert_eq!(seen(json!({}), json!({"a": 0}), rules), ".a: 0 is new");
        assert_eq!(seen(json!({"a": null}), json!({}), rules), ".a: null is gone");
    }

    #[test]
    fn a_constant_may_be_added_with_its_own_value_only() {
        let fixed = json!("fixed");
        let rules = Rules { constants: &[("type", &fixed)], ..Rules::default() };
        assert_eq!(difference(&json!({}), &json!({"type": "fixed"}), rules), None);
        assert_eq!(seen(json!({}), json!({"type": "open"}), rules), ".type: \"open\" is new");
        assert_eq!(seen(json!({"type": "fixed"}), json!({}), rules), ".type: \"fixed\" is gone");
    }
}
