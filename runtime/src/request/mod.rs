//! Requests: the values that generated setters set, and the HTTP request that a transport gets.
//!
//! Owns [`Request`], the encoding of parameters and bodies, and [`Endpoint`]. Leaves to others how a request is sent
//! (`send`) and which token it has (`auth`).
//!
//! Invariant: setters never fail; the first value that can't be sent is kept and becomes the error of the call.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use uuid::Uuid;

use crate::api::{Idempotency, Operation};
use crate::auth::{AccessToken, Authorization};
use crate::client::Client;
use crate::codec::{self, Field, OneOrMany};
use crate::error::{Error, ErrorInner};
use crate::futures::BoxError;
use crate::redact;
use crate::retry::RetryPolicy;
use crate::transport::{HttpRequest, InvalidRequest, PreparedRequest, reserved_header};

mod endpoint;
mod params;

use params::{Param, ParamError};

pub use endpoint::Endpoint;

const POLAR_ORGANIZATION: HeaderName = HeaderName::from_static("polar-organization");

/// Number of headers that a request adds to those of the client and its own.
const OWN_HEADERS: usize = 5;

/// All characters except the unreserved ones of RFC 3986, section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to an operation. Each generated request type wraps it.
///
/// Its setters never fail. The first value that can't be sent (for example an empty path parameter, or a header value
/// with a line break) is kept and becomes the error of the [`Call`](crate::Call), which names the operation and the
/// parameter.
///
/// `Debug` shows no tokens, no secret parameters and no body.
#[derive(Clone)]
pub struct Request(Box<Inner>);

// Boxed, so that the chained setters of the generated types move only eight bytes.
#[derive(Clone)]
struct Inner {
    client: Client,
    operation: &'static Operation,
    /// A URL that replaces the client's base URL and the operation's path.
    url: Option<String>,
    path: Vec<(&'static str, String)>,
    query: Vec<QueryPair>,
    headers: HeaderMap,
    body: Option<Body>,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    access_token: Option<AccessToken>,
    organization: Option<Uuid>,
    retry: Option<RetryPolicy>,
    mistake: Option<InvalidRequest>,
}

/// A pair of the query, and the parameter that it belongs to.
#[derive(Clone)]
struct QueryPair {
    parameter: &'static str,
    key: Cow<'static, str>,
    value: String,
}

#[derive(Clone)]
struct Body {
    content_type: HeaderValue,
    bytes: Bytes,
}

impl Request {
    /// Creates a request to an operation.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        Self(Box::new(Inner {
            client: client.clone(),
            operation,
            url: None,
            path: Vec::new(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            timeout: None,
            attempt_timeout: None,
            access_token: None,
            organization: None,
            retry: None,
            mistake: None,
        }))
    }

    /// Sends it to this URL, which comes from the server. If it is the URL of another server, the client's own headers
    /// are not sent.
    #[cfg(feature = "oauth2")]
    pub(crate) fn at(mut self, url: String) -> Self {
        self.0.url = Some(url);
        self
    }

    /// Returns the URL of the request. It has path and query only if it comes from the server.
    #[cfg(feature = "tracing")]
    pub(crate) fn server_url(&self) -> &str {
        self.0.url.as_deref().unwrap_or(self.0.client.base_url())
    }

    /// Sets a path parameter. All characters except the unreserved ones of RFC 3986 are percent-encoded.
    ///
    /// Empty texts, `.` and `..` are invalid: with them the path would lead to another operation.
    #[must_use]
    pub fn path(mut self, name: &'static str, value: &dyn Display) -> Self {
        let value = value.to_string();
        match value.as_str() {
            "" => self.0.mistake(format!("path parameter `{name}` is empty")),
            "." | ".." => self.0.mistake(format!("path parameter `{name}` is {value:?}, which URLs resolve")),
            _ => self.0.path.push((name, value)),
        }
        self
    }

    /// Sets a query parameter and replaces its earlier value.
    ///
    /// Arrays repeat the key, objects become `name[key]=value` (OpenAPI's `deepObject`), and null removes the
    /// parameter. A float that is not finite and deeper nesting are invalid.
    pub fn query<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.0.set_query(name, Param::of(value));
    }

    /// Sets a query parameter to a value of a generated crate; see [`query`](Self::query).
    pub fn query_model(&mut self, name: &'static str, value: &dyn Field) {
        self.0.set_query(name, Param::of_view(value.view()));
    }

    /// Sets a query parameter to one value or several; see [`query`](Self::query).
    pub fn query_many<T: Field>(&mut self, name: &'static str, values: &OneOrMany<T>) {
        let mut views = Vec::new();
        for value in values.as_slice() {
            views.push(value.view());
        }
        self.0.set_query(name, Param::of_views(&views));
    }

    /// Sets a header and replaces the one that would be sent otherwise. An invalid header name or value is an error of
    /// the call, and so is a header that describes the transfer of the message, such as `content-length`.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => match reserved_header(&name) {
                Some(mistake) => self.0.mistake(mistake),
                None => {
                    value.set_sensitive(redact::is_secret_header(&name));
                    self.0.headers.insert(name, value);
                }
            },
            (Ok(name), Err(_)) => self.0.mistake(format!("the value of the header `{name}` is not valid")),
            (Err(_), _) => self.0.mistake(format!("{name:?} is not a valid header name")),
        }
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        let bytes = serde_json::to_vec(body).map_err(Into::into);
        self.0.set_body("application/json", bytes);
        self
    }

    /// Sets a form body (`application/x-www-form-urlencoded`): null properties are left out, arrays repeat the key.
    #[must_use]
    pub fn form<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        let pairs = Param::of(body).and_then(Param::form_pairs).map_err(Into::into);
        self.0.set_body("application/x-www-form-urlencoded", pairs.map(urlencode));
        self
    }

    /// Sets a JSON body to a value of a generated crate.
    #[must_use]
    pub fn json_model(mut self, body: &dyn Field) -> Self {
        self.0.set_body("application/json", Ok(codec::to_vec(body.view())));
        self
    }

    /// Sets a form body to a value of a generated crate; see [`form`](Self::form).
    #[must_use]
    pub fn form_model(mut self, body: &dyn Field) -> Self {
        let pairs = Param::of_view(body.view()).and_then(Param::form_pairs).map_err(Into::into);
        self.0.set_body("application/x-www-form-urlencoded", pairs.map(urlencode));
        self
    }

    /// Sets the timeout of this call, including all attempts and waits. It replaces the client's timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = Some(timeout);
        self
    }

    /// Sets the timeout of each attempt. It replaces the client's attempt timeout.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.0.attempt_timeout = Some(timeout);
        self
    }

    /// Sends this token instead of the client's, even if the operation needs none.
    #[must_use]
    pub fn access_token(mut self, token: AccessToken) -> Self {
        match token.header() {
            Ok(_) => self.0.access_token = Some(token),
            Err(flaw) => self.0.mistake(flaw),
        }
        self
    }

    /// Acts for this organization. The token of a user may have access to several.
    #[must_use]
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.0.organization = Some(organization);
        self
    }

    /// Retries by this policy instead of the client's.
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.0.retry = Some(policy);
        self
    }

    /// Returns the first value of a query parameter, as sent.
    pub(crate) fn query_value(&self, name: &str) -> Option<&str> {
        self.0.query.iter().find(|pair| pair.key == name).map(|pair| pair.value.as_str())
    }

    /// Returns the error that prevents the request from being sent.
    #[cfg(feature = "blocking")]
    pub(crate) fn invalid<B>(&self, message: String) -> Error<B> {
        ErrorInner::request(self.0.operation, message).into()
    }

    /// Returns the name of a path parameter whose value contains a slash.
    pub(crate) fn slashed_parameter(&self) -> Option<&'static str> {
        self.0.path.iter().find(|(_, value)| value.contains('/')).map(|(name, _)| *name)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// Returns the timeout of the call.
    pub(crate) fn time(&self) -> Duration {
        self.0.timeout.unwrap_or(self.0.client.timeout())
    }

    /// Returns the timeout of an attempt.
    fn attempt_time(&self) -> Duration {
        self.0.attempt_timeout.unwrap_or(self.0.client.attempt_timeout()).min(self.time())
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        self.0.retry.as_ref().unwrap_or(self.0.client.retry())
    }

    /// Prevents the request from being sent.
    pub(crate) fn refuse(&mut self, why: &str) {
        self.0.mistake(why.to_owned());
    }

    /// Sets the error for a value that can't be sent.
    pub(crate) fn check(&self) -> Result<(), InvalidRequest> {
        self.0.mistake.clone().map_or(Ok(()), Err)
    }

    /// Returns the token of the request, unless a provider has it.
    fn known_token(&self) -> Option<&AccessToken> {
        let client = self.0.client.credentials().fixed().filter(|_| self.asks_for_token());
        self.0.access_token.as_ref().or(client)
    }

    /// Returns whether the client's token is sent.
    fn asks_for_token(&self) -> bool {
        !self.0.operation.security.is_empty()
    }

    /// Checks a token that is known before the call waits or fetches anything.
    pub(crate) fn known_authorization(&self) -> Result<Option<Authorization>, InvalidRequest> {
        self.known_token().map(|token| self.authorization(token.clone())).transpose()
    }

    /// Gets a token from the client's provider, if the operation needs one, and checks it.
    pub(crate) async fn provided_authorization(&self) -> Result<Option<Authorization>, Box<ErrorInner>> {
        if !self.asks_for_token() {
            return Ok(None);
        }
        let operation = self.0.operation;
        let token = self.0.client.credentials().provided().await;
        let token = token.map_err(|error| ErrorInner::token(operation, error))?;
        let authorization = token.map(|token| self.authorization(token)).transpose();
        authorization.map_err(|mistake| ErrorInner::request(operation, mistake.to_string()))
    }

    /// Checks a token. If the header was set by the user, it replaces the token and is not checked.
    fn authorization(&self, token: AccessToken) -> Result<Authorization, InvalidRequest> {
        let refuses = self.0.client.checks_tokens() && !self.0.headers.contains_key(AUTHORIZATION);
        Authorization::of(token, self.0.operation, refuses).map_err(InvalidRequest)
    }

    /// Returns whether the request can be sent twice with the effect of one.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.0.operation.idempotency.is_safe(&self.0.operation.method, &self.body())
    }

    /// Returns the body, if it decides whether the request is idempotent.
    pub(crate) fn body_for_idempotency(&self) -> Option<Box<Bytes>> {
        (self.0.operation.idempotency != Idempotency::ByMethod).then(|| Box::new(self.body()))
    }

    /// Returns the body. Empty if there is none.
    pub(crate) fn body(&self) -> Bytes {
        self.0.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default()
    }

    /// Returns whether the client has another token than this one, which the API rejected. A token of the request can't
    /// be replaced.
    pub(crate) async fn refresh(&self, refused: &AccessToken) -> Result<bool, Box<ErrorInner>> {
        match &self.0.access_token {
            Some(_) => Ok(false),
            None => {
                let refreshed = self.0.client.credentials().refresh(refused).await;
                refreshed.map_err(|error| ErrorInner::token(self.0.operation, error))
            }
        }
    }

    /// Returns the HTTP request without sending it. It lacks a token that only a provider has.
    ///
    /// # Errors
    ///
    /// A value can't be sent.
    pub fn build<B>(&self) -> Result<HttpRequest, Error<B>> {
        let request = self.check().and_then(|()| self.known_authorization());
        let request = request.and_then(|known| self.prepare(known.as_ref())).and_then(PreparedRequest::into_http);
        Ok(request.map(Into::into).map_err(|mistake| ErrorInner::request(self.0.operation, mistake.to_string()))?)
    }

    /// Returns the request that is sent.
    pub(crate) fn prepare(&self, authorization: Option<&Authorization>) -> Result<PreparedRequest, InvalidRequest> {
        let inner = &*self.0;
        Ok(PreparedRequest {
            operation: inner.operation,
            url: inner.url()?,
            headers: inner.prepared_headers(authorization)?,
            body: self.body(),
            timeout: self.attempt_time(),
        })
    }
}

impl Inner {
    /// Keeps the first error, because later ones often follow from it.
    fn mistake(&mut self, message: String) {
        self.mistake.get_or_insert(InvalidRequest(message));
    }

    fn set_query(&mut self, parameter: &'static str, value: Result<Param, ParamError>) {
        let query = &mut self.query;
        // It replaces the earlier value at the same position.
        let mut place = query.iter().position(|pair| pair.parameter == parameter).unwrap_or(query.len());
        query.retain(|pair| pair.parameter != parameter);
        let mut add = |key, value| {
            query.insert(place, QueryPair { parameter, key, value });
            place += 1;
        };
        if let Err(error) = value.and_then(|value| value.query_pairs(parameter, &mut add)) {
            self.mistake(format!("query parameter `{parameter}`: {error}"));
        }
    }

    fn set_body<T: Into<Bytes>>(&mut self, content_type: &'static str, body: Result<T, BoxError>) {
        match body {
            Ok(bytes) => {
                self.body = Some(Body { content_type: HeaderValue::from_static(content_type), bytes: bytes.into() });
            }
            Err(error) => self.mistake(format!("body: {}", redact::text(&error.to_string()))),
        }
    }

    fn url(&self) -> Result<String, InvalidRequest> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let base = self.client.base_url();
        let mut rest = self.operation.path;
        // Enough capacity if no character has to be percent-encoded.
        let path: usize = self.path.iter().map(|(_, value)| value.len()).sum();
        let query: usize = self.query.iter().map(|pair| pair.key.len() + pair.value.len() + 2).sum();
        let mut url = String::with_capacity(base.len() + rest.len() + path + query);
        url.push_str(base);
        while let Some((text, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let Some((_, value)) = self.path.iter().rfind(|(given, _)| *given == name) else {
                return Err(InvalidRequest(format!("path parameter `{name}` is missing")));
            };
            url.push_str(text);
            url.extend(utf8_percent_encode(value, ENCODED));
            rest = after;
        }
        url.push_str(rest);
        for (index, pair) in self.query.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.extend(utf8_percent_encode(&pair.key, ENCODED));
            url.push('=');
            url.extend(utf8_percent_encode(&pair.value, ENCODED));
        }
        Ok(url)
    }

    /// Returns whether the request has no body although its method usually has one. Over HTTP/1.1, servers may reject
    /// such a request with 411 if it has no `Content-Length` (RFC 9110, section 8.6), and HTTP clients omit that header
    /// for an empty body.
    fn must_announce_no_body(&self) -> bool {
        let has_body = self.body.as_ref().is_some_and(|body| !body.bytes.is_empty());
        !has_body && [Method::POST, Method::PUT, Method::PATCH].contains(&self.operation.method)
    }

    /// Returns whether the request goes to the server of the base URL, and not to another one that this server named.
    fn goes_to_own_server(&self) -> bool {
        let Some(url) = &self.url else { return true };
        let origin = |url: &str| url::Url::parse(url).ok().map(|url| url.origin());
        origin(url) == origin(self.client.base_url())
    }

    fn prepared_headers(&self, authorization: Option<&Authorization>) -> Result<HeaderMap, InvalidRequest> {
        let shared = self.client.headers();
        let is_own_server = self.goes_to_own_server();
        let mut headers = HeaderMap::with_capacity(shared.len() + self.headers.len() + OWN_HEADERS);
        // Default headers may be meant for a gateway in front of the API.
        let shared = shared.iter().filter(|(name, _)| is_own_server || *name == USER_AGENT);
        headers.extend(shared.map(|(name, value)| (name.clone(), value.clone())));
        if !self.operation.accept.is_empty() {
            headers.insert(ACCEPT, HeaderValue::from_static(self.operation.accept));
        }
        if let Some(body) = &self.body {
            headers.insert(CONTENT_TYPE, body.content_type.clone());
        }
        if self.must_announce_no_body() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some(organization) = self.organization.or(self.client.organization()).filter(|_| is_own_server) {
            let organization = organization.to_string();
            let value = HeaderValue::try_from(organization)
                .map_err(|error| InvalidRequest(format!("organization: {error}")))?;
            headers.insert(POLAR_ORGANIZATION, value);
        }
        if let Some(Authorization { header, .. }) = authorization {
            headers.insert(AUTHORIZATION, header.clone());
        }
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        Ok(headers)
    }

    fn redacted_path(&self) -> String {
        self.path.iter().fold(self.operation.path.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), &redact::parameter(name, value))
        })
    }

    fn redacted_query(&self) -> String {
        let mut query = String::new();
        for QueryPair { key, value, .. } in &self.query {
            let value = redact::parameter(key, value);
            let separator = if query.is_empty() { "" } else { "&" };
            // Writing to a String can't fail.
            let _ = write!(query, "{separator}{key}={value}");
        }
        query
    }
}

fn urlencode(pairs: Vec<(String, String)>) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Request");
        debug.field("operation", &inner.operation.id).field("method", &inner.operation.method);
        debug.field("path", &inner.redacted_path());
        if !inner.query.is_empty() {
            debug.field("query", &inner.redacted_query());
        }
        if !inner.headers.is_empty() {
            debug.field("headers", &inner.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>());
        }
        if let Some(body) = &inner.body {
            debug.field("body", &format_args!("{} bytes of {:?}", body.bytes.len(), body.content_type));
        }
        if let Some(timeout) = &inner.timeout {
            debug.field("timeout", timeout);
        }
        if let Some(timeout) = &inner.attempt_timeout {
            debug.field("attempt_timeout", timeout);
        }
        if let Some(token) = &inner.access_token {
            debug.field("access_token", token);
        }
        if let Some(organization) = &inner.organization {
            debug.field("organization", organization);
        }
        if let Some(mistake) = &inner.mistake {
            debug.field("mistake", mistake);
        }
        debug.finish_non_exhaustive()
    }
}
