//! Telling the server's webhooks from anybody else's.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::headers::Headers;
use super::key::{self, Key};
use super::{Verified, WebhookError, signature};
use crate::platform;

/// Tells whether a webhook comes from the server, as it was sent, and just now.
///
/// A clone is cheap. `Debug` shows no secret.
#[derive(Clone)]
pub struct WebhookVerifier {
    keys: Arc<[Key]>,
    tolerance: Duration,
}

impl WebhookVerifier {
    /// How far the time of signing may be from now, in both directions, unless told otherwise: five minutes.
    pub const TOLERANCE: Duration = Duration::from_secs(300);

    /// Takes the secret of the endpoint, as the server shows it: `whsec_` and what follows, or what it was in former
    /// times. Both ways in which the server makes a key of it are tried. A secret without prefix that is base64 of at
    /// least 16 characters is also tried decoded; this is a leniency of this crate for secrets that lost their prefix.
    ///
    /// # Errors
    /// The secret can't work: it is empty or cut off, contains white space or control characters, is in quotes, begins
    /// with `v1,`, or is another kind of Polar token or id.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        Self::with_secrets([secret])
    }

    /// Takes several secrets, each of which will do: the new one and the old one while a secret is being changed, or
    /// those of several endpoints.
    ///
    /// # Errors
    /// There is no secret, or one of them can't work, as in [`new`](Self::new).
    pub fn with_secrets<S: Into<SecretString>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, WebhookError> {
        let mut keys = Vec::new();
        for secret in secrets {
            keys.extend(key::candidates(&secret.into())?);
        }
        if keys.is_empty() {
            return Err(WebhookError::NoSecret);
        }
        Ok(Self { keys: keys.into(), tolerance: Self::TOLERANCE })
    }

    /// Sets how far the time of signing may be from now, in both directions and in whole seconds.
    #[must_use]
    pub fn tolerance(self, tolerance: Duration) -> Self {
        Self { tolerance, ..self }
    }

    /// Verifies a webhook.
    ///
    /// `body` is the bytes as they came. `headers` are all headers of the request, a `&HeaderMap` or any pairs of name
    /// and value; names may be written in any case.
    ///
    /// # Errors
    /// A header is missing, comes twice or is malformed; it was signed too long ago, or in the future; no signature
    /// fits.
    pub fn verify<B, N, V>(
        &self,
        body: B,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Verified<B>, WebhookError>
    where
        B: AsRef<[u8]>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.verify_at(body, headers, platform::now())
    }

    /// Verifies a webhook as [`verify`](Self::verify) does, at another time than now: for tests, and for webhooks that
    /// were put aside when they came.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    pub fn verify_at<B, N, V>(
        &self,
        body: B,
        headers: impl IntoIterator<Item = (N, V)>,
        now: SystemTime,
    ) -> Result<Verified<B>, WebhookError>
    where
        B: AsRef<[u8]>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.check_body(self.check_headers(headers, now)?, body)
    }

    /// Checks all that can be checked before the body is there.
    pub(super) fn check_headers<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        now: SystemTime,
    ) -> Result<CheckedHeaders, WebhookError> {
        let headers = Headers::find(headers)?;
        let time = headers.time()?;
        near(time, now, self.tolerance)?;
        let signatures = signature::given(&headers.signature)?;
        Ok(CheckedHeaders { headers, time, signatures })
    }

    /// Compares the signatures with the body.
    pub(super) fn check_body<B: AsRef<[u8]>>(
        &self,
        checked: CheckedHeaders,
        body: B,
    ) -> Result<Verified<B>, WebhookError> {
        let CheckedHeaders { headers, time, signatures } = checked;
        let sign = |key: &Key| signature::sign(key, &headers.id, &headers.timestamp, body.as_ref());
        let expected: Vec<_> = self.keys.iter().map(sign).collect();
        signature::check(&signatures, &expected)?;
        Ok(Verified::new(headers.id, time, body))
    }
}

/// Headers that are well-formed and recent. Whether a signature fits is not known yet.
pub(super) struct CheckedHeaders {
    headers: Headers,
    time: DateTime<Utc>,
    signatures: Vec<Vec<u8>>,
}

/// Counts in whole seconds, as the server does.
fn near(time: DateTime<Utc>, now: SystemTime, tolerance: Duration) -> Result<(), WebhookError> {
    // A clock before 1970 is as wrong as one that stands at 1970.
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = u64::try_from(time.timestamp()).unwrap_or_default();
    let tolerance = tolerance.as_secs();
    match (now.saturating_sub(time), time.saturating_sub(now)) {
        (seconds, _) if seconds > tolerance => Err(WebhookError::TooOld { seconds }),
        (_, seconds) if seconds > tolerance => Err(WebhookError::TooNew { seconds }),
        _ => Ok(()),
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier").field("tolerance", &self.tolerance).finish_non_exhaustive()
    }
}
