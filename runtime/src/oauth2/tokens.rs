//! What the token endpoint gives (RFC 6749, section 5.1).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, AnswerError};
use crate::codec::{self, Secret};
use crate::token::AccessToken;

/// Tokens of one user, or of one organization that a user granted access to.
///
/// It serializes, secrets included, so that a [`TokenStore`](super::TokenStore) can keep it; `Debug` shows none of
/// them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tokens {
    /// The token for calls (`polar_at_`).
    pub access_token: Secret,
    /// When the server was asked for it.
    pub issued_at: DateTime<Utc>,
    /// When it stops working: what the server said, counted from `issued_at`.
    pub expires_at: DateTime<Utc>,
    /// What to get the next tokens with (`polar_rt_`). It works once.
    pub refresh_token: Option<Secret>,
    /// The scopes that were granted, with a space in between: `scope.parse::<ScopeSet>()` reads them.
    pub scope: String,
    /// Who signed in, signed by the server; only with the scope `openid`.
    pub id_token: Option<Secret>,
}

impl Tokens {
    /// Whether it works for at least this much longer, or for half of its life if that is less.
    pub(super) fn is_good_for(&self, early: Duration, now: SystemTime) -> bool {
        let life = (self.expires_at - self.issued_at).to_std().unwrap_or_default();
        DateTime::<Utc>::from(now) + early.min(life / 2) < self.expires_at
    }

    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        DateTime::<Utc>::from(now) >= self.expires_at
    }
}

#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: Secret,
    token_type: String,
    expires_in: u32,
    refresh_token: Option<Secret>,
    #[serde(default)]
    scope: String,
    id_token: Option<Secret>,
}

impl TokenAnswer {
    /// Reads it. Why it can't be read is told without a word of it: it holds tokens.
    pub(super) fn read(answer: &Answer) -> Result<Self, AnswerError> {
        let read: Self = codec::decode(answer.body()).map_err(|error| {
            let place = if error.path().is_empty() { String::new() } else { format!(" at `{}`", error.path()) };
            AnswerError::unexpected(format!("it is no answer of a token endpoint{place}"))
        })?;
        if !read.token_type.eq_ignore_ascii_case("bearer") {
            return Err(AnswerError::unexpected("its tokens are of another type than `Bearer`"));
        }
        if AccessToken::from(&read.access_token).header().is_err() {
            return Err(AnswerError::unexpected("its access token is empty, or can't stand in a header"));
        }
        Ok(read)
    }

    pub(super) fn into_tokens(self, asked_at: SystemTime) -> Tokens {
        let issued_at = DateTime::<Utc>::from(asked_at);
        Tokens {
            access_token: self.access_token,
            issued_at,
            expires_at: issued_at + Duration::from_secs(self.expires_in.into()),
            refresh_token: self.refresh_token,
            scope: self.scope,
            id_token: self.id_token,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn tokens(expires_in: u32, asked_at: SystemTime) -> Tokens {
        let text = format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{expires_in}}}"#);
        serde_json::from_str::<TokenAnswer>(&text).unwrap().into_tokens(asked_at)
    }

    #[test]
    fn tokens_are_renewed_a_little_before_they_expire() {
        let (now, minute) = (SystemTime::now(), Duration::from_secs(60));
        let hour = tokens(3600, now);
        assert!(hour.is_good_for(minute, now + minute * 58));
        assert!(!hour.is_good_for(minute, now + minute * 59));
        assert!(!hour.is_expired(now + minute * 59) && hour.is_expired(now + minute * 60));
        let brief = tokens(40, now);
        assert!(brief.is_good_for(minute, now), "a token of short life is used for half of it");
        assert!(!brief.is_good_for(minute, now + minute / 3));
    }
}
