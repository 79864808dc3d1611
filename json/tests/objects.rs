//! Objects: declared properties, constants and undeclared properties.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;

use polar_client_json::{Const, Constant, Extra, Field, Nullable, decode, model, to_vec};
use serde_json::{Value, json};

struct Thing {
    id: i64,
    note: Option<String>,
    count: Option<i64>,
    text: Nullable<String>,
    extra: Extra,
}

model! {
    Thing {
        id: "id",
        note: "note" secret,
        count: "count" optional,
        text: "text" optional,
        ..extra
    }
    constants: &[
        Constant { name: "type", value: Const::String("thing"), required: true },
        Constant { name: "legacy", value: Const::Boolean(true), required: false },
    ],
}

fn written<T: Field>(value: &T) -> String {
    String::from_utf8(to_vec(value.view())).unwrap()
}

/// Writes a text that was read, and checks that serde writes the same.
fn again<T: Field + serde::Serialize>(text: &str) -> String {
    match decode::<T>(text.as_bytes()) {
        Ok(value) => {
            assert_eq!(serde_json::to_string(&value).unwrap(), written(&value));
            written(&value)
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_was_read_is_written() {
    for text in [
        r#"{"type":"thing","legacy":true,"id":7,"note":null}"#,
        r#"{"type":"thing","legacy":true,"id":7,"note":"n","count":1,"text":null}"#,
        r#"{"legacy":true,"id":7,"note":"n","text":"t","new":[1],"type":"other"}"#,
    ] {
        assert_eq!(again::<Thing>(text), text);
    }
}

#[test]
fn properties_come_in_any_order_and_twice() {
    let text = r#"{"text":"t","id":1,"note":"n","id":2,"type":"thing"}"#;
    assert_eq!(again::<Thing>(text), r#"{"type":"thing","legacy":true,"id":2,"note":"n","text":"t"}"#);
    let text = "{ \"type\" : \"thing\" ,\n\t\"id\" : 2 , \"n\\u006fte\" : \"n\" }";
    assert_eq!(again::<Thing>(text), r#"{"type":"thing","legacy":true,"id":2,"note":"n"}"#);
}

struct Outer {
    inner: Thing,
    list: Vec<i64>,
    extra: Extra,
}

model! {
    Outer {
        inner: "inner",
        list: "list",
        ..extra
    }
}

#[test]
fn of_properties_that_come_twice_the_last_one_counts() {
    let text = r#"{"inner":{"type":"x","id":1,"note":"n","count":1,"text":"t","new":1},"list":[1,2],
        "list":[3],"inner":{"type":"thing","id":2}}"#;
    let inner = r#"{"type":"thing","legacy":true,"id":2,"note":null}"#;
    assert_eq!(again::<Outer>(text), format!(r#"{{"inner":{inner},"list":[3]}}"#));
}

#[test]
fn a_missing_property_is_named() {
    assert_eq!(
        again::<Thing>(r#"{"type":"thing","note":"n"}"#),
        "missing field `id` (found an object with 2 properties)"
    );
    assert_eq!(again::<Thing>(r#"{"id":1,"note":"n"}"#), "missing field `type` (found an object with 2 properties)");
    assert_eq!(
        again::<Thing>(r#"{"type":"thing","id":null,"note":"n"}"#),
        "at `id`: invalid type: null, expected i64 (found null)"
    );
    assert_eq!(again::<Thing>("[]"), "invalid type: sequence, expected an object (Thing) (found an array of 0)");
    assert_eq!(
        again::<Outer>(r#"{"inner":{"type":"thing","id":1},"list":[1,"a"]}"#),
        "at `list[1]`: invalid type: string, expected i64 (found a string of 1 character)"
    );
}

#[test]
fn a_property_that_may_be_null_may_be_missing() {
    assert_eq!(again::<Thing>(r#"{"type":"thing","id":1}"#), r#"{"type":"thing","legacy":true,"id":1,"note":null}"#);
}

#[test]
fn a_constant_of_another_kind_is_an_error() {
    assert_eq!(
        again::<Thing>(r#"{"type":5,"id":1}"#),
        "at `type`: invalid type: an integer, expected \"thing\" (found 5)"
    );
    assert_eq!(
        again::<Thing>(r#"{"type":"thing","legacy":null,"id":1}"#),
        r#"{"type":"thing","id":1,"note":null,"legacy":null}"#
    );
}

#[test]
fn a_model_is_copied_compared_and_shown_without_secrets() {
    let thing: Thing = decode(br#"{"type":"other","id":7,"note":"hidden","text":null}"#).unwrap();
    assert_eq!(thing, thing.clone());
    assert_ne!(thing, Thing { text: Nullable::Absent, ..thing.clone() });
    assert_ne!(thing, Thing { extra: Extra::default(), ..thing.clone() });
    assert_eq!(
        format!("{thing:?}"),
        "Thing { id: 7, note: \"[redacted]\", count: None, text: Null, \
         extra: Extra(Some({\"type\": _})) }"
    );
}

struct Typed {
    name: String,
    additional_properties: BTreeMap<String, i64>,
}

model! {
    Typed {
        name: "na\"me",
        ..additional_properties
    }
    plain: false,
}

#[test]
fn properties_without_a_name_may_have_a_type() {
    let text = r#"{"na\"me":"n","a":1,"b":2}"#;
    assert_eq!(again::<Typed>(text), text);
    assert_eq!(again::<Typed>(r#"{"na\"me":"n","a":null}"#), "at `a`: invalid type: null, expected i64 (found null)");
}

#[test]
fn any_deserializer_gives_the_same() {
    let value = json!({"type": "thing", "id": 7, "note": "n", "new": 0.1});
    let expected: Thing = decode(value.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::from_value::<Thing>(value.clone()).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Thing>(&value.to_string()).unwrap(), expected);
    assert_eq!(serde_json::from_reader::<_, Thing>(value.to_string().as_bytes()).unwrap(), expected);
    let written: Value = serde_json::to_value(&expected).unwrap();
    assert_eq!(written, json!({"type": "thing", "legacy": true, "id": 7, "note": "n", "new": 0.1}));
    let error = serde_json::from_value::<Vec<Outer>>(json!([{"inner": {"type": "thing"}}])).unwrap_err();
    assert_eq!(error.to_string(), "at `inner`: missing field `id` (found an object with 1 property)");
}

#[test]
fn numbers_of_text_stay_exact_within_serde() {
    let text = r#"{"type":"thing","id":9007199254740993,"note":null,"big":18446744073709551615}"#;
    let thing: Thing = serde_json::from_str(text).unwrap();
    assert_eq!(thing.id, 9_007_199_254_740_993);
    assert_eq!(thing.extra.get("big"), Some(&json!(18_446_744_073_709_551_615_u64)));
}

struct OneTime {
    extra: Extra,
}

model! {
    OneTime {
        ..extra
    }
    constants: &[Constant { name: "interval", value: Const::Null, required: false }],
}

#[test]
fn a_null_constant_is_not_undeclared() {
    assert!(decode::<OneTime>(br#"{"interval": null}"#).unwrap().extra.is_empty());
    assert!(decode::<OneTime>(br#"{}"#).unwrap().extra.is_empty());
    assert_eq!(decode::<OneTime>(br#"{"interval": "month"}"#).unwrap().extra.get("interval"), Some(&"month".into()));
}

struct Bag {
    things: Vec<Thing>,
    amounts: BTreeMap<String, f64>,
    note: Nullable<String>,
    extra: Extra,
}

model! {
    Bag {
        things: "things",
        amounts: "amounts",
        note: "note" optional,
        ..extra
    }
}

#[test]
fn values_are_equal_if_all_their_parts_are() {
    let bag = |text: &str| decode::<Bag>(text.as_bytes()).unwrap();
    let texts = [
        r#"{"things":[],"amounts":{}}"#,
        r#"{"things":[],"amounts":{},"note":null}"#,
        r#"{"things":[],"amounts":{},"note":"n"}"#,
        r#"{"things":[],"amounts":{},"new":1}"#,
        r#"{"things":[],"amounts":{},"new":2}"#,
        r#"{"things":[],"amounts":{"a":1}}"#,
        r#"{"things":[],"amounts":{"a":2}}"#,
        r#"{"things":[],"amounts":{"b":1}}"#,
        r#"{"things":[],"amounts":{"a":1,"b":1}}"#,
        r#"{"things":[{"type":"thing","id":1,"note":null}],"amounts":{}}"#,
        r#"{"things":[{"type":"thing","id":2,"note":null}],"amounts":{}}"#,
        r#"{"things":[{"type":"thing","id":1,"note":"n"}],"amounts":{}}"#,
        r#"{"things":[{"type":"other","id":1,"note":null}],"amounts":{}}"#,
        r#"{"things":[{"type":"thing","id":1,"note":null},{"type":"thing","id":1,"note":null}],"amounts":{}}"#,
    ];
    for (index, text) in texts.iter().enumerate() {
        for (other, other_text) in texts.iter().enumerate() {
            assert_eq!(bag(text) == bag(other_text), index == other, "{text} {other_text}");
        }
    }
}
