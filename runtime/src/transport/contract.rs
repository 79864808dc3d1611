//! The trait that transports implement.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::TransportError;
use crate::futures::{BoxFuture, MaybeSend, MaybeSync};
use crate::platform;

/// Sends an HTTP request and returns the response, whatever its status.
///
/// The request is complete: absolute URL, all headers. An implementation
///
/// - sends path and query unchanged, byte for byte;
/// - sends all headers, and adds `Content-Length` only if there is none: a POST, PUT or PATCH without a body carries
///   `Content-Length: 0`, without which the API refuses it over HTTP/1.1;
/// - follows no redirect: the request has a token;
/// - gives up after the [`Timeout`] in the request's extensions, if there is one;
/// - returns an error only if there is no response: a 500 is a response.
///
/// Implement the methods as `async fn`. Their futures must be `Send`, except on `wasm32`.
///
/// ```
/// use polar_client_runtime::{Bytes, Transport, TransportError, http};
///
/// /// Answers everything with an empty object.
/// struct Still;
///
/// impl Transport for Still {
///     async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
///         Ok(http::Response::new(Bytes::from_static(b"{}")))
///     }
/// }
/// ```
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends the request and returns the whole response.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + MaybeSend;

    /// Waits before the next attempt. The default uses the timers of tokio, or those of JavaScript on
    /// `wasm32-unknown-unknown`; override it for another executor.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend {
        platform::sleep(duration)
    }
}

impl<T: Transport> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> + MaybeSend {
        (**self).send(request)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend {
        (**self).sleep(duration)
    }
}

/// A [`Transport`] of any type.
pub(super) trait DynTransport: MaybeSend + MaybeSync {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

impl<T: Transport> DynTransport for T {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(Transport::send(self, request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(Transport::sleep(self, duration))
    }
}

/// Extension of a request: how long a [`Transport`] may take for this attempt. It is the attempt timeout, or the time
/// that is left of the call if that is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Duration);
