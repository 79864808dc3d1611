//! The transport over a `reqwest::Client`.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{BoxFuture, Timeout, Transport, TransportError};

/// How long the built-in transport waits for a connection, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer, in bytes, that the built-in transport reads: 64 MiB.
pub const MAX_ANSWER_SIZE: usize = 64 << 20;

/// Sends requests through a `reqwest::Client`.
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// Uses the caller's own client, with its settings.
    pub(crate) fn new(client: reqwest::Client) -> Self {
        Self { client }
    }

    /// Makes a client that follows no redirects: they would carry a body, or the token, to another place.
    pub(crate) fn with_defaults() -> reqwest::Result<Self> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map(Self::new)
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let timeout = request.extensions().get::<Timeout>().copied();
        let mut request = reqwest::Request::try_from(request).map_err(transport_error)?;
        if let Some(Timeout(timeout)) = timeout {
            *request.timeout_mut() = Some(timeout);
        }
        let mut response = self.client.execute(request).await.map_err(transport_error)?;

        let announced = response.content_length().unwrap_or(0);
        if announced > MAX_ANSWER_SIZE as u64 {
            return Err(TransportError::too_large(AnswerTooLarge));
        }
        let mut answer = http::Response::new(());
        *answer.status_mut() = response.status();
        *answer.version_mut() = response.version();
        *answer.headers_mut() = std::mem::take(response.headers_mut());

        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
            if body.is_empty() {
                body.reserve(announced as usize);
            }
            if body.len() + chunk.len() > MAX_ANSWER_SIZE {
                return Err(TransportError::too_large(AnswerTooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.map(|()| body.freeze()))
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

/// Leaves the URL out: a path may hold a secret.
fn transport_error(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_connect() {
        TransportError::connect(error)
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else {
        TransportError::other(error)
    }
}

/// The answer outgrew [`MAX_ANSWER_SIZE`].
#[derive(Debug)]
struct AnswerTooLarge;

impl fmt::Display for AnswerTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is larger than {} MiB", MAX_ANSWER_SIZE >> 20)
    }
}

impl std::error::Error for AnswerTooLarge {}
