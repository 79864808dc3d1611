//! A body that can't be sent twice.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body for a `reqwest::Client` that we did not build. Such a client may retry requests and repeat them after a
/// redirect, but only if it can copy the body, and it can't copy this one.
pub(super) struct OneShot {
    bytes: Bytes,
    /// Whether the body has been taken. A body without bytes is taken, too, if the method is one with a body.
    is_taken: bool,
    begun: Begun,
}

/// Says whether a request was begun to be sent. A clone says the same.
#[derive(Clone, Default)]
pub(super) struct Begun(Arc<AtomicBool>);

impl Begun {
    /// Whether a connection has begun to send the request.
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl OneShot {
    /// The body of a request. If `has_body` is false, there are no bytes and none are announced.
    pub(super) fn new(bytes: Bytes, has_body: bool, begun: Begun) -> Self {
        Self { bytes, is_taken: !has_body, begun }
    }
}

impl Body for OneShot {
    type Data = Bytes;
    type Error = Infallible;

    /// Connections ask for the body when they have written the head of the request.
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.begun.0.store(true, Ordering::SeqCst);
        self.is_taken = true;
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_taken
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
