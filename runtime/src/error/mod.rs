//! Errors: why a call failed or a client could not be built.
//!
//! Owns [`Error`] with its predicates, the words that are read from error bodies, and hints. Leaves to others how often a
//! call is retried (`retry`) and what failed on the way (`transport`, `response`).
//!
//! Invariant: neither `Display` nor `Debug` shows a token, a header or a whole body.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::response::{RateLimit, request_id, retry_after};
use crate::transport::TransportErrorKind;

mod body;
mod detail;
mod hint;
mod inner;

pub use body::{ApiErrorBody, ErrorBody};
pub(crate) use hint::SentWith;
pub(crate) use inner::ErrorInner;
use inner::ErrorKind;

/// Why a call failed, or why a client could not be built.
///
/// It is opaque, so that it can grow: ask it with its predicates. `B` is the API's error body, which
/// [`body`](Error::body) decodes on demand.
///
/// `Display` says in one line which operation failed, where and why; the source chain holds what lies beneath.
/// Neither `Display` nor `Debug` shows a token, a header or a body, but for the few words of the body that say what
/// is wrong.
#[doc(alias("PolarError", "SDKError", "ResourceNotFound"))]
pub struct Error<B = serde_json::Value> {
    inner: Box<Inner>,
    body: PhantomData<fn() -> B>,
}

/// The same for all types of bodies, so that a program compiles nothing of it.
struct Inner {
    failure: ErrorInner,
    /// The body, if it was decoded: a `B`.
    body: OnceLock<Option<Box<dyn Any + Send + Sync>>>,
}

impl Inner {
    fn new(failure: ErrorInner) -> Box<Self> {
        Box::new(Self { failure, body: OnceLock::new() })
    }
}

impl<B> Error<B> {
    /// The client's settings can't be used; nothing was sent.
    pub fn is_config(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Config { .. })
    }

    /// The request can't be sent as it is, an empty path parameter for instance; nothing was sent.
    pub fn is_request(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Request { .. })
    }

    /// The connection to the server could not be established, or there is no async runtime to do so; nothing was sent.
    pub fn is_connect(&self) -> bool {
        matches!(
            self.transport(),
            Some(TransportErrorKind::Connect | TransportErrorKind::Certificate | TransportErrorKind::Runtime)
        )
    }

    /// The time of the call or of the attempt ended.
    ///
    /// If the request was still waiting to be sent, for example because too many others were on their way, `Display` says
    /// so. Else the server may have acted on it: see [`outcome_is_unknown`](Self::outcome_is_unknown).
    pub fn is_timeout(&self) -> bool {
        self.transport() == Some(TransportErrorKind::Timeout) || self.failure().is_not_sent_in_time()
    }

    /// Returns whether the request may have been carried out although the call failed, and sending it again may carry it
    /// out twice.
    ///
    /// It is `false` if the request is idempotent, if nothing of it was sent, or if the API rejected it. It is `true` if
    /// another request was sent and there was no response in time, the connection broke, the response was a redirect,
    /// could not be read, or had the status 408 or 5xx. The client does not send such a request again.
    ///
    /// # What to do
    ///
    /// Look for the result before you send the request again:
    ///
    /// 1. Before the request, make a unique id and save it with your own record of what you are about to do.
    /// 2. Put the id into the request: into `metadata` if the operation has it, or into `external_id` or
    ///    `external_customer_id`.
    /// 3. If the outcome is unknown, list the resource with a filter for that id, or with the filters that the list has
    ///    (customer, product, order), and compare the id in the items. What the server is still working on appears a
    ///    little later: look several times within a minute.
    /// 4. Send the request again, with the same id, only if nothing was found.
    ///
    /// Operations without such a property that only change a resource, for example that cancel a subscription, need no
    /// id: read the resource and compare.
    pub fn outcome_is_unknown(&self) -> bool {
        self.failure().outcome_is_unknown()
    }

    /// The server answered with success, but the answer could not be read. The server has acted on the request.
    pub fn is_decode(&self) -> bool {
        matches!(self.failure().kind, ErrorKind::Unreadable { .. })
    }

    /// The API refused the token (401).
    pub fn is_unauthorized(&self) -> bool {
        self.error_status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// The token lacks a scope, or its owner a right (403).
    pub fn is_forbidden(&self) -> bool {
        self.error_status() == Some(StatusCode::FORBIDDEN)
    }

    /// The token lacks a scope (403, RFC 6750, section 3.1). `Display` names those of which it needs one.
    pub fn is_insufficient_scope(&self) -> bool {
        self.failure().is_insufficient_scope()
    }

    /// The resource was not found (404). The API also returns 404 for a version that it does not support, and for a path
    /// parameter that contains a slash.
    pub fn is_not_found(&self) -> bool {
        self.error_status() == Some(StatusCode::NOT_FOUND)
    }

    /// The response is a 404 as the API returns it for a version (`Polar-Version`) that it does not support: without a
    /// [`code`](Self::code), and without the version header that all other responses echo.
    pub fn is_unknown_version(&self) -> bool {
        self.failure().is_unknown_version()
    }

    /// The API refused values of the request (422).
    pub fn is_validation(&self) -> bool {
        self.error_status() == Some(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// Too many requests (429).
    pub fn is_rate_limited(&self) -> bool {
        self.error_status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The server, or a proxy before it, failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.error_status().is_some_and(|status| status.is_server_error())
    }

    /// Returns whether the same request may succeed later and can't be carried out twice:
    ///
    /// - The connection could not be established, unless the certificate of the server was not accepted.
    /// - The server said over HTTP/2 that it did not process the request (`REFUSED_STREAM`, `GOAWAY`).
    /// - The request is idempotent, and there was no response in time, the connection broke, or the status is 408, 502,
    ///   503, 504 or 520 to 524. A request is idempotent by its method (RFC 9110, section 9.2.2), or because the server
    ///   recognizes duplicates, as it does for events that all have an `external_id`.
    /// - The status is 429 with a `Retry-After`. Without that header the limit does not pass with time.
    /// - The error is one that the API returns before it does anything, such as 409 `CheckoutLocked`: see
    ///   [`Api::retryable_errors`](crate::Api::retryable_errors).
    pub fn is_retryable(&self) -> bool {
        self.failure().is_retryable()
    }

    /// How often it was tried to send the request: a connection that did not come about counts, what kept the request
    /// from being sent at all does not.
    pub fn attempts(&self) -> u32 {
        self.failure().attempts
    }

    /// What the answer says about the server's limits.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::from_headers(self.headers()?)
    }

    /// The status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure().answer().map(|answer| answer.status)
    }

    /// The API's name for what went wrong: the property `error` of the body, as in `ResourceNotFound`. It is read from every
    /// JSON object, whether the API documents its shape or not. It has at most 100 characters.
    pub fn code(&self) -> Option<&str> {
        self.failure().problem()?.code.as_deref()
    }

    /// What the API says went wrong, in words: the text of the body, or where and why the first values were rejected.
    /// Of an HTML page it is the title. `None` if the body is empty or contains no words.
    ///
    /// It can be logged: it has at most 500 characters, none of which is a control or format character, and tokens in it
    /// are replaced by their kind. [`raw_body`](Self::raw_body) has the text as received.
    pub fn detail(&self) -> Option<&str> {
        self.failure().problem()?.detail.as_deref()
    }

    /// HTTP headers, if there was an answer.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.failure().answer().map(|answer| &answer.headers)
    }

    /// The server's id of this request, for its support. `None` if there is none, or if it does not look like an id: it
    /// has white space or more than 100 characters, or is a token.
    pub fn request_id(&self) -> Option<&str> {
        request_id(self.headers()?)
    }

    /// How long the server asks to wait before the next try (RFC 9110, section 10.2.3).
    ///
    /// A point in time is counted from the answer's own `Date`, so that a wrong clock does no harm.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::read(self.headers()?)
    }

    /// The operation's id, as in `products:get`; `None` for an error of [`is_config`](Self::is_config).
    pub fn operation_id(&self) -> Option<&'static str> {
        self.failure().operation.map(|operation| operation.id)
    }

    /// Where in the JSON of an answer the decoding failed, as in `items[3].prices[0]`.
    pub fn path(&self) -> Option<&str> {
        match &self.failure().kind {
            ErrorKind::Unreadable { error, .. } => error.path(),
            _ => None,
        }
    }

    /// The body as it came, if there was an answer. It may hold secrets.
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.failure().answer().map(|answer| &answer.body)
    }

    fn failure(&self) -> &ErrorInner {
        &self.inner.failure
    }

    fn transport(&self) -> Option<TransportErrorKind> {
        self.failure().transport_kind()
    }

    /// The status of an answer that is no success.
    fn error_status(&self) -> Option<StatusCode> {
        self.failure().error_status()
    }
}

impl<B: ApiErrorBody> Error<B> {
    /// Returns the body of an error response: typed if the API documents its shape.
    ///
    /// The API also returns errors that its document does not list, and a proxy may answer in its place. Such a body is
    /// [`ErrorBody::Undocumented`]; [`code`](Self::code) and [`detail`](Self::detail) are read from it as well.
    pub fn body(&self) -> ErrorBody<'_, B> {
        let ErrorKind::Status { answer, .. } = &self.failure().kind else {
            return ErrorBody::Absent;
        };
        if answer.body.is_empty() {
            return ErrorBody::Absent;
        }
        let body = self.inner.body.get_or_init(|| B::decode(&answer.body).map(|body| Box::new(body) as _));
        match body.as_ref().and_then(|body| body.downcast_ref::<B>()) {
            Some(body) if body.is_documented() => ErrorBody::Documented(body),
            _ => ErrorBody::Undocumented(&answer.body),
        }
    }
}

impl<B> From<Box<ErrorInner>> for Error<B> {
    fn from(failure: Box<ErrorInner>) -> Self {
        Self { inner: Inner::new(*failure), body: PhantomData }
    }
}

impl<B> fmt::Display for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure().fmt(f)
    }
}

impl<B> fmt::Debug for Error<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.failure(), f)
    }
}

impl<B> std::error::Error for Error<B> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure().source()
    }
}
