//! Access tokens.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use polar_client_auth::TokenKind;
use secrecy::{ExposeSecret, SecretString};

use crate::api::Operation;
use crate::codec::Secret;

/// A token that authenticates requests (RFC 6750), with its kind.
///
/// `Debug` shows its kind, and it has no `Display`. When the last clone is dropped, its copy of the token in memory is
/// overwritten. Other copies are not: the text it was created from, the header of each request and the buffers of the
/// HTTP client. Any text can be a token; one that can't be sent in a header is an error of the request.
///
/// ```
/// use polar_client_runtime::{AccessToken, TokenKind};
///
/// let token = AccessToken::from("polar_oat_abc");
/// assert_eq!(token.kind(), TokenKind::OrganizationAccessToken);
/// assert_eq!(format!("{token:?}"), "AccessToken(organization_access_token)");
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<SecretString>);

impl AccessToken {
    /// Returns the kind of the token, determined by its prefix.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        TokenKind::of(self.expose())
    }

    /// Returns the token itself. Keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// Returns the header value, marked as sensitive so that HTTP libraries neither log nor compress it.
    ///
    /// Returns an error if the token can't be part of a header. Nothing else is checked: older tokens have other
    /// lengths and alphabets.
    pub(crate) fn header(&self) -> Result<HeaderValue, String> {
        let token = self.expose();
        if token.is_empty() {
            return Err("the access token is empty".to_owned());
        }
        if let Some((index, c)) = token.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic()) {
            let what = match c {
                '\r' | '\n' => "a line break",
                c if c.is_whitespace() => "white space",
                c if c.is_ascii() => "a control character",
                _ => "not ASCII",
            };
            return Err(format!("character {} of the access token is {what}: copy only the token", index + 1));
        }
        let value = ["Bearer ", token].concat();
        let mut value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Returns why the token can't authenticate any request: it has another purpose.
    pub(crate) fn misuse(&self) -> Option<String> {
        let kind = self.kind();
        (!kind.is_bearer()).then(|| format!("{} is not an access token: {}", kind.description(), kind.hint()))
    }

    /// Returns why the token can't authenticate this operation, which never accepts a token of its kind.
    pub(crate) fn mismatch(&self, operation: &Operation) -> Option<String> {
        let kind = self.kind();
        if operation.takes(kind) {
            return None;
        }
        Some(format!("the operation does not accept {}, only {}", kind.description(), taken(operation)))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken({})", self.kind())
    }
}

impl From<SecretString> for AccessToken {
    fn from(token: SecretString) -> Self {
        Self(Arc::new(token))
    }
}

impl From<String> for AccessToken {
    fn from(token: String) -> Self {
        SecretString::from(token).into()
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        SecretString::from(token).into()
    }
}

/// Converts a token from a response, such as that of a session.
impl From<&Secret> for AccessToken {
    fn from(token: &Secret) -> Self {
        token.expose().into()
    }
}

impl From<Secret> for AccessToken {
    fn from(token: Secret) -> Self {
        Self::from(&token)
    }
}

impl From<AccessToken> for SecretString {
    fn from(token: AccessToken) -> Self {
        SecretString::clone(&token.0)
    }
}

/// Describes the kinds of tokens that an operation accepts and how to get one of each.
pub(crate) fn taken(operation: &Operation) -> String {
    let kinds = operation.token_kinds();
    kinds.iter().map(|kind| format!("{} ({})", kind.description(), kind.hint())).collect::<Vec<_>>().join(" or ")
}

/// Returns the kind of the token that a request has, if any.
pub(crate) fn kind_sent(headers: &HeaderMap) -> Option<TokenKind> {
    let value = headers.get(AUTHORIZATION)?.to_str().unwrap_or_default();
    Some(TokenKind::of(value.strip_prefix("Bearer ").unwrap_or(value)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_kind_alone() {
        let token = AccessToken::from("polar_oat_hidden");
        assert_eq!(format!("{token:?}"), "AccessToken(organization_access_token)");
        assert_eq!(format!("{:?}", token.header().unwrap()), "Sensitive");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_with_its_place() {
        for (token, flaw) in [
            ("", "the access token is empty"),
            ("polar_oat_x\n", "character 12 of the access token is a line break: copy only the token"),
            (" polar_oat_x", "character 1 of the access token is white space: copy only the token"),
            ("polar_oat_x y", "character 12 of the access token is white space: copy only the token"),
            ("polar_\u{7f}", "character 7 of the access token is a control character: copy only the token"),
            ("pölar_oat_x", "character 2 of the access token is not ASCII: copy only the token"),
        ] {
            assert_eq!(AccessToken::from(token).header().unwrap_err(), flaw);
        }
    }

    #[test]
    fn any_text_that_can_stand_in_a_header_may_be_a_token() {
        for token in ["x", "eyJhbGciOiJIUzI1NiJ9.e30.a-_~+/=", "{\"a\":1}"] {
            let token = AccessToken::from(token);
            assert!(token.header().is_ok() && token.misuse().is_none(), "{}", token.expose());
        }
    }
}
