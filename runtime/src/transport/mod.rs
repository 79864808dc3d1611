//! How a request gets to the server and an answer back.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::request::{InvalidRequest, PreparedRequest};

#[cfg(feature = "mock")]
pub mod mock;
#[cfg(feature = "reqwest")]
mod over_reqwest;

#[cfg(feature = "reqwest")]
pub(crate) use over_reqwest::ReqwestTransport;

/// A future on the heap that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What carries the requests of a client.
#[derive(Clone)]
pub(crate) enum HttpSender {
    /// The built-in transport, which takes a request as it is: no map of extensions is filled for it, and its URL is
    /// parsed once.
    #[cfg(feature = "reqwest")]
    BuiltIn(Arc<ReqwestTransport>),
    /// A transport of the caller's.
    Own(Arc<dyn Transport>),
}

impl HttpSender {
    /// Sends the request. A mistake keeps it from being sent.
    pub(crate) async fn send(
        &self,
        wire: PreparedRequest,
    ) -> Result<Result<http::Response<Bytes>, TransportError>, InvalidRequest> {
        Ok(match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => transport.send(wire.into_reqwest()?).await,
            Self::Own(transport) => transport.send(wire.into_http()?).await,
        })
    }

    /// Waits before the next try.
    pub(crate) async fn sleep(&self, duration: Duration) {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => transport.sleep(duration).await,
            Self::Own(transport) => transport.sleep(duration).await,
        }
    }
}

/// Sends one HTTP request and gives back the answer, whatever its status.
///
/// The request is complete: absolute URL, all headers. An implementation
///
/// - sends path and query as they are, byte for byte;
/// - sends all headers, and adds `Content-Length` only if there is none: a POST, PUT or PATCH without a body carries
///   `Content-Length: 0`, without which the API refuses it over HTTP/1.1;
/// - follows no redirect: the request carries a token;
/// - gives up after [`Timeout`], where the request's extensions hold one;
/// - turns only failures to get an answer into errors: a 500 is an answer.
///
/// ```
/// use polar_client_runtime::{BoxFuture, Bytes, Transport, TransportError, http};
///
/// /// Answers everything with an empty object.
/// struct Still;
///
/// impl Transport for Still {
///     fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(b"{}"))) })
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends the request; resolves once the whole answer is there.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;

    /// Waits before the next try. On tokio, unless an implementation for another executor says otherwise.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        (**self).sleep(duration)
    }
}

/// Extension of a request: how long a [`Transport`] may take from the first byte sent to the last one received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Duration);

/// What kept a [`Transport`] from getting an answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: BoxError,
}

/// What went wrong in a [`Transport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about, so nothing of the request was sent.
    Connect,
    /// The answer was not there in time. The server may have acted on the request.
    Timeout,
    /// The answer is larger than the transport takes. The server has acted on the request.
    TooLarge,
    /// Anything else, a connection that broke for instance. The server may have acted on the request.
    Other,
}

impl TransportError {
    /// No connection came about; nothing of the request was sent.
    pub fn connect(source: impl Into<BoxError>) -> Self {
        Self { kind: TransportErrorKind::Connect, source: source.into() }
    }

    /// The answer was not there in time.
    pub fn timeout(source: impl Into<BoxError>) -> Self {
        Self { kind: TransportErrorKind::Timeout, source: source.into() }
    }

    /// The answer is larger than the transport takes.
    pub fn too_large(source: impl Into<BoxError>) -> Self {
        Self { kind: TransportErrorKind::TooLarge, source: source.into() }
    }

    /// Any other failure.
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self { kind: TransportErrorKind::Other, source: source.into() }
    }

    /// What went wrong.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::Timeout => "no answer in time",
            TransportErrorKind::TooLarge => "answer too large",
            TransportErrorKind::Other => "no complete answer",
        })
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
