//! The transport over a `reqwest::Client`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::TransportError;

/// How many requests are on their way at once: HTTP/1.1 takes a connection for each of them.
const IN_FLIGHT: usize = 100;

/// Sends requests through a `reqwest::Client`.
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
    /// The largest answer, in bytes, that is read.
    max: usize,
    places: Arc<Semaphore>,
}

impl ReqwestTransport {
    /// Uses the caller's own client, with its settings.
    pub(crate) fn new(client: reqwest::Client, max: usize) -> Self {
        Self { client, max, places: Arc::new(Semaphore::new(IN_FLIGHT)) }
    }

    /// Makes a client that follows no redirects: they would carry a body, or the token, to another place.
    pub(crate) fn with_defaults(connect_timeout: Duration, max: usize) -> reqwest::Result<Self> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(connect_timeout)
            .build()
            .map(|client| Self::new(client, max))
    }

    /// Sends the request; resolves once the whole answer is there.
    pub(super) async fn send(&self, request: reqwest::Request) -> Result<http::Response<Bytes>, TransportError> {
        let handle = Handle::try_current().map_err(TransportError::connect)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(TransportError::other)?;
        let exchange = exchange(self.client.clone(), self.max, request);
        // A task of its own: the request goes on, and its place becomes free, also where the caller does something
        // else before asking for the answer, as one who fetches a page ahead does.
        let task = handle.spawn(async move {
            let answer = exchange.await;
            drop(place);
            answer
        });
        Task(task).finish().await
    }

    /// Where no tokio runs nothing was sent, and there is nothing to wait for.
    pub(super) async fn sleep(&self, duration: Duration) {
        if Handle::try_current().is_ok() {
            tokio::time::sleep(duration).await;
        }
    }
}

/// A task that is given up together with the future that waits for it.
struct Task<T>(JoinHandle<Result<T, TransportError>>);

impl<T> Task<T> {
    async fn finish(mut self) -> Result<T, TransportError> {
        (&mut self.0).await.map_err(TransportError::other)?
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn exchange(
    client: reqwest::Client,
    max: usize,
    request: reqwest::Request,
) -> Result<http::Response<Bytes>, TransportError> {
    let response = client.execute(request).await.map_err(transport_error)?;
    receive(response, max).await
}

/// Reads the whole answer, unless it is larger than `max` bytes.
async fn receive(mut response: reqwest::Response, max: usize) -> Result<http::Response<Bytes>, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > max as u64 {
        return Err(TransportError::too_large(AnswerTooLarge(max)));
    }
    let mut answer = http::Response::new(());
    *answer.status_mut() = response.status();
    *answer.version_mut() = response.version();
    *answer.headers_mut() = std::mem::take(response.headers_mut());

    // Most answers come in one piece, which need not be copied.
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
        if first.len() + body.len() + chunk.len() > max {
            return Err(TransportError::too_large(AnswerTooLarge(max)));
        }
        if first.is_empty() && body.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.reserve(announced as usize);
            body.extend_from_slice(&std::mem::take(&mut first));
        }
        body.extend_from_slice(&chunk);
    }
    let body = if body.is_empty() { first } else { body.freeze() };
    Ok(answer.map(|()| body))
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
