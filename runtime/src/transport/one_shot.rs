//! A body that can't be sent twice.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body for a `reqwest::Client` of the caller. Such a client may retry requests and repeat them after a redirect, but
/// only if it can copy the body. It can't copy this one.
pub(super) struct OneShot {
    bytes: Bytes,
    begun: Begun,
}

/// Shows whether sending a body has begun. Clones share the state.
#[derive(Clone, Default)]
pub(super) struct Begun(Arc<AtomicBool>);

impl Begun {
    /// Returns whether a connection has begun to send the body. For an empty body this is unknown.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl OneShot {
    pub(super) fn new(bytes: Bytes, begun: Begun) -> Self {
        Self { bytes, begun }
    }
}

impl Body for OneShot {
    type Data = Bytes;
    type Error = Infallible;

    /// Connections ask for the body after they have written the head of the request.
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.begun.0.store(true, Ordering::SeqCst);
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
