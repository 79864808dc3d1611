//! ID tokens, verified with the server's keys (OpenID Connect Core 1.0; JWS: RFC 7515).

use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::IdTokenError;
use crate::codec::Secret;
use crate::platform;

/// Maximum difference of clocks in seconds.
const LEEWAY: u64 = 60;

/// The verified content of an ID token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IdTokenClaims {
    /// The issuer.
    pub issuer: String,
    /// Id of the user, or of the organization.
    pub subject: String,
    /// The clients that it is for, including this one.
    pub audience: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
    /// When it was issued, in seconds since 1970.
    pub issued_at: Option<i64>,
    /// Name, with the scope `profile`.
    pub name: Option<String>,
    /// E-mail address, with the scope `email`.
    pub email: Option<String>,
    /// Whether the address was verified.
    pub email_verified: Option<bool>,
    /// All other claims.
    pub extra: Map<String, Value>,
}

/// The claims as sent by the server.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: f64,
    iat: Option<f64>,
    nonce: Option<String>,
    azp: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// The part of the header that determines the verification.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a verifier must support. This one supports none.
    crit: Option<Value>,
}

/// An ID token whose signature and claims are not verified yet.
pub(super) struct UnverifiedToken<'a> {
    token: &'a str,
    header: Header,
}

impl<'a> UnverifiedToken<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// The text is not a JWS, or its algorithm is not RS256.
    pub(super) fn read(token: &'a Secret) -> Result<Self, IdTokenError> {
        let token = token.expose();
        let header = header(token)?;
        if header.alg != "RS256" {
            return Err(IdTokenError::WrongAlgorithm);
        }
        Ok(Self { token, header })
    }

    /// Returns the id of the key that signed it.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Verifies the token with its key.
    pub(super) fn verify(
        self,
        key: &DecodingKey,
        issuer: &str,
        client_id: &str,
        nonce: &Secret,
    ) -> Result<IdTokenClaims, IdTokenError> {
        check(claims(self.token, key, issuer, client_id)?, client_id, nonce)
    }
}

fn header(token: &str) -> Result<Header, IdTokenError> {
    let text = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = text.and_then(|text| serde_json::from_slice::<Header>(&text).ok());
    header.filter(|header| header.crit.is_none()).ok_or(IdTokenError::Malformed)
}

/// Verifies signature, issuer, audience and time.
fn claims(token: &str, key: &DecodingKey, issuer: &str, client_id: &str) -> Result<Claims, IdTokenError> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.leeway = LEEWAY;
    rules.validate_nbf = true;
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[client_id]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // If a program also enables another cryptography backend of this library, one has to be installed, or the library
    // panics. A backend that the program has installed is kept.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    match jsonwebtoken::decode::<Value>(token, key, &rules) {
        Ok(token) => serde_json::from_value(token.claims).map_err(|_| IdTokenError::Malformed),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidSignature => IdTokenError::WrongSignature,
            ErrorKind::InvalidAlgorithm => IdTokenError::WrongAlgorithm,
            ErrorKind::InvalidIssuer => IdTokenError::WrongIssuer,
            ErrorKind::InvalidAudience => IdTokenError::WrongAudience,
            ErrorKind::ExpiredSignature => IdTokenError::Expired,
            ErrorKind::MissingRequiredClaim(name) | ErrorKind::InvalidClaimFormat(name) => {
                let known = ["exp", "iss", "aud", "sub", "nbf"].into_iter().find(|known| known == name);
                known.map_or(IdTokenError::Malformed, IdTokenError::Missing)
            }
            _ => IdTokenError::Malformed,
        }),
    }
}

/// Checks what the library does not check: the authorized party, the subject, the time of issue and the nonce.
fn check(claims: Claims, client_id: &str, nonce: &Secret) -> Result<IdTokenClaims, IdTokenError> {
    let audience: Vec<String> = match claims.aud {
        Value::String(one) => vec![one],
        many => serde_json::from_value(many).map_err(|_| IdTokenError::Missing("aud"))?,
    };
    match &claims.azp {
        Some(party) if party != client_id => return Err(IdTokenError::WrongParty),
        None if audience.len() > 1 => return Err(IdTokenError::WrongParty),
        _ => {}
    }
    if claims.sub.trim().is_empty() {
        return Err(IdTokenError::Missing("sub"));
    }
    let now = platform::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if claims.iat.is_some_and(|issued_at| issued_at > now.saturating_add(LEEWAY) as f64) {
        return Err(IdTokenError::IssuedInFuture);
    }
    let repeated = claims.nonce.ok_or(IdTokenError::Missing("nonce"))?;
    if !bool::from(repeated.as_bytes().ct_eq(nonce.expose().as_bytes())) {
        return Err(IdTokenError::WrongNonce);
    }
    Ok(IdTokenClaims {
        issuer: claims.iss,
        subject: claims.sub,
        audience,
        expires_at: claims.exp as i64,
        issued_at: claims.iat.map(|seconds| seconds as i64),
        name: claims.name,
        email: claims.email,
        email_verified: claims.email_verified,
        extra: claims.extra,
    })
}
