//! `Retry-After` (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// How long the server asks to wait. A point in time is counted from the answer's own `Date`.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?;
    let now = text_of(headers, DATE)
        .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
        .map_or_else(|| DateTime::<Utc>::from(SystemTime::now()), |date| date.to_utc());
    Some((then.to_utc() - now).to_std().unwrap_or_default())
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn retry_after_takes_seconds_and_points_in_time() {
        let wait = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            headers.insert(DATE, HeaderValue::from_static("Wed, 21 Oct 2026 07:28:00 GMT"));
            read(&headers)
        };
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Wed, 21 Oct 2026 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
