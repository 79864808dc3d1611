//! OAuth errors.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::members::Members;
use super::{RedirectUriError, operations, tokens};
use crate::codec::Secret;
use crate::error::Error;
use crate::futures::BoxError;
use crate::redact;

/// Why an OAuth operation failed. It is cheap to clone: all calls that wait for one refresh get the same error.
///
/// Neither `Display` nor `Debug` shows a token, a code, a secret, a state or a verifier.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OAuthError {
    /// A setting is invalid. Nothing was sent.
    Config(String),
    /// A redirect URI is invalid. Nothing was sent.
    RedirectUri(RedirectUriError),
    /// The callback does not belong to this login.
    Callback(CallbackError),
    /// The authorization server or the user refused the request.
    Refused(Refusal),
    /// The call failed: the connection failed, there was no response in time, the server failed, or its response could
    /// not be read.
    Call(Arc<Error>),
    /// The discovery document has another issuer, or contains a URL that is not safe.
    Discovery(String),
    /// The ID token is invalid.
    IdToken(IdTokenError),
    /// The token store failed. Tokens that could not be saved are kept, and saved before the next token is used.
    Store(Arc<dyn StdError + Send + Sync>),
    /// There are no tokens, or they have expired and can't be refreshed.
    SignedOut,
    /// The task that refreshed the tokens was cancelled. The next call starts again.
    Interrupted,
    /// The refresh token was sent twice, and each time the outcome is unclear. It is not sent again, because a refresh
    /// token works once: the user has to sign in. Contains the last error, if there was a response.
    OutcomeUnknown(Option<Arc<Error>>),
}

impl OAuthError {
    /// Returns whether the user has to sign in again: the server rejects the code or the refresh token
    /// (`invalid_grant`), there is none, or it was sent twice with unclear outcomes.
    #[must_use]
    pub fn must_sign_in(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.code == OAuthErrorCode::InvalidGrant,
            Self::SignedOut | Self::OutcomeUnknown(_) => true,
            _ => false,
        }
    }

    /// Returns the refresh token of a response whose access token is invalid, if it has one.
    ///
    /// The former refresh token no longer works: save this one, and refresh with it.
    /// [`RefreshingTokens`](super::RefreshingTokens) does so.
    #[must_use]
    pub fn refresh_token(&self) -> Option<Secret> {
        match self {
            Self::Call(error) if error.is_decode() && error.operation_id() == Some(operations::TOKEN.id) => {
                tokens::refresh_token(error.raw_body()?)
            }
            _ => None,
        }
    }

    /// Returns the OAuth error among the sources of another one, for example of an API call whose token provider
    /// failed.
    #[must_use]
    pub fn beneath<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut beneath = Some(error);
        while let Some(error) = beneath {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            beneath = error.source();
        }
        None
    }

    pub(super) fn store(error: BoxError) -> Self {
        Self::Store(Arc::from(error))
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(problem) => write!(f, "OAuth settings: {problem}"),
            Self::RedirectUri(error) => error.fmt(f),
            Self::Callback(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Discovery(problem) => write!(f, "the discovery document is invalid: {problem}"),
            Self::IdToken(error) => error.fmt(f),
            Self::Store(_) => f.write_str("the token store failed"),
            Self::SignedOut => f.write_str("there is no valid access token and no refresh token: sign in again"),
            Self::Interrupted => f.write_str("the refresh was cancelled: try again"),
            Self::OutcomeUnknown(_) => f.write_str(
                "the refresh token was sent twice, and it is unclear whether the server used it: sign in again",
            ),
        }
    }
}

impl StdError for OAuthError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::RedirectUri(error) => error.source(),
            Self::Call(error) => error.source(),
            Self::OutcomeUnknown(error) => error.as_deref().map(|error| error as _),
            Self::Store(error) => Some(&**error),
            _ => None,
        }
    }
}

/// Separates errors that the server returned from those of the call.
impl From<Error> for OAuthError {
    fn from(error: Error) -> Self {
        let refused = error.status().is_some_and(|status| matches!(status.as_u16(), 400 | 401 | 403));
        match error.raw_body().filter(|_| refused).and_then(|body| refusal(body)) {
            Some(refusal) => Self::Refused(refusal),
            None => Self::Call(Arc::new(error)),
        }
    }
}

/// Reads the body of an error (RFC 6749, section 5.2). Some servers write `detail` for `error_description`.
fn refusal(body: &[u8]) -> Option<Refusal> {
    let mut body = Members::of(body)?;
    let error: String = body.get("error")?;
    let description = body.get::<Option<String>>("error_description")?;
    let detail = body.get::<Option<String>>("detail")?;
    Some(Refusal::new(&error, description.or(detail), body.get("error_uri")?))
}

impl From<CallbackError> for OAuthError {
    fn from(error: CallbackError) -> Self {
        Self::Callback(error)
    }
}

impl From<RedirectUriError> for OAuthError {
    fn from(error: RedirectUriError) -> Self {
        Self::RedirectUri(error)
    }
}

impl From<IdTokenError> for OAuthError {
    fn from(error: IdTokenError) -> Self {
        Self::IdToken(error)
    }
}

/// Error codes of an authorization server (RFC 6749, sections 4.1.2.1 and 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Its name for the reason.
    pub code: OAuthErrorCode,
    /// The reason in words, for developers; without tokens, and cut where it is long.
    pub description: Option<String>,
    /// A page about it; without tokens, and cut where it is long.
    pub uri: Option<String>,
}

/// Most characters of a text that anybody may have put into a URL.
const LONGEST: usize = 200;

impl Refusal {
    pub(super) fn new(code: &str, description: Option<String>, uri: Option<String>) -> Self {
        let shown = |text: String| redact::bounded(&text, LONGEST);
        let code = OAuthErrorCode::from(redact::name(code).as_str());
        Self { code, description: description.map(shown), uri: uri.map(shown) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the authorization server refused: {}", self.code)?;
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        if self.code == OAuthErrorCode::InvalidGrant {
            f.write_str(" (sign in again)")?;
        }
        Ok(())
    }
}

macro_rules! codes {
    ($($(#[$docs:meta])* $name:ident = $text:literal,)*) => {
        /// An authorization server's name for why it refuses. Servers may have more than these.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum OAuthErrorCode {
            $($(#[$docs])* $name,)*
            /// Another code.
            Other(String),
        }

        impl OAuthErrorCode {
            /// Returns the code as sent by the server.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for OAuthErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    _ => Self::Other(text.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// The user, or the server, denied access.
    AccessDenied = "access_denied",
    /// The user has to choose an account, but `prompt=none` does not allow it (OpenID Connect).
    AccountSelectionRequired = "account_selection_required",
    /// The user has to consent, but `prompt=none` does not allow it (OpenID Connect).
    ConsentRequired = "consent_required",
    /// The user has to interact, but `prompt=none` does not allow it (OpenID Connect).
    InteractionRequired = "interaction_required",
    /// The client's id, secret or authentication method is wrong.
    InvalidClient = "invalid_client",
    /// The code or refresh token was used, has expired, was revoked, or belongs to another client.
    InvalidGrant = "invalid_grant",
    /// The settings for the registration of a client are invalid (RFC 7591).
    InvalidClientMetadata = "invalid_client_metadata",
    /// A redirect URI for the registration of a client is invalid (RFC 7591).
    InvalidRedirectUri = "invalid_redirect_uri",
    /// A parameter is missing, repeated or invalid.
    InvalidRequest = "invalid_request",
    /// The scope does not exist, or the client may not request it.
    InvalidScope = "invalid_scope",
    /// The user is not a member of the requested organization.
    InvalidSub = "invalid_sub",
    /// The access token has expired, was revoked, or is invalid (RFC 6750).
    InvalidToken = "invalid_token",
    /// The user has to sign in, but `prompt=none` does not allow it (OpenID Connect).
    LoginRequired = "login_required",
    /// The server failed.
    ServerError = "server_error",
    /// The server is temporarily overloaded or unavailable.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// The client is not allowed to do this.
    UnauthorizedClient = "unauthorized_client",
    /// The server does not support the grant type.
    UnsupportedGrantType = "unsupported_grant_type",
    /// The server does not support the response type.
    UnsupportedResponseType = "unsupported_response_type",
    /// The server does not revoke tokens of this type (RFC 7009).
    UnsupportedTokenType = "unsupported_token_type",
}

impl fmt::Display for OAuthErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a callback does not belong to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackError {
    /// The parameter is missing.
    Missing(&'static str),
    /// The parameter is repeated (RFC 6749, section 3.1).
    Duplicate(&'static str),
    /// The state belongs to another login: the page is old, or this is an attack.
    WrongState,
    /// The callback comes from another server than the login used (RFC 9207).
    WrongIssuer,
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the callback lacks the parameter `{name}`"),
            Self::Duplicate(name) => write!(f, "the callback has the parameter `{name}` more than once"),
            Self::WrongState => f.write_str("the callback's state belongs to another login: start a new login"),
            Self::WrongIssuer => f.write_str("the callback's `iss` names another server than that of the login"),
        }
    }
}

impl StdError for CallbackError {}

/// Why an ID token is invalid (OpenID Connect Core 1.0, section 3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenError {
    /// It is not a signed token.
    Malformed,
    /// It is not signed, or not with RS256.
    WrongAlgorithm,
    /// The server has no key with the id in the token, or the token has no key id and there are several keys.
    UnknownKey,
    /// The signature does not match the key.
    WrongSignature,
    /// A claim is missing or has the wrong type.
    Missing(&'static str),
    /// Another server issued it.
    WrongIssuer,
    /// It is for another client.
    WrongAudience,
    /// It is for several clients, and another one requested it.
    WrongParty,
    /// It has expired.
    Expired,
    /// It is not valid yet (`nbf`): one of the clocks is wrong.
    NotYetValid,
    /// It belongs to another login.
    WrongNonce,
    /// It was issued in the future (`iat`): one of the clocks is wrong.
    IssuedInFuture,
    /// It is missing, although the login requested the scope `openid`.
    Absent,
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self {
            Self::Malformed => "it is not a signed token",
            Self::WrongAlgorithm => "it is not signed with RS256",
            Self::UnknownKey => "the server has no key with this id",
            Self::WrongSignature => "its signature does not match",
            Self::Missing(claim) => {
                return write!(f, "the ID token is invalid: its claim `{claim}` is missing or has the wrong type");
            }
            Self::WrongIssuer => "another server issued it (`iss`)",
            Self::WrongAudience => "it is for another client (`aud`)",
            Self::WrongParty => "another client requested it (`azp`)",
            Self::Expired => "it has expired (`exp`)",
            Self::NotYetValid => "it is not valid yet (`nbf`): check the clock",
            Self::WrongNonce => "it belongs to another login (`nonce`)",
            Self::IssuedInFuture => "it was issued in the future (`iat`): check the clock",
            Self::Absent => return f.write_str("the server sent no ID token, although the login requested `openid`"),
        };
        write!(f, "the ID token is invalid: {problem}")
    }
}

impl StdError for IdTokenError {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_what_they_print() {
        for text in ["access_denied", "invalid_grant", "invalid_sub", "an_error_of_tomorrow"] {
            assert_eq!(OAuthErrorCode::from(text).to_string(), text);
        }
        assert_eq!(OAuthErrorCode::from("access_denied"), OAuthErrorCode::AccessDenied);
    }

    #[test]
    fn the_words_of_a_refusal_are_tamed() {
        let words = format!("code polar_ac_hidden\r\n{}", "x".repeat(500));
        let refusal = Refusal::new("polar_at_u_hidden", Some(words), None);
        let text = format!("{refusal} {refusal:?}");
        assert!(!text.contains("hidden") && !text.contains('\n') && text.len() < 1000, "{text}");
    }

    #[test]
    fn the_error_beneath_another_is_found() {
        #[derive(Debug)]
        struct Above(OAuthError);
        impl fmt::Display for Above {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("above")
            }
        }
        impl StdError for Above {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
        assert!(OAuthError::beneath(&Above(OAuthError::SignedOut)).unwrap().must_sign_in());
        assert!(OAuthError::beneath(&fmt::Error).is_none());
    }
}
