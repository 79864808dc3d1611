//! A transport that returns canned responses and records requests.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::Operation;
use crate::codec::{self, DecodeError};
use crate::request::Endpoint;
use crate::response::RawResponse;
use crate::transport::{HttpRequest, Transport, TransportError};

/// A transport for tests, without network and waiting.
///
/// An operation gets its replies in the order in which they were added; the last one is repeated. A request to an
/// operation without a reply fails with an error that lists the operations that have one. Clones share replies and
/// records.
///
/// A mistake in a mock panics at the call that makes it: a status that does not exist, or a reply that the operation
/// can't decode ([`on_endpoint`](Self::on_endpoint)).
///
/// ```
/// use polar_client_runtime::mock::{MockTransport, Reply};
/// use polar_client_runtime::serde_json::json;
///
/// let mock = MockTransport::new();
/// mock.on("products:get", Reply::json(503, &json!({})));
/// mock.on("products:get", Reply::json(200, &json!({"name": "Pro"})));
/// // Polar::builder().transport(mock.clone()) ... polar.products().get(id).await ...
/// assert!(mock.sent().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct MockTransport(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    replies: HashMap<String, VecDeque<Reply>>,
    sent: Vec<Sent>,
    waited: Vec<Duration>,
}

/// A request that was sent. `Debug` redacts secrets.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Id of the operation, as in `products:get`.
    pub operation: &'static str,
    /// The HTTP request. Its headers contain the token.
    pub request: HttpRequest,
}

impl Sent {
    /// Decodes the body.
    ///
    /// # Errors
    /// It is not JSON, or has another structure.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        codec::decode_with_serde(self.request.body())
    }
}

/// The reply to an operation. `Debug` shows the status and the length of the body.
#[derive(Clone)]
pub struct Reply(Result<Response<Bytes>, Broken>);

#[derive(Clone, Copy, Debug)]
enum Broken {
    Connect,
    Timeout,
    Reset,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("set by the test")
    }
}

impl std::error::Error for Broken {}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(response) => f
                .debug_struct("Reply")
                .field("status", &response.status().as_u16())
                .field("body", &format_args!("{} bytes", response.body().len()))
                .finish_non_exhaustive(),
            Err(broken) => f.debug_tuple("Reply").field(broken).finish(),
        }
    }
}

/// Panics at the caller's position.
#[track_caller]
#[allow(clippy::panic, reason = "a mock is part of a test, and a test with a mistake has to fail at once")]
fn wrong(what: fmt::Arguments<'_>) -> ! {
    panic!("the mock is wrong: {what}")
}

impl Reply {
    /// Creates a reply with a JSON body.
    ///
    /// # Panics
    /// Panics if the value can't be written as JSON, or if the status is not an HTTP status.
    #[must_use]
    #[track_caller]
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::bytes(status, "application/json", body),
            Err(error) => wrong(format_args!("the body can't be written as JSON: {error}")),
        }
    }

    /// Creates a reply with a body of any media type.
    ///
    /// # Panics
    /// Panics if the status is not an HTTP status.
    #[must_use]
    #[track_caller]
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        match StatusCode::from_u16(status) {
            Ok(status) => *response.status_mut() = status,
            Err(_) => wrong(format_args!("{status} is not an HTTP status")),
        }
        if let (Ok(media_type), false) = (HeaderValue::try_from(media_type), media_type.is_empty()) {
            response.headers_mut().insert(CONTENT_TYPE, media_type);
        }
        Self(Ok(response))
    }

    /// Creates a reply without a body.
    ///
    /// # Panics
    /// Panics if the status is not an HTTP status.
    #[must_use]
    #[track_caller]
    pub fn empty(status: u16) -> Self {
        Self::bytes(status, "", Bytes::new())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(response) = &mut self.0 {
            response.headers_mut().insert(name, value);
        }
        self
    }

    /// Asks to wait so many seconds before the next attempt.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER, seconds.into())
    }

    /// Fails as if no connection could be established.
    #[must_use]
    pub fn no_connection() -> Self {
        Self(Err(Broken::Connect))
    }

    /// Fails as if the timeout ended before the response.
    #[must_use]
    pub fn timeout() -> Self {
        Self(Err(Broken::Timeout))
    }

    /// Fails as if the connection broke before the response was complete.
    #[must_use]
    pub fn reset() -> Self {
        Self(Err(Broken::Reset))
    }
}

impl MockTransport {
    /// Creates a transport without replies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reply for an operation, after those that were added before. The operation is an id, as in `products:get`,
    /// or data such as `ProductsGetRequest::OPERATION`, which can't be misspelled.
    pub fn on(&self, operation: impl AsRef<str>, reply: impl Into<Reply>) {
        self.state().replies.entry(operation.as_ref().to_owned()).or_default().push_back(reply.into());
    }

    /// Adds a reply for an operation, like [`on`](Self::on), and checks that the operation can decode it.
    ///
    /// # Panics
    /// Panics if the reply is a success (2xx) that the operation can't decode.
    #[track_caller]
    pub fn on_endpoint<O: Endpoint>(&self, reply: impl Into<Reply>) {
        let (operation, reply) = (O::OPERATION, reply.into());
        if let Reply(Ok(response)) = &reply
            && response.status().is_success()
        {
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response.body().clone();
            let raw = RawResponse {
                operation,
                status,
                headers,
                body,
                attempts: 1,
                request_body: None,
                was_redirected: false,
            };
            if let Err(error) = O::read(&raw) {
                wrong(format_args!("`{}` can't read this reply: {error}", operation.id));
            }
        }
        self.on(operation, reply);
    }

    /// Returns the requests that were sent.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// Returns the times that the client would have waited before its retries.
    #[must_use]
    pub fn waited(&self) -> Vec<Duration> {
        self.state().waited.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let operation = request.extensions().get::<&'static Operation>().map_or("", |operation| operation.id);
        let mut state = self.state();
        state.sent.push(Sent { operation, request: request.into() });
        let reply = match state.replies.get_mut(operation) {
            Some(replies) if replies.len() > 1 => replies.pop_front(),
            Some(replies) => replies.front().cloned(),
            None => None,
        };
        match reply {
            Some(Reply(Ok(response))) => Ok(response),
            Some(Reply(Err(broken @ Broken::Connect))) => Err(TransportError::connect(broken)),
            Some(Reply(Err(broken @ Broken::Timeout))) => Err(TransportError::timeout(broken)),
            Some(Reply(Err(broken @ Broken::Reset))) => Err(TransportError::other(broken)),
            None => {
                let mut told: Vec<&str> = state.replies.keys().map(String::as_str).collect();
                told.sort_unstable();
                let message = format!("there is no reply for `{operation}`, only for [{}]", told.join(", "));
                Err(TransportError::other(message))
            }
        }
    }
}

impl Transport for MockTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.reply(request)
    }

    /// Records the time instead of waiting; see [`MockTransport::waited`].
    async fn sleep(&self, duration: Duration) {
        self.state().waited.push(duration);
    }
}

/// Shows the number of requests that were sent, and none of their content.
impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTransport").field("sent", &self.state().sent.len()).finish_non_exhaustive()
    }
}
