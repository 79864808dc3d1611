//! Errors of transports.

use std::fmt;

use crate::futures::BoxError;

/// What kept a [`Transport`](crate::Transport) from getting an answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: BoxError,
}

/// What went wrong in a [`Transport`](crate::Transport).
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
