//! From the secret that the server shows to the key that it signs with.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

use super::WebhookError;
use crate::codec::Secret;

/// A key, ready to sign. It wipes itself from memory.
pub(super) type Key = Hmac<Sha256>;

/// What base64 follows.
const ENCODED: &str = "whsec_";

/// What the secrets that the server makes begin with.
const PREFIXES: [&str; 2] = [ENCODED, "polar_whs_"];

/// No secret that the server makes has fewer characters after its prefix.
const SHORTEST: usize = 16;

/// As lenient as the decoders of the languages that servers are written in: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The two keys that a secret may stand for: the server took the whole text until September 2026, and decodes it
/// since. Which one it was can't be told from the text.
pub(super) fn both(secret: &SecretString) -> Result<impl Iterator<Item = Key>, WebhookError> {
    let secret = checked(secret)?;
    Ok([whole(secret)?].into_iter().chain(decoded(secret)))
}

/// The key that the server makes of a new secret.
pub(super) fn current(secret: &SecretString) -> Result<Key, WebhookError> {
    let secret = checked(secret)?;
    decoded(secret).map_or_else(|| whole(secret), Ok)
}

/// The key that the server makes of an old secret.
pub(super) fn former(secret: &SecretString) -> Result<Key, WebhookError> {
    whole(checked(secret)?)
}

fn checked(secret: &SecretString) -> Result<&str, WebhookError> {
    let secret = secret.expose_secret();
    let text = secret.trim();
    let made = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    match made {
        _ if text.is_empty() => Err(WebhookError::EmptySecret),
        _ if text.len() != secret.len() => Err(WebhookError::PaddedSecret),
        Some(rest) if rest.len() < SHORTEST => Err(WebhookError::TruncatedSecret),
        _ => Ok(secret),
    }
}

fn whole(secret: &str) -> Result<Key, WebhookError> {
    Key::new_from_slice(secret.as_bytes()).map_err(|_| WebhookError::EmptySecret)
}

fn decoded(secret: &str) -> Option<Key> {
    let bytes = SecretSlice::from(BASE64.decode(secret.strip_prefix(ENCODED)?).ok()?);
    Key::new_from_slice(bytes.expose_secret()).ok()
}

impl From<Secret> for SecretString {
    /// So that the secret of an endpoint that was just made can go right into a verifier.
    fn from(secret: Secret) -> Self {
        Self::from(secret.expose())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn count(secret: &str) -> usize {
        both(&secret.into()).unwrap().count()
    }

    #[test]
    fn what_can_be_decoded_has_two_keys() {
        assert_eq!(count("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 2);
        assert_eq!(count("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo"), 2, "padding is missing");
        assert_eq!(count("whsec_not-base64_but-long-enough"), 1);
        assert_eq!(count("polar_whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 1);
        assert_eq!(count("chosen"), 1, "people chose theirs once");
    }

    #[test]
    fn secrets_that_can_not_be_right_are_refused() {
        let refused = |secret: &str| both(&secret.into()).map(Iterator::count).unwrap_err();
        for empty in ["", " ", "\n"] {
            assert_eq!(refused(empty), WebhookError::EmptySecret);
        }
        for padded in ["chosen\n", " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(refused(padded), WebhookError::PaddedSecret);
        }
        for truncated in ["whsec_", "polar_whs_", "whsec_MfKQ9r8GKYqrTwj"] {
            assert_eq!(refused(truncated), WebhookError::TruncatedSecret);
        }
    }
}
