//! The builder of the client.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use uuid::Uuid;

use crate::api::{Api, Environment};
use crate::auth::{AccessToken, TokenProvider, token};
use crate::client::{Client, Credentials, Inner};
use crate::error::{Error, ErrorInner};
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::RetryPolicy;
use crate::transport::{HttpSender, Transport};

/// How long a request may take unless [`Builder::timeout`] or the request says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the built-in transport waits for a connection, TLS included, unless [`Builder::connect_timeout`] says
/// otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes, that is read unless [`Builder::max_answer_size`] says otherwise: 64 MiB.
pub const MAX_ANSWER_SIZE: usize = 64 << 20;

/// Collects the settings of a [`Client`] and makes a generated client `C` of it.
///
/// `B` is the API's error body, so that [`build`](Builder::build) fails with the same error type as requests do.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<C, B = serde_json::Value> {
    settings: Settings,
    product: PhantomData<fn() -> (C, B)>,
}

/// What is the same for all generated clients, so that it is compiled once.
struct Settings {
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
}

impl<C: From<Client>, B> Builder<C, B> {
    /// Starts with the API's own version, the production environment and a timeout of [`DEFAULT_TIMEOUT`].
    pub fn new(api: &'static Api) -> Self {
        Self { settings: Settings::new(api), product: PhantomData }
    }

    /// Authenticates with this token, of whatever kind (RFC 6750 bearer token).
    ///
    /// It goes only to operations that ask for authentication. One that can never work there is refused before it is
    /// sent, by an error that says which kinds of tokens would work.
    pub fn access_token(mut self, token: impl Into<AccessToken>) -> Self {
        self.settings.access_token = Some(token.into());
        self
    }

    /// Asks this provider for a token before every try, in place of one token for all.
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.settings.provider = Some(Arc::new(provider));
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
    /// [`CONNECT_TIMEOUT`].
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Takes no answer larger than this many bytes. Only for the transports over reqwest; the default is
    /// [`MAX_ANSWER_SIZE`].
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

    /// Sends requests through this transport, in place of any other. Keep a handle on it by passing an [`Arc`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.settings.transport = Some(Arc::new(transport));
        self
    }

    /// Sends requests through this `reqwest::Client`, with its TLS, proxies and connections.
    ///
    /// Build it with `redirect(reqwest::redirect::Policy::none())`, as the built-in one is: the API does not redirect,
    /// and a redirect that is followed may lead a request elsewhere. The [`timeout`](Self::timeout) outranks the
    /// client's own.
    #[cfg(feature = "reqwest")]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.settings.reqwest = Some(client);
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
        Ok(C::from(self.settings.client()?))
    }
}

impl Settings {
    fn new(api: &'static Api) -> Self {
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
        }
    }

    fn read(&mut self, get: impl Fn(&str) -> Option<OsString>) -> Result<(), Box<ErrorInner>> {
        let text = |name: &str| match get(name).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(ErrorInner::config(format!("{name} is not UTF-8"))),
            None => Ok(None),
        };
        let token = text("POLAR_ACCESS_TOKEN")?;
        let token = token.ok_or_else(|| ErrorInner::config("POLAR_ACCESS_TOKEN is not set"))?;
        self.access_token = Some(token.into());
        if let Some(name) = text("POLAR_ENVIRONMENT")? {
            let environment =
                name.parse().map_err(|error| ErrorInner::config(format!("POLAR_ENVIRONMENT: {error}")))?;
            self.environment = environment;
        }
        if let Some(id) = text("POLAR_ORGANIZATION_ID")? {
            let id = id.parse().map_err(|error| ErrorInner::config(format!("POLAR_ORGANIZATION_ID: {error}")))?;
            self.organization = Some(id);
        }
        Ok(())
    }

    fn client(self) -> Result<Client, Box<ErrorInner>> {
        let base = match &self.base_url {
            Some(url) => url,
            None => match self.api.server(self.environment) {
                Some(server) => server.url,
                None => {
                    return Err(ErrorInner::config(format!("{} has no {} server", self.api.name, self.environment)));
                }
            },
        };
        let base = checked_base(base).map_err(|problem| ErrorInner::config(format!("base URL: {problem}")))?;
        let credentials = match (self.provider, self.access_token) {
            (Some(provider), _) => Credentials::Provider(provider),
            (None, None) => Credentials::Nobody,
            (None, Some(token)) => {
                token.header().map_err(ErrorInner::config)?;
                if let Some(misuse) = token.misuse().filter(|_| self.checks_tokens) {
                    return Err(ErrorInner::config(misuse));
                }
                Credentials::Token(token)
            }
        };
        let mut default_headers = HeaderMap::new();
        for (name, value) in self.default_headers {
            let known = HeaderName::try_from(&name);
            let known = known.map_err(|_| ErrorInner::config(format!("{name:?} is no header name")))?;
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
        let sender = match self.transport {
            Some(transport) => HttpSender::Own(transport),
            #[cfg(feature = "reqwest")]
            None => over_reqwest(self.reqwest, self.connect_timeout, self.max_answer_size)?,
            #[cfg(not(feature = "reqwest"))]
            None => return Err(ErrorInner::config(NO_TRANSPORT)),
        };
        Ok(Client::from(Inner {
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
            sender,
        }))
    }
}

#[cfg(feature = "reqwest")]
fn over_reqwest(
    own: Option<reqwest::Client>,
    connect_timeout: Duration,
    max: usize,
) -> Result<HttpSender, Box<ErrorInner>> {
    use crate::transport::ReqwestTransport;
    let transport = match own {
        Some(client) => Ok(ReqwestTransport::new(client, max)),
        None => ReqwestTransport::with_defaults(connect_timeout, max),
    };
    match transport {
        Ok(transport) => Ok(HttpSender::BuiltIn(Arc::new(transport))),
        Err(error) => Err(ErrorInner::config("the HTTP client could not be set up").caused_by(error)),
    }
}

#[cfg(not(feature = "reqwest"))]
const NO_TRANSPORT: &str =
    "there is no transport: turn the `rustls` or the `reqwest` feature on, or pass one with `Builder::transport`";

fn header_value(what: &str, text: String) -> Result<HeaderValue, Box<ErrorInner>> {
    HeaderValue::try_from(text).map_err(|_| ErrorInner::config(format!("{what}: it can't stand in a header")))
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
            .field("api", &self.settings.api.name)
            .field("environment", &self.settings.environment)
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
