//! The builder of the client.

use std::fmt;
use std::marker::PhantomData;
#[cfg(feature = "reqwest")]
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{Client, Settings};
use crate::api::{Api, Environment};
use crate::auth::{AccessToken, Credentials, TokenProvider};
use crate::error::Error;
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::RetryPolicy;
use crate::transport::{Transport, TransportHandle};

/// Collects the settings of a [`Client`] and makes a generated client `C` of it.
///
/// `B` is the API's error body, so that [`build`](Builder::build) fails with the same error type as requests do.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C, B = serde_json::Value> {
    settings: Settings,
    product: PhantomData<fn() -> (C, B)>,
}

impl<C: From<Client>, B> Builder<C, B> {
    /// Starts with the API's own version, the production environment and a timeout of [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT).
    pub fn new(api: &'static Api) -> Self {
        Self { settings: Settings::new(api), product: PhantomData }
    }

    /// Authenticates with this token, of whatever kind (RFC 6750 bearer token).
    ///
    /// It goes only to operations that ask for authentication. One that can never work there is refused before it is
    /// sent, by an error that says which kinds of tokens would work.
    pub fn access_token(mut self, token: impl Into<AccessToken>) -> Self {
        self.settings.set_token(token.into());
        self
    }

    /// Asks this provider for a token before every try, in place of one token for all.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.settings.credentials = Credentials::provider(provider);
        self
    }

    /// Sends tokens wherever they are asked for, also such as can never work by what their prefix says of them.
    ///
    /// For one request alone, its header `authorization` does the same: it takes the place of any token unlooked at.
    pub fn without_token_check(mut self) -> Self {
        self.settings.checks_tokens = false;
        self
    }

    /// Reads settings from the environment of the process:
    /// `POLAR_ACCESS_TOKEN`, `POLAR_ENVIRONMENT` (`production` or `sandbox`) and `POLAR_ORGANIZATION_ID` (a UUID).
    ///
    /// # Errors
    ///
    /// An error for which [`Error::is_config`] holds, if one of them is no text, no environment or no UUID, or if there
    /// is no access token.
    pub fn from_env(mut self) -> Result<Self, Error<B>> {
        self.settings.read(|name| std::env::var_os(name))?;
        Ok(self)
    }

    /// Sends this header with each request that does not set it otherwise.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.default_headers.push((name.into(), value.into()));
        self
    }

    /// Tries calls again as this policy says. The default is [`RetryPolicy::new`].
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sends no more requests than this limiter lets through. Give its clones to other clients that share the limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limiter(mut self, limiter: RateLimiter) -> Self {
        self.settings.limiter = Some(limiter);
        self
    }

    /// Waits this long for a connection, TLS included. Only for the built-in transport; the default is
    /// [`CONNECT_TIMEOUT`](crate::CONNECT_TIMEOUT).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Takes no answer larger than this many bytes. Only for the transports over reqwest; the default is
    /// [`MAX_ANSWER_SIZE`](crate::MAX_ANSWER_SIZE).
    pub fn max_answer_size(mut self, bytes: usize) -> Self {
        self.settings.max_answer_size = bytes;
        self
    }

    /// Talks to this environment. A [`base_url`](Self::base_url) outranks it.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.settings.environment = environment;
        self
    }

    /// Talks to this server, a proxy or a test server for instance: `http` or `https`, perhaps with a path in front
    /// of the API's own paths (which start with `/v1`), without credentials, query or fragment.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into());
        self
    }

    /// Acts for this organization (`Polar-Organization`): a user's token may have several, an organization's token
    /// needs none.
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.settings.organization = Some(organization);
        self
    }

    /// Asks for another version of the API (`YYYY-MM`) than the one that the types were generated for.
    ///
    /// To a version that it does not know, the API answers 404 as if the resource were missing.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.settings.api_version = Some(version.into());
        self
    }

    /// Sends no `Polar-Version`: the API then takes its current version, whichever that is by then.
    pub fn without_api_version(mut self) -> Self {
        self.settings.api_version = None;
        self
    }

    /// Adds the name of the program to the user agent, as in `my-shop/2.1`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Gives each request this long, from the first byte sent to the last one received.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self
    }

    /// Sends requests through this transport, in place of any other. Keep a handle on it by passing an [`Arc`](std::sync::Arc).
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(TransportHandle::new(transport));
        self
    }

    /// Sends requests through this `reqwest::Client`, with its TLS, proxies and connections.
    ///
    /// Build it with `redirect(reqwest::redirect::Policy::none())`, as the built-in one is: the API does not redirect,
    /// and a redirect that is followed may lead a request elsewhere. The [`timeout`](Self::timeout) outranks the
    /// client's own.
    #[cfg(feature = "reqwest")]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.settings.reqwest = Some(Arc::new(client));
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// An error for which [`Error::is_config`] holds, if the base URL is none, if the token, the version or the user
    /// agent's suffix can't stand in a header, if the token is a refresh token, a code or another secret that no request
    /// carries, or if there is no transport: none was given and the crate was built without its `reqwest` feature.
    pub fn build(self) -> Result<C, Error<B>> {
        Ok(C::from(Client::new(self.settings)?))
    }
}

impl<C, B> fmt::Debug for Builder<C, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api", &self.settings.api.name)
            .field("environment", &self.settings.environment)
            .finish_non_exhaustive()
    }
}
