//! ID tokens, verified with the server's keys (OpenID Connect Core 1.0; JWS: RFC 7515).

use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::IdTokenError;
use super::members::Members;
use super::signature::VerifyingKey;
use crate::codec::Secret;
use crate::platform;

/// Maximum difference of clocks in seconds.
const LEEWAY: f64 = 60.0;

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

/// The part of the header that decides how a token is verified.
struct Header {
    alg: String,
    kid: Option<String>,
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
        key: &VerifyingKey,
        issuer: &str,
        client_id: &str,
        nonce: &Secret,
    ) -> Result<IdTokenClaims, IdTokenError> {
        let now = platform::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        check(signed_claims(self.token, key)?, issuer, client_id, nonce, now)
    }
}

fn header(token: &str) -> Result<Header, IdTokenError> {
    let text = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    text.and_then(|text| read_header(&text)).ok_or(IdTokenError::Malformed)
}

/// Returns `None` also if there are extensions that a verifier must support (`crit`), because this one supports none.
fn read_header(text: &[u8]) -> Option<Header> {
    let mut header = Members::of(text)?;
    let needs_extensions = header.get::<Value>("crit")? != Value::Null;
    let header = Header { alg: header.get("alg")?, kid: header.get("kid")? };
    (!needs_extensions).then_some(header)
}

/// Returns the claims of a token that this key signed (RFC 7515, section 5.2).
fn signed_claims(token: &str, key: &VerifyingKey) -> Result<Claims, IdTokenError> {
    let (message, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
    let (_, payload) = message.split_once('.').ok_or(IdTokenError::Malformed)?;
    let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed);
    if !key.signed(message, &decode(signature)?) {
        return Err(IdTokenError::WrongSignature);
    }
    Members::of(&decode(payload)?).map(Claims).ok_or(IdTokenError::Malformed)
}

/// The claims that were not read yet.
struct Claims(Members);

impl Claims {
    fn required<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, IdTokenError> {
        self.optional(name)?.ok_or(IdTokenError::Missing(name))
    }

    /// Null counts as absent.
    fn optional<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, IdTokenError> {
        self.0.get(name).ok_or(IdTokenError::Missing(name))
    }
}

/// One audience, or several.
fn audiences(value: Value) -> Result<Vec<String>, IdTokenError> {
    let value = if value.is_string() { Value::Array(vec![value]) } else { value };
    serde_json::from_value(value).map_err(|_| IdTokenError::Missing("aud"))
}

/// Verifies the claims (OpenID Connect Core 1.0, section 3.1.3.7): who issued the token, for whom, about whom, for what
/// time, and in answer to which login.
fn check(
    mut claims: Claims,
    issuer: &str,
    client_id: &str,
    nonce: &Secret,
    now: f64,
) -> Result<IdTokenClaims, IdTokenError> {
    let expires_at: f64 = claims.required("exp")?;
    if expires_at < now - LEEWAY {
        return Err(IdTokenError::Expired);
    }
    if claims.optional::<f64>("nbf")?.is_some_and(|start| start > now + LEEWAY) {
        return Err(IdTokenError::NotYetValid);
    }
    let issued_at: Option<f64> = claims.optional("iat")?;
    if issued_at.is_some_and(|issued_at| issued_at > now + LEEWAY) {
        return Err(IdTokenError::IssuedInFuture);
    }
    let issued_by: String = claims.required("iss")?;
    if issued_by != issuer {
        return Err(IdTokenError::WrongIssuer);
    }
    let audience = audiences(claims.required("aud")?)?;
    if !audience.iter().any(|audience| audience == client_id) {
        return Err(IdTokenError::WrongAudience);
    }
    match claims.optional::<String>("azp")? {
        Some(party) if party != client_id => return Err(IdTokenError::WrongParty),
        None if audience.len() > 1 => return Err(IdTokenError::WrongParty),
        _ => {}
    }
    let subject: String = claims.required("sub")?;
    if subject.trim().is_empty() {
        return Err(IdTokenError::Missing("sub"));
    }
    let repeated: String = claims.required("nonce")?;
    if !bool::from(repeated.as_bytes().ct_eq(nonce.expose().as_bytes())) {
        return Err(IdTokenError::WrongNonce);
    }
    Ok(IdTokenClaims {
        issuer: issued_by,
        subject,
        audience,
        expires_at: expires_at as i64,
        issued_at: issued_at.map(|seconds| seconds as i64),
        name: claims.optional("name")?,
        email: claims.optional("email")?,
        email_verified: claims.optional("email_verified")?,
        extra: claims.0.rest(),
    })
}
