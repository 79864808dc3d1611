//! Headers that announce the end of an operation: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use http::HeaderMap;

/// An announcement that an operation or an API version will be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deprecation {
    is_deprecated: bool,
    /// The time from which it is deprecated.
    since: Option<NaiveDate>,
    /// The time from which it may be removed.
    sunset: Option<NaiveDate>,
}

impl Deprecation {
    /// Reads the headers. `None` if there is neither.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
        let deprecation = text("deprecation").filter(|text| !matches!(*text, "false" | "?0"));
        let sunset = text("sunset").and_then(http_date);
        (deprecation.is_some() || sunset.is_some()).then(|| Self {
            is_deprecated: deprecation.is_some(),
            since: deprecation.and_then(|text| timestamp(text).or_else(|| http_date(text))),
            sunset,
        })
    }
}

/// Parses a date of a structured field (RFC 9651, section 3.3.7).
fn timestamp(text: &str) -> Option<NaiveDate> {
    let seconds = text.strip_prefix('@')?.parse().ok()?;
    Some(DateTime::<Utc>::from_timestamp(seconds, 0)?.date_naive())
}

fn http_date(text: &str) -> Option<NaiveDate> {
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc().date_naive())
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the API marks this operation, or the version, as ")?;
        f.write_str(if self.is_deprecated { "deprecated" } else { "ending" })?;
        if let Some(since) = self.since {
            write!(f, " since {since}")?;
        }
        if let Some(sunset) = self.sunset {
            write!(f, ", and may remove it on {sunset}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(deprecation: &'static str, sunset: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in [("deprecation", deprecation), ("sunset", sunset)] {
            if !value.is_empty() {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        Deprecation::read(&headers).map(|deprecation| deprecation.to_string())
    }

    #[test]
    fn both_headers_are_read_and_show_dates_alone() {
        let whole = "the API marks this operation, or the version, as ";
        for (deprecation, sunset, expected) in [
            (
                "@1790812800",
                "Sun, 31 Jan 2027 00:00:00 GMT",
                "deprecated since 2026-10-01, and may remove it on 2027-01-31",
            ),
            ("true", "", "deprecated"),
            ("Thu, 01 Oct 2026 00:00:00 GMT", "soon", "deprecated since 2026-10-01"),
            ("", "Sun, 31 Jan 2027 00:00:00 GMT", "ending, and may remove it on 2027-01-31"),
            ("@99999999999999999999", "", "deprecated"),
        ] {
            assert_eq!(read(deprecation, sunset).unwrap(), format!("{whole}{expected}"));
        }
        assert_eq!((read("", ""), read("false", "soon")), (None, None));
    }
}
