//! Writes JSON text. All types share this code.

use std::fmt::Write as _;

use crate::field::View;
use crate::scan;

/// The JSON text of a value.
#[must_use]
pub fn to_vec(view: View<'_>) -> Vec<u8> {
    let mut out = String::with_capacity(256);
    write(&mut out, view);
    out.into_bytes()
}

fn write(out: &mut String, view: View<'_>) {
    match view {
        View::Absent | View::Null => out.push_str("null"),
        View::Boolean(truth) => out.push_str(if truth { "true" } else { "false" }),
        View::Integer(number) => integer(out, number),
        View::Float(number) => float(out, number),
        View::Text(text) | View::Name(text) | View::UnknownName(text) | View::Secret(text) => string(out, text),
        View::Uuid(_) | View::Time(_) | View::Date(_) => view.with_text(|text| quoted(out, text)),
        View::Variant(_, content) => write(out, content.view()),
        View::Constant(_, constant) => write(out, constant.view()),
        View::Unknown(unknown) => write(out, View::Json(unknown.json())),
        // Writing to a String can't fail.
        View::Json(json) => drop(write!(out, "{json}")),
        View::Model(model) => model.parts(&mut |parts| {
            out.push('{');
            let start = out.len();
            for (name, view) in parts.constants() {
                separate(out, start);
                string(out, name);
                out.push(':');
                write(out, view);
            }
            for (name, view) in parts.fields() {
                separate(out, start);
                if parts.object.plain {
                    quoted(out, name);
                } else {
                    string(out, name);
                }
                out.push(':');
                write(out, view);
            }
            parts.rest.each(&mut |name, view| {
                separate(out, start);
                string(out, name);
                out.push(':');
                write(out, view);
            });
            out.push('}');
        }),
        View::List(list) => {
            out.push('[');
            let start = out.len();
            for item in (0..list.count()).filter_map(|index| list.item(index)) {
                separate(out, start);
                write(out, item);
            }
            out.push(']');
        }
        View::Map(map) => {
            out.push('{');
            let start = out.len();
            map.each(&mut |key, value| {
                separate(out, start);
                key.with_text(|key| string(out, key));
                out.push(':');
                write(out, value);
            });
            out.push('}');
        }
    }
}

/// Writes a comma unless nothing was written since `start`.
#[inline]
fn separate(out: &mut String, start: usize) {
    if out.len() > start {
        out.push(',');
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(scan::plain(rest.as_bytes()));
        out.push_str(plain);
        let mut chars = special.chars();
        let Some(special) = chars.next() else { break };
        rest = chars.as_str();
        match special {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            other => drop(write!(out, "\\u{:04x}", u32::from(other))),
        }
    }
    out.push('"');
}

fn integer(out: &mut String, number: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// JSON can't represent infinities and NaN.
fn float(out: &mut String, number: f64) {
    match serde_json::Number::from_f64(number) {
        Some(number) => drop(write!(out, "{number}")),
        None => out.push_str("null"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn written(view: View<'_>) -> String {
        String::from_utf8(to_vec(view)).unwrap_or_default()
    }

    #[test]
    fn text_is_written_as_serde_json_writes_it() {
        let long = "x".repeat(100);
        for text in ["", "plain", "a\"b\\c/d", "\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}", "é☃😀\u{2028}", &long] {
            assert_eq!(written(View::Text(text)), serde_json::to_string(text).unwrap_or_default());
        }
    }

    #[test]
    fn numbers_are_written_as_serde_json_writes_them() {
        for number in [0, 7, -7, 10, 1234567890, i64::MAX, i64::MIN] {
            assert_eq!(written(View::Integer(number)), number.to_string());
        }
        for number in [0.0, -0.0, 1.0, 0.1, 1e300, -2.5, f64::NAN, f64::INFINITY] {
            assert_eq!(written(View::Float(number)), serde_json::to_string(&number).unwrap_or_default());
        }
    }

    #[test]
    fn times_are_written_as_chrono_writes_them() {
        for text in [
            "2026-04-16T12:34:56Z",
            "2026-04-16T12:34:56.1Z",
            "2026-04-16T12:34:56.000001Z",
            "1969-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:60Z",
            "0001-01-01T00:00:00Z",
        ] {
            let time: DateTime<Utc> = text.parse().unwrap_or_default();
            assert_eq!(written(View::Time(time)), serde_json::to_string(&time).unwrap_or_default());
        }
        for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(written(View::Time(time)), serde_json::to_string(&time).unwrap_or_default());
            let date = time.date_naive();
            assert_eq!(written(View::Date(date)), serde_json::to_string(&date).unwrap_or_default());
        }
    }
}
