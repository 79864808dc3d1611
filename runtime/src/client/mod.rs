//! Clients: the settings that all requests of a program share.
//!
//! Owns [`Builder`], [`Client`] and the settings behind both. Leaves to others what a token is (`auth`), when a call is
//! retried (`retry`) and what is sent (`request`).
//!
//! Invariant: the settings of a client that was built are usable: everything that can be checked without a request was
//! checked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use polar_client_auth::TokenKind;
use uuid::Uuid;

use crate::api::Api;
#[cfg(feature = "oauth2")]
use crate::api::Environment;
use crate::auth::{AccessToken, Credentials, TokenProvider};
use crate::error::ErrorInner;
use crate::futures::{MaybeSend, MaybeSync};
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport::HttpSender;

mod builder;
#[cfg(feature = "tracing")]
mod notices;
mod settings;

pub use builder::Builder;
#[cfg(feature = "tracing")]
pub(crate) use notices::{Notice, Notices};
pub(crate) use settings::Settings;
#[cfg(feature = "oauth2")]
pub(crate) use settings::is_loopback;
pub use settings::{
    CONNECT_TIMEOUT, DEFAULT_ATTEMPT_TIMEOUT, DEFAULT_TIMEOUT, MAX_ANSWER_SIZE, MAX_CONCURRENT_REQUESTS,
};

/// The settings that all requests of a program share: server, credentials and options.
///
/// Cloning is cheap, and clones share connections. `Debug` shows the kind of the token, never the token.
#[derive(Clone)]
pub struct Client(Arc<dyn State>);

/// The state of a client. It is a trait object, so that a program does not see the type. Otherwise the debug
/// information of the program and of the generated crate would describe the HTTP client and TLS many times.
trait State: MaybeSend + MaybeSync {
    fn inner(&self) -> &Inner;
}

impl State for Inner {
    fn inner(&self) -> &Inner {
        self
    }
}

/// The settings, and what is derived from them.
#[derive(Clone)]
struct Inner {
    settings: Settings,
    /// Without a trailing slash: each path starts with one.
    base: String,
    /// Headers that all requests share.
    headers: HeaderMap,
    sender: HttpSender,
    #[cfg(feature = "tracing")]
    notices: Arc<Notices>,
}

impl Client {
    fn inner(&self) -> &Inner {
        self.0.inner()
    }

    pub(crate) fn new(settings: Settings) -> Result<Self, Box<ErrorInner>> {
        let base = settings.checked_base_url()?;
        settings.check_token()?;
        let (headers, sender) = (settings.headers()?, settings.sender()?);
        Ok(Self(Arc::new(Inner {
            settings,
            base,
            headers,
            sender,
            #[cfg(feature = "tracing")]
            notices: Arc::default(),
        })))
    }

    /// Returns the base URL without a trailing slash. The paths of operations are appended to it.
    pub fn base_url(&self) -> &str {
        &self.inner().base
    }

    /// Returns a client that gets its tokens from this provider, for example for one of many users. Both clients share
    /// connections, limits and all other settings.
    #[must_use]
    pub fn with_token_provider(&self, provider: impl TokenProvider) -> Self {
        let mut inner = Inner::clone(self.inner());
        inner.settings.credentials = Credentials::provider(provider);
        Self(Arc::new(inner))
    }

    /// Returns the environment of the base URL. `None` if the caller has set a base URL.
    #[cfg(feature = "oauth2")]
    pub(crate) fn environment(&self) -> Option<Environment> {
        let all = [Environment::Production, Environment::Sandbox];
        all.into_iter().find(|environment| {
            self.inner().settings.api.server(*environment).is_some_and(|s| s.url == self.inner().base)
        })
    }

    /// Returns the facts about the API.
    pub(crate) fn api(&self) -> &'static Api {
        self.inner().settings.api
    }

    /// Returns host and port, for messages.
    pub(crate) fn authority(&self) -> &str {
        let after_scheme = self.inner().base.split_once("://").map_or(self.inner().base.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }

    /// Returns a client with another token. Both clients share settings, connections and limits.
    ///
    /// If the token is that of a session, the organization is not taken over: a session belongs to one organization.
    #[must_use]
    pub fn with_access_token(&self, token: impl Into<AccessToken>) -> Self {
        let token = token.into();
        let mut inner = Inner::clone(self.inner());
        if matches!(token.kind(), TokenKind::CustomerSessionToken | TokenKind::MemberSessionToken) {
            inner.settings.organization = None;
        }
        inner.settings.credentials = Credentials::Token(token);
        Self(Arc::new(inner))
    }

    /// Returns whether a token that can never work is rejected before the request is sent.
    pub(crate) fn checks_tokens(&self) -> bool {
        self.inner().settings.checks_tokens
    }

    /// Returns the credentials of the client.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.inner().settings.credentials
    }

    /// Returns the headers that all requests share.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.inner().headers
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.inner().settings.retry
    }

    pub(crate) fn retry_budget(&self) -> &RetryBudget {
        &self.inner().settings.retry_budget
    }

    /// Waits until the rate limiter allows the next request.
    #[cfg(feature = "rate-limit")]
    pub(crate) async fn acquire(&self) {
        if let Some(limiter) = &self.inner().settings.limiter {
            limiter.acquire(|wait| self.sender().sleep(wait)).await;
        }
    }

    #[cfg(not(feature = "rate-limit"))]
    pub(crate) async fn acquire(&self) {}

    pub(crate) fn organization(&self) -> Option<Uuid> {
        self.inner().settings.organization
    }

    /// Returns the timeout of a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.inner().settings.timeout
    }

    /// Returns the timeout of an attempt.
    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.inner().settings.attempt_timeout
    }

    /// Returns the notices that were already logged.
    #[cfg(feature = "tracing")]
    pub(crate) fn notices(&self) -> &Notices {
        &self.inner().notices
    }

    pub(crate) fn sender(&self) -> &HttpSender {
        &self.inner().sender
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
            .field("api", &self.inner().settings.api.name)
            .field("base_url", &self.inner().base)
            .field("access_token", &self.inner().settings.credentials)
            .field("organization", &self.inner().settings.organization)
            .field("api_version", &self.inner().settings.api_version)
            .field("timeout", &self.inner().settings.timeout)
            .field("attempt_timeout", &self.inner().settings.attempt_timeout)
            .finish_non_exhaustive()
    }
}
