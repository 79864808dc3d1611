//! Messages about text that can't be decoded, in place of those of serde_json, serde and chrono.

use crate::{scan, timestamp};

/// Messages of chrono about text that is not a date or not a time.
const CHRONO: [&str; 6] = [
    "input is out of range",
    "no possible date and time matching input",
    "input is not enough for unique date and time",
    "input contains invalid characters",
    "premature end of input",
    "trailing input",
];

/// Messages of serde_json about half of a surrogate pair in a text that is JSON otherwise.
const SURROGATES: [&str; 2] = ["lone leading surrogate in hex escape", "unexpected end of hex escape"];

/// Returns the message about text that is not JSON. `end` is the offset after the error.
pub(crate) fn about_syntax(message: &str, text: &str, end: usize) -> String {
    if text.trim().is_empty() {
        return "the text is empty".to_owned();
    }
    match message {
        message if message.starts_with("EOF") => format!("the JSON is cut off ({message})"),
        "expected value" => "expected a JSON value".to_owned(),
        "expected ident" => "expected `true`, `false` or `null`".to_owned(),
        "trailing characters" => "more text follows the JSON value".to_owned(),
        message if SURROGATES.contains(&message) => {
            let before = text.get(..end).unwrap_or_default();
            let escape = before.rfind("\\u").and_then(|at| before.get(at..at + 6)).unwrap_or_default();
            format!("a string has half of a surrogate pair: `{escape}`")
        }
        message => message.to_owned(),
    }
}

/// Returns the message about a value that does not fit its type.
pub(crate) fn about_value(message: String, value: Option<&str>) -> String {
    let Some(value) = value else { return message };
    if CHRONO.contains(&message.as_str())
        && let Some(text) = scan::string(value)
    {
        // Chrono has the same messages for dates and for times.
        return if text.contains(':') { timestamp::explain(&text) } else { timestamp::explain_date(&text) };
    }
    // An integer that is too large was read as a float.
    let is_integer = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer && message.ends_with("expected i64") {
        return "the integer is out of the range of i64".to_owned();
    }
    message
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{DateTime, NaiveDate, Utc};
    use serde::de::DeserializeOwned;

    use crate::decode;

    fn failure<T: DeserializeOwned>(text: &str) -> String {
        decode::<T>(text.as_bytes()).map_or_else(|error| error.to_string(), |_| "decoded".to_owned())
    }

    #[test]
    fn half_a_surrogate_pair_has_a_path() {
        type Rows = Vec<BTreeMap<String, String>>;
        for (text, place, escape) in [
            (r#"[{"a":"b"},{"a":"x\ud83d","b":"y"}]"#, "[1].a", r"\ud83d"),
            (r#"[{"a":"\ud83d\n"}]"#, "[0].a", r"\ud83d"),
            (r#"[{"a":"\ud83d\ud83d"}]"#, "[0].a", r"\ud83d"),
            (r#"[{"a":"\ude00 b"}]"#, "[0].a", r"\ude00"),
        ] {
            let expected = format!("at `{place}`: a string has half of a surrogate pair: `{escape}`");
            assert_eq!(failure::<Rows>(text), expected, "{text}");
        }
        assert_eq!(failure::<Rows>(r#"[{"a":"\ud83d\ude00"}]"#), "decoded");
    }

    #[test]
    fn dates_and_times_say_what_is_missing() {
        assert_eq!(
            failure::<Vec<DateTime<Utc>>>(r#"["2026-04-16T12:34:56"]"#),
            r#"at `[0]`: the time has no offset from UTC, such as `Z` or `+02:00` (found "2026-04-16T12:34:56")"#
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
        assert_eq!(
            failure::<Vec<i64>>("[2.5]"),
            "at `[0]`: invalid type: floating point `2.5`, expected i64 (found 2.5)"
        );
    }

    #[test]
    fn text_that_is_not_json_is_described() {
        for (text, words) in [
            ("", "the text is empty"),
            ("[1,2", "at `[1]`: the JSON is cut off (EOF while parsing a list)"),
            (" \n", "the text is empty"),
            ("Bad Gateway", "expected a JSON value at byte 1"),
            ("[tru]", "expected `true`, `false` or `null` at byte 5"),
            ("[] []", "more text follows the JSON value at byte 4"),
        ] {
            assert_eq!(failure::<Vec<i64>>(text), words, "{text}");
        }
    }
}
