//! Messages and paths of errors.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use polar_client_json::{DecodeError, Field, Number, decode, decode_with_serde};
use serde_json::Value;
use uuid::Uuid;

fn error<T: Field + std::fmt::Debug>(text: &str) -> DecodeError {
    decode::<T>(text.as_bytes()).map(|value| format!("{value:?}")).unwrap_err()
}

fn failure<T: Field + std::fmt::Debug>(text: &str) -> String {
    error::<T>(text).to_string()
}

type Rows = BTreeMap<String, Vec<BTreeMap<String, i64>>>;

#[test]
fn errors_name_the_place() {
    assert_eq!(
        failure::<Rows>("{\"items\": [\n {\"a\": 1},\n {\"a\": 1, \"b\": \"7\"}]}"),
        "at `items[1].b`: invalid type: string, expected i64 (found a string of 1 character)"
    );
    assert_eq!(
        failure::<Rows>(r#"{"items": [{"b": null}]}"#),
        "at `items[0].b`: invalid type: null, expected i64 (found null)"
    );
    assert_eq!(
        failure::<Rows>(r#"{"items": [{"a": 1"#),
        "at `items[0].a`: the JSON is cut off (EOF while parsing an object)"
    );
}

#[test]
fn an_array_of_fixed_length_has_that_length() {
    type Pairs = Vec<(i64, Option<String>)>;
    assert_eq!(decode::<Pairs>(br#"[ [1, "a" ] ,[2,null]]"#), Ok(vec![(1, Some("a".to_owned())), (2, None)]));
    assert!(decode::<Vec<(i64,)>>(b"[[1, 2]]").is_err());
    assert_eq!(failure::<(i64, i64)>("[1]"), "invalid length 1, expected a tuple of size 2 (found an array of 1)");
}

#[test]
fn values_nest_to_a_limit() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(decode::<Value>(nested(127).as_bytes()).is_ok());
    let error = failure::<Value>(&nested(10_000));
    assert!(error.contains("recursion limit exceeded"), "{error}");
}

#[test]
fn excerpts_show_kind_and_length() {
    let text = r#"{"a": [{"id": 1, "k\u0065y": "hidden", "more": [2]}]}"#;
    assert_eq!(
        failure::<BTreeMap<String, Vec<i64>>>(text),
        "at `a[0]`: invalid type: map, expected i64 (found an object with 3 properties)"
    );
    assert_eq!(
        failure::<BTreeMap<String, i64>>(text),
        "at `a`: invalid type: sequence, expected i64 (found an array of 1)"
    );
    assert_eq!(error::<bool>("{}").excerpt(), "an object with 0 properties");
    assert_eq!(error::<bool>(r#"{"a":1}"#).excerpt(), "an object with 1 property");
    assert_eq!(error::<bool>(r#""h\u0069dden""#).excerpt(), "a string of 6 characters");
    let digits = "9".repeat(100);
    assert_eq!(error::<bool>(&digits).excerpt(), format!("{}…", "9".repeat(40)));
}

#[test]
fn excerpts_show_text_of_ids_and_dates_only() {
    assert_eq!(error::<Uuid>(r#""17-b""#).excerpt(), r#""17-b""#);
    assert_eq!(error::<NaiveDate>(r#""2026-04""#).excerpt(), r#""2026-04""#);
    assert_eq!(error::<DateTime<Utc>>(r#""2026-04-16T12:34:56""#).excerpt(), r#""2026-04-16T12:34:56""#);
    for hidden in ["polar_oat_abc", "line\\nbreak", "\u{202e}id", "someone@example.com", &"a".repeat(41)] {
        let excerpt = error::<Uuid>(&format!("\"{hidden}\"")).excerpt().to_owned();
        assert!(excerpt.starts_with("a string of "), "{excerpt}");
        assert!(!failure::<Uuid>(&format!("\"{hidden}\"")).contains(hidden));
    }
    assert_eq!(error::<i64>(r#""7""#).excerpt(), "a string of 1 character");
}

#[test]
fn keys_in_a_path_are_bounded_and_escaped() {
    let key = format!("a\\n\u{202e}{}", "x".repeat(500));
    let error = error::<BTreeMap<String, i64>>(&format!("{{\"{key}\":null}}"));
    assert!(error.path().starts_with("a\\n\\u{202e}xxx"), "{error}");
    assert!(error.path().len() < 120, "{error}");
    let syntax = decode::<BTreeMap<String, i64>>(format!("{{\"{key}\":").as_bytes()).unwrap_err();
    assert!(syntax.path().starts_with("a\\n\\u{202e}xxx") && syntax.path().len() < 120, "{syntax}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(decode::<Vec<i64>>("\u{feff}[1]".as_bytes()), Ok(vec![1]));
    assert_eq!(failure::<Vec<i64>>("\u{feff}[null]"), "at `[0]`: invalid type: null, expected i64 (found null)");
}

#[test]
fn text_that_is_not_json_is_described() {
    assert_eq!(decode::<i64>(b"\xff").unwrap_err().to_string(), "not valid UTF-8 at byte 0");
    for (text, words) in [
        ("", "the text is empty"),
        ("[1,2", "at `[1]`: the JSON is cut off (EOF while parsing a list)"),
        (" \n", "the text is empty"),
        ("Bad Gateway", "expected a JSON value at byte 1"),
        ("[tru]", "expected `true`, `false` or `null` at byte 5"),
        ("[] []", "unexpected text after the JSON value at byte 4"),
        ("[1 2]", "at `[0]`: expected `,` or `]`"),
        ("[01]", "at `[0]`: invalid number"),
    ] {
        let found = failure::<Vec<i64>>(text);
        assert_eq!(found, words, "{text}");
    }
    assert_eq!(failure::<BTreeMap<String, i64>>(r#"{"a":1,}"#), "key must be a string at byte 8");
}

#[test]
fn half_a_surrogate_pair_has_a_place() {
    type Texts = Vec<BTreeMap<String, String>>;
    for (text, place, escape) in [
        (r#"[{"a":"b"},{"a":"x\ud83d","b":"y"}]"#, "[1].a", r"\ud83d"),
        (r#"[{"a":"\ud83d\n"}]"#, "[0].a", r"\ud83d"),
        (r#"[{"a":"\ud83d\ud83d"}]"#, "[0].a", r"\ud83d"),
        (r#"[{"a":"\ude00 b"}]"#, "[0].a", r"\ude00"),
    ] {
        let expected = format!("at `{place}`: a string has a lone surrogate: `{escape}`");
        assert_eq!(failure::<Texts>(text), expected, "{text}");
    }
    assert!(decode::<Texts>(br#"[{"a":"\ud83d\ude00"}]"#).is_ok());
}

#[test]
fn dates_and_times_say_what_is_missing() {
    assert_eq!(
        failure::<Vec<DateTime<Utc>>>(r#"["2026-04-16T12:34:56"]"#),
        r#"at `[0]`: the time has no UTC offset, such as `Z` or `+02:00` (found "2026-04-16T12:34:56")"#
    );
    assert_eq!(
        failure::<Vec<NaiveDate>>(r#"["2026-04"]"#),
        r#"at `[0]`: not a date such as `2026-04-16` (found "2026-04")"#
    );
}

#[test]
fn integers_out_of_range_are_named_as_such() {
    for number in ["9223372036854775808", "18446744073709551616", "-9223372036854775809"] {
        let expected = format!("at `[0]`: the integer is out of the range of i64 (found {number})");
        assert_eq!(failure::<Vec<i64>>(&format!("[{number}]")), expected);
    }
    assert_eq!(failure::<Vec<f64>>("[1, 1e999]"), "at `[1]`: number out of range");
    assert_eq!(failure::<Vec<i64>>("[2.5]"), "at `[0]`: invalid type: floating point `2.5`, expected i64 (found 2.5)");
}

#[test]
fn numbers_keep_how_they_are_written() {
    for (text, integer, float) in [
        ("0", Some(0), 0.0),
        ("-7", Some(-7), -7.0),
        ("123456789012345678", Some(123_456_789_012_345_678), 123_456_789_012_345_678.0),
        ("9223372036854775807", Some(i64::MAX), 9_223_372_036_854_775_807.0),
        ("-9223372036854775808", Some(i64::MIN), -9_223_372_036_854_775_808.0),
        ("18446744073709551615", None, 18_446_744_073_709_551_615.0),
        ("-0", None, -0.0),
        ("1.0", None, 1.0),
        ("1e2", None, 100.0),
    ] {
        assert_eq!(decode::<i64>(text.as_bytes()).ok(), integer, "{text}");
        assert_eq!(decode::<f64>(text.as_bytes()), Ok(float), "{text}");
        let number = integer.map_or(Number::Float(float), Number::Integer);
        assert_eq!(decode::<Number>(text.as_bytes()), Ok(number), "{text}");
    }
    for text in ["01", "-", "+1", "1.", ".5", "1e", "0x1", "--1"] {
        assert!(decode::<f64>(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn types_of_others_are_read_by_serde() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Cents(i64);

    assert_eq!(decode_with_serde(b"[7, 8]"), Ok(vec![Cents(7), Cents(8)]));
    let error = decode_with_serde::<BTreeMap<String, Vec<Cents>>>(br#"{"a":[1,"hidden"]}"#).unwrap_err();
    assert_eq!((error.path(), error.message()), ("a[1]", "invalid type: string, expected i64"));
    assert_eq!(error.excerpt(), "a string of 6 characters");
    let error = decode_with_serde::<BTreeMap<String, Vec<Cents>>>(br#"{"a":[-12.5,1]}"#).unwrap_err();
    assert_eq!((error.path(), error.excerpt()), ("a[0]", "-12.5"));
    for (text, excerpt) in [
        (r#"{"a":[1,{"b":2}]}"#, "an object with 1 property"),
        (r#"{"a":[1,["b"]]}"#, "an array of 1"),
        (r#"{"a":[1,[]]}"#, "an array of 0"),
    ] {
        let error = decode_with_serde::<BTreeMap<String, Vec<Cents>>>(text.as_bytes()).unwrap_err();
        assert_eq!((error.path(), error.excerpt()), ("a[1]", excerpt), "{text}");
    }
    let error = decode_with_serde::<Vec<Cents>>(b"[1").unwrap_err();
    assert_eq!(error.to_string(), "at `[0]`: the JSON is cut off (EOF while parsing a list)");
}
