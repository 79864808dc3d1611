//! Signing as the server does, for tests of programs that receive webhooks.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use super::key::{self, Key};
use super::{ID, SIGNATURE, TIMESTAMP, WebhookError, signature};

/// Signs webhooks as the server does. `Debug` shows no secret.
#[doc(alias("signature"))]
#[derive(Clone)]
pub struct WebhookSigner(Key);

impl WebhookSigner {
    /// Takes a secret as the server does since September 2026: the key is what the base64 after `whsec_` says. A
    /// secret that can't be decoded is taken whole.
    ///
    /// # Errors
    /// The secret can't work, as in [`WebhookVerifier::new`](super::WebhookVerifier::new).
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        key::current(&secret.into()).map(Self)
    }

    /// Takes a secret as the server does with those that are older: the key is the text, prefix and all.
    ///
    /// # Errors
    /// The secret can't work, as in [`WebhookVerifier::new`](super::WebhookVerifier::new).
    pub fn with_whole_secret(secret: impl Into<SecretString>) -> Result<Self, WebhookError> {
        key::former(&secret.into()).map(Self)
    }

    /// The three headers of a webhook that is signed at `time`.
    ///
    /// # Errors
    /// The id can't stand in a header, or the time is before 1970.
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
