//! Converts the secret that the server shows into the key that it signs with.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use polar_client_auth::TokenKind;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::WebhookError;

/// A key that can sign. It is overwritten when it is dropped; the caller owns the text it was created from.
pub(super) type Key = SecretSlice<u8>;

/// The prefix of base64.
const ENCODED: &str = "whsec_";

/// The prefixes of secrets from the server.
const PREFIXES: [&str; 2] = [ENCODED, "polar_whs_"];

/// Minimum length of a secret from the server after its prefix, in characters.
const SHORTEST: usize = 16;

/// The prefix of OAuth access tokens of every kind.
const ACCESS_TOKEN: &str = "polar_at_";

/// The prefix of signatures, and of secrets of services that put a version before `whsec_`.
const VERSION: &str = "v1,";

/// As lenient as the decoders of other languages: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The keys that a secret may mean. The server used the whole text as the key until September 2026, and decodes it
/// since then. The text does not show which applies. The third key is that of a secret without its prefix, which the
/// server never shows.
pub(super) fn candidates(secret: &SecretString) -> Result<impl Iterator<Item = Key>, WebhookError> {
    let secret = checked(secret)?;
    Ok([whole(secret)].into_iter().chain(decoded(secret)).chain(bare(secret)))
}

/// Returns the key that the server derives from a new secret.
pub(super) fn current(secret: &SecretString) -> Result<Key, WebhookError> {
    let secret = checked(secret)?;
    Ok(decoded(secret).unwrap_or_else(|| whole(secret)))
}

/// Returns the key that the server derives from an old secret.
pub(super) fn former(secret: &SecretString) -> Result<Key, WebhookError> {
    checked(secret).map(whole)
}

fn checked(secret: &SecretString) -> Result<&str, WebhookError> {
    let secret = secret.expose_secret();
    let text = secret.trim();
    let made = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    let kind = match TokenKind::of(text) {
        TokenKind::Unknown if text.starts_with(ACCESS_TOKEN) => TokenKind::OauthUserAccessToken,
        kind => kind,
    };
    let quote = ['"', '\'', '`'];
    match made {
        _ if text.is_empty() => Err(WebhookError::EmptySecret),
        _ if text.len() != secret.len() => Err(WebhookError::PaddedSecret),
        _ if text.contains(|c: char| c.is_whitespace() || c.is_control()) => Err(WebhookError::MalformedSecret),
        _ if text.starts_with(quote) || text.ends_with(quote) => Err(WebhookError::QuotedSecret),
        _ if text.starts_with(VERSION) => Err(WebhookError::VersionedSecret),
        None if kind != TokenKind::Unknown => Err(WebhookError::NotASecret(kind)),
        Some(rest) if rest.len() < SHORTEST => Err(WebhookError::TruncatedSecret),
        _ => Ok(secret),
    }
}

fn whole(secret: &str) -> Key {
    Key::from(secret.as_bytes().to_vec())
}

fn decoded(secret: &str) -> Option<Key> {
    from_base64(secret.strip_prefix(ENCODED)?)
}

fn bare(secret: &str) -> Option<Key> {
    // A text with a prefix is not base64, because `_` is not one of its characters.
    from_base64(secret).filter(|_| secret.len() >= SHORTEST)
}

fn from_base64(text: &str) -> Option<Key> {
    BASE64.decode(text).ok().map(Key::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn count(secret: &str) -> usize {
        candidates(&secret.into()).unwrap().count()
    }

    #[test]
    fn what_can_be_decoded_has_two_keys() {
        assert_eq!(count("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 2);
        assert_eq!(count("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo"), 2, "padding is missing");
        assert_eq!(count("whsec_not-base64_but-long-enough"), 1);
        assert_eq!(count("polar_whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 1);
        assert_eq!(count("chosen"), 1, "people chose theirs once");
        assert_eq!(count("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), 2, "the prefix is missing");
    }

    #[test]
    fn secrets_that_can_not_be_right_are_refused() {
        let refused = |secret: &str| candidates(&secret.into()).map(Iterator::count).unwrap_err();
        for empty in ["", " ", "\n"] {
            assert_eq!(refused(empty), WebhookError::EmptySecret);
        }
        for padded in ["chosen\n", " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(refused(padded), WebhookError::PaddedSecret);
        }
        for truncated in ["whsec_", "polar_whs_", "whsec_MfKQ9r8GKYqrTwj"] {
            assert_eq!(refused(truncated), WebhookError::TruncatedSecret);
        }
        let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for quoted in [format!("\"{good}\""), format!("'{good}'"), format!("{good}\""), "`chosen`".to_owned()] {
            assert_eq!(refused(&quoted), WebhookError::QuotedSecret);
        }
        for odd in
            ["whsec_MfKQ9r8GKYqr TwjUPD8ILPZI", "whsec_MfKQ9r8GKYqr\0wjUPD8ILPZI", "a\nb", "chosen\0", "a\u{a0}b"]
        {
            assert_eq!(refused(odd), WebhookError::MalformedSecret, "{odd:?}");
        }
        assert_eq!(refused(&format!("v1,{good}")), WebhookError::VersionedSecret);
    }

    #[test]
    fn an_access_token_without_a_kind_is_no_secret() {
        let refused = candidates(&"polar_at_MfKQ9r8GKYqrTwjU".into()).map(Iterator::count).unwrap_err();
        assert!(refused.to_string().contains("access token"), "{refused}");
    }

    #[test]
    fn other_tokens_are_not_taken_for_secrets() {
        for prefix in TokenKind::prefixes().filter(|prefix| !PREFIXES.contains(prefix)) {
            let token = format!("{prefix}MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
            let refused = candidates(&token.as_str().into()).map(Iterator::count).unwrap_err();
            assert_eq!(refused, WebhookError::NotASecret(TokenKind::of(&token)));
            assert!(refused.to_string().contains(TokenKind::of(&token).description()), "{refused}");
            assert!(!format!("{refused} {refused:?}").contains("MfKQ"), "{refused:?}");
        }
    }
}
