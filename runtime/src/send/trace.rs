//! Spans of calls and attempts, with the feature `tracing`.
//!
//! Each call has the span `polar.call`, and each attempt in it the span `polar.attempt`. Fields have the names of
//! OpenTelemetry's semantic conventions for HTTP clients. `url.full` is left out, because a URL may contain a secret.
//! No field contains a parameter, a header, a body or a text of a server.

use std::future::Future;
use std::time::Duration;

use crate::error::ErrorInner;
use crate::request::Request;
use crate::response::RawResponse;

/// How a call or an attempt ended.
type Outcome = Result<RawResponse, Box<ErrorInner>>;

/// The span of a call.
pub(crate) struct CallSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
    #[cfg(feature = "tracing")]
    facts: on::Facts,
}

/// The span of an attempt.
pub(crate) struct AttemptSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
mod on {
    use http::StatusCode;
    use tracing::Span;
    use tracing::field::Empty;
    use url::Url;

    use super::{AttemptSpan, CallSpan, Duration, Future, Outcome, Request};
    use crate::api::Operation;

    /// The common fields of the spans of a call.
    pub(super) struct Facts {
        operation: &'static Operation,
        name: String,
        host: String,
        port: Option<u16>,
    }

    impl CallSpan {
        pub(crate) fn of(request: &Request) -> Self {
            let operation = request.operation();
            let url = Url::parse(request.server_url()).ok();
            let facts = Facts {
                operation,
                name: format!("{} {}", operation.method, operation.path),
                host: url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned(),
                port: url.as_ref().and_then(Url::port_or_known_default),
            };
            let span = tracing::info_span!(
                "polar.call",
                otel.name = facts.name,
                otel.kind = "internal",
                operation = operation.id,
                http.request.method = operation.method.as_str(),
                url.template = operation.path,
                server.address = facts.host,
                server.port = facts.port,
                http.response.status_code = Empty,
                error.type = Empty,
                otel.status_code = Empty,
                attempts = Empty,
                elapsed_ms = Empty,
            );
            Self { span, facts }
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
            tracing::Instrument::instrument(future, self.span.clone())
        }

        /// Starts the span of an attempt. Attempts are counted from one.
        pub(crate) fn attempt(&self, attempt: u32) -> AttemptSpan {
            let Facts { operation, name, host, port } = &self.facts;
            let span = tracing::info_span!(
                parent: &self.span,
                "polar.attempt",
                otel.name = name,
                otel.kind = "client",
                http.request.method = operation.method.as_str(),
                url.template = operation.path,
                server.address = host,
                server.port = port,
                // The first attempt is not a retry and has no such field.
                http.request.resend_count = (attempt > 1).then(|| attempt - 1),
                http.response.status_code = Empty,
                error.type = Empty,
                otel.status_code = Empty,
            );
            AttemptSpan { span }
        }

        /// Records the end of an attempt. `elapsed` is the time since the call began.
        pub(crate) fn attempted(&self, attempt: u32, elapsed: Duration, outcome: &Outcome) {
            let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            self.span.record("attempts", attempt).record("elapsed_ms", elapsed_ms);
            match (status(outcome), outcome) {
                (_, Ok(_)) => tracing::debug!(attempt, elapsed_ms, "answered"),
                (Some(status), Err(_)) => {
                    tracing::warn!(attempt, elapsed_ms, http.response.status_code = status.as_u16(), "refused");
                }
                (None, Err(failure)) => {
                    tracing::warn!(attempt, elapsed_ms, error.type = failure.category(), "no answer");
                }
            }
        }

        /// Records how the call has ended.
        pub(crate) fn ended(self, outcome: &Outcome) {
            record(&self.span, outcome);
        }
    }

    impl AttemptSpan {
        pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
            tracing::Instrument::instrument(future, self.span.clone())
        }

        /// Records how the attempt has ended.
        pub(crate) fn ended(self, outcome: &Outcome) {
            record(&self.span, outcome);
        }
    }

    fn status(outcome: &Outcome) -> Option<StatusCode> {
        outcome.as_ref().map_or_else(|failure| failure.error_status(), |answer| Some(answer.status()))
    }

    fn record(span: &Span, outcome: &Outcome) {
        let status = status(outcome);
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
        }
        if let Err(failure) = outcome {
            let category = status.as_ref().map_or(failure.category(), StatusCode::as_str);
            span.record("error.type", category).record("otel.status_code", "ERROR");
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl CallSpan {
    pub(crate) fn of(_: &Request) -> Self {
        Self {}
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn attempt(&self, _: u32) -> AttemptSpan {
        AttemptSpan {}
    }

    pub(crate) fn attempted(&self, _: u32, _: Duration, _: &Outcome) {}

    pub(crate) fn ended(self, _: &Outcome) {}
}

#[cfg(not(feature = "tracing"))]
impl AttemptSpan {
    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn ended(self, _: &Outcome) {}
}
