//! Random texts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac_sha256::Hash;

use super::OAuthError;
use crate::codec::Secret;
use crate::platform;

/// Returns 256 random bits of the operating system as 43 characters of URL-safe base64: a state, a nonce, a PKCE
/// verifier (RFC 7636, section 4.1), or the id of a session.
///
/// # Errors
/// The operating system returns no random bytes.
pub fn unguessable() -> Result<Secret, OAuthError> {
    let mut bytes = [0; 32];
    platform::fill_random(&mut bytes)
        .map_err(|error| OAuthError::Config(format!("the operating system returned no random bytes: {error}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// Returns the challenge of a PKCE verifier by the method S256 (RFC 7636, section 4.2).
pub(super) fn challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Hash::hash(verifier.expose().as_bytes()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn texts_differ_and_are_long_enough() {
        let (a, b) = (unguessable().unwrap(), unguessable().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.expose().len(), 43);
    }
}
