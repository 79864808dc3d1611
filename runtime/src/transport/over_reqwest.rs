//! The transport over a `reqwest::Client`.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::{BoxFuture, Timeout, Transport, TransportError};

/// Sends requests through a `reqwest::Client`.
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
    /// The largest answer, in bytes, that is read.
    max: usize,
}

impl ReqwestTransport {
    /// Uses the caller's own client, with its settings.
    pub(crate) fn new(client: reqwest::Client, max: usize) -> Self {
        Self { client, max }
    }

    /// Makes a client that follows no redirects: they would carry a body, or the token, to another place.
    pub(crate) fn with_defaults(connect_timeout: Duration, max: usize) -> reqwest::Result<Self> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect_timeout)
            .build()
            .map(|client| Self::new(client, max))
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let timeout = request.extensions().get::<Timeout>().copied();
        let mut request = reqwest::Request::try_from(request).map_err(transport_error)?;
        if let Some(Timeout(timeout)) = timeout {
            *request.timeout_mut() = Some(timeout);
        }
        let mut response = self.client.execute(request).await.map_err(transport_error)?;

        let announced = response.content_length().unwrap_or(0);
        if announced > self.max as u64 {
            return Err(TransportError::too_large(AnswerTooLarge(self.max)));
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
            if body.len() + chunk.len() > self.max {
                return Err(TransportError::too_large(AnswerTooLarge(self.max)));
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

/// The answer outgrew this many bytes.
#[derive(Debug)]
struct AnswerTooLarge(usize);

impl fmt::Display for AnswerTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is larger than {} bytes", self.0)
    }
}

impl std::error::Error for AnswerTooLarge {}
