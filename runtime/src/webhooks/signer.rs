//! Signs like the server, for tests of programs that receive webhooks.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use super::key::{self, Key};
use super::{ID, SIGNATURE, TIMESTAMP, WebhookError, signature};

/// Signs webhooks like the server. `Debug` redacts the secret.
#[derive(Clone)]
pub struct WebhookSigner(Key);

impl WebhookSigner {
    /// Creates a signer that uses a secret like the server since September 2026: the key is the decoded base64 after
    /// `whsec_`. A secret that can't be decoded is used as text.
    ///
    /// # Errors
    /// The secret is invalid, as in [`WebhookVerifier::new`](super::WebhookVerifier::new).
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        key::current(&secret.into()).map(Self)
    }

    /// Creates a signer that uses a secret like the server before September 2026: the key is the whole text, including
    /// the prefix.
    ///
    /// # Errors
    /// The secret is invalid, as in [`WebhookVerifier::new`](super::WebhookVerifier::new).
    pub fn with_whole_secret(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        key::former(&secret.into()).map(Self)
    }

    /// Returns the three headers of a webhook that is signed at `time`.
    ///
    /// # Errors
    /// The id is not a valid header value, or the time is before 1970.
    pub fn sign(&self, id: &str, time: SystemTime, body: impl AsRef<[u8]>) -> Result<HeaderMap, WebhookError> {
        let since = time.duration_since(UNIX_EPOCH).map_err(|_| WebhookError::InvalidTimestamp)?;
        let timestamp = since.as_secs().to_string();
        let signature = signature::encode(&signature::sign(&self.0, id, &timestamp, body.as_ref()));
        let header = |(name, text): (&'static str, String)| {
            let value = HeaderValue::try_from(text).map_err(|_| WebhookError::MalformedHeader(name))?;
            Ok((HeaderName::from_static(name), value))
        };
        [(ID, id.to_owned()), (TIMESTAMP, timestamp), (SIGNATURE, signature)].into_iter().map(header).collect()
    }
}

impl fmt::Debug for WebhookSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSigner").finish_non_exhaustive()
    }
}
