//! Making signatures and comparing them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac_sha256::HMAC;
use secrecy::ExposeSecret;
use subtle::{Choice, ConstantTimeEq};

use super::WebhookError;
use super::key::Key;

/// The only version for shared secrets.
const VERSION: &str = "v1";

/// A signature as bytes.
pub(super) type Signature = [u8; 32];

/// Signs a message. The timestamp is the text of the header, as received.
pub(super) fn sign(key: &Key, id: &str, timestamp: &str, body: &[u8]) -> Signature {
    let mut mac = HMAC::new(key.expose_secret());
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].into_iter().for_each(|part| mac.update(part));
    mac.finalize()
}

/// Returns a signature in the format of the header.
pub(super) fn encode(signature: &Signature) -> String {
    format!("{VERSION},{}", STANDARD.encode(signature))
}

/// Returns the signatures of the header. A text that is not base64 is a signature that never matches.
pub(super) fn given(header: &str) -> Result<Vec<Vec<u8>>, WebhookError> {
    let given: Vec<_> = header
        .split(' ')
        .filter_map(|signature| signature.split_once(','))
        .filter(|(version, _)| *version == VERSION)
        .map(|(_, text)| STANDARD.decode(text).unwrap_or_default())
        .collect();
    if given.is_empty() { Err(WebhookError::NoSignature) } else { Ok(given) }
}

/// Returns whether one of the given signatures is an expected one. The time does not depend on which one matches or how
/// much of it: all pairs are compared completely.
pub(super) fn check(given: &[Vec<u8>], expected: &[Signature]) -> Result<(), WebhookError> {
    let pairs = given.iter().flat_map(|given| expected.iter().map(move |expected| (given, expected)));
    let fits = pairs.fold(Choice::from(0), |fits, (given, expected)| fits | given.as_slice().ct_eq(expected));
    if fits.into() { Ok(()) } else { Err(WebhookError::WrongSignature) }
}
