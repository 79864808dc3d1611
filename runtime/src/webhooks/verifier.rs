//! Distinguishes webhooks of the server from forged ones.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::headers::{Found, Headers};
use super::key::{self, Key};
use super::{Verified, WebhookError, signature};
use crate::platform;

/// Verifies that a webhook was signed by Polar, is unmodified and is recent.
///
/// A clone is cheap. `Debug` redacts the secrets.
#[doc(alias("signature", "validateEvent", "validate_event", "hmac", "whsec_"))]
#[derive(Clone)]
pub struct WebhookVerifier {
    keys: Arc<[Key]>,
    tolerance: Duration,
}

impl WebhookVerifier {
    /// Default maximum difference between the time of the signature and the current time, in both directions: five
    /// minutes.
    pub const TOLERANCE: Duration = Duration::from_secs(300);

    /// Creates a verifier with the secret of the endpoint, as shown by the server: `whsec_` and a text, or the format
    /// of older secrets. Both ways in which the server derives a key from it are tried. A secret without a prefix that
    /// is base64 of at least 16 characters is also tried decoded, because it may have lost its prefix.
    ///
    /// # Errors
    /// The secret is invalid: it is empty or cut off, contains whitespace or control characters, is in quotes, begins
    /// with `v1,`, or is another kind of Polar token or id.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        Self::of(&[secret.into()])
    }

    /// Creates a verifier with several secrets, one of which has to match: the new and the old one during a rotation,
    /// or those of several endpoints.
    ///
    /// # Errors
    /// The list is empty, or one of the secrets is invalid, as in [`new`](Self::new).
    pub fn with_secrets<S: Into<SecretString>>(secrets: impl IntoIterator<Item = S>) -> Result<Self, WebhookError> {
        Self::of(&secrets.into_iter().map(Into::into).collect::<Vec<_>>())
    }

    /// Not generic, so that it is compiled in this crate, and not in each program.
    fn of(secrets: &[SecretString]) -> Result<Self, WebhookError> {
        let mut keys = Vec::new();
        for secret in secrets {
            keys.extend(key::candidates(secret)?);
        }
        if keys.is_empty() {
            return Err(WebhookError::NoSecret);
        }
        Ok(Self { keys: keys.into(), tolerance: Self::TOLERANCE })
    }

    /// Sets the maximum difference between the time of the signature and the current time, in both directions and in
    /// whole seconds.
    #[must_use]
    pub fn tolerance(self, tolerance: Duration) -> Self {
        Self { tolerance, ..self }
    }

    /// Verifies a webhook.
    ///
    /// `body` is the bytes as received. `headers` are all headers of the request, a `&HeaderMap` or any pairs of name
    /// and value; the case of names does not matter.
    ///
    /// # Errors
    /// A header is missing, repeated or malformed; it was signed too long ago, or in the future; or no signature
    /// matches.
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

    /// Verifies a webhook like [`verify`](Self::verify), with another current time: for tests, and for webhooks that
    /// were stored before they were verified.
    ///
    /// # Errors
    /// The errors of [`verify`](Self::verify).
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
        let found = Found::among(headers);
        self.check(found, body.as_ref(), now).map(|(id, time)| Verified::new(id, time, body))
    }

    fn check(
        &self,
        found: Result<Found, WebhookError>,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(String, DateTime<Utc>), WebhookError> {
        self.check_body(self.check_headers(found?, now)?, body)
    }

    /// Checks everything that can be checked without the body.
    pub(super) fn check_headers(&self, found: Found, now: SystemTime) -> Result<CheckedHeaders, WebhookError> {
        let headers = Headers::of(found)?;
        let time = headers.time()?;
        near(time, now, self.tolerance)?;
        let signatures = signature::given(&headers.signature)?;
        Ok(CheckedHeaders { headers, time, signatures })
    }

    /// Compares the signatures with that of the body. Returns the id and the time of the webhook.
    pub(super) fn check_body(
        &self,
        checked: CheckedHeaders,
        body: &[u8],
    ) -> Result<(String, DateTime<Utc>), WebhookError> {
        let CheckedHeaders { headers, time, signatures } = checked;
        let sign = |key: &Key| signature::sign(key, &headers.id, &headers.timestamp, body);
        let expected: Vec<_> = self.keys.iter().map(sign).collect();
        signature::check(&signatures, &expected)?;
        Ok((headers.id, time))
    }
}

/// Headers that are well-formed and recent. Their signatures were not compared yet.
pub(super) struct CheckedHeaders {
    headers: Headers,
    time: DateTime<Utc>,
    signatures: Vec<Vec<u8>>,
}

/// Counts in whole seconds, like the server.
fn near(time: DateTime<Utc>, now: SystemTime, tolerance: Duration) -> Result<(), WebhookError> {
    // A clock before 1970 is as wrong as a clock at 1970.
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
