//! Tokens: what kind one is, and how none of them gets into a message.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};

use crate::transport::{BoxError, BoxFuture};

/// What a Polar token is, told from its prefix.
///
/// Only ever a hint for people: tokens made before a prefix existed are [`TokenKind::Unknown`] and
/// work all the same, so no kind, length or alphabet is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// `polar_pat_`: a user's personal access token.
    PersonalAccessToken,
    /// `polar_oat_`: an organization access token.
    OrganizationAccessToken,
    /// `polar_at_u_`: an OAuth access token of a user.
    OauthUserAccessToken,
    /// `polar_at_o_`: an OAuth access token of an organization.
    OauthOrganizationAccessToken,
    /// `polar_rt_u_`: an OAuth refresh token of a user.
    OauthUserRefreshToken,
    /// `polar_rt_o_`: an OAuth refresh token of an organization.
    OauthOrganizationRefreshToken,
    /// `polar_ac_`: an OAuth authorization code.
    OauthAuthorizationCode,
    /// `polar_ci_`: an OAuth client id, which is no secret.
    OauthClientId,
    /// `polar_cs_`: an OAuth client secret.
    OauthClientSecret,
    /// `polar_crt_`: the token that manages an OAuth client's registration.
    OauthClientRegistrationToken,
    /// `polar_cst_`: a customer session token, good for an hour.
    CustomerSessionToken,
    /// `polar_mst_`: a member session token, good for an hour.
    MemberSessionToken,
    /// `polar_c_`: the client secret of a checkout.
    CheckoutClientSecret,
    /// `whsec_`, formerly `polar_whs_`: the secret that signs webhooks.
    WebhookSecret,
    /// Any other text.
    Unknown,
}

const PREFIXES: &[(&str, TokenKind)] = &[
    ("polar_pat_", TokenKind::PersonalAccessToken),
    ("polar_oat_", TokenKind::OrganizationAccessToken),
    ("polar_at_u_", TokenKind::OauthUserAccessToken),
    ("polar_at_o_", TokenKind::OauthOrganizationAccessToken),
    ("polar_rt_u_", TokenKind::OauthUserRefreshToken),
    ("polar_rt_o_", TokenKind::OauthOrganizationRefreshToken),
    ("polar_ac_", TokenKind::OauthAuthorizationCode),
    ("polar_ci_", TokenKind::OauthClientId),
    ("polar_cs_", TokenKind::OauthClientSecret),
    ("polar_crt_", TokenKind::OauthClientRegistrationToken),
    ("polar_cst_", TokenKind::CustomerSessionToken),
    ("polar_mst_", TokenKind::MemberSessionToken),
    ("polar_c_", TokenKind::CheckoutClientSecret),
    ("whsec_", TokenKind::WebhookSecret),
    ("polar_whs_", TokenKind::WebhookSecret),
];

impl TokenKind {
    /// Tells the kind of a token from its prefix.
    pub fn of(token: &str) -> Self {
        PREFIXES.iter().find(|(prefix, _)| token.starts_with(prefix)).map_or(Self::Unknown, |(_, kind)| *kind)
    }

    /// The kind in words joined by underscores, as in `organization_access_token`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PersonalAccessToken => "personal_access_token",
            Self::OrganizationAccessToken => "organization_access_token",
            Self::OauthUserAccessToken => "oauth_user_access_token",
            Self::OauthOrganizationAccessToken => "oauth_organization_access_token",
            Self::OauthUserRefreshToken => "oauth_user_refresh_token",
            Self::OauthOrganizationRefreshToken => "oauth_organization_refresh_token",
            Self::OauthAuthorizationCode => "oauth_authorization_code",
            Self::OauthClientId => "oauth_client_id",
            Self::OauthClientSecret => "oauth_client_secret",
            Self::OauthClientRegistrationToken => "oauth_client_registration_token",
            Self::CustomerSessionToken => "customer_session_token",
            Self::MemberSessionToken => "member_session_token",
            Self::CheckoutClientSecret => "checkout_client_secret",
            Self::WebhookSecret => "webhook_secret",
            Self::Unknown => "unknown",
        }
    }

    fn is_secret(self) -> bool {
        !matches!(self, Self::OauthClientId | Self::Unknown)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Gives the token for each request: a new one once the old one has expired, say.
///
/// It is asked before every try. A provider that fetches tokens keeps the current one, and fetches the next one once,
/// however many requests wait for it.
pub trait TokenProvider: Send + Sync + 'static {
    /// The token for the next request.
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>>;

    /// Told that the API refused this token (401 `invalid_token`), and asked whether another one can be had.
    ///
    /// Where it says so, the request is sent once more: nothing of it was carried out. An error takes the place of
    /// the API's answer. Unless it is implemented, the answer stays.
    fn refused<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>> {
        let _ = token;
        Box::pin(async { Ok(false) })
    }
}

impl<T: TokenProvider + ?Sized> TokenProvider for Arc<T> {
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>> {
        (**self).access_token()
    }

    fn refused<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>> {
        (**self).refused(token)
    }
}

/// A token on its way into the `Authorization` header (RFC 6750, section 2.1).
#[derive(Clone)]
pub(crate) struct AccessToken(SecretString);

impl AccessToken {
    /// `None` where the text can't stand in a header: it is empty, or holds a line break, say.
    pub(crate) fn new(token: SecretString) -> Option<Self> {
        let token = Self(token);
        (!token.0.expose_secret().is_empty() && token.header().is_some()).then_some(token)
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The header's value, marked as sensitive so that HTTP libraries neither log nor compress it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken({})", TokenKind::of(self.0.expose_secret()))
    }
}

/// Whether the value of a parameter is to be kept out of messages: for its name, or for what it looks like.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    ["secret", "token", "password"].iter().any(|word| name.contains(word)) || TokenKind::of(value).is_secret()
}

/// Whether a header holds a secret, which `Debug` must not show.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
}

/// Text that came from outside, with each token in it replaced by its kind.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    let mut scrubbed = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(offset) = next_prefix(&text[at..]) {
        let start = at + offset;
        let length = text[start..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_-+/=.".contains(c)))
            .unwrap_or(text.len() - start);
        let kind = TokenKind::of(&text[start..]);
        if kind.is_secret() {
            scrubbed.push_str(&text[kept..start]);
            scrubbed.push('<');
            scrubbed.push_str(kind.as_str());
            scrubbed.push('>');
            kept = start + length;
        }
        at = start + length;
    }
    if scrubbed.is_empty() {
        return Cow::Borrowed(text);
    }
    scrubbed.push_str(&text[kept..]);
    Cow::Owned(scrubbed)
}

fn next_prefix(text: &str) -> Option<usize> {
    PREFIXES.iter().filter_map(|(prefix, _)| text.find(prefix)).min()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_from_prefixes() {
        assert_eq!(TokenKind::of("polar_oat_x"), TokenKind::OrganizationAccessToken);
        assert_eq!(TokenKind::of("polar_c_x"), TokenKind::CheckoutClientSecret);
        assert_eq!(TokenKind::of("polar_cst_x"), TokenKind::CustomerSessionToken);
        assert_eq!(TokenKind::of("polar_whs_x"), TokenKind::WebhookSecret);
        assert_eq!(TokenKind::of("whsec_x"), TokenKind::WebhookSecret);
        assert_eq!(TokenKind::of("0123"), TokenKind::Unknown);
    }

    #[test]
    fn debug_shows_the_kind_alone() {
        let token = AccessToken::new("polar_oat_hidden".into()).unwrap();
        assert_eq!(format!("{token:?}"), "AccessToken(organization_access_token)");
        assert_eq!(format!("{:?}", token.header().unwrap()), "Sensitive");
    }

    #[test]
    fn texts_that_are_no_header_are_no_tokens() {
        for text in ["", "a\nb", "a\u{7f}b"] {
            assert!(AccessToken::new(text.into()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn scrubbing_replaces_each_token_and_nothing_else() {
        assert_eq!(
            scrub(r#"{"a":"polar_oat_x1","b":"whsec_MfKQ+/9=","c":"polar_ci_id"} polar_c_é"#),
            r#"{"a":"<organization_access_token>","b":"<webhook_secret>","c":"polar_ci_id"} <checkout_client_secret>é"#
        );
        assert!(matches!(scrub("a polar day"), Cow::Borrowed(_)));
    }
}
