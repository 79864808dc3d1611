//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use polar_client_auth::TokenKind;
use uuid::Uuid;

#[cfg(feature = "oauth2")]
use crate::api::Environment;
use crate::api::{Api, Operation};
use crate::auth::{AccessToken, TokenProvider};
use crate::error::ErrorInner;
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::RetryPolicy;
use crate::transport::HttpSender;

mod builder;

pub use builder::{Builder, CONNECT_TIMEOUT, DEFAULT_TIMEOUT, MAX_ANSWER_SIZE};

/// What all requests of one program share: where to, as whom, and how.
///
/// Cloning is cheap, and clones share connections. `Debug` shows the kind of the token, never the token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) api: &'static Api,
    /// Without a slash at its end: each path starts with one.
    pub(crate) base: String,
    pub(crate) credentials: Credentials,
    pub(crate) checks_tokens: bool,
    pub(crate) organization: Option<Uuid>,
    pub(crate) api_version: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) default_headers: HeaderMap,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    #[cfg(feature = "rate-limit")]
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) sender: HttpSender,
}

/// As whom a client acts.
#[derive(Clone)]
pub(crate) enum Credentials {
    Nobody,
    Token(AccessToken),
    Provider(Arc<dyn TokenProvider>),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("None"),
            Self::Token(token) => token.fmt(f),
            Self::Provider(_) => f.write_str("TokenProvider"),
        }
    }
}

impl From<Inner> for Client {
    fn from(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

impl Client {
    /// Base URL that the paths of operations are appended to, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.0.base
    }

    /// The same client, acting as this provider says: for one of many users, say. Both share connections, limits and
    /// all other settings.
    #[must_use]
    pub fn with_token_provider(&self, provider: impl TokenProvider) -> Self {
        let credentials = Credentials::Provider(Arc::new(provider));
        Self(Arc::new(Inner { credentials, ..Inner::clone(&self.0) }))
    }

    /// The environment that the base URL belongs to, unless it is a URL of the caller's own.
    #[cfg(feature = "oauth2")]
    pub(crate) fn environment(&self) -> Option<Environment> {
        let all = [Environment::Production, Environment::Sandbox];
        all.into_iter().find(|environment| self.0.api.server(*environment).is_some_and(|s| s.url == self.0.base))
    }

    /// The facts about the API.
    pub(crate) fn api(&self) -> &'static Api {
        self.0.api
    }

    /// Host and port, for messages.
    pub(crate) fn authority(&self) -> &str {
        let after_scheme = self.0.base.split_once("://").map_or(self.0.base.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }

    /// The same client acting with another token: it shares settings, connections and limits.
    ///
    /// Of the settings, the organization stays behind where the token is one of a session, which belongs to one
    /// organization anyhow.
    #[must_use]
    pub fn with_access_token(&self, token: impl Into<AccessToken>) -> Self {
        let token = token.into();
        let mut inner = Inner::clone(&self.0);
        if matches!(token.kind(), TokenKind::CustomerSessionToken | TokenKind::MemberSessionToken) {
            inner.organization = None;
        }
        inner.credentials = Credentials::Token(token);
        Self(Arc::new(inner))
    }

    /// Whether a token that can never work is refused before it is sent.
    pub(crate) fn checks_tokens(&self) -> bool {
        self.0.checks_tokens
    }

    /// The token for the next request, which is for `operation`.
    pub(crate) async fn token(&self, operation: &'static Operation) -> Result<Option<AccessToken>, Box<ErrorInner>> {
        match &self.0.credentials {
            Credentials::Nobody => Ok(None),
            Credentials::Token(token) => Ok(Some(token.clone())),
            Credentials::Provider(provider) => {
                let token = provider.access_token().await.map_err(|error| ErrorInner::token(operation, error))?;
                Ok(Some(token.into()))
            }
        }
    }

    /// Whether there is another token than this one, which the API refused.
    pub(crate) async fn refresh(
        &self,
        operation: &'static Operation,
        refused: &AccessToken,
    ) -> Result<bool, Box<ErrorInner>> {
        match &self.0.credentials {
            Credentials::Provider(provider) => {
                provider.token_rejected(refused.secret()).await.map_err(|error| ErrorInner::token(operation, error))
            }
            Credentials::Nobody | Credentials::Token(_) => Ok(false),
        }
    }

    /// The token that is the same for all requests.
    pub(crate) fn fixed_token(&self) -> Option<&AccessToken> {
        match &self.0.credentials {
            Credentials::Token(token) => Some(token),
            Credentials::Nobody | Credentials::Provider(_) => None,
        }
    }

    pub(crate) fn default_headers(&self) -> &HeaderMap {
        &self.0.default_headers
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.0.retry
    }

    /// Waits until the limiter lets the next request through.
    #[cfg(feature = "rate-limit")]
    pub(crate) async fn acquire(&self) {
        if let Some(limiter) = &self.0.limiter {
            limiter.acquire(|wait| self.sender().sleep(wait)).await;
        }
    }

    #[cfg(not(feature = "rate-limit"))]
    pub(crate) async fn acquire(&self) {}

    pub(crate) fn organization(&self) -> Option<Uuid> {
        self.0.organization
    }

    pub(crate) fn api_version(&self) -> Option<&HeaderValue> {
        self.0.api_version.as_ref()
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.0.user_agent
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.0.timeout
    }

    pub(crate) fn sender(&self) -> &HttpSender {
        &self.0.sender
    }
}

impl AsRef<Client> for Client {
    fn as_ref(&self) -> &Client {
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api.name)
            .field("base_url", &self.0.base)
            .field("access_token", &self.0.credentials)
            .field("organization", &self.0.organization)
            .field("api_version", &self.0.api_version)
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}
