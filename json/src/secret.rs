//! Secrets inside models.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::object::REDACTED;

/// A token, a client secret or a webhook secret.
///
/// It shows in no `Debug` text, has no `Display`, and is wiped from memory when it is dropped. Serializing a model
/// writes it, as a request has to.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself. Whoever calls this keeps it out of logs from here on.
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
    /// Looks at every byte of secrets of one length, so that the time does not tell where they differ.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.expose().as_bytes(), other.expose().as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }
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

crate::serde_fronts!(Secret);

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
