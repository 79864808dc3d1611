//! The error itself, which does not depend on the type of the error body.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::LOCATION;

use super::detail::ErrorDetail;
use super::hint::{self, SentWith, is_insufficient_scope};
use crate::api::Operation;
use crate::futures::BoxError;
use crate::redact;
use crate::response::{RawResponse, ResponseError, request_id, retry_after};
use crate::transport::{TransportError, TransportErrorKind};

pub(crate) struct ErrorInner {
    pub(super) operation: Option<&'static Operation>,
    pub(super) kind: ErrorKind,
    /// Whether the request can be sent twice with the effect of one.
    pub(super) idempotent: bool,
    /// Number of attempts.
    pub(super) attempts: u32,
    /// Why the request was not retried although a retry would have been safe.
    note: Option<&'static str>,
}

pub(super) enum ErrorKind {
    Config {
        message: String,
        source: Option<BoxError>,
    },
    Request {
        message: String,
        source: Option<BoxError>,
    },
    /// The timeout of the call ended before the request was sent.
    NotSentInTime {
        timeout: Duration,
        waited_for: String,
    },
    Transport {
        host: String,
        timeout: Duration,
        error: TransportError,
    },
    Status {
        answer: RawResponse,
        problem: ErrorDetail,
        hint: Option<String>,
        is_unknown_version: bool,
        was_not_carried_out: bool,
    },
    Unreadable {
        answer: RawResponse,
        error: ResponseError,
    },
}

impl ErrorInner {
    pub(crate) fn config(message: impl Into<String>) -> Box<Self> {
        let kind = ErrorKind::Config { message: message.into(), source: None };
        Box::new(Self { operation: None, kind, idempotent: false, attempts: 0, note: None })
    }

    /// Adds what lies beneath a failure of the settings.
    #[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
    pub(crate) fn caused_by(mut self: Box<Self>, cause: impl Into<BoxError>) -> Box<Self> {
        if let ErrorKind::Config { source, .. } = &mut self.kind {
            *source = Some(cause.into());
        }
        self
    }

    pub(crate) fn request(operation: &'static Operation, message: String) -> Box<Self> {
        Self::of(operation, ErrorKind::Request { message, source: None })
    }

    /// The provider returned no token.
    pub(crate) fn token(operation: &'static Operation, source: BoxError) -> Box<Self> {
        let message = "the token provider has no access token".to_owned();
        Self::of(operation, ErrorKind::Request { message, source: Some(source) })
    }

    pub(crate) fn transport(
        operation: &'static Operation,
        host: &str,
        timeout: Duration,
        error: TransportError,
    ) -> Box<Self> {
        Self::of(operation, ErrorKind::Transport { host: host.to_owned(), timeout, error })
    }

    /// The timeout of the call ended during this wait.
    pub(crate) fn not_sent_in_time(
        operation: &'static Operation,
        timeout: Duration,
        waited_for: impl Into<String>,
    ) -> Box<Self> {
        Self::of(operation, ErrorKind::NotSentInTime { timeout, waited_for: waited_for.into() })
    }

    pub(crate) fn status(answer: RawResponse, sent: &SentWith<'_>) -> Box<Self> {
        let problem = ErrorDetail::read(&answer.body);
        let hint = hint::hint(&answer, &problem, sent);
        let is_unknown_version = hint::is_unknown_version(&answer, &problem, sent);
        let was_not_carried_out = sent.api.is_retryable_error(answer.status, problem.code.as_deref());
        Self::of(answer.operation, ErrorKind::Status { answer, problem, hint, is_unknown_version, was_not_carried_out })
    }

    pub(crate) fn unreadable(answer: RawResponse, error: ResponseError) -> Box<Self> {
        let (attempts, idempotent) = (answer.attempts, answer.is_idempotent());
        let mut failure = Self::of(answer.operation, ErrorKind::Unreadable { answer, error });
        failure.attempts = attempts;
        failure.idempotent = idempotent;
        failure
    }

    fn of(operation: &'static Operation, kind: ErrorKind) -> Box<Self> {
        Box::new(Self { operation: Some(operation), kind, idempotent: false, attempts: 0, note: None })
    }

    /// Adds facts about the attempt that failed. Attempts are counted from one.
    pub(crate) fn tried(mut self: Box<Self>, attempt: u32, idempotent: bool) -> Box<Self> {
        // A request that was not sent is not an attempt.
        self.attempts = if self.is_before_sending() { attempt.saturating_sub(1) } else { attempt };
        self.idempotent = idempotent;
        self
    }

    /// Sets why the request was not retried although a retry would have been safe.
    pub(crate) fn not_retried(mut self: Box<Self>, because: &'static str) -> Box<Self> {
        self.note = Some(because);
        self
    }

    /// Returns whether the attempt ended before the transport got the request.
    fn is_before_sending(&self) -> bool {
        matches!(self.kind, ErrorKind::Request { .. } | ErrorKind::NotSentInTime { .. })
            || self.transport_kind() == Some(TransportErrorKind::Runtime)
    }

    /// Returns whether the timeout of the call ended before the request was sent.
    pub(crate) fn is_not_sent_in_time(&self) -> bool {
        matches!(self.kind, ErrorKind::NotSentInTime { .. })
    }

    /// Returns whether the server asked to send the request later: a limit was exceeded, and the server works.
    pub(crate) fn is_paced_by_server(&self) -> bool {
        self.error_status() == Some(StatusCode::TOO_MANY_REQUESTS) && self.retry_after().is_some()
    }

    /// Returns what the user can do about the status.
    #[cfg(feature = "tracing")]
    pub(crate) fn hint(&self) -> Option<&str> {
        match &self.kind {
            ErrorKind::Status { hint, .. } => hint.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn is_retryable(&self) -> bool {
        match self.transport_kind() {
            Some(TransportErrorKind::Connect | TransportErrorKind::NotProcessed) => return true,
            Some(TransportErrorKind::Certificate | TransportErrorKind::Runtime | TransportErrorKind::TooLarge) => {
                return false;
            }
            Some(TransportErrorKind::Timeout | TransportErrorKind::Other) => return self.idempotent,
            None => {}
        }
        match &self.kind {
            // The server that returned the redirect may have carried out the request.
            ErrorKind::Status { answer, .. } if answer.was_redirected && !self.idempotent => false,
            ErrorKind::Status { was_not_carried_out: true, .. } => true,
            ErrorKind::Status { answer, .. } if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                self.retry_after().is_some()
            }
            ErrorKind::Status { answer, .. } => self.idempotent && is_transient(answer.status),
            _ => false,
        }
    }

    /// Returns whether the request may have been carried out, and sending it again may carry it out twice.
    pub(super) fn outcome_is_unknown(&self) -> bool {
        if self.idempotent {
            return false;
        }
        match &self.kind {
            ErrorKind::Config { .. } | ErrorKind::Request { .. } | ErrorKind::NotSentInTime { .. } => false,
            ErrorKind::Transport { error, .. } => match error.kind() {
                TransportErrorKind::Timeout | TransportErrorKind::TooLarge | TransportErrorKind::Other => true,
                TransportErrorKind::Connect
                | TransportErrorKind::Certificate
                | TransportErrorKind::Runtime
                | TransportErrorKind::NotProcessed => false,
            },
            ErrorKind::Unreadable { .. } => true,
            ErrorKind::Status { answer, .. } if answer.was_redirected => true,
            ErrorKind::Status { was_not_carried_out: true, .. } => false,
            ErrorKind::Status { answer: RawResponse { status, .. }, .. } => {
                status.is_server_error() || status.is_redirection() || *status == StatusCode::REQUEST_TIMEOUT
            }
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.answer().and_then(|answer| retry_after::read(&answer.headers))
    }

    pub(super) fn transport_kind(&self) -> Option<TransportErrorKind> {
        match &self.kind {
            ErrorKind::Transport { error, .. } => Some(error.kind()),
            _ => None,
        }
    }

    /// Returns the type of the error in one word: a value of `error.type` in spans.
    #[cfg(feature = "tracing")]
    pub(crate) fn category(&self) -> &'static str {
        match &self.kind {
            ErrorKind::Config { .. } => "config",
            ErrorKind::Request { .. } => "not_sent",
            ErrorKind::NotSentInTime { .. } => "timeout",
            ErrorKind::Transport { error, .. } => match error.kind() {
                TransportErrorKind::Connect => "connect",
                TransportErrorKind::Certificate => "certificate",
                TransportErrorKind::Runtime => "runtime",
                TransportErrorKind::NotProcessed => "not_processed",
                TransportErrorKind::Timeout => "timeout",
                TransportErrorKind::TooLarge => "response_too_large",
                TransportErrorKind::Other => "connection_lost",
            },
            ErrorKind::Status { .. } => "status",
            ErrorKind::Unreadable { .. } => "unreadable",
        }
    }

    /// Returns the status of an error response.
    pub(crate) fn error_status(&self) -> Option<StatusCode> {
        match &self.kind {
            ErrorKind::Status { answer, .. } => Some(answer.status),
            _ => None,
        }
    }

    pub(super) fn answer(&self) -> Option<&RawResponse> {
        match &self.kind {
            ErrorKind::Status { answer, .. } | ErrorKind::Unreadable { answer, .. } => Some(answer),
            _ => None,
        }
    }

    pub(super) fn problem(&self) -> Option<&ErrorDetail> {
        match &self.kind {
            ErrorKind::Status { problem, .. } => Some(problem),
            _ => None,
        }
    }

    pub(super) fn is_insufficient_scope(&self) -> bool {
        matches!(&self.kind, ErrorKind::Status { answer, problem, .. } if is_insufficient_scope(answer, problem))
    }

    pub(super) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Config { source, .. } | ErrorKind::Request { source, .. } => {
                source.as_deref().map(|source| source as _)
            }
            ErrorKind::Transport { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns whether the API rejected the token, which may have expired (RFC 6750, section 3.1).
    pub(crate) fn is_invalid_token(&self) -> bool {
        self.error_status() == Some(StatusCode::UNAUTHORIZED)
            && self.problem().and_then(|problem| problem.code.as_deref()) == Some("invalid_token")
            // A redirected request has no token if it was sent to another host.
            && !self.answer().is_some_and(|answer| answer.was_redirected)
    }

    pub(super) fn is_unknown_version(&self) -> bool {
        matches!(&self.kind, ErrorKind::Status { is_unknown_version: true, .. })
    }

    fn describe(&self) -> String {
        match &self.kind {
            ErrorKind::Config { message, .. } => message.clone(),
            ErrorKind::Request { message, .. } => format!("not sent: {message}"),
            ErrorKind::NotSentInTime { timeout, waited_for } => {
                let again = if self.attempts > 0 { " again" } else { "" };
                format!("not sent{again} within {timeout:?}: it was waiting for {waited_for}")
            }
            ErrorKind::Transport { host, timeout, error } => match error.kind() {
                TransportErrorKind::Connect => format!("could not connect to {host}"),
                TransportErrorKind::Certificate => {
                    format!("the certificate of {host} was rejected: {}", error.root_cause())
                }
                TransportErrorKind::Runtime => format!("not sent: {}", error.root_cause()),
                TransportErrorKind::NotProcessed => format!("{host} did not process the request"),
                TransportErrorKind::Timeout => format!("no response from {host} within {timeout:?}"),
                TransportErrorKind::TooLarge => format!("the response from {host} is too large"),
                TransportErrorKind::Other => format!("no complete response from {host}"),
            },
            ErrorKind::Status { answer, problem, hint, .. } => {
                let mut text = status_text(answer.status);
                if let Some(host) = redirect_host(answer) {
                    text = format!("{text} to {host}, which is not followed");
                }
                for part in problem.beyond(answer.status) {
                    text = format!("{text}: {part}");
                }
                if let Some(hint) = hint {
                    text = format!("{text} ({hint})");
                }
                text
            }
            ErrorKind::Unreadable { answer, error } => {
                format!("the response with status {} could not be read: {error}", status_text(answer.status))
            }
        }
    }
}

/// Returns code and reason phrase, or only the code if the phrase is unknown.
fn status_text(status: StatusCode) -> String {
    let reason = status.canonical_reason().map(|reason| format!(" {reason}"));
    format!("{}{}", status.as_str(), reason.unwrap_or_default())
}

/// Returns whether the status means that a server is overloaded or unreachable, whatever the request. 520 to 524 come
/// from the content delivery network in front of the API.
fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 502..=504 | 520..=524)
}

/// Returns only the host of the `Location`: path and query may contain a secret.
fn redirect_host(answer: &RawResponse) -> Option<String> {
    if !answer.status.is_redirection() {
        return None;
    }
    let location = answer.headers.get(LOCATION)?.to_str().ok()?;
    // A relative location keeps the host.
    let here = url::Url::parse("http://here.invalid").ok()?;
    let there = here.join(location).ok()?;
    Some(if there.host() == here.host() { "the same host".to_owned() } else { there.host_str()?.to_owned() })
}

impl fmt::Display for ErrorInner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Some(operation) => write!(f, "{operation}: ")?,
            None => f.write_str("client settings: ")?,
        }
        f.write_str(&redact::message(&self.describe()))?;
        if let Some(note) = self.note {
            write!(f, " ({note})")?;
        }
        match self.answer().and_then(|answer| request_id(&answer.headers)) {
            Some(id) => write!(f, " [request {id}]"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ErrorInner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        if let Some(operation) = self.operation {
            debug.field("operation", &operation.id);
        }
        debug.field("problem", &redact::message(&self.describe()));
        if let Some(answer) = self.answer() {
            debug.field("status", &answer.status.as_u16());
            debug.field("request_id", &request_id(&answer.headers));
            debug.field("body", &format_args!("{} bytes", answer.body.len()));
        }
        if let Some(source) = self.source() {
            debug.field("source", &source);
        }
        debug.finish()
    }
}
