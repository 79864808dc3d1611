//! The response of the token endpoint (RFC 6749, section 5.1).

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::members::Members;
use crate::auth::AccessToken;
use crate::codec::Secret;
use crate::response::{RawResponse, ResponseError};

/// Tokens of one user, which may be limited to some of the user's organizations.
///
/// It serializes as a map that includes its secrets, so that a [`TokenStore`](super::TokenStore) can store it, and needs
/// a self-describing format such as JSON; `Debug` redacts the secrets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tokens {
    /// The token for calls (`polar_at_`).
    pub access_token: Secret,
    /// When it was requested.
    pub issued_at: DateTime<Utc>,
    /// When it expires: `expires_in` of the response, counted from `issued_at`. It is an hour if the response has no
    /// `expires_in`, and ten years at most.
    pub expires_at: DateTime<Utc>,
    /// The refresh token (`polar_rt_`). It works once.
    pub refresh_token: Option<Secret>,
    /// The granted scopes, separated by spaces: `scope.parse::<ScopeSet>()` parses them. Empty if the response has
    /// none, which means that the requested ones were granted (RFC 6749, section 5.1).
    pub scope: String,
    /// The identity of the user, signed by the server; only with the scope `openid`.
    pub id_token: Option<Secret>,
}

impl Serialize for Tokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("access_token", &self.access_token)?;
        map.serialize_entry("issued_at", &self.issued_at)?;
        map.serialize_entry("expires_at", &self.expires_at)?;
        map.serialize_entry("refresh_token", &self.refresh_token)?;
        map.serialize_entry("scope", &self.scope)?;
        map.serialize_entry("id_token", &self.id_token)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::read(deserializer)?;
        Ok(Self {
            access_token: members.take("access_token")?,
            issued_at: members.take("issued_at")?,
            expires_at: members.take("expires_at")?,
            refresh_token: members.take("refresh_token")?,
            scope: members.take("scope")?,
            id_token: members.take("id_token")?,
        })
    }
}

impl Tokens {
    /// Returns whether it works for at least this time, or for half of its life if that is less.
    pub(super) fn is_good_for(&self, early: Duration, now: SystemTime) -> bool {
        let life = (self.expires_at - self.issued_at).to_std().unwrap_or_default();
        DateTime::<Utc>::from(now) + early.min(life / 2) < self.expires_at
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        DateTime::<Utc>::from(now) >= self.expires_at
    }
}

/// Default life of a token in seconds, if the response has none. If it works longer, it is refreshed early; if not, the
/// API rejects it, and then it is refreshed.
const LIFE: f64 = 3600.0;

/// Maximum life of a token in seconds: ten years.
const LONGEST_LIFE: f64 = 10.0 * 365.0 * 24.0 * 3600.0;

/// The response of the token endpoint. Only the access token is required: the result of a refresh can't be requested
/// again, so an invalid property elsewhere must not lose the tokens.
#[derive(Debug)]
pub(super) struct TokenAnswer {
    access_token: Secret,
    life: TimeDelta,
    refresh_token: Option<Secret>,
    scope: String,
    id_token: Option<Secret>,
}

impl TokenAnswer {
    /// Parses it. An error contains no text of the response, which may contain tokens.
    pub(super) fn read(answer: &RawResponse) -> Result<Self, ResponseError> {
        Self::parse(answer.body()).map_err(ResponseError::unexpected)
    }

    fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let properties = Properties::of(body).ok_or("it is not a token response: expected a JSON object")?;
        // A token without a type is sent as the API accepts it.
        if properties.text("token_type").is_some_and(|name| !name.trim().eq_ignore_ascii_case("bearer")) {
            return Err("its token type is not `Bearer`");
        }
        let access_token = properties.secret("access_token").ok_or("its access token is missing or not a string")?;
        if AccessToken::from(&access_token).header().is_err() {
            return Err("its access token can't be sent in a header");
        }
        Ok(Self {
            access_token,
            life: properties.life(),
            refresh_token: properties.secret("refresh_token"),
            scope: properties.scope(),
            id_token: properties.secret("id_token"),
        })
    }

    pub(super) fn into_tokens(self, asked_at: SystemTime) -> Tokens {
        let issued_at = DateTime::<Utc>::from(asked_at);
        Tokens {
            access_token: self.access_token,
            issued_at,
            expires_at: issued_at + self.life,
            refresh_token: self.refresh_token,
            scope: self.scope,
            id_token: self.id_token,
        }
    }
}

/// Returns the refresh token of a response that is invalid otherwise.
pub(super) fn refresh_token(body: &[u8]) -> Option<Secret> {
    Properties::of(body)?.secret("refresh_token")
}

/// The properties of a response, each as it was sent, so that an invalid one does not affect the others.
struct Properties<'a>(HashMap<String, &'a RawValue>);

impl<'a> Properties<'a> {
    fn of(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().map(Self)
    }

    /// Returns `None` if it is absent or has another type.
    fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// Returns `None` also if it is empty.
    fn text(&self, name: &str) -> Option<String> {
        self.get(name).filter(|text: &String| !text.is_empty())
    }

    fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::from)
    }

    /// Values separated by spaces, or a list.
    fn scope(&self) -> String {
        let list = || self.get("scope").map(|words: Vec<String>| words.join(" "));
        self.text("scope").or_else(list).unwrap_or_default()
    }

    /// `expires_in`, a number of seconds with or without quotes, as a number that can be added.
    fn life(&self) -> TimeDelta {
        let text = self.0.get("expires_in").map_or("", |value| value.get());
        let seconds = text.trim_matches('"').trim().parse().ok().filter(|seconds: &f64| !seconds.is_nan());
        // The cast rounds down, and the number is in the range of both types.
        TimeDelta::seconds(seconds.unwrap_or(LIFE).clamp(0.0, LONGEST_LIFE) as i64)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::platform;

    fn tokens(response: &str, asked_at: SystemTime) -> Tokens {
        TokenAnswer::parse(response.as_bytes()).unwrap().into_tokens(asked_at)
    }

    /// Parses the tokens in a response with these properties added.
    fn with(more: &str) -> Tokens {
        tokens(&format!(r#"{{"access_token":"a","token_type":"Bearer","refresh_token":"r"{more}}}"#), platform::now())
    }

    #[test]
    fn tokens_are_renewed_a_little_before_they_expire() {
        let (now, minute) = (platform::now(), Duration::from_secs(60));
        let lasting = |seconds| tokens(&format!(r#"{{"access_token":"a","expires_in":{seconds}}}"#), now);
        let hour = lasting(3600);
        assert!(hour.is_good_for(minute, now + minute * 58));
        assert!(!hour.is_good_for(minute, now + minute * 59));
        assert!(!hour.is_expired(now + minute * 59) && hour.is_expired(now + minute * 60));
        let brief = lasting(40);
        assert!(brief.is_good_for(minute, now), "a token of short life is used for half of it");
        assert!(!brief.is_good_for(minute, now + minute / 3));
    }

    #[test]
    fn a_life_is_read_leniently_and_clamped() {
        const TEN_YEARS: i64 = 315_360_000;
        for (expires_in, seconds) in [
            ("", 3600),
            (r#","expires_in":null"#, 3600),
            (r#","expires_in":"soon""#, 3600),
            (r#","expires_in":"NaN""#, 3600),
            (r#","expires_in":[60]"#, 3600),
            (r#","expires_in":true"#, 3600),
            (r#","expires_in":864000"#, 864_000),
            (r#","expires_in":864000.0"#, 864_000),
            (r#","expires_in":8.64e5"#, 864_000),
            (r#","expires_in":"864000""#, 864_000),
            (r#","expires_in":" 864000.5 ""#, 864_000),
            (r#","expires_in":0"#, 0),
            (r#","expires_in":-1"#, 0),
            (r#","expires_in":"-86400""#, 0),
            (r#","expires_in":4294967296"#, TEN_YEARS),
            (r#","expires_in":9223372036854775808"#, TEN_YEARS),
            (r#","expires_in":1e400"#, TEN_YEARS),
            (r#","expires_in":60,"expires_in":120"#, 120),
        ] {
            let read = with(expires_in);
            assert_eq!((read.expires_at - read.issued_at).num_seconds(), seconds, "{expires_in}");
            assert_eq!(read.refresh_token, Some("r".into()), "{expires_in}");
        }
    }

    #[test]
    fn an_odd_property_costs_nothing_but_itself() {
        for (more, scope, id_token) in [
            (r#","scope":"openid email""#, "openid email", None),
            (r#","scope":["openid","email"]"#, "openid email", None),
            (r#","scope":null,"id_token":null"#, "", None),
            (r#","scope":7,"id_token":{}"#, "", None),
            (r#","scope":"\ud800","id_token":"x.y.z""#, "", Some("x.y.z".into())),
            (r#","id_token":"","expires_on":[[[[1]]]]"#, "", None),
        ] {
            let read = with(more);
            assert_eq!((read.scope.as_str(), &read.id_token), (scope, &id_token), "{more}");
            assert_eq!((read.access_token, read.refresh_token), ("a".into(), Some("r".into())), "{more}");
        }
        for token_type in [r#""Bearer""#, r#""bearer""#, r#""BEARER""#, r#"" Bearer ""#, r#""""#, "null", "1"] {
            let response = format!(r#"{{"token_type":{token_type},"access_token":"a"}}"#);
            assert_eq!(tokens(&response, platform::now()).access_token, "a".into(), "{token_type}");
        }
    }

    #[test]
    fn a_response_without_an_access_token_is_an_error() {
        for (response, words) in [
            ("", "not a token response"),
            ("[]", "not a token response"),
            (r#"{"access_token":"a""#, "not a token response"),
            (r#"{"token_type":"mac","access_token":"a"}"#, "its token type is not `Bearer`"),
            ("{}", "missing or not a string"),
            (r#"{"access_token":null}"#, "missing or not a string"),
            (r#"{"access_token":""}"#, "missing or not a string"),
            (r#"{"access_token":"a\nb"}"#, "can't be sent in a header"),
        ] {
            let error = TokenAnswer::parse(response.as_bytes()).unwrap_err();
            assert!(error.contains(words), "{response}: {error}");
        }
        assert_eq!(refresh_token(br#"{"access_token":null,"refresh_token":"r"}"#), Some("r".into()));
        assert_eq!(refresh_token(br#"{"refresh_token":null}"#), None);
    }
}
