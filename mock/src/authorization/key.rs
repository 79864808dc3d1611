//! Keys and ID tokens.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::ISSUER;

/// A key that signs ID tokens.
pub struct SigningKey {
    /// Its key id.
    pub kid: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Creates a key.
    ///
    /// # Errors
    /// The operating system returns no random bytes.
    pub fn new(kid: &str) -> io::Result<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        Ok(Self { kid: kid.to_owned(), pair })
    }

    /// Returns the public key.
    #[must_use]
    pub fn published(&self) -> Value {
        let key: RsaPublicKeyComponents<Vec<u8>> = self.pair.public_key().into();
        let (n, e) = (URL_SAFE_NO_PAD.encode(key.n), URL_SAFE_NO_PAD.encode(key.e));
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": n, "e": e})
    }

    /// Returns the public key as bytes, which must never be used as a shared secret.
    #[must_use]
    pub fn public_bytes(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// Returns a signed token with these claims.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": "RS256", "kid": self.kid}), claims)
    }

    /// Returns a signed token with this header and these claims.
    #[must_use]
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        format!("{text}.{}", signed.map(|()| URL_SAFE_NO_PAD.encode(signature)).unwrap_or_default())
    }
}

/// The initial key of every server: generating one takes a while.
pub(super) fn first_key() -> io::Result<Arc<SigningKey>> {
    static KEY: Mutex<Option<Arc<SigningKey>>> = Mutex::new(None);
    let mut key = KEY.lock().unwrap_or_else(PoisonError::into_inner);
    match &*key {
        Some(key) => Ok(Arc::clone(key)),
        None => Ok(Arc::clone(key.insert(Arc::new(SigningKey::new("key_1")?)))),
    }
}

/// The signed part of a token.
#[must_use]
pub fn unsigned(header: &Value, claims: &Value) -> String {
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".")
}

/// The claims of an ID token that is valid for an hour.
#[must_use]
pub fn claims(client: &str, nonce: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default();
    json!({
        "iss": ISSUER, "sub": "user_1", "aud": [client], "exp": now + 3600, "iat": now, "nonce": nonce,
        "email": "ada@example.com", "email_verified": true,
    })
}
