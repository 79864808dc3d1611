//! The client and its builder.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::api::{Api, Environment};
use crate::error::{Error, Failure};
use crate::token::AccessToken;
use crate::transport::Transport;

/// How long a request may take unless [`Builder::timeout`] or the request says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// What all requests of one program share: where to, as whom, and how.
///
/// Cloning is cheap, and clones share connections. `Debug` shows the kind of the token, never the token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    api: &'static Api,
    /// Without a slash at its end: each path starts with one.
    base: String,
    access_token: Option<AccessToken>,
    organization: Option<Uuid>,
    api_version: Option<HeaderValue>,
    user_agent: HeaderValue,
    timeout: Option<Duration>,
    transport: Arc<dyn Transport>,
}

impl Client {
    /// Base URL that the paths of operations are appended to, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.0.base
    }

    /// Host and port, for messages.
    pub(crate) fn authority(&self) -> &str {
        let after_scheme = self.0.base.split_once("://").map_or(self.0.base.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }

    pub(crate) fn access_token(&self) -> Option<&AccessToken> {
        self.0.access_token.as_ref()
    }

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

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api.name)
            .field("base_url", &self.0.base)
            .field("access_token", &self.0.access_token)
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
    access_token: Option<SecretString>,
    environment: Environment,
    base_url: Option<String>,
    organization: Option<Uuid>,
    api_version: Option<String>,
    user_agent_suffix: Option<String>,
    timeout: Option<Duration>,
    transport: Option<Arc<dyn Transport>>,
    product: PhantomData<fn() -> (C, B)>,
}

impl<C: From<Client>, B> Builder<C, B> {
    /// Starts with the API's own version, the production environment and a timeout of [`DEFAULT_TIMEOUT`].
    pub fn new(api: &'static Api) -> Self {
        Self {
            api,
            access_token: None,
            environment: Environment::default(),
            base_url: None,
            organization: None,
            api_version: api.version.map(str::to_owned),
            user_agent_suffix: None,
            timeout: Some(DEFAULT_TIMEOUT),
            transport: None,
            product: PhantomData,
        }
    }

    /// Authenticates with this token, of whatever kind (RFC 6750 bearer token).
    ///
    /// It goes only to operations that ask for authentication.
    pub fn access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.access_token = Some(token.into());
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

    /// Sends requests through this transport. Keep a handle on it by passing an [`Arc`].
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
    pub fn reqwest_client(self, client: reqwest::Client) -> Self {
        self.transport(crate::transport::ReqwestTransport::new(client))
    }

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// An error for which [`Error::is_config`] holds, if the base URL is none, if the token, the version or the user
    /// agent's suffix can't stand in a header, or if there is no transport: none was given and the crate was built
    /// without its `reqwest` feature.
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
        let access_token = match self.access_token {
            None => None,
            Some(token) => Some(AccessToken::new(token).ok_or_else(|| {
                Failure::config(
                    "access token: it is empty, or has a line break or another character that no header takes",
                )
            })?),
        };
        let api_version = match self.api_version {
            None => None,
            Some(version) => Some(header_value("API version", version)?),
        };
        let user_agent = match self.user_agent_suffix {
            None => HeaderValue::from_static(self.api.name),
            Some(suffix) => header_value("user agent suffix", format!("{} {suffix}", self.api.name))?,
        };
        let transport = match self.transport {
            Some(transport) => transport,
            None => built_in_transport()?,
        };
        Ok(Client(Arc::new(Inner {
            api: self.api,
            base,
            access_token,
            organization: self.organization,
            api_version,
            user_agent,
            timeout: self.timeout,
            transport,
        })))
    }
}

#[cfg(feature = "reqwest")]
fn built_in_transport() -> Result<Arc<dyn Transport>, Box<Failure>> {
    match crate::transport::ReqwestTransport::with_defaults() {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => Err(Failure::config("the HTTP client could not be set up").caused_by(error)),
    }
}

#[cfg(not(feature = "reqwest"))]
fn built_in_transport() -> Result<Arc<dyn Transport>, Box<Failure>> {
    Err(Failure::config(
        "there is no transport: turn the `rustls` or the `reqwest` feature on, or pass one with `Builder::transport`",
    ))
}

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
