//! A transport that answers what a test tells it to, and keeps what was sent.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{HttpRequest, Transport, TransportError};
use crate::api::Operation;
use crate::codec::{self, DecodeError};

/// A transport for tests: no network, no waiting.
///
/// Answers are given to an operation in the order in which they were told; the last one is given again and again. An
/// operation without any is answered with an error. A clone shares answers and records.
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

/// A request that was sent. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Id of the operation, as in `products:get`.
    pub operation: &'static str,
    /// The request as it would have travelled. Its headers hold the token.
    pub request: HttpRequest,
}

impl Sent {
    /// The body, decoded.
    ///
    /// # Errors
    /// It is no JSON, or has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        codec::decode_with_serde(self.request.body())
    }
}

/// What an operation is answered with. `Debug` shows the status and the length of the body.
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
        f.write_str("told so by the test")
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

impl Reply {
    /// A body in JSON. A value that is no JSON, and a status that is none, is answered with 500.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(status: u16, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::bytes(status, "application/json", body),
            Err(error) => Self::bytes(500, "text/plain", error.to_string()),
        }
    }

    /// A body of any media type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let (Ok(media_type), false) = (HeaderValue::try_from(media_type), media_type.is_empty()) {
            response.headers_mut().insert(CONTENT_TYPE, media_type);
        }
        Self(Ok(response))
    }

    /// No body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::bytes(status, "", Bytes::new())
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Ok(response) = &mut self.0 {
            response.headers_mut().insert(name, value);
        }
        self
    }

    /// Asks to wait so many seconds before the next try.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header(RETRY_AFTER, seconds.into())
    }

    /// No connection comes about.
    #[must_use]
    pub fn no_connection() -> Self {
        Self(Err(Broken::Connect))
    }

    /// The answer does not come in time.
    #[must_use]
    pub fn timeout() -> Self {
        Self(Err(Broken::Timeout))
    }

    /// The connection breaks before the answer is complete.
    #[must_use]
    pub fn reset() -> Self {
        Self(Err(Broken::Reset))
    }
}

impl MockTransport {
    /// With nothing told.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells an answer for an operation, after those that were told before.
    pub fn on(&self, operation: &str, reply: Reply) {
        self.state().replies.entry(operation.to_owned()).or_default().push_back(reply);
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// How long the client would have waited before each new try.
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
            None => Err(TransportError::other(format!("the test told no answer for `{operation}`"))),
        }
    }
}

impl Transport for MockTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.reply(request)
    }

    /// Does not wait; see [`MockTransport::waited`].
    async fn sleep(&self, duration: Duration) {
        self.state().waited.push(duration);
    }
}

/// Shows how many requests were sent, and nothing of them.
impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTransport").field("sent", &self.state().sent.len()).finish_non_exhaustive()
    }
}
