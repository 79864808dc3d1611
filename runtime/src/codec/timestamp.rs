//! Points in time, read without chrono's general parser where they are written as RFC 3339 says.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads a point in time; gives what chrono gives, and its error.
///
/// # Errors
/// The input is no text with a point in time.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    deserializer.deserialize_str(TimestampVisitor)
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = DateTime<Utc>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 formatted date and time string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DateTime<Utc>, E> {
        match in_utc(text.as_bytes()) {
            Some(time) => Ok(time),
            None => text.parse().map_err(E::custom),
        }
    }
}

/// A time in the form of RFC 3339, section 5.6, with `Z`. Any other form is left to chrono.
fn in_utc(text: &[u8]) -> Option<DateTime<Utc>> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let nanoseconds = match rest.strip_suffix(b"Z")? {
        [] => 0,
        [b'.', fraction @ ..] if (1..=9).contains(&fraction.len()) => {
            number(fraction)? * 10u32.pow(9 - u32::try_from(fraction.len()).ok()?)
        }
        _ => return None,
    };
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1] = date_time else {
        return None;
    };
    let year = i32::try_from(number(&[y0, y1, y2, y3])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m0, m1])?, number(&[d0, d1])?)?;
    // A second of 60 is left to chrono, which knows leap seconds.
    let time = date.and_hms_nano_opt(number(&[h0, h1])?, number(&[n0, n1])?, number(&[s0, s1])?, nanoseconds)?;
    Some(time.and_utc())
}

/// Digits, at most nine of them.
#[inline]
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_what_chrono_makes_of_it() {
        for text in [
            "2026-04-16T12:34:56Z",
            "2026-04-16T12:34:56.123456Z",
            "2024-02-29T00:00:00.1Z",
            "1969-12-31T23:59:59.999999999Z",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(in_utc(text.as_bytes()), text.parse().ok(), "{text}");
            assert!(in_utc(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn any_other_form_is_left_to_chrono() {
        for text in [
            "",
            "2026-04-16",
            "2026-04-16T12:34:56",
            "2026-04-16T12:34:56+02:00",
            "2026-04-16 12:34:56Z",
            "2026-04-16T12:34:56.Z",
            "2026-04-16T12:34:56.1234567891Z",
            "2026-04-16T12:34:5éZ",
            "2023-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-16T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "+026-04-16T12:34:56Z",
        ] {
            assert_eq!(in_utc(text.as_bytes()), None, "{text}");
        }
    }
}
