//! A span around each call, where the `tracing` feature is on.
//!
//! It names operation, method and path template, and the status, attempts and time of a call: never a parameter, a
//! header or a body, which may hold secrets.

use std::future::Future;
use std::time::Duration;

use http::StatusCode;

use crate::api::Operation;

/// The span of a call.
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Span {
    pub(crate) fn of(operation: &Operation) -> Self {
        let span = tracing::info_span!(
            "polar.call",
            operation = operation.id,
            http.request.method = %operation.method,
            url.template = operation.path,
            http.response.status_code = tracing::field::Empty,
            attempts = tracing::field::Empty,
            elapsed_ms = tracing::field::Empty,
        );
        Self { span }
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        tracing::Instrument::instrument(future, self.span.clone())
    }

    /// A try has ended: with a status, or with none.
    pub(crate) fn tried(&self, attempt: u32, elapsed: Duration, status: Result<StatusCode, Option<StatusCode>>) {
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.span.record("attempts", attempt).record("elapsed_ms", elapsed_ms);
        if let Some(status) = status.map_or_else(|refused| refused, Some) {
            self.span.record("http.response.status_code", status.as_u16());
        }
        match status {
            Ok(_) => tracing::debug!(attempt, elapsed_ms, "answered"),
            Err(Some(status)) => tracing::warn!(attempt, elapsed_ms, status = status.as_u16(), "refused"),
            Err(None) => tracing::warn!(attempt, elapsed_ms, "no answer"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn of(_: &Operation) -> Self {
        Self {}
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn tried(&self, _: u32, _: Duration, _: Result<StatusCode, Option<StatusCode>>) {}
}
