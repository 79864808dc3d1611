//! How a client authenticates at the token endpoint (RFC 6749, section 2.3.1).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::OAuthError;
use crate::codec::Secret;
use crate::request::Request;

/// Characters that are not encoded in a form. A space is written `%20`, which every decoder accepts.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// The id of an OAuth client (`polar_ci_`) and how it authenticates. `Debug` redacts secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    id: String,
    method: Method,
}

#[derive(Clone, PartialEq, Eq)]
enum Method {
    Post(Secret),
    Basic(Secret),
    None,
}

impl ClientCredentials {
    /// Authenticates with `client_secret_post`, the default of registered clients: the secret (`polar_cs_`) is part of
    /// the body.
    pub fn post(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { id: client_id.into(), method: Method::Post(client_secret.into()) }
    }

    /// Authenticates with `client_secret_basic`: id and secret are in the `Authorization` header.
    pub fn basic(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { id: client_id.into(), method: Method::Basic(client_secret.into()) }
    }

    /// Authenticates with `none`: a client that can't keep a secret, such as a mobile app, uses PKCE only.
    pub fn public(client_id: impl Into<String>) -> Self {
        Self { id: client_id.into(), method: Method::None }
    }

    /// Reads `POLAR_CLIENT_ID` and `POLAR_CLIENT_SECRET`. With a suffix such as `DEV`, reads `POLAR_CLIENT_ID_DEV` and
    /// `POLAR_CLIENT_SECRET_DEV`, so that development and production can have separate clients. The method is
    /// `client_secret_post`, or `none` if there is no secret.
    ///
    /// # Errors
    /// The id is not set, or a variable is not valid Unicode.
    pub fn from_env(suffix: Option<&str>) -> Result<Self, OAuthError> {
        Self::read(suffix, |name| std::env::var_os(name))
    }

    fn read(suffix: Option<&str>, get: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<Self, OAuthError> {
        let end = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
        let text = |name: String| match get(&name).map(std::ffi::OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(OAuthError::Config(format!("{name} is not UTF-8"))),
            None => Ok(None),
        };
        let name = format!("POLAR_CLIENT_ID{end}");
        let id = text(name.clone())?.ok_or_else(|| OAuthError::Config(format!("{name} is not set")))?;
        Ok(match text(format!("POLAR_CLIENT_SECRET{end}"))? {
            Some(secret) => Self::post(id, secret),
            None => Self::public(id),
        })
    }

    /// Returns the client id, which is not a secret.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_public(&self) -> bool {
        matches!(self.method, Method::None)
    }

    /// Returns what is wrong with them, before anything is sent.
    pub(super) fn check(&self) -> Result<(), OAuthError> {
        let secret = match &self.method {
            Method::Post(secret) | Method::Basic(secret) => Some(secret.expose()),
            Method::None => None,
        };
        // A trailing line break comes from a file; ids and secrets contain none.
        let bad = |text: &str| text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control());
        if bad(&self.id) {
            return Err(OAuthError::Config("the client id is empty, or contains whitespace".to_owned()));
        }
        if secret.is_some_and(bad) {
            return Err(OAuthError::Config("the client secret is empty, or contains whitespace".to_owned()));
        }
        Ok(())
    }

    /// Adds them to a request with this form.
    pub(super) fn send<'a>(&'a self, request: Request, mut form: Vec<(&'static str, &'a str)>) -> Request {
        match &self.method {
            Method::Post(secret) => form.extend([("client_id", self.id.as_str()), ("client_secret", secret.expose())]),
            Method::Basic(secret) => return request.header("authorization", &self.header(secret)).form(&Form(&form)),
            Method::None => form.push(("client_id", &self.id)),
        }
        request.form(&Form(&form))
    }

    fn header(&self, secret: &Secret) -> String {
        let encoded = |text| utf8_percent_encode(text, ENCODED);
        format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(&self.id), encoded(secret.expose()))))
    }
}

/// Pairs that serialize as an object.
struct Form<'a>(&'a [(&'static str, &'a str)]);

impl serde::Serialize for Form<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            Method::Post(_) => "client_secret_post",
            Method::Basic(_) => "client_secret_basic",
            Method::None => "none",
        };
        f.debug_struct("ClientCredentials").field("id", &self.id).field("method", &method).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let credentials = ClientCredentials::basic("a:b", "c d%é");
        assert_eq!(credentials.header(&"c d%é".into()), format!("Basic {}", STANDARD.encode("a%3Ab:c%20d%25%C3%A9")));
        assert_eq!(format!("{credentials:?}"), r#"ClientCredentials { id: "a:b", method: "client_secret_basic" }"#);
    }

    #[test]
    fn development_and_production_stand_side_by_side() {
        let get = |name: &str| {
            let value = match name {
                "POLAR_CLIENT_ID" => "polar_ci_1",
                "POLAR_CLIENT_ID_DEV" => "polar_ci_2",
                "POLAR_CLIENT_SECRET_DEV" => "polar_cs_2",
                _ => return None,
            };
            Some(value.into())
        };
        assert!(ClientCredentials::read(None, get).unwrap() == ClientCredentials::public("polar_ci_1"));
        assert!(
            ClientCredentials::read(Some("DEV"), get).unwrap() == ClientCredentials::post("polar_ci_2", "polar_cs_2")
        );
        let error = ClientCredentials::read(Some("PROD"), get).unwrap_err();
        assert_eq!(error.to_string(), "OAuth settings: POLAR_CLIENT_ID_PROD is not set");
    }

    #[test]
    fn a_line_break_in_a_secret_is_told_before_sending() {
        let error = ClientCredentials::post("polar_ci_1", "polar_cs_2\n").check().unwrap_err();
        assert_eq!(error.to_string(), "OAuth settings: the client secret is empty, or contains whitespace");
        assert!(ClientCredentials::public("").check().is_err());
    }
}
