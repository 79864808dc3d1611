//! Reads timestamps in the usual form without chrono's general parser, and explains what is wrong with a date or time.

use chrono::format::{ParseError, ParseErrorKind};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

/// Reads a timestamp. The result is the same as that of chrono; `None` if the text is not one.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    in_utc(text.as_bytes()).or_else(|| text.parse().ok())
}

/// Calls `take` with the text of a point in time, formatted like chrono's: RFC 3339 with as many fractional digits as
/// needed, in groups of three.
pub(crate) fn with_text<T>(time: DateTime<Utc>, take: impl FnOnce(&str) -> T) -> T {
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    match in_rfc_3339(time.naive_utc(), &mut text).and_then(|length| std::str::from_utf8(text.get(..length)?).ok()) {
        Some(text) => take(text),
        None => take(&format!("{time:?}")),
    }
}

/// The same for a date.
pub(crate) fn with_date_text<T>(date: NaiveDate, take: impl FnOnce(&str) -> T) -> T {
    let mut text = *b"0000-00-00";
    match write_date(date, &mut text).and_then(|()| std::str::from_utf8(&text).ok()) {
        Some(text) => take(text),
        None => take(&format!("{date:?}")),
    }
}

/// Writes a point in time and returns the length of the text. Leap seconds and years with more than four digits are
/// formatted by chrono.
fn in_rfc_3339(time: NaiveDateTime, text: &mut [u8; 30]) -> Option<usize> {
    let nanoseconds = time.nanosecond();
    if nanoseconds >= 1_000_000_000 {
        return None;
    }
    let (date, clock) = text.split_at_mut(10);
    write_date(time.date(), date.first_chunk_mut()?)?;
    for (at, number) in [(1, time.hour()), (4, time.minute()), (7, time.second())] {
        write_pair(number, clock.get_mut(at..)?.first_chunk_mut()?);
    }
    let (digits, unit) = match nanoseconds {
        0 => {
            *clock.get_mut(9)? = b'Z';
            return Some(20);
        }
        nanoseconds if nanoseconds % 1_000_000 == 0 => (3, 1_000_000),
        nanoseconds if nanoseconds % 1_000 == 0 => (6, 1_000),
        _ => (9, 1),
    };
    let mut rest = nanoseconds / unit;
    for at in (10..10 + digits).rev() {
        *clock.get_mut(at)? = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    *clock.get_mut(10 + digits)? = b'Z';
    Some(21 + digits)
}

fn write_date(date: NaiveDate, text: &mut [u8; 10]) -> Option<()> {
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    for (at, number) in [(0, year / 100), (2, year % 100), (5, date.month()), (8, date.day())] {
        write_pair(number, text.get_mut(at..)?.first_chunk_mut()?);
    }
    Some(())
}

#[inline]
fn write_pair(number: u32, text: &mut [u8; 2]) {
    *text = [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
}

/// Returns what is wrong with text that is not a date and time.
pub(crate) fn explain(text: &str) -> String {
    if format!("{text}Z").parse::<DateTime<Utc>>().is_ok() {
        return "the time has no UTC offset, such as `Z` or `+02:00`".to_owned();
    }
    if text.parse::<NaiveDate>().is_ok() {
        return "the time of day is missing, as in `2026-04-16T12:34:56Z`".to_owned();
    }
    let error = text.parse::<DateTime<Utc>>().err();
    message(error, "date and time such as `2026-04-16T12:34:56Z`")
}

/// Returns what is wrong with text that is not a date.
pub(crate) fn explain_date(text: &str) -> String {
    message(text.parse::<NaiveDate>().err(), "date such as `2026-04-16`")
}

fn message(error: Option<ParseError>, form: &str) -> String {
    match error.map(|error| error.kind()) {
        Some(ParseErrorKind::OutOfRange | ParseErrorKind::Impossible) => {
            format!("a part is out of range, expected a {form}")
        }
        _ => format!("not a {form}"),
    }
}

/// Reads a time in the format of RFC 3339, section 5.6, with `Z`. `None` for other formats, which chrono reads.
fn in_utc(text: &[u8]) -> Option<DateTime<Utc>> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let nanoseconds = match rest.strip_suffix(b"Z")? {
        [] => 0,
        [b'.', fraction @ ..] => nanoseconds(fraction)?,
        _ => return None,
    };
    let [c0, c1, y0, y1, _, m0, m1, _] = digits(date_time.first_chunk()?, *b"0000-00-")?;
    let [d0, d1, _, h0, h1, _, n0, n1] = digits(date_time.get(8..)?.first_chunk()?, *b"00T00:00")?;
    let &[b':', s0 @ b'0'..=b'9', s1 @ b'0'..=b'9'] = date_time.get(16..)? else { return None };
    let year = i32::try_from(pair(c0, c1) * 100 + pair(y0, y1)).ok()?;
    let date = NaiveDate::from_ymd_opt(year, pair(m0, m1), pair(d0, d1))?;
    // Chrono must read a second of 60, because it supports leap seconds.
    let time = date.and_hms_nano_opt(pair(h0, h1), pair(n0, n1), pair(s0 - b'0', s1 - b'0'), nanoseconds)?;
    Some(time.and_utc())
}

/// Returns two digits as a number.
#[inline]
fn pair(tens: u8, ones: u8) -> u32 {
    u32::from(tens) * 10 + u32::from(ones)
}

/// Returns the digits of `text`, which must have a digit for each zero of `form` and be equal to it elsewhere.
#[inline]
fn digits(text: &[u8; 8], form: [u8; 8]) -> Option<[u8; 8]> {
    // Sets the highest bit of each byte that is more than 9 for a digit, or more than 0 elsewhere.
    let most = form.map(|byte| if byte == b'0' { 9 } else { 0 });
    let digits = u64::from_le_bytes(*text) ^ u64::from_le_bytes(form);
    let over = digits.wrapping_add(u64::from_le_bytes(most.map(|most| 0x7f - most))) | digits;
    (over & u64::from_le_bytes([0x80; 8]) == 0).then(|| digits.to_le_bytes())
}

/// Returns a fraction of a second, with one to nine digits, in nanoseconds.
#[inline]
fn nanoseconds(fraction: &[u8]) -> Option<u32> {
    const UNITS: [u32; 10] = [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let unit = UNITS.get(fraction.len()).filter(|unit| **unit > 0)?;
    let number = fraction.iter().try_fold(0, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    });
    number.map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_chrono_does() {
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
    fn chrono_reads_any_other_form() {
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
            "2026/04/16T12:34:56Z",
            "202:-04-16T12:34:56Z",
            "2026-04-é6T12:34:56Z",
            "2026-04-16t12:34:56Z",
            "2026-04-16T12:34-56Z",
            "2026-04-16T12:34:56.é2Z",
        ] {
            assert_eq!(in_utc(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn errors_say_what_is_missing() {
        for (text, words) in [
            ("2026-04-16T12:34:56", "the time has no UTC offset, such as `Z` or `+02:00`"),
            ("2026-04-16 12:34:56.123", "the time has no UTC offset, such as `Z` or `+02:00`"),
            ("2026-04-16", "the time of day is missing, as in `2026-04-16T12:34:56Z`"),
            ("2026-13-16T00:00:00Z", "a part is out of range, expected a date and time such as `2026-04-16T12:34:56Z`"),
            ("2026-04-16T12:34:56+02", "not a date and time such as `2026-04-16T12:34:56Z`"),
            ("now", "not a date and time such as `2026-04-16T12:34:56Z`"),
            ("", "not a date and time such as `2026-04-16T12:34:56Z`"),
        ] {
            assert_eq!(explain(text), words, "{text}");
        }
        assert_eq!(explain_date("2026-02-30"), "a part is out of range, expected a date such as `2026-04-16`");
        assert_eq!(explain_date("16/04/2026"), "not a date such as `2026-04-16`");
    }
}
