//! Clients: the settings that all requests of a program share.
//!
//! Owns [`Builder`], [`Client`] and the settings behind both. Leaves to others what a token is (`auth`), when a call is
//! retried (`retry`) and what is sent (`request`).
//!
//! Invariant: a client that was built has usable settings: what can be checked without a request was checked.

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

/// What all requests of one program share: where to, as whom, and how.
///
/// Cloning is cheap, and clones share connections. `Debug` shows the kind of the token, never the token.
#[derive(Clone)]
pub struct Client(Arc<dyn State>);

/// What is behind a client. A program that has a client does not see the type: otherwise its debug information, and that
/// of the generated crate, would describe the HTTP client and TLS again and again.
trait State: MaybeSend + MaybeSync {
    fn inner(&self) -> &Inner;
}

impl State for Inner {
    fn inner(&self) -> &Inner {
        self
    }
}

/// Settings, and what was made of them.
#[derive(Clone)]
struct Inner {
    settings: Settings,
    /// Without a slash at its end: each path starts with one.
    base: String,
    /// Headers that all requests have in common.
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
        #[cfg(feature = "rate-limit")]
        settings.check_limiter()?;
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

    /// Base URL that the paths of operations are appended to, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.inner().base
    }

    /// The same client, acting as this provider says: for one of many users, say. Both share connections, limits and
    /// all other settings.
    #[must_use]
    pub fn with_token_provider(&self, provider: impl TokenProvider) -> Self {
        let mut inner = Inner::clone(self.inner());
        inner.settings.credentials = Credentials::provider(provider);
        Self(Arc::new(inner))
    }

    /// The environment that the base URL belongs to, unless it is a URL of the caller's own.
    #[cfg(feature = "oauth2")]
    pub(crate) fn environment(&self) -> Option<Environment> {
        let all = [Environment::Production, Environment::Sandbox];
        all.into_iter().find(|environment| {
            self.inner().settings.api.server(*environment).is_some_and(|s| s.url == self.inner().base)
        })
    }

    /// The facts about the API.
    pub(crate) fn api(&self) -> &'static Api {
        self.inner().settings.api
    }

    /// Host and port, for messages.
    pub(crate) fn authority(&self) -> &str {
        let after_scheme = self.inner().base.split_once("://").map_or(self.inner().base.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }

    /// The same client acting with another token: it shares settings, connections and limits.
    ///
    /// Of the settings, the organization stays behind where the token is one of a session, which belongs to one
    /// organization anyhow.
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

    /// Whether a token that can never work is refused before it is sent.
    pub(crate) fn checks_tokens(&self) -> bool {
        self.inner().settings.checks_tokens
    }

    /// As whom the client acts.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.inner().settings.credentials
    }

    /// Headers that all requests have in common.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.inner().headers
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.inner().settings.retry
    }

    pub(crate) fn retry_budget(&self) -> &RetryBudget {
        &self.inner().settings.retry_budget
    }

    /// Waits until the limiter lets the next request through.
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

    /// How long a call may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.inner().settings.timeout
    }

    /// How long an attempt may take.
    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.inner().settings.attempt_timeout
    }

    /// What the client has told so far.
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
