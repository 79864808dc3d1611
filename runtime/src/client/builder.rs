//! The builder of the client.

use std::fmt;
use std::marker::PhantomData;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{Client, Settings};
use crate::api::{Api, Environment};
use crate::auth::{AccessToken, Credentials, TokenProvider};
use crate::error::Error;
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport::{Transport, TransportHandle};

/// Collects the settings of a [`Client`] and builds a generated client `C` from them.
///
/// `B` is the type of the API's error bodies, so that [`build`](Builder::build) fails with the same error type as
/// calls.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C, B = serde_json::Value> {
    settings: Settings,
    product: PhantomData<fn() -> (C, B)>,
}

impl<C: From<Client>, B> Builder<C, B> {
    /// Creates a builder with the API version of the crate, the production environment and a timeout of
    /// [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT).
    pub fn new(api: &'static Api) -> Self {
        Self { settings: Settings::new(api), product: PhantomData }
    }

    /// Authenticates with this token, of any kind (RFC 6750 bearer token).
    ///
    /// It is sent only to operations that require authentication. If it can never work for an operation, the call fails
    /// before anything is sent, with an error that lists the kinds of tokens that would work.
    pub fn access_token(mut self, token: impl Into<AccessToken>) -> Self {
        self.settings.set_token(token.into());
        self
    }

    /// Gets the token of each attempt from this provider, instead of using one token for all.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.settings.credentials = Credentials::provider(provider);
        self
    }

    /// Sends tokens to all operations that require authentication, even if the prefix of a token says that it can't
    /// work.
    ///
    /// To do the same for one request, set its header `authorization`: it replaces the token and is not checked.
    pub fn without_token_check(mut self) -> Self {
        self.settings.checks_tokens = false;
        self
    }

    /// Reads settings from the environment of the process:
    /// `POLAR_ACCESS_TOKEN`, and, if they are set, `POLAR_ENVIRONMENT` (`production` or `sandbox`), `POLAR_BASE_URL` and
    /// `POLAR_ORGANIZATION_ID` (a UUID).
    ///
    /// # Errors
    ///
    /// Returns an error for which [`Error::is_config`] holds if there is no access token, or if a variable is not valid
    /// Unicode, not the name of an environment or not a UUID.
    pub fn from_env(mut self) -> Result<Self, Error<B>> {
        self.settings.read(|name| std::env::var_os(name))?;
        Ok(self)
    }

    /// Sends this header with each request that does not set it.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.default_headers.push((name.into(), value.into()));
        self
    }

    /// Retries calls by this policy. The default is [`RetryPolicy::new`].
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Bounds the retries of all calls together. The default is a budget of
    /// [`RetryBudget::DEFAULT_SIZE`](RetryBudget::DEFAULT_SIZE) retries, which the clones of the client share.
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.settings.retry_budget = budget;
        self
    }

    /// Limits requests with this limiter. Clones of it can be given to other clients that share the limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limiter(mut self, limiter: RateLimiter) -> Self {
        self.settings.limiter = Some(limiter);
        self
    }

    /// Sets the time to wait for a connection, including TLS. It applies only to the built-in transport over reqwest,
    /// not to `fetch`. The default is [`CONNECT_TIMEOUT`](crate::CONNECT_TIMEOUT).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets the maximum size of a response body in bytes. It does not apply to your own
    /// [`transport`](Self::transport). The default is
    /// [`MAX_ANSWER_SIZE`](crate::MAX_ANSWER_SIZE).
    pub fn max_answer_size(mut self, bytes: usize) -> Self {
        self.settings.max_answer_size = bytes;
        self
    }

    /// Sends requests to this environment. A [`base_url`](Self::base_url) has priority over it.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.settings.environment = environment;
        self
    }

    /// Sets the maximum number of concurrent requests; others wait. It does not apply to your own
    /// [`transport`](Self::transport). The default is [`MAX_CONCURRENT_REQUESTS`](crate::MAX_CONCURRENT_REQUESTS), and zero counts as one.
    ///
    /// Over HTTP/1.1 each of them needs a connection. Clones of the client share the limit. The wait counts towards the
    /// [`timeout`](Self::timeout) of a call.
    pub fn max_concurrent_requests(mut self, requests: usize) -> Self {
        self.settings.max_concurrent_requests = requests;
        self
    }

    /// Sends requests to this server, for example a proxy or a test server. The URL has the scheme `https`, or `http`
    /// for a loopback address, and no credentials, query or fragment. It may have a path, which is put in front of the
    /// API's paths (they start with `/v1`).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into());
        self
    }

    /// Allows a [`base_url`](Self::base_url) with `http` for a host that is not a loopback address.
    ///
    /// Anyone on the network path can then read tokens and customer data. Use it only within a network that
    /// you trust, for example with a local proxy that adds TLS.
    pub fn allow_insecure_base_url(mut self) -> Self {
        self.settings.allows_insecure_base_url = true;
        self
    }

    /// Acts for this organization (`Polar-Organization`). The token of a user may have access to several; the token of
    /// an organization needs no header.
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.settings.organization = Some(organization);
        self
    }

    /// Requests another version of the API (`YYYY-MM`) than the one that the types were generated for.
    ///
    /// For a version that it does not support, the API returns 404, as if the resource were missing.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.settings.api_version = Some(version.into());
        self
    }

    /// Sends no `Polar-Version`. The API then uses its current version, which changes over time.
    pub fn without_api_version(mut self) -> Self {
        self.settings.api_version = None;
        self
    }

    /// Adds the name of the program to the user agent, as in `my-shop/2.1`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sets the timeout of each call. It includes waiting for a free slot, for the rate limiter and for the token
    /// provider, all attempts, and the waits between them. The default is [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT).
    ///
    /// If the time ends before anything was sent, the error says so. A list makes a call for each of its pages.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Sets the timeout of each attempt, from the first byte sent to the last one received. The default is
    /// [`DEFAULT_ATTEMPT_TIMEOUT`](crate::DEFAULT_ATTEMPT_TIMEOUT).
    ///
    /// An idempotent request is retried after it, if the [`timeout`](Self::timeout) of the call allows.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// Sends requests through this transport instead of the built-in one. Pass an [`Arc`](std::sync::Arc) to keep a
    /// handle to it.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(TransportHandle::new(transport));
        self
    }

    /// Sends requests through this `reqwest::Client`, with its TLS, proxies and connections.
    ///
    /// [`reqwest_client_builder`](crate::reqwest_client_builder) starts with the settings of the built-in one: the TLS of
    /// the enabled features, no redirects and no retries.
    ///
    /// ```
    /// # use polar_client_runtime::{BoxError, reqwest_client_builder};
    /// let client = reqwest_client_builder()?.proxy(reqwest::Proxy::https("http://proxy.internal:3128")?).build()?;
    /// # Ok::<(), BoxError>(())
    /// ```
    ///
    /// - A client that follows redirects repeats a POST as a GET, although the server that redirected may have carried out
    ///   the POST. Therefore no error of such a request is retried, and
    ///   [`outcome_is_unknown`](Error::outcome_is_unknown) returns `true` for it.
    /// - The client neither retries on its own nor repeats a body after a redirect, whatever its settings, because it can't
    ///   copy the bodies that it gets.
    /// - The [`timeout`](Self::timeout) and the [`attempt_timeout`](Self::attempt_timeout) have priority over the client's own.
    /// - Its connections belong to the tokio runtime that opened them. The built-in transport has connections for each
    ///   runtime; build a client for each runtime if you use more than one, as tests with `#[tokio::test]` do.
    /// - There is no such method on `wasm32-unknown-unknown`, where the built-in transport is `fetch`.
    #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.settings.reqwest = Some(Arc::new(client));
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Returns an error for which [`Error::is_config`] holds, if
    ///
    /// - the base URL is invalid, or has the scheme `http` without
    ///   [`allow_insecure_base_url`](Self::allow_insecure_base_url);
    /// - the version is not `YYYY-MM`;
    /// - the token, a default header or the user agent's suffix can't be sent in a header, or a default header is one that
    ///   describes the transfer of a message, such as `content-length`;
    /// - the token is a refresh token, a code or another secret that can't authenticate requests;
    /// - there is no transport: none was set, and the crate was built without its `reqwest` feature;
    /// - the system has no CA certificates, the feature `webpki-roots` is off, and neither `transport` nor
    ///   `reqwest_client` is set;
    /// - rustls has no cryptography: of its features only `rustls-no-provider` is on, and the program has installed none.
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
