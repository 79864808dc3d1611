//! A registered OAuth client and its requests.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use url::Url;

use super::id_token::{IdTokenClaims, UnverifiedToken};
use super::keys::{KeyCache, Keys};
use super::login::{AuthorizationCode, LoginBuilder, PendingLogin};
use super::members::Members;
use super::redirect::is_local_http;
use super::signature;
use super::tokens::{TokenAnswer, Tokens};
use super::{ClientCredentials, IdTokenError, OAuthError, operations, stored_redirect_uri};
use crate::api::{Environment, Operation};
use crate::client::{Client, is_loopback};
use crate::codec::Secret;
use crate::platform::{self, Instant};
use crate::redact;
use crate::request::Request;
use crate::response;

/// The issuer of Polar's ID tokens in every environment.
const ISSUER: &str = "https://polar.sh";

/// A registered OAuth client: signs users in, and fetches, refreshes, inspects and revokes their tokens.
///
/// A clone is cheap and shares connections and keys. `Debug` redacts secrets.
#[doc(alias("login", "sign_in", "PKCE", "authorize"))]
#[derive(Clone)]
pub struct OAuthClient {
    client: Client,
    credentials: ClientCredentials,
    redirect_uri: String,
    issuer: String,
    page: Option<Url>,
    keys: Arc<KeyCache>,
    /// Whether the server announced that each callback has an `iss`.
    announces_iss: Arc<AtomicBool>,
}

impl OAuthClient {
    /// Creates a client with these credentials. Users return to `redirect_uri`, which is one of the URIs that the
    /// client was registered with. Logins send it in the [form that the server stores](stored_redirect_uri).
    ///
    /// Requests are sent through `client`, for example a `Polar`, whose own token is not used. Its environment
    /// determines the page on which users sign in.
    ///
    /// # Errors
    /// The credentials are empty or contain whitespace, [`check_redirect_uri`](super::check_redirect_uri) rejects the
    /// redirect URI, or the base URL of `client` has the scheme `http` and a host that is not this machine: secrets and
    /// tokens are sent there. Without the feature `rsa` and one for rustls nothing can verify ID tokens, which is an
    /// error, too.
    pub fn new(
        client: impl AsRef<Client>,
        credentials: ClientCredentials,
        redirect_uri: impl Into<String>,
    ) -> Result<Self, OAuthError> {
        let client = client.as_ref().clone();
        credentials.check()?;
        if !signature::is_available() {
            let problem = "ID tokens can't be verified: enable the feature `rsa`, or one for rustls";
            return Err(OAuthError::Config(problem.to_owned()));
        }
        if !Url::parse(client.base_url()).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url)) {
            let problem = "the base URL has the scheme `http`, and secrets and tokens are sent to it: use `https`, or a loopback host";
            return Err(OAuthError::Config(problem.to_owned()));
        }
        let redirect_uri = stored_redirect_uri(&redirect_uri.into())?;
        let page = match client.environment() {
            Some(Environment::Production) => Url::parse("https://polar.sh/oauth2/authorize").ok(),
            Some(Environment::Sandbox) => Url::parse("https://sandbox.polar.sh/oauth2/authorize").ok(),
            None => None,
        };
        let (keys, announces_iss) = (Arc::default(), Arc::default());
        Ok(Self { client, credentials, redirect_uri, issuer: ISSUER.to_owned(), page, keys, announces_iss })
    }

    /// Returns the redirect URI of its logins, in the form that the server stores.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Sets the page on which users sign in, instead of that of the environment: for a test server, or a URL from
    /// [`discover`](Self::discover).
    ///
    /// # Errors
    /// It is not a URL with `https`, or with `http` and a local host.
    pub fn authorization_endpoint(mut self, url: &str) -> Result<Self, OAuthError> {
        let page = Url::parse(url).ok().filter(|url| url.scheme() == "https" || is_local_http(url));
        let problem = "authorization endpoint: it is not a URL with `https`, or with `http` and a local host";
        self.page = Some(page.ok_or_else(|| OAuthError::Config(problem.to_owned()))?);
        Ok(self)
    }

    /// Sets the issuer of ID tokens and codes, instead of `https://polar.sh`: for a test server.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// Starts a login that requests these scopes: a `ScopeSet`, or scopes separated by spaces. If there are none, the
    /// server uses those that the client was registered with.
    ///
    /// # Errors
    /// The base URL of the API was set by the caller, so the page is unknown.
    pub fn login(&self, scopes: impl Display) -> Result<LoginBuilder, OAuthError> {
        let page = self.page.clone().ok_or_else(|| {
            let base = self.client.base_url();
            OAuthError::Config(format!("the sign-in page of {base} is unknown: set `authorization_endpoint`"))
        })?;
        let requires_iss = self.announces_iss.load(Ordering::Relaxed);
        Ok(LoginBuilder::new(page, self, scopes.to_string(), requires_iss))
    }

    /// Completes a login: reads the callback, fetches the tokens, and verifies the ID token. The ID token is required
    /// if the login requested the scope `openid`.
    ///
    /// # Errors
    /// The errors of [`PendingLogin::accept`], [`exchange`](Self::exchange) and
    /// [`verify_id_token`](Self::verify_id_token).
    pub async fn finish(&self, pending: &PendingLogin, callback: &str) -> Result<SignedIn, OAuthError> {
        let tokens = self.exchange(pending.accept(callback)?).await?;
        let identity = match &tokens.id_token {
            Some(id_token) => Some(self.verify_id_token(id_token, pending.nonce()).await?),
            None if pending.requires_id_token() => return Err(IdTokenError::Absent.into()),
            None => None,
        };
        Ok(SignedIn { tokens, identity })
    }

    /// Exchanges a code for tokens.
    ///
    /// # Errors
    /// [`OAuthError::Refused`] with `invalid_grant` if the code was used before, has expired, or belongs to another
    /// client; [`OAuthError::Call`] if the call failed.
    pub async fn exchange(&self, code: AuthorizationCode) -> Result<Tokens, OAuthError> {
        self.fetch(vec![
            ("grant_type", "authorization_code"),
            ("code", code.code.expose()),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", code.verifier.expose()),
        ])
        .await
    }

    /// Fetches new tokens. The refresh token becomes invalid: save the new one, and never refresh twice at the same
    /// time. [`RefreshingTokens`](super::RefreshingTokens) does both.
    ///
    /// # Errors
    /// [`OAuthError::Refused`] with `invalid_grant` if the refresh token was used before, has expired or was revoked;
    /// [`OAuthError::Call`] if the call failed.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Tokens, OAuthError> {
        self.fetch(vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())]).await
    }

    async fn fetch(&self, form: Vec<(&'static str, &str)>) -> Result<Tokens, OAuthError> {
        let asked_at = platform::now();
        let answer = self.request(&operations::TOKEN, form).call::<_, Value>(TokenAnswer::read).await?;
        Ok(answer.into_tokens(asked_at))
    }

    /// Revokes an access token or a refresh token, and with it the other one of the two (RFC 7009). It is not an error
    /// if the token is already invalid.
    ///
    /// # Errors
    /// [`OAuthError::Refused`] with `invalid_client` for a public client, because the server requires a secret;
    /// [`OAuthError::Call`] if the call failed.
    pub async fn revoke(&self, token: &Secret) -> Result<(), OAuthError> {
        let form = vec![("token", token.expose())];
        Ok(self.request(&operations::REVOKE, form).call::<_, Value>(response::empty).await?)
    }

    /// Returns the state of a token of this client (RFC 7662), as an `IntrospectTokenResponse`. For an invalid token,
    /// the server only says that it is not active.
    ///
    /// # Errors
    /// The same as of [`revoke`](Self::revoke).
    pub async fn introspect<T: DeserializeOwned>(&self, token: &Secret) -> Result<T, OAuthError> {
        let form = vec![("token", token.expose())];
        Ok(self.request(&operations::INTROSPECT, form).call::<T, Value>(response::json).await?)
    }

    /// Fetches the metadata of the server (OpenID Connect Discovery 1.0).
    ///
    /// If it announces `authorization_response_iss_parameter_supported`, later logins reject a callback without `iss`
    /// (RFC 9207, section 2.4).
    ///
    /// # Errors
    /// [`OAuthError::Discovery`] if the issuer is not the expected one, or if the URL of the keys is not safe;
    /// [`OAuthError::Call`] if the call failed.
    pub async fn discover(&self) -> Result<Discovery, OAuthError> {
        let request = Request::new(&self.client, &operations::DISCOVERY);
        let discovery = request.call::<Discovery, Value>(response::json).await?;
        if discovery.issuer != self.issuer {
            let problem = format!("its issuer is `{}`, expected `{}`", redact::name(&discovery.issuer), self.issuer);
            return Err(OAuthError::Discovery(problem));
        }
        let keys = Url::parse(&discovery.jwks_uri).ok();
        let same_place = |url: &Url| Url::parse(self.client.base_url()).is_ok_and(|base| base.origin() == url.origin());
        if !keys.is_some_and(|url| url.scheme() == "https" || same_place(&url)) {
            return Err(OAuthError::Discovery("its `jwks_uri` is not a URL with `https`".to_owned()));
        }
        self.announces_iss.store(discovery.authorization_response_iss_parameter_supported, Ordering::Relaxed);
        Ok(discovery)
    }

    /// Verifies an ID token (OpenID Connect Core 1.0, section 3.1.3.7): it is signed with RS256 by a key of the server,
    /// issued by the server for this client and for the login with this nonce, and has not expired. Clocks may differ
    /// by a minute.
    ///
    /// Keys are fetched once for all logins, and cached. If the key of the token is unknown, they are fetched again, at
    /// most once in 30 seconds.
    ///
    /// # Errors
    /// [`OAuthError::IdToken`] if the token is invalid; [`OAuthError::Call`] and [`OAuthError::Discovery`] if the keys
    /// could not be fetched.
    pub async fn verify_id_token(&self, id_token: &Secret, nonce: &Secret) -> Result<IdTokenClaims, OAuthError> {
        let token = UnverifiedToken::read(id_token)?;
        let key = self.keys.find(token.key_id(), Instant::now, || self.fetch_keys()).await?;
        Ok(token.verify(&key, &self.issuer, self.credentials.client_id(), nonce)?)
    }

    async fn fetch_keys(&self) -> Result<Keys, OAuthError> {
        let discovery = self.discover().await?;
        let request = Request::new(&self.client, &operations::KEYS).at(discovery.jwks_uri);
        Ok(request.call::<Keys, Value>(response::json).await?)
    }

    fn request<'a>(&'a self, operation: &'static Operation, form: Vec<(&'static str, &'a str)>) -> Request {
        self.credentials.send(Request::new(&self.client, operation), form)
    }

    /// Waits by means of the client's transport.
    pub(super) async fn sleep(&self, duration: Duration) {
        self.client.sender().sleep(duration).await;
    }

    pub(super) fn client_id(&self) -> &str {
        self.credentials.client_id()
    }

    pub(super) fn is_public(&self) -> bool {
        self.credentials.is_public()
    }

    pub(super) fn expected_issuer(&self) -> &str {
        &self.issuer
    }
}

impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient")
            .field("credentials", &self.credentials)
            .field("redirect_uri", &self.redirect_uri)
            .field("base_url", &self.client.base_url())
            .finish_non_exhaustive()
    }
}

/// The result of a login.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignedIn {
    /// The access token for calls, and the refresh token.
    pub tokens: Tokens,
    /// The verified identity of the user; only with the scope `openid`.
    pub identity: Option<IdTokenClaims>,
}

/// Metadata of a server: its URLs, and what it supports.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Discovery {
    /// The issuer of ID tokens and codes.
    pub issuer: String,
    /// The page on which users sign in.
    pub authorization_endpoint: String,
    /// The URL that exchanges codes and refresh tokens for tokens.
    pub token_endpoint: String,
    /// The URL of the keys that sign ID tokens.
    pub jwks_uri: String,
    /// The URL that returns the user of a token.
    pub userinfo_endpoint: Option<String>,
    /// The URL that revokes tokens.
    pub revocation_endpoint: Option<String>,
    /// The URL that introspects tokens.
    pub introspection_endpoint: Option<String>,
    /// The URL that registers clients.
    pub registration_endpoint: Option<String>,
    /// The supported scopes.
    pub scopes_supported: Vec<String>,
    /// The supported PKCE methods.
    pub code_challenge_methods_supported: Vec<String>,
    /// The supported authentication methods of clients.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The supported signature algorithms of ID tokens.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Whether each callback has an `iss` (RFC 9207, section 3). Absent means that it need not.
    pub authorization_response_iss_parameter_supported: bool,
    /// Other metadata.
    pub extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Discovery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::read(deserializer)?;
        Ok(Self {
            issuer: members.take("issuer")?,
            authorization_endpoint: members.take("authorization_endpoint")?,
            token_endpoint: members.take("token_endpoint")?,
            jwks_uri: members.take("jwks_uri")?,
            userinfo_endpoint: members.take("userinfo_endpoint")?,
            revocation_endpoint: members.take("revocation_endpoint")?,
            introspection_endpoint: members.take("introspection_endpoint")?,
            registration_endpoint: members.take("registration_endpoint")?,
            scopes_supported: members.take_or_default("scopes_supported")?,
            code_challenge_methods_supported: members.take_or_default("code_challenge_methods_supported")?,
            token_endpoint_auth_methods_supported: members.take_or_default("token_endpoint_auth_methods_supported")?,
            id_token_signing_alg_values_supported: members.take_or_default("id_token_signing_alg_values_supported")?,
            authorization_response_iss_parameter_supported: members
                .take_or_default("authorization_response_iss_parameter_supported")?,
            extra: members.rest(),
        })
    }
}
