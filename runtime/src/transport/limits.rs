//! What bounds the built-in transports: how many requests are sent at once, and how large a response may be.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{InvalidRequest, TransportError};

/// Bounds of a transport.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The largest response, in bytes, that is read.
    pub(crate) max_size: usize,
    /// The most requests that are on their way at once.
    pub(crate) max_concurrent: usize,
}

/// What came of a request, unless it could not be sent as it is.
pub(super) type Exchanged = Result<Result<http::Response<Bytes>, TransportError>, InvalidRequest>;

/// The slots of a transport: one for each request that may be on its way.
pub(super) struct Slots {
    free: Arc<Semaphore>,
    most: usize,
}

/// The permission to send one request. It ends when it is dropped.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(most)), most }
    }

    /// The most requests that are on their way at once.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Waits until a request may be sent.
    pub(super) async fn acquire(&self) -> Result<Slot, TransportError> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map(|permit| Slot { _permit: permit }).map_err(TransportError::runtime)
    }
}

/// The response outgrew this many bytes.
#[derive(Debug)]
pub(super) struct AnswerTooLarge(pub(super) usize);

impl fmt::Display for AnswerTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response is larger than {} bytes", self.0)
    }
}

impl std::error::Error for AnswerTooLarge {}
