//! Rate limits reported by a server.

use std::time::Duration;

use http::HeaderMap;

use super::retry_after;

/// The server's limits, from the headers of a response. Polar usually sends none of these headers, so do not depend on
/// them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Number of requests in a window (`X-RateLimit-Limit`, `RateLimit-Limit`).
    pub limit: Option<u64>,
    /// Number of requests that are left (`X-RateLimit-Remaining`, `RateLimit-Remaining`).
    pub remaining: Option<u64>,
    /// When the next window begins, as sent by the server: seconds from now, or since 1970 (`X-RateLimit-Reset`,
    /// `RateLimit-Reset`).
    pub reset: Option<u64>,
    /// Time to wait before the next request (`Retry-After`; RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
}

impl RateLimit {
    /// Reads the headers. All fields are `None` if there are no such headers.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| {
            let header =
                headers.get(format!("x-ratelimit-{name}")).or_else(|| headers.get(format!("ratelimit-{name}")));
            header.and_then(|value| value.to_str().ok()?.trim().parse().ok())
        };
        let state = Self {
            limit: number("limit"),
            remaining: number("remaining"),
            reset: number("reset"),
            retry_after: retry_after::read(headers),
        };
        (state != Self::default()).then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(pairs: &[(&'static str, &'static str)]) -> Option<RateLimit> {
        RateLimit::from_headers(
            &pairs.iter().map(|(n, v)| (n.parse().unwrap_or(http::header::AGE), HeaderValue::from_static(v))).collect(),
        )
    }

    #[test]
    fn both_spellings_are_read_and_nonsense_is_not() {
        let state = RateLimit {
            limit: Some(500),
            remaining: Some(0),
            reset: Some(60),
            retry_after: Some(Duration::from_secs(7)),
        };
        assert_eq!(
            read(&[
                ("x-ratelimit-limit", "500"),
                ("ratelimit-remaining", " 0"),
                ("x-ratelimit-reset", "60"),
                ("retry-after", "7")
            ]),
            Some(state)
        );
        assert_eq!(read(&[("x-ratelimit-limit", "many"), ("content-type", "text/html")]), None);
    }
}
