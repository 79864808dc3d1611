//! Secrets inside models.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Text of a secret in `Debug` output.
pub(crate) const REDACTED: &str = "[redacted]";

/// A token, a client secret or a webhook secret.
///
/// `Debug` redacts it, it has no `Display`, and its memory is overwritten when it is dropped. Serializing a model
/// writes the secret, because requests have to contain it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the secret. Keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        same(self.expose(), other.expose())
    }
}

/// Compares all bytes of secrets with the same length, so that the time does not depend on the first difference.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    one.len() == other.len() && one.iter().zip(other).fold(0, |differ, (one, other)| differ | (one ^ other)) == 0
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(SecretString::from(secret))
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(SecretString::from(secret))
    }
}

impl From<&String> for Secret {
    fn from(secret: &String) -> Self {
        Self::from(secret.as_str())
    }
}

impl From<Secret> for SecretString {
    /// Converts a secret from a response, such as that of a new webhook endpoint, into the type that verifiers take.
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

crate::serde_traits!(Secret);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_shows() {
        let secret = Secret::from("polar_cs_abc");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[redacted] Some([redacted])");
        assert_eq!(secret, Secret::from("polar_cs_abc".to_owned()));
        assert_ne!(secret, Secret::from("polar_cs_abd"));
    }
}
