//! From the program to the server's page, and back (RFC 6749, section 4.1; PKCE: RFC 7636).

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use url::Url;
use uuid::Uuid;

use super::members::Members;
use super::random::{challenge, unguessable};
use super::{CallbackError, OAuthClient, OAuthError, Refusal};
use crate::codec::Secret;

/// A login that was started: redirect the browser to `url`, and keep `pending` in the user's session.
#[derive(Clone)]
#[non_exhaustive]
pub struct Login {
    /// The URL for the browser.
    pub url: String,
    /// The state that the callback needs.
    pub pending: PendingLogin,
}

impl fmt::Debug for Login {
    /// Shows the URL without its query, which contains the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Login").field("page", &page).field("pending", &self.pending).finish()
    }
}

/// The state of a login until its callback. Keep it in the session of the browser.
///
/// It serializes as a map that includes its secrets, for a session on the server or an encrypted cookie, and needs a
/// self-describing format such as JSON; `Debug` redacts the secrets. It is valid for one callback: remove it from the
/// session before you process the callback.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingLogin {
    state: Secret,
    nonce: Secret,
    verifier: Secret,
    issuer: String,
    /// Whether the callback must have an `iss`.
    requires_iss: bool,
    /// Whether the login requested `openid`, so that an ID token is required.
    requires_id_token: bool,
    redirect_uri: String,
}

impl PendingLogin {
    /// Returns the `state` of the login, which its callback repeats: a key for a session that holds several logins.
    #[must_use]
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Returns the nonce, which the ID token of this login must repeat.
    #[must_use]
    pub fn nonce(&self) -> &Secret {
        &self.nonce
    }

    pub(super) fn requires_id_token(&self) -> bool {
        self.requires_id_token
    }

    /// Reads the callback: its URL, or the query of the URL.
    ///
    /// # Errors
    /// [`OAuthError::Callback`] if it does not belong to this login: the state is missing or wrong, a parameter is
    /// repeated, there is no code, or `iss` names another server (RFC 9207). A callback without `iss` is an error only
    /// if the server [announced](super::OAuthClient::discover) that it sends one. [`OAuthError::Refused`] if the user
    /// or the server refused the login.
    pub fn accept(&self, callback: &str) -> Result<AuthorizationCode, OAuthError> {
        let parameters = Parameters::read(callback)?;
        let state = parameters.state.ok_or(CallbackError::Missing("state"))?;
        if !bool::from(state.as_bytes().ct_eq(self.state.expose().as_bytes())) {
            return Err(CallbackError::WrongState.into());
        }
        match &parameters.iss {
            Some(issuer) if *issuer != self.issuer => return Err(CallbackError::WrongIssuer.into()),
            None if self.requires_iss => return Err(CallbackError::Missing("iss").into()),
            _ => {}
        }
        if let Some(error) = parameters.error {
            let refusal = Refusal::new(&error, parameters.error_description, parameters.error_uri);
            return Err(OAuthError::Refused(refusal));
        }
        let code = parameters.code.ok_or(CallbackError::Missing("code"))?;
        Ok(AuthorizationCode {
            code: code.into(),
            verifier: self.verifier.clone(),
            redirect_uri: self.redirect_uri.clone(),
        })
    }
}

impl Serialize for PendingLogin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("state", &self.state)?;
        map.serialize_entry("nonce", &self.nonce)?;
        map.serialize_entry("verifier", &self.verifier)?;
        map.serialize_entry("issuer", &self.issuer)?;
        map.serialize_entry("requires_iss", &self.requires_iss)?;
        map.serialize_entry("requires_id_token", &self.requires_id_token)?;
        map.serialize_entry("redirect_uri", &self.redirect_uri)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for PendingLogin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::read(deserializer)?;
        Ok(Self {
            state: members.take("state")?,
            nonce: members.take("nonce")?,
            verifier: members.take("verifier")?,
            issuer: members.take("issuer")?,
            // Sessions of older versions do not have these two.
            requires_iss: members.take_or_default("requires_iss")?,
            requires_id_token: members.take_or_default("requires_id_token")?,
            redirect_uri: members.take("redirect_uri")?,
        })
    }
}

/// The parameters of a callback. An empty one counts as missing.
#[derive(Default)]
struct Parameters {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    error_uri: Option<String>,
}

impl Parameters {
    fn read(callback: &str) -> Result<Self, CallbackError> {
        let text = callback.split('#').next().unwrap_or_default();
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        let mut parameters = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let (name, place) = match &*name {
                "state" => ("state", &mut parameters.state),
                "iss" => ("iss", &mut parameters.iss),
                "code" => ("code", &mut parameters.code),
                "error" => ("error", &mut parameters.error),
                "error_description" => ("error_description", &mut parameters.error_description),
                "error_uri" => ("error_uri", &mut parameters.error_uri),
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(CallbackError::Duplicate(name));
            }
        }
        for place in [&mut parameters.state, &mut parameters.code, &mut parameters.error] {
            place.take_if(|value| value.is_empty());
        }
        Ok(parameters)
    }
}

/// A code, and the proof that the program that started the login requests the tokens. It works once.
#[derive(Debug)]
pub struct AuthorizationCode {
    pub(super) code: Secret,
    pub(super) verifier: Secret,
    pub(super) redirect_uri: String,
}

/// What the sign-in page may ask (OpenID Connect Core 1.0, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing. If the page would have to ask, it redirects with an error such as `login_required`.
    None,
    /// Asks for consent, even if the user has already given it.
    Consent,
    /// Asks the user to sign in, even if the user already is.
    Login,
}

impl Prompt {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Consent => "consent",
            Self::Login => "login",
        }
    }
}

/// Options of a login. [`begin`](Self::begin) creates a [`Login`] from them.
#[derive(Clone, Debug)]
#[must_use = "a login starts with `begin`"]
pub struct LoginBuilder {
    page: Url,
    client_id: String,
    redirect_uri: String,
    issuer: String,
    requires_iss: bool,
    scope: String,
    prompt: Option<Prompt>,
    subject: Option<Subject>,
}

#[derive(Clone, Debug)]
enum Subject {
    User,
    Organization(Option<Uuid>),
}

impl LoginBuilder {
    pub(super) fn new(page: Url, client: &OAuthClient, scope: String, requires_iss: bool) -> Self {
        Self {
            page,
            client_id: client.client_id().to_owned(),
            redirect_uri: client.redirect_uri().to_owned(),
            issuer: client.expected_issuer().to_owned(),
            requires_iss,
            scope,
            prompt: None,
            subject: None,
        }
    }

    /// Sets what the sign-in page may ask. By default, the server decides.
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// Requests tokens for all organizations of the user, unless the user selects some of them (`sub_type=user`). This
    /// is the default of the server.
    pub fn for_user(mut self) -> Self {
        self.subject = Some(Subject::User);
        self
    }

    /// Makes the user select one organization, to which the tokens are limited (`sub_type=organization`).
    ///
    /// The tokens are still tokens of the user (`polar_at_u_`). The property `organizations` of an
    /// The property `organizations` of an [introspection](super::OAuthClient::introspect) contains the selected
    /// organization.
    pub fn for_organization(mut self) -> Self {
        self.subject = Some(Subject::Organization(None));
        self
    }

    /// Like [`for_organization`](Self::for_organization), and also sends the id of an organization (`sub`).
    ///
    /// The server ignores `sub`: the user may select any organization. Compare the property `organizations` of an
    /// [introspection](super::OAuthClient::introspect) with the id.
    pub fn for_this_organization(mut self, id: Uuid) -> Self {
        self.subject = Some(Subject::Organization(Some(id)));
        self
    }

    /// Creates the URL, with a random state, nonce and PKCE challenge (S256).
    ///
    /// # Errors
    /// The operating system returns no random bytes.
    pub fn begin(self) -> Result<Login, OAuthError> {
        let (state, nonce, verifier) = (unguessable()?, unguessable()?, unguessable()?);
        let mut url = self.page;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code");
            query.append_pair("client_id", &self.client_id);
            query.append_pair("redirect_uri", &self.redirect_uri);
            // Without scopes, the server uses those that the client was registered with.
            if !self.scope.is_empty() {
                query.append_pair("scope", &self.scope);
            }
            query.append_pair("state", state.expose());
            query.append_pair("nonce", nonce.expose());
            query.append_pair("code_challenge", &challenge(&verifier));
            query.append_pair("code_challenge_method", "S256");
            if let Some(prompt) = self.prompt {
                query.append_pair("prompt", prompt.as_str());
            }
            match self.subject {
                None => {}
                Some(Subject::User) => {
                    query.append_pair("sub_type", "user");
                }
                Some(Subject::Organization(id)) => {
                    query.append_pair("sub_type", "organization");
                    if let Some(id) = id {
                        query.append_pair("sub", &id.to_string());
                    }
                }
            }
        }
        let Self { issuer, requires_iss, redirect_uri, .. } = self;
        let requires_id_token = self.scope.split_whitespace().any(|scope| scope == "openid");
        let pending = PendingLogin { state, nonce, verifier, issuer, requires_iss, requires_id_token, redirect_uri };
        Ok(Login { url: url.into(), pending })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn pending() -> PendingLogin {
        PendingLogin {
            state: "s t/1".into(),
            nonce: "n".into(),
            verifier: "v".into(),
            issuer: "https://polar.sh".to_owned(),
            requires_iss: false,
            requires_id_token: false,
            redirect_uri: "https://example.com/callback".to_owned(),
        }
    }

    #[test]
    fn a_callback_is_a_url_or_its_query() {
        for callback in [
            "https://example.com/callback?code=polar_ac_1&state=s+t%2F1",
            "https://example.com/callback?code=polar_ac_1&state=s+t%2F1&iss=https%3A%2F%2Fpolar.sh",
            "/callback?x=1&code=polar_ac_1&state=s%20t/1&iss=https://polar.sh#top",
            "code=polar_ac_1&state=s+t%2F1&iss=https%3A%2F%2Fpolar.sh&session_state=9&session_state=8",
        ] {
            let code = pending().accept(callback).unwrap();
            assert_eq!((code.code.expose(), code.verifier.expose()), ("polar_ac_1", "v"));
            assert_eq!(code.redirect_uri, "https://example.com/callback");
        }
    }

    #[test]
    fn what_is_not_the_answer_to_this_login_is_told_without_its_words() {
        for (callback, expected) in [
            ("https://example.com/callback", CallbackError::Missing("state")),
            ("?code=c&iss=https://polar.sh", CallbackError::Missing("state")),
            ("?code=c&state=&iss=https://polar.sh", CallbackError::Missing("state")),
            ("?code=c&state=s+t/2&iss=https://polar.sh", CallbackError::WrongState),
            ("?code=c&state=s+t/&iss=https://polar.sh", CallbackError::WrongState),
            ("?error=access_denied&state=other", CallbackError::WrongState),
            ("?code=c&state=s+t/1&iss=https://evil.example", CallbackError::WrongIssuer),
            ("?error=access_denied&state=s+t/1&iss=https://evil.example", CallbackError::WrongIssuer),
            ("?code=c&state=s+t/1&iss=", CallbackError::WrongIssuer),
            ("?code=c&state=s+t/1&iss=https://polar.sh/", CallbackError::WrongIssuer),
            ("?code=&state=s+t/1&iss=https://polar.sh", CallbackError::Missing("code")),
            ("?code=a&code=b&state=s+t/1&iss=https://polar.sh", CallbackError::Duplicate("code")),
            ("?code=a&state=s+t/1&state=x&iss=https://polar.sh", CallbackError::Duplicate("state")),
            ("?code=a&state=s+t/1&iss=https://polar.sh&iss=x", CallbackError::Duplicate("iss")),
        ] {
            let refused = pending().accept(callback).map(|_| ()).unwrap_err();
            assert!(matches!(&refused, OAuthError::Callback(error) if *error == expected), "{callback}: {refused}");
        }
    }

    #[test]
    fn a_missing_issuer_is_an_error_if_it_was_announced() {
        let pending = PendingLogin { requires_iss: true, ..pending() };
        for callback in ["?code=c&state=s+t/1", "?error=access_denied&state=s+t/1"] {
            let refused = pending.accept(callback).map(|_| ()).unwrap_err();
            assert!(matches!(refused, OAuthError::Callback(CallbackError::Missing("iss"))), "{callback}: {refused}");
        }
        assert!(pending.accept("?code=c&state=s+t/1&iss=https://polar.sh").is_ok());
    }

    #[test]
    fn an_error_of_the_page_has_its_name_and_its_words() {
        let callback = "?error=access_denied&error_description=The+user+said+no&state=s+t/1";
        let error = pending().accept(callback).unwrap_err();
        assert_eq!(error.to_string(), "the authorization server refused: access_denied: The user said no");
        let error = pending().accept("?error=of_tomorrow&state=s+t/1&code=polar_ac_1").unwrap_err();
        assert_eq!(error.to_string(), "the authorization server refused: of_tomorrow");
    }

    #[test]
    fn it_comes_back_from_a_session_as_it_was() {
        let text = serde_json::to_string(&pending()).unwrap();
        assert_eq!(serde_json::from_str::<PendingLogin>(&text).unwrap(), pending());
        let before = r#"{"state":"s t/1","nonce":"n","verifier":"v","issuer":"https://polar.sh","redirect_uri":"https://example.com/callback"}"#;
        assert_eq!(serde_json::from_str::<PendingLogin>(before).unwrap(), pending(), "from before an update");
        assert!(!format!("{:?}", pending()).contains("s t/1"));
    }
}
