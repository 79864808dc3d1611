//! The transport of a client: the built-in one, or one of the caller.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

#[cfg(feature = "reqwest")]
use super::ReqwestTransport;
use super::contract::DynTransport;
use super::{InvalidRequest, PreparedRequest, Transport, TransportError};

/// What carries the requests of a client.
#[derive(Clone)]
pub(crate) enum HttpSender {
    /// The built-in transport, which takes a request as it is: no map of extensions is filled for it, and its URL is
    /// parsed once.
    #[cfg(feature = "reqwest")]
    BuiltIn(Arc<ReqwestTransport>),
    /// A transport of the caller's.
    Own(TransportHandle),
}

/// A transport of any type.
#[derive(Clone)]
pub(crate) struct TransportHandle(Arc<dyn DynTransport>);

impl TransportHandle {
    pub(crate) fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
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
            Self::Own(TransportHandle(transport)) => transport.send(wire.into_http()?).await,
        })
    }

    /// Waits before the next try.
    pub(crate) async fn sleep(&self, duration: Duration) {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => transport.sleep(duration).await,
            Self::Own(TransportHandle(transport)) => transport.sleep(duration).await,
        }
    }
}
