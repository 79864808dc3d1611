//! The failure itself, which does not depend on the API's error body.

use std::fmt;
use std::time::Duration;

use http::header::{LOCATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use polar_client_auth::TokenKind;

use super::problem::Problem;
use super::request_id;
use crate::answer::{Answer, AnswerError};
use crate::api::Operation;
use crate::retry_after;
use crate::token::{scrub, taken};
use crate::transport::{BoxError, TransportError, TransportErrorKind};

pub(crate) struct Failure {
    pub(super) operation: Option<&'static Operation>,
    pub(super) kind: Kind,
    /// Whether the request could be sent again without being carried out twice.
    pub(super) repeatable: bool,
    /// How often it was tried to send it.
    pub(super) attempts: u32,
}

pub(super) enum Kind {
    Config { message: String, source: Option<BoxError> },
    Request { message: String, source: Option<BoxError> },
    Transport { host: String, timeout: Option<Duration>, error: TransportError },
    Status { answer: Answer, problem: Problem, version: Option<HeaderValue>, hint: Option<String> },
    Unreadable { answer: Answer, error: AnswerError },
}

impl Failure {
    pub(crate) fn config(message: impl Into<String>) -> Box<Self> {
        let kind = Kind::Config { message: message.into(), source: None };
        Box::new(Self { operation: None, kind, repeatable: false, attempts: 0 })
    }

    /// Adds what lies beneath a failure of the settings.
    #[cfg(feature = "reqwest")]
    pub(crate) fn caused_by(mut self: Box<Self>, cause: impl Into<BoxError>) -> Box<Self> {
        if let Kind::Config { source, .. } = &mut self.kind {
            *source = Some(cause.into());
        }
        self
    }

    pub(crate) fn request(operation: &'static Operation, message: String) -> Box<Self> {
        Self::of(operation, Kind::Request { message, source: None })
    }

    /// The provider had no token.
    pub(crate) fn token(operation: &'static Operation, source: BoxError) -> Box<Self> {
        let message = "the token provider has no access token".to_owned();
        Self::of(operation, Kind::Request { message, source: Some(source) })
    }

    pub(crate) fn transport(
        operation: &'static Operation,
        host: &str,
        timeout: Option<Duration>,
        error: TransportError,
    ) -> Box<Self> {
        Self::of(operation, Kind::Transport { host: host.to_owned(), timeout, error })
    }

    /// `version` is the one that the request asked for, `token` the kind of its token.
    pub(crate) fn status(
        answer: Answer,
        version: Option<HeaderValue>,
        token: Option<TokenKind>,
        host: &str,
    ) -> Box<Self> {
        let problem = Problem::read(&answer.body);
        let hint = hint(&answer, &problem, token, host);
        Self::of(answer.operation, Kind::Status { answer, problem, version, hint })
    }

    pub(crate) fn unreadable(answer: Answer, error: AnswerError) -> Box<Self> {
        let attempts = answer.attempts;
        let mut failure = Self::of(answer.operation, Kind::Unreadable { answer, error });
        failure.attempts = attempts;
        failure
    }

    fn of(operation: &'static Operation, kind: Kind) -> Box<Self> {
        Box::new(Self { operation: Some(operation), kind, repeatable: false, attempts: 0 })
    }

    /// Adds what was known when this try, counted from one, failed.
    pub(crate) fn tried(mut self: Box<Self>, attempt: u32, repeatable: bool) -> Box<Self> {
        // What is not sent is no try of the transport.
        self.attempts = if matches!(self.kind, Kind::Request { .. }) { attempt.saturating_sub(1) } else { attempt };
        self.repeatable = repeatable;
        self
    }

    pub(crate) fn is_retryable(&self) -> bool {
        match self.transport_kind() {
            Some(TransportErrorKind::Connect) => return true,
            Some(TransportErrorKind::TooLarge) => return false,
            Some(TransportErrorKind::Timeout | TransportErrorKind::Other) => return self.repeatable,
            None => {}
        }
        match self.refused() {
            Some(StatusCode::TOO_MANY_REQUESTS) => self.retry_after().is_some(),
            Some(StatusCode::CONFLICT) => {
                self.problem().and_then(|problem| problem.code.as_deref()) == Some("SubscriptionLocked")
            }
            Some(StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) => {
                self.repeatable
            }
            _ => false,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.answer().and_then(|answer| retry_after::read(&answer.headers))
    }

    pub(super) fn transport_kind(&self) -> Option<TransportErrorKind> {
        match &self.kind {
            Kind::Transport { error, .. } => Some(error.kind()),
            _ => None,
        }
    }

    /// The status of an answer that is no success.
    pub(crate) fn refused(&self) -> Option<StatusCode> {
        match &self.kind {
            Kind::Status { answer, .. } => Some(answer.status),
            _ => None,
        }
    }

    pub(super) fn answer(&self) -> Option<&Answer> {
        match &self.kind {
            Kind::Status { answer, .. } | Kind::Unreadable { answer, .. } => Some(answer),
            _ => None,
        }
    }

    pub(super) fn problem(&self) -> Option<&Problem> {
        match &self.kind {
            Kind::Status { problem, .. } => Some(problem),
            _ => None,
        }
    }

    pub(super) fn is_insufficient_scope(&self) -> bool {
        matches!(&self.kind, Kind::Status { answer, problem, .. } if is_insufficient_scope(answer, problem))
    }

    pub(super) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Config { source, .. } | Kind::Request { source, .. } => source.as_deref().map(|source| source as _),
            Kind::Transport { error, .. } => Some(error),
            _ => None,
        }
    }

    /// The API does not take the token, or no longer (RFC 6750, section 3.1).
    pub(crate) fn is_invalid_token(&self) -> bool {
        self.refused() == Some(StatusCode::UNAUTHORIZED)
            && self.problem().and_then(|problem| problem.code.as_deref()) == Some("invalid_token")
    }

    pub(super) fn is_unknown_version(&self) -> bool {
        matches!(&self.kind, Kind::Status { answer, problem, version: Some(_), .. } if problem.is_bare_not_found(answer.status))
    }

    fn describe(&self) -> String {
        match &self.kind {
            Kind::Config { message, .. } => message.clone(),
            Kind::Request { message, .. } => format!("not sent: {message}"),
            Kind::Transport { host, timeout, error } => match (error.kind(), timeout) {
                (TransportErrorKind::Connect, _) => format!("no connection to {host}"),
                (TransportErrorKind::Timeout, Some(timeout)) => {
                    format!("no answer from {host} within {timeout:?}")
                }
                (TransportErrorKind::Timeout, None) => format!("no answer from {host} in time"),
                (TransportErrorKind::TooLarge, _) => format!("the answer from {host} is too large"),
                (TransportErrorKind::Other, _) => format!("no complete answer from {host}"),
            },
            Kind::Status { answer, problem, version, hint } => {
                let mut text = answer.status.to_string();
                if let Some(host) = redirect_host(answer) {
                    text = format!("{text} to {host}, which is not followed");
                }
                for part in [&problem.code, &problem.detail].into_iter().flatten() {
                    text = format!("{text}: {part}");
                }
                // The API answers so to a version that it does not know, too, which is hard to guess.
                if let (Some(version), true) = (version, self.is_unknown_version()) {
                    let version = version.to_str().unwrap_or_default();
                    text = format!("{text} (no such thing, or the API no longer knows its version {version})");
                }
                if let Some(hint) = hint {
                    text = format!("{text} ({hint})");
                }
                text
            }
            Kind::Unreadable { answer, error } => {
                format!("unreadable answer with status {}: {error}", answer.status)
            }
        }
    }
}

/// What helps where the server refuses the token, which it explains in few words.
fn hint(answer: &Answer, problem: &Problem, token: Option<TokenKind>, host: &str) -> Option<String> {
    let operation = answer.operation;
    if operation.security.is_empty() {
        return None;
    }
    if is_insufficient_scope(answer, problem) {
        let scopes = operation.scopes();
        return (!scopes.is_empty()).then(|| format!("the token needs one of the scopes {}", scopes.join(", ")));
    }
    if answer.status != StatusCode::UNAUTHORIZED {
        return None;
    }
    let kinds = operation.token_kinds();
    Some(match token {
        None if !kinds.is_empty() && !kinds.iter().any(|kind| kind.is_bearer()) => {
            format!("the operation takes only {}", taken(operation))
        }
        None => "no access token was sent".to_owned(),
        Some(TokenKind::CustomerSessionToken | TokenKind::MemberSessionToken) => {
            "a session ends after an hour: create another one".to_owned()
        }
        Some(_) => {
            format!("the token is expired, revoked, or not of {host}: production and sandbox know only their own")
        }
    })
}

/// RFC 6750, section 3.1, in the header or in the body.
fn is_insufficient_scope(answer: &Answer, problem: &Problem) -> bool {
    const CODE: &str = "insufficient_scope";
    let challenges = answer.headers.get_all(WWW_AUTHENTICATE);
    answer.status == StatusCode::FORBIDDEN
        && (problem.code.as_deref() == Some(CODE)
            || challenges.iter().any(|value| value.to_str().is_ok_and(|value| value.contains(CODE))))
}

/// Host of the `Location` alone: path and query may hold a secret.
fn redirect_host(answer: &Answer) -> Option<String> {
    if !answer.status.is_redirection() {
        return None;
    }
    let location = answer.headers.get(LOCATION)?.to_str().ok()?;
    // A relative location keeps the host, whichever that is.
    let here = url::Url::parse("http://here.invalid").ok()?;
    let there = here.join(location).ok()?;
    Some(if there.host() == here.host() { "the same host".to_owned() } else { there.host_str()?.to_owned() })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Some(operation) => write!(f, "{operation}: ")?,
            None => f.write_str("client settings: ")?,
        }
        f.write_str(&scrub(&self.describe()))?;
        match self.answer().and_then(|answer| request_id(&answer.headers)) {
            Some(id) => write!(f, " [request {id}]"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        if let Some(operation) = self.operation {
            debug.field("operation", &operation.id);
        }
        debug.field("problem", &scrub(&self.describe()));
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
