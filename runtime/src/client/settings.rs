//! The settings of a client.

use std::ffi::OsString;
#[cfg(feature = "reqwest")]
use std::sync::Arc;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};
use uuid::Uuid;

use crate::api::{Api, Environment, POLAR_VERSION};
use crate::auth::{AccessToken, Credentials};
use crate::error::ErrorInner;
use crate::redact;
#[cfg(feature = "rate-limit")]
use crate::retry::RateLimiter;
use crate::retry::{RetryBudget, RetryPolicy};
#[cfg(feature = "reqwest")]
use crate::transport::{BuiltInTransport, Limits};
use crate::transport::{HttpSender, TransportHandle, reserved_header};

/// Default timeout of a call, including all attempts and waits. [`Builder::timeout`](super::Builder::timeout) and the
/// request can change it. It is two minutes, because the API may ask to wait for one.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// Default timeout of an attempt. [`Builder::attempt_timeout`](super::Builder::attempt_timeout) and the request can
/// change it.
pub const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Default maximum number of concurrent requests of a client.
/// [`Builder::max_concurrent_requests`](super::Builder::max_concurrent_requests) changes it.
pub const MAX_CONCURRENT_REQUESTS: usize = 100;

/// Default time that the built-in transport waits for a connection, including TLS.
/// [`Builder::connect_timeout`](crate::Builder::connect_timeout) changes it.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Default maximum size of a response body in bytes: 64 MiB.
/// [`Builder::max_answer_size`](crate::Builder::max_answer_size) changes it.
pub const MAX_ANSWER_SIZE: usize = 64 << 20;

/// The settings of a client. The builder collects them and the client keeps them.
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
    pub(super) allows_insecure_base_url: bool,
    pub(super) timeout: Duration,
    pub(super) attempt_timeout: Duration,
    pub(super) max_concurrent_requests: usize,
    pub(super) connect_timeout: Duration,
    pub(super) max_answer_size: usize,
    pub(super) retry: RetryPolicy,
    pub(super) retry_budget: RetryBudget,
    #[cfg(feature = "rate-limit")]
    pub(super) limiter: Option<RateLimiter>,
    pub(super) transport: Option<TransportHandle>,
    #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
    pub(super) reqwest: Option<Arc<dyn GivenClient>>,
}

/// A `reqwest::Client` of the caller. It is a trait object for the same reason as the state of a client.
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(super) trait GivenClient: Send + Sync {
    fn client(&self) -> reqwest::Client;
}

#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
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
            allows_insecure_base_url: false,
            timeout: DEFAULT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            max_concurrent_requests: MAX_CONCURRENT_REQUESTS,
            connect_timeout: CONNECT_TIMEOUT,
            max_answer_size: MAX_ANSWER_SIZE,
            retry: RetryPolicy::new(),
            retry_budget: RetryBudget::default(),
            #[cfg(feature = "rate-limit")]
            limiter: None,
            transport: None,
            #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
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
        if let Some(url) = text("POLAR_BASE_URL")? {
            self.base_url = Some(url);
        }
        if let Some(id) = text("POLAR_ORGANIZATION_ID")? {
            let id = id.parse().map_err(|error| ErrorInner::config(format!("POLAR_ORGANIZATION_ID: {error}")))?;
            self.organization = Some(id);
        }
        Ok(())
    }

    /// Authenticates with this token, unless there is a provider.
    pub(super) fn set_token(&mut self, token: AccessToken) {
        if !matches!(self.credentials, Credentials::Provider(_)) {
            self.credentials = Credentials::Token(token);
        }
    }

    /// Returns the base URL without a trailing slash.
    pub(super) fn checked_base_url(&self) -> Result<String, Box<ErrorInner>> {
        let base = match (&self.base_url, self.api.server(self.environment)) {
            (Some(url), _) => url,
            (None, Some(server)) => server.url,
            (None, None) => {
                return Err(ErrorInner::config(format!("{} has no {} server", self.api.name, self.environment)));
            }
        };
        checked_base(base, self.allows_insecure_base_url)
            .map_err(|problem| ErrorInner::config(format!("base URL: {problem}")))
    }

    /// Checks a token that all requests share.
    pub(super) fn check_token(&self) -> Result<(), Box<ErrorInner>> {
        let Some(token) = self.credentials.fixed() else { return Ok(()) };
        token.header().map_err(ErrorInner::config)?;
        match token.misuse().filter(|_| self.checks_tokens) {
            Some(misuse) => Err(ErrorInner::config(misuse)),
            None => Ok(()),
        }
    }

    #[cfg(feature = "rate-limit")]
    pub(super) fn check_limiter(&self) -> Result<(), Box<ErrorInner>> {
        match &self.limiter {
            Some(limiter) if !limiter.is_usable() => {
                Err(ErrorInner::config("rate limiter: a limit of 0 requests lets nothing through"))
            }
            _ => Ok(()),
        }
    }

    /// The headers that all requests have in common.
    pub(super) fn headers(&self) -> Result<HeaderMap, Box<ErrorInner>> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.default_headers {
            let known = HeaderName::try_from(name);
            let known = known.map_err(|_| ErrorInner::config(format!("{name:?} is not a valid header name")))?;
            if let Some(problem) = reserved_header(&known) {
                return Err(ErrorInner::config(problem));
            }
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
            headers.insert(POLAR_VERSION, version_header(version)?);
        }
        Ok(headers)
    }

    /// Builds the transport for the settings.
    pub(super) fn sender(&self) -> Result<HttpSender, Box<ErrorInner>> {
        match &self.transport {
            Some(transport) => Ok(HttpSender::Own(transport.clone())),
            #[cfg(feature = "reqwest")]
            None => self.built_in(),
            #[cfg(not(feature = "reqwest"))]
            None => Err(ErrorInner::config(NO_TRANSPORT)),
        }
    }

    #[cfg(feature = "reqwest")]
    fn limits(&self) -> Limits {
        Limits { max_size: self.max_answer_size, max_concurrent: self.max_concurrent_requests }
    }

    /// `fetch` connects as it likes: `connect_timeout` has no meaning here.
    #[cfg(all(feature = "reqwest", all(target_arch = "wasm32", target_os = "unknown")))]
    fn built_in(&self) -> Result<HttpSender, Box<ErrorInner>> {
        Ok(HttpSender::BuiltIn(Arc::new(BuiltInTransport::new(self.limits()))))
    }

    #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
    fn built_in(&self) -> Result<HttpSender, Box<ErrorInner>> {
        let transport = match &self.reqwest {
            Some(given) => Ok(BuiltInTransport::given(given.client(), self.limits())),
            None => BuiltInTransport::built(self.connect_timeout, self.limits()),
        };
        match transport {
            Ok(transport) => Ok(HttpSender::BuiltIn(Arc::new(transport))),
            Err(error) => Err(ErrorInner::config(no_http_client(error.as_ref())).caused_by(error)),
        }
    }
}

/// Describes why the HTTP client could not be built, and what to do about it.
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
fn no_http_client(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let cause = causes.last().map(ToString::to_string).unwrap_or_default();
    let hint = if cause.contains("No CA certificates") {
        ": install the package `ca-certificates`, copy `/etc/ssl/certs/ca-certificates.crt` into the image, \
         set SSL_CERT_FILE to such a file, turn the `webpki-roots` feature on, or pass a client with its own certificates to `Builder::reqwest_client`"
    } else {
        ""
    };
    format!("the HTTP client could not be built: {cause}{hint}")
}

/// Returns the header for an API version. For a malformed version, the API returns 404, as if the resource were
/// missing.
fn version_header(version: &str) -> Result<HeaderValue, Box<ErrorInner>> {
    let value = header_value("API version", version)?;
    let is_version = matches!(version.as_bytes(), [year @ .., b'-', a, b] if year.len() == 4
        && year.iter().chain([a, b]).all(u8::is_ascii_digit));
    if is_version {
        Ok(value)
    } else {
        let problem = "expected year and month, as in `2026-10`; `without_api_version` sends none";
        Err(ErrorInner::config(format!("API version {version:?}: {problem}")))
    }
}

#[cfg(not(feature = "reqwest"))]
const NO_TRANSPORT: &str =
    "there is no transport: enable the feature `rustls` or `reqwest`, or set one with `Builder::transport`";

fn header_value(what: &str, text: &str) -> Result<HeaderValue, Box<ErrorInner>> {
    HeaderValue::try_from(text).map_err(|_| ErrorInner::config(format!("{what}: it is not a valid header value")))
}

/// Returns the URL without a trailing slash. The error never contains the URL, which may have a password.
fn checked_base(text: &str, allows_insecure: bool) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("its scheme is `{}`, expected `http` or `https`", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it contains credentials; pass the token with `access_token`".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it has a query or a fragment".to_owned());
    }
    if url.scheme() == "http" && !allows_insecure && !is_loopback(&url) {
        let problem = "its scheme is `http`, which exposes tokens on the network: use `https`, \
                       or allow it with `allow_insecure_base_url`";
        return Err(problem.to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Returns whether the host is this machine (RFC 6761, section 6.3).
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn checked(url: &str) -> Result<String, String> {
        checked_base(url, false)
    }

    #[test]
    fn a_base_url_loses_its_last_slash_and_keeps_its_path() {
        assert_eq!(checked("https://api.polar.sh").unwrap(), "https://api.polar.sh");
        assert_eq!(checked("http://127.0.0.1:8080/polar/").unwrap(), "http://127.0.0.1:8080/polar");
    }

    #[test]
    fn a_bad_base_url_says_why_and_repeats_no_password() {
        for (url, problem) in [
            ("api.polar.sh", "relative URL without a base"),
            ("ftp://polar.sh", "its scheme is `ftp`, expected `http` or `https`"),
            ("https://me:hidden@polar.sh", "it contains credentials; pass the token with `access_token`"),
            ("https://polar.sh/?a=b", "it has a query or a fragment"),
        ] {
            assert_eq!(checked(url).unwrap_err(), problem);
        }
    }

    #[test]
    fn only_loopback_goes_without_tls_unless_allowed() {
        for url in ["http://localhost:1", "http://polar.localhost", "http://127.9.9.9", "http://[::1]:1/x"] {
            assert!(checked(url).is_ok(), "{url}");
        }
        for url in ["http://api.polar.sh", "http://10.0.0.1", "http://localhost.polar.sh", "http://[::2]"] {
            assert!(checked(url).unwrap_err().contains("allow_insecure_base_url"), "{url}");
            assert!(checked_base(url, true).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_version_is_a_year_and_a_month() {
        assert_eq!(version_header("2026-10").unwrap(), "2026-10");
        for version in ["", " ", "2026", "2026-1", "2026-10-01", "v2026-10", "latest", "2026-1\u{661}"] {
            assert!(version_header(version).is_err(), "{version:?}");
        }
    }
}
