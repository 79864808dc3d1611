//! Dates in headers (RFC 9110, section 5.6.7).

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Parses the three formats that a receiver has to accept: `Wed, 21 Oct 2026 07:28:00 GMT`, that of RFC 850,
/// `Wednesday, 21-Oct-26 07:28:00 GMT`, and that of asctime, `Wed Oct 21 07:28:00 2026`. The day of the week is
/// ignored. `now` resolves years with two digits: they are at most 50 years in the future.
pub(super) fn read(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let fixed = || DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc());
    fixed().or_else(|| rfc_850(text, now)).or_else(|| asctime(text))
}

fn rfc_850(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (_, rest) = text.split_once(", ")?;
    let (date, time) = rest.strip_suffix(" GMT")?.split_once(' ')?;
    let (day_and_month, year) = date.rsplit_once('-')?;
    let year: i32 = year.parse().ok().filter(|_| year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let latest = now.year() + 50;
    // The last year with these digits that is not later.
    let year = latest - (latest - year).rem_euclid(100);
    at(&format!("{day_and_month}-{year}"), time)
}

fn asctime(text: &str) -> Option<DateTime<Utc>> {
    let mut parts = text.split_ascii_whitespace().skip(1);
    let (month, day, time, year) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then(|| at(&format!("{day}-{month}-{year}"), time))?
}

/// `date` is written as `06-Nov-1994`, and `time` as `08:49:37`.
fn at(date: &str, time: &str) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(date, "%d-%b-%Y").ok()?;
    // A leap second is read as the first second of the next minute.
    if let Some(minute) = time.strip_suffix(":60") {
        let time = NaiveTime::parse_from_str(minute, "%H:%M").ok()?;
        return Some((NaiveDateTime::new(date, time) + TimeDelta::minutes(1)).and_utc());
    }
    let time = NaiveTime::parse_from_str(time, "%H:%M:%S").ok()?;
    Some(NaiveDateTime::new(date, time).and_utc())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn seconds(text: &str, now: &str) -> Option<i64> {
        read(text, now.parse().unwrap()).map(|date| date.timestamp())
    }

    #[test]
    fn the_three_formats_of_rfc_9110_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            " Sun Nov 6 08:49:37 1994",
        ] {
            assert_eq!(seconds(text, "2026-11-25T00:00:00Z"), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn two_digits_mean_a_year_at_most_fifty_years_ahead() {
        for (digits, now, year) in [
            ("26", "2026-01-01T00:00:00Z", 2026),
            ("76", "2026-01-01T00:00:00Z", 2076),
            ("77", "2026-01-01T00:00:00Z", 1977),
            ("00", "2099-12-31T23:59:00Z", 2100),
        ] {
            let date = read(&format!("Monday, 01-Mar-{digits} 00:00:00 GMT"), now.parse().unwrap()).unwrap();
            assert_eq!(date.year(), year, "{digits} at {now}");
        }
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "soon",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 PST",
            "Sunday, 06-Nov-+4 08:49:37 GMT",
            "Sunday, 31-Feb-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Sun Nov  6 25:49:37 1994",
        ] {
            assert_eq!(seconds(text, "2026-11-25T00:00:00Z"), None, "{text}");
        }
        assert_eq!(
            seconds("Sat Dec 31 23:59:60 2016", "2026-11-25T00:00:00Z"),
            seconds("Sun Jan  1 00:00:00 2017", "2026-11-25T00:00:00Z")
        );
    }
}
