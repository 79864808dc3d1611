//! `Retry-After` (RFC 9110, section 10.2.3).

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::http_date;
use crate::platform;

/// Returns the time that the server asks to wait. A date is compared with the `Date` of the response.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let clock = DateTime::<Utc>::from(platform::now());
    let now = text_of(headers, DATE).and_then(|text| http_date::read(text, clock)).unwrap_or(clock);
    Some((http_date::read(text, now)? - now).to_std().unwrap_or_default())
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
        assert_eq!(wait("Wednesday, 21-Oct-26 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Wed Oct 21 07:28:30 2026"), Some(Duration::from_secs(30)));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
        assert_eq!(read(&HeaderMap::new()), None);
    }
}
