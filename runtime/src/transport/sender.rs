//! The transport of a client: the built-in one, or one of the caller.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::contract::DynTransport;
#[cfg(feature = "reqwest")]
use super::{BuiltInTransport, limits};
use super::{InvalidRequest, PreparedRequest, Transport, TransportError};
use crate::platform::timer;

/// Sends the requests of a client.
#[derive(Clone)]
pub(crate) enum HttpSender {
    /// The built-in transport, which takes the prepared request directly: no map of extensions is needed, and the URL
    /// is parsed once.
    #[cfg(feature = "reqwest")]
    BuiltIn(Arc<BuiltInTransport>),
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

/// The permission to send one request.
pub(crate) enum Slot {
    #[cfg(feature = "reqwest")]
    BuiltIn(limits::Slot),
    /// The transport counts for itself, if at all.
    Own,
}

impl HttpSender {
    /// Checks that a request can be sent from the caller's runtime.
    pub(crate) fn check(&self) -> Result<(), TransportError> {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => transport.check(),
            Self::Own(_) => Ok(()),
        }
    }

    /// Waits until a request may be sent.
    pub(crate) async fn slot(&self) -> Result<Slot, TransportError> {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => transport.slots().acquire().await.map(Slot::BuiltIn),
            Self::Own(_) => Ok(Slot::Own),
        }
    }

    /// Returns the maximum number of concurrent requests. `None` if there is no such limit.
    pub(crate) fn max_concurrent(&self) -> Option<usize> {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(transport) => Some(transport.slots().most()),
            Self::Own(_) => None,
        }
    }

    /// Sends the request. An invalid request is not sent.
    pub(crate) async fn send(
        &self,
        wire: PreparedRequest,
        slot: Slot,
    ) -> Result<Result<http::Response<Bytes>, TransportError>, InvalidRequest> {
        match (self, slot) {
            #[cfg(feature = "reqwest")]
            (Self::BuiltIn(transport), Slot::BuiltIn(slot)) => transport.send(wire, slot).await,
            #[cfg(feature = "reqwest")]
            (Self::BuiltIn(_), Slot::Own) => Err(InvalidRequest("it has no slot".to_owned())),
            (Self::Own(TransportHandle(transport)), _) => Ok(transport.send(wire.into_http()?).await),
        }
    }

    /// Waits before the next attempt. A transport for tests may return immediately. If the built-in transport can't
    /// wait here, it can't send either.
    pub(crate) async fn sleep(&self, duration: Duration) {
        match self {
            #[cfg(feature = "reqwest")]
            Self::BuiltIn(_) => {
                if let Ok(timer) = timer(duration) {
                    timer.await;
                }
            }
            Self::Own(TransportHandle(transport)) => transport.sleep(duration).await,
        }
    }

    /// Returns after this time, also if the transport does not really wait between attempts. Without a timer of the
    /// platform, only the transport knows how to wait.
    pub(crate) async fn timer(&self, duration: Duration) {
        match timer(duration) {
            Ok(timer) => timer.await,
            Err(_) => self.sleep(duration).await,
        }
    }
}
