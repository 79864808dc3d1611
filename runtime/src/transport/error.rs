//! Errors of transports.

use std::fmt;

use crate::futures::BoxError;

/// Why a [`Transport`](crate::Transport) got no response.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: BoxError,
}

/// The kind of a [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The connection could not be established. Nothing of the request was sent.
    Connect,
    /// The certificate of the server was rejected. Nothing of the request was sent, and another attempt would fail in
    /// the same way.
    Certificate,
    /// There is no async runtime that can send the request. Nothing of it was sent.
    Runtime,
    /// The server said that it did not process the request (RFC 9113, sections 6.8 and 8.7). It can be sent again,
    /// whatever its method.
    NotProcessed,
    /// There was no response in time. The server may have acted on the request.
    Timeout,
    /// The response is larger than the transport accepts. The server has acted on the request.
    TooLarge,
    /// Anything else, for example a connection that broke. The server may have acted on the request.
    Other,
}

impl TransportError {
    /// Creates an error: the connection could not be established, and nothing of the request was sent.
    pub fn connect(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Connect, source)
    }

    /// Creates an error: the certificate of the server was rejected, and nothing of the request was sent.
    pub fn certificate(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Certificate, source)
    }

    /// Creates an error: there is no async runtime that can send the request, and nothing of it was sent.
    pub fn runtime(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Runtime, source)
    }

    /// Creates an error: the server said that it did not process the request.
    pub fn not_processed(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::NotProcessed, source)
    }

    /// Creates an error: there was no response in time.
    pub fn timeout(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Timeout, source)
    }

    /// Creates an error: the response is larger than the transport accepts.
    pub fn too_large(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::TooLarge, source)
    }

    /// Creates an error of any other kind.
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self::new(TransportErrorKind::Other, source)
    }

    pub(crate) fn new(kind: TransportErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: source.into() }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Returns the message of the last error in the chain of sources.
    pub(crate) fn root_cause(&self) -> String {
        let mut cause: &(dyn std::error::Error + 'static) = &*self.source;
        while let Some(source) = cause.source() {
            cause = source;
        }
        cause.to_string()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection",
            TransportErrorKind::Certificate => "certificate not accepted",
            TransportErrorKind::Runtime => "no suitable async runtime",
            TransportErrorKind::NotProcessed => "request not processed",
            TransportErrorKind::Timeout => "no response in time",
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
