//! The settings of a client.

use std::ffi::OsString;
#[cfg(feature = "reqwest")]
use std::sync::Arc;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use uuid::Uuid;

use crate::api::{Api, Environment, POLAR_VERSION};
use crate::auth::{AccessToken, Credentials, redact};
use crate::error::ErrorInner;
#[cfg(feature = "reqwest")]
use crate::futures::{MaybeSend, MaybeSync};
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::RetryPolicy;
use crate::transport::{HttpSender, TransportHandle};

/// The timeout of a request, unless [`Builder::timeout`](crate::Builder::timeout) or the request sets another one.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the built-in transport waits for a connection, including TLS, unless
/// [`Builder::connect_timeout`](crate::Builder::connect_timeout) sets another time.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest response body, in bytes, that is read, unless [`Builder::max_answer_size`](crate::Builder::max_answer_size)
/// sets another size: 64 MiB.
pub const MAX_ANSWER_SIZE: usize = 64 << 20;

/// The settings of a client, as the builder collects them and as the client keeps them.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(super) api: &'static Api,
    pub(super) credentials: Credentials,
    pub(super) checks_tokens: bool,
    pub(super) environment: Environment,
    pub(super) base_url: Option<String>,
    pub(super) organization: Option<Uuid>,
    pub(super) api_version: Option<String>,
    pub(super) user_agent_suffix: Option<String>,
    pub(super) default_headers: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    pub(super) connect_timeout: Duration,
    pub(super) max_answer_size: usize,
    pub(super) retry: RetryPolicy,
    #[cfg(feature = "rate-limit")]
    pub(super) limiter: Option<RateLimiter>,
    pub(super) transport: Option<TransportHandle>,
    #[cfg(feature = "reqwest")]
    pub(super) reqwest: Option<Arc<dyn GivenClient>>,
}

/// A `reqwest::Client` of the caller. It is a trait object for the same reason as the state of a client.
#[cfg(feature = "reqwest")]
pub(super) trait GivenClient: MaybeSend + MaybeSync {
    fn client(&self) -> reqwest::Client;
}

#[cfg(feature = "reqwest")]
impl GivenClient for reqwest::Client {
    fn client(&self) -> reqwest::Client {
        self.clone()
    }
}

impl Settings {
    pub(super) fn new(api: &'static Api) -> Self {
        Self {
            api,
            credentials: Credentials::Nobody,
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

    pub(super) fn read(&mut self, get: impl Fn(&str) -> Option<OsString>) -> Result<(), Box<ErrorInner>> {
        let text = |name: &str| match get(name).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Err(_)) => Err(ErrorInner::config(format!("{name} is not UTF-8"))),
            None => Ok(None),
        };
        let token = text("POLAR_ACCESS_TOKEN")?;
        let token = token.ok_or_else(|| ErrorInner::config("POLAR_ACCESS_TOKEN is not set"))?;
        self.set_token(token.into());
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

    /// Acts with this token, unless there is a provider.
    pub(super) fn set_token(&mut self, token: AccessToken) {
        if !matches!(self.credentials, Credentials::Provider(_)) {
            self.credentials = Credentials::Token(token);
        }
    }

    /// The base URL, without a slash at its end.
    pub(super) fn checked_base_url(&self) -> Result<String, Box<ErrorInner>> {
        let base = match (&self.base_url, self.api.server(self.environment)) {
            (Some(url), _) => url,
            (None, Some(server)) => server.url,
            (None, None) => {
                return Err(ErrorInner::config(format!("{} has no {} server", self.api.name, self.environment)));
            }
        };
        checked_base(base).map_err(|problem| ErrorInner::config(format!("base URL: {problem}")))
    }

    /// Checks a token that is the same for all requests.
    pub(super) fn check_token(&self) -> Result<(), Box<ErrorInner>> {
        let Some(token) = self.credentials.fixed() else { return Ok(()) };
        token.header().map_err(ErrorInner::config)?;
        match token.misuse().filter(|_| self.checks_tokens) {
            Some(misuse) => Err(ErrorInner::config(misuse)),
            None => Ok(()),
        }
    }

    /// The headers that all requests have in common.
    pub(super) fn headers(&self) -> Result<HeaderMap, Box<ErrorInner>> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.default_headers {
            let known = HeaderName::try_from(name);
            let known = known.map_err(|_| ErrorInner::config(format!("{name:?} is no header name")))?;
            let mut value = header_value(&format!("header `{name}`"), value)?;
            value.set_sensitive(redact::is_secret_header(&known));
            headers.insert(known, value);
        }
        let user_agent = match &self.user_agent_suffix {
            None => HeaderValue::from_static(self.api.name),
            Some(suffix) => header_value("user agent suffix", &format!("{} {suffix}", self.api.name))?,
        };
        headers.insert(USER_AGENT, user_agent);
        if let Some(version) = &self.api_version {
            headers.insert(POLAR_VERSION, header_value("API version", version)?);
        }
        Ok(headers)
    }

    /// The transport that the settings ask for.
    pub(super) fn sender(&self) -> Result<HttpSender, Box<ErrorInner>> {
        match &self.transport {
            Some(transport) => Ok(HttpSender::Own(transport.clone())),
            #[cfg(feature = "reqwest")]
            None => over_reqwest(
                self.reqwest.as_ref().map(|given| given.client()),
                self.connect_timeout,
                self.max_answer_size,
            ),
            #[cfg(not(feature = "reqwest"))]
            None => Err(ErrorInner::config(NO_TRANSPORT)),
        }
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

fn header_value(what: &str, text: &str) -> Result<HeaderValue, Box<ErrorInner>> {
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
