//! The client and its builder.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use polar_client_auth::TokenKind;
use url::Url;
use uuid::Uuid;

use crate::api::{Api, Environment, Operation};
use crate::error::{Error, Failure};
#[cfg(feature = "rate-limit")]
use crate::limiter::RateLimiter;
use crate::retry::RetryPolicy;
use crate::token::{self, AccessToken, TokenProvider};
use crate::transport::{Carrier, Transport};

/// How long a request may take unless [`Builder::timeout`] or the request says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the built-in transport waits for a connection, TLS included, unless [`Builder::connect_timeout`] says
/// otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes, that is read unless [`Builder::max_answer_size`] says otherwise: 64 MiB.
pub const MAX_ANSWER_SIZE: usize = 64 << 20;

/// What all requests of one program share: where to, as whom, and how.
///
/// Cloning is cheap, and clones share connections. `Debug` shows the kind of the token, never the token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    api: &'static Api,
    /// Without a slash at its end: each path starts with one.
    base: String,
    credentials: Credentials,
    checks_tokens: bool,
    organization: Option<Uuid>,
    api_version: Option<HeaderValue>,
    user_agent: HeaderValue,
    default_headers: HeaderMap,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    #[cfg(feature = "rate-limit")]
    limiter: Option<RateLimiter>,
    carrier: Carrier,
}

/// As whom a client acts.
#[derive(Clone)]
enum Credentials {
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
    pub(crate) async fn token(&self, operation: &'static Operation) -> Result<Option<AccessToken>, Box<Failure>> {
        match &self.0.credentials {
            Credentials::Nobody => Ok(None),
            Credentials::Token(token) => Ok(Some(token.clone())),
            Credentials::Provider(provider) => {
                let token = provider.access_token().await.map_err(|error| Failure::token(operation, error))?;
                Ok(Some(token.into()))
            }
        }
    }

    /// Whether there is another token than this one, which the API refused.
    pub(crate) async fn renew(
        &self,
        operation: &'static Operation,
        refused: &AccessToken,
    ) -> Result<bool, Box<Failure>> {
        match &self.0.credentials {
            Credentials::Provider(provider) => {
                provider.refused(refused.secret()).await.map_err(|error| Failure::token(operation, error))
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
    pub(crate) async fn turn(&self) {
        if let Some(limiter) = &self.0.limiter {
            limiter.turn(|wait| self.carrier().sleep(wait)).await;
        }
    }

    #[cfg(not(feature = "rate-limit"))]
    pub(crate) async fn turn(&self) {}

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

    pub(crate) fn carrier(&self) -> &Carrier {
        &self.0.carrier
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

/// Collects the settings of a [`Client`] and makes a generated client `C` of it.
///
/// `B` is the API's error body, so that [`build`](Builder::build) fails with the same error type as requests do.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C, B = serde_json::Value> {
    api: &'static Api,
    access_token: Option<AccessToken>,
    provider: Option<Arc<dyn TokenProvider>>,
    checks_tokens: bool,
    environment: Environment,
    base_url: Option<String>,
    organization: Option<Uuid>,
    api_version: Option<String>,
    user_agent_suffix: Option<String>,
    default_headers: Vec<(String, String)>,
    timeout: Option<Duration>,
    connect_timeout: Duration,
    max_answer_size: usize,
    retry: RetryPolicy,
    #[cfg(feature = "rate-limit")]
    limiter: Option<RateLimiter>,
    transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "reqwest")]
    reqwest: Option<reqwest::Client>,
    product: PhantomData<fn() -> (C, B)>,
}

impl<C: From<Client>, B> Builder<C, B> {
    /// Starts with the API's own version, the production environment and a timeout of [`DEFAULT_TIMEOUT`].
    pub fn new(api: &'static Api) -> Self {
        Self {
            api,
            access_token: None,
            provider: None,
            checks_tokens: true,
            environment: Environment::default(),
            base_url: None,
            organization: None,
            api_version: api.version.map(str::to_owned),
            user_agent_suffix: None,
            default_headers: Vec::new(),
            timeout: Some(DEFAULT_TIMEOUT),
            connect_timeout: CONNECT_TIMEOUT,
            max_answer_size: MAX_ANSWER_SIZE,
            retry: RetryPolicy::new(),
            #[cfg(feature = "rate-limit")]
            limiter: None,
            transport: None,
            #[cfg(feature = "reqwest")]
            reqwest: None,
            product: PhantomData,
        }
    }

    /// Authenticates with this token, of whatever kind (RFC 6750 bearer token).
    ///
    /// It goes only to operations that ask for authentication. One that can never work there is refused before it is
    /// sent, by an error that says which kinds of tokens would work.
    pub fn access_token(mut self, token: impl Into<AccessToken>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// Asks this provider for a token before every try, in place of one token for all.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Sends tokens wherever they are asked for, also such as can never work by what their prefix says of them.
    ///
    /// For one request alone, its header `authorization` does the same: it takes the place of any token unlooked at.
    pub fn without_token_check(mut self) -> Self {
        self.checks_tokens = false;
        self
    }

    /// Reads settings from the environment of the process:
    /// `POLAR_ACCESS_TOKEN`, `POLAR_ENVIRONMENT` (`production` or `sandbox`) and `POLAR_ORGANIZATION_ID` (a UUID).
    ///
    /// # Errors
    ///
    /// An error for which [`Error::is_config`] holds, if one of them is no text, no environment or no UUID, or if there
    /// is no access token.
    pub fn from_env(self) -> Result<Self, Error<B>> {
        Ok(self.read(|name| std::env::var_os(name))?)
    }

    fn read(mut self, get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Box<Failure>> {
        let text = |name: &str| match get(name).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(Failure::config(format!("{name} is not UTF-8"))),
            None => Ok(None),
        };
        let token = text("POLAR_ACCESS_TOKEN")?;
        self = self.access_token(token.ok_or_else(|| Failure::config("POLAR_ACCESS_TOKEN is not set"))?);
        if let Some(name) = text("POLAR_ENVIRONMENT")? {
            let environment = name.parse().map_err(|error| Failure::config(format!("POLAR_ENVIRONMENT: {error}")))?;
            self = self.environment(environment);
        }
        if let Some(id) = text("POLAR_ORGANIZATION_ID")? {
            let id = id.parse().map_err(|error| Failure::config(format!("POLAR_ORGANIZATION_ID: {error}")))?;
            self = self.organization(id);
        }
        Ok(self)
    }

    /// Sends this header with each request that does not set it otherwise.
    pub fn default_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.default_headers.push((name.into(), value.into()));
        self
    }

    /// Tries calls again as this policy says. The default is [`RetryPolicy::new`].
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sends no more requests than this limiter lets through. Give its clones to other clients that share the limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limiter(mut self, limiter: RateLimiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// Waits this long for a connection, TLS included. Only for the built-in transport; the default is
    /// [`CONNECT_TIMEOUT`].
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Takes no answer larger than this many bytes. Only for the transports over reqwest; the default is
    /// [`MAX_ANSWER_SIZE`].
    pub fn max_answer_size(mut self, bytes: usize) -> Self {
        self.max_answer_size = bytes;
        self
    }

    /// Talks to this environment. A [`base_url`](Self::base_url) outranks it.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Talks to this server, a proxy or a test server for instance: `http` or `https`, perhaps with a path in front
    /// of the API's own paths (which start with `/v1`), without credentials, query or fragment.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Acts for this organization (`Polar-Organization`): a user's token may have several, an organization's token
    /// needs none.
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Asks for another version of the API (`YYYY-MM`) than the one that the types were generated for.
    ///
    /// To a version that it does not know, the API answers 404 as if the resource were missing.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Sends no `Polar-Version`: the API then takes its current version, whichever that is by then.
    pub fn without_api_version(mut self) -> Self {
        self.api_version = None;
        self
    }

    /// Adds the name of the program to the user agent, as in `my-shop/2.1`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Gives each request this long, from the first byte sent to the last one received.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends requests through this transport, in place of any other. Keep a handle on it by passing an [`Arc`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sends requests through this `reqwest::Client`, with its TLS, proxies and connections.
    ///
    /// Build it with `redirect(reqwest::redirect::Policy::none())`, as the built-in one is: the API does not redirect,
    /// and a redirect that is followed may lead a request elsewhere. The [`timeout`](Self::timeout) outranks the
    /// client's own.
    #[cfg(feature = "reqwest")]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.reqwest = Some(client);
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
        self.build_inner().map(C::from).map_err(Error::from)
    }

    fn build_inner(self) -> Result<Client, Box<Failure>> {
        let base = match &self.base_url {
            Some(url) => url,
            None => match self.api.server(self.environment) {
                Some(server) => server.url,
                None => {
                    return Err(Failure::config(format!("{} has no {} server", self.api.name, self.environment)));
                }
            },
        };
        let base = checked_base(base).map_err(|problem| Failure::config(format!("base URL: {problem}")))?;
        let credentials = match (self.provider, self.access_token) {
            (Some(provider), _) => Credentials::Provider(provider),
            (None, None) => Credentials::Nobody,
            (None, Some(token)) => {
                token.header().map_err(Failure::config)?;
                if let Some(misuse) = token.misuse().filter(|_| self.checks_tokens) {
                    return Err(Failure::config(misuse));
                }
                Credentials::Token(token)
            }
        };
        let mut default_headers = HeaderMap::new();
        for (name, value) in self.default_headers {
            let known = HeaderName::try_from(&name);
            let known = known.map_err(|_| Failure::config(format!("{name:?} is no header name")))?;
            let mut value = header_value(&format!("header `{name}`"), value)?;
            value.set_sensitive(token::is_secret_header(&known));
            default_headers.insert(known, value);
        }
        let api_version = match self.api_version {
            None => None,
            Some(version) => Some(header_value("API version", version)?),
        };
        let user_agent = match self.user_agent_suffix {
            None => HeaderValue::from_static(self.api.name),
            Some(suffix) => header_value("user agent suffix", format!("{} {suffix}", self.api.name))?,
        };
        let carrier = match self.transport {
            Some(transport) => Carrier::Own(transport),
            #[cfg(feature = "reqwest")]
            None => over_reqwest(self.reqwest, self.connect_timeout, self.max_answer_size)?,
            #[cfg(not(feature = "reqwest"))]
            None => return Err(Failure::config(NO_TRANSPORT)),
        };
        Ok(Client(Arc::new(Inner {
            api: self.api,
            base,
            credentials,
            checks_tokens: self.checks_tokens,
            organization: self.organization,
            api_version,
            user_agent,
            default_headers,
            timeout: self.timeout,
            retry: self.retry,
            #[cfg(feature = "rate-limit")]
            limiter: self.limiter,
            carrier,
        })))
    }
}

#[cfg(feature = "reqwest")]
fn over_reqwest(own: Option<reqwest::Client>, connect_timeout: Duration, max: usize) -> Result<Carrier, Box<Failure>> {
    use crate::transport::ReqwestTransport;
    let transport = match own {
        Some(client) => Ok(ReqwestTransport::new(client, max)),
        None => ReqwestTransport::with_defaults(connect_timeout, max),
    };
    match transport {
        Ok(transport) => Ok(Carrier::BuiltIn(Arc::new(transport))),
        Err(error) => Err(Failure::config("the HTTP client could not be set up").caused_by(error)),
    }
}

#[cfg(not(feature = "reqwest"))]
const NO_TRANSPORT: &str =
    "there is no transport: turn the `rustls` or the `reqwest` feature on, or pass one with `Builder::transport`";

fn header_value(what: &str, text: String) -> Result<HeaderValue, Box<Failure>> {
    HeaderValue::try_from(text).map_err(|_| Failure::config(format!("{what}: it can't stand in a header")))
}

/// The URL without a slash at its end. The problem never repeats the URL, which may hold a password.
fn checked_base(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its scheme is `{}`, expected `http` or `https`", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds credentials; pass the token with `access_token`".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or a fragment".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

impl<C, B> fmt::Debug for Builder<C, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api", &self.api.name)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_its_last_slash_and_keeps_its_path() {
        assert_eq!(checked_base("https://api.polar.sh").unwrap(), "https://api.polar.sh");
        assert_eq!(checked_base("http://127.0.0.1:8080/polar/").unwrap(), "http://127.0.0.1:8080/polar");
    }

    #[test]
    fn a_bad_base_url_says_why_and_repeats_no_password() {
        for (url, problem) in [
            ("api.polar.sh", "relative URL without a base"),
            ("ftp://polar.sh", "its scheme is `ftp`, expected `http` or `https`"),
            ("https://me:hidden@polar.sh", "it holds credentials; pass the token with `access_token`"),
            ("https://polar.sh/?a=b", "it has a query or a fragment"),
        ] {
            assert_eq!(checked_base(url).unwrap_err(), problem);
        }
    }
}
