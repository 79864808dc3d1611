//! An extractor for axum: a handler gets the event, or is not called.

use std::fmt;
use std::sync::Arc;

use axum_core::extract::{DefaultBodyLimit, FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::{ReplayGuard, WebhookError, WebhookVerifier};
use crate::transport::BoxError;

/// How webhooks are received: the state that [`Webhook`] asks a router for.
///
/// A router whose state is a [`WebhookVerifier`] alone will do as well; so will one whose state implements
/// `FromRef` for this type.
#[derive(Clone)]
pub struct WebhookReceiver {
    verifier: WebhookVerifier,
    guard: Option<Arc<dyn ReplayGuard>>,
    limit: usize,
}

impl WebhookReceiver {
    /// How many bytes a body may have unless told otherwise: 2 MiB, as in axum.
    pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

    /// Takes every webhook that the verifier lets through, as often as it comes.
    #[must_use]
    pub fn new(verifier: WebhookVerifier) -> Self {
        Self { verifier, guard: None, limit: Self::BODY_LIMIT }
    }

    /// Takes each webhook once: one whose id was claimed before is answered with success, and the handler is not
    /// called. A handler that fails has to [release](Webhook::release) the webhook, so that it is taken when it comes
    /// again.
    #[must_use]
    pub fn replay_guard(self, guard: impl ReplayGuard) -> Self {
        Self { guard: Some(Arc::new(guard)), ..self }
    }

    /// Sets how many bytes a body may have.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { limit: bytes, ..self }
    }

    async fn body(&self, mut request: Request) -> Result<Bytes, WebhookRejection> {
        DefaultBodyLimit::max(self.limit).apply(&mut request);
        Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => WebhookRejection::TooLarge { limit: self.limit },
            _ => WebhookRejection::Unreadable,
        })
    }

    async fn claim(&self, id: &str) -> Result<(), WebhookRejection> {
        let Some(guard) = &self.guard else { return Ok(()) };
        match guard.claim(id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(WebhookRejection::Replayed),
            Err(error) => Err(WebhookRejection::Guard(error)),
        }
    }
}

impl From<WebhookVerifier> for WebhookReceiver {
    fn from(verifier: WebhookVerifier) -> Self {
        Self::new(verifier)
    }
}

impl FromRef<WebhookVerifier> for WebhookReceiver {
    fn from_ref(verifier: &WebhookVerifier) -> Self {
        Self::new(verifier.clone())
    }
}

impl fmt::Debug for WebhookReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookReceiver")
            .field("verifier", &self.verifier)
            .field("replay_guard", &self.guard.is_some())
            .field("body_limit", &self.limit)
            .finish()
    }
}

/// A webhook of the server, as an argument of an axum handler. It reads the body, so it is the last argument.
#[non_exhaustive]
pub struct Webhook<T> {
    /// `webhook-id`: the same in each try to deliver the event.
    pub id: String,
    /// When it was signed.
    pub timestamp: DateTime<Utc>,
    /// What happened.
    pub event: T,
    guard: Option<Arc<dyn ReplayGuard>>,
}

impl<T> Webhook<T> {
    /// Lets the replay guard forget the webhook, where there is one: the handler failed and will answer with an error,
    /// upon which the server delivers the event again.
    ///
    /// # Errors
    /// The guard could not.
    pub async fn release(&self) -> Result<(), BoxError> {
        match &self.guard {
            Some(guard) => guard.release(&self.id).await,
            None => Ok(()),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Webhook<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, timestamp, event, guard: _ } = self;
        let mut shown = f.debug_struct("Webhook");
        shown.field("id", id).field("timestamp", timestamp).field("event", event).finish_non_exhaustive()
    }
}

impl<S, T> FromRequest<S> for Webhook<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
    WebhookReceiver: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookRejection> {
        let receiver = WebhookReceiver::from_ref(state);
        let headers = request.headers().clone();
        let body = receiver.body(request).await?;
        let verified = receiver.verifier.verify(body, &headers)?;
        let event = verified.event()?;
        // Last, so that nothing that is refused is remembered.
        receiver.claim(verified.id()).await?;
        let (id, timestamp) = (verified.id().to_owned(), verified.timestamp());
        Ok(Self { id, timestamp, event, guard: receiver.guard })
    }
}

/// Why a handler is not called. The response has a status and no body, so that a stranger learns nothing; a handler
/// that takes `Result<Webhook<T>, WebhookRejection>` can look at it.
#[derive(Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// It can't be verified (400 where a header is missing or malformed, 401 otherwise) or decoded (422).
    Refused(WebhookError),
    /// The body is longer than allowed (413).
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The body did not come whole (400).
    Unreadable,
    /// It came before. That is no failure, and the server needs no other try (204).
    Replayed,
    /// The replay guard can't tell (500), and the server will try again.
    Guard(BoxError),
}

impl WebhookRejection {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(error) => status_of(error),
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Replayed => StatusCode::NO_CONTENT,
            Self::Guard(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn status_of(error: &WebhookError) -> StatusCode {
    match error {
        WebhookError::MissingHeader(_)
        | WebhookError::DuplicateHeader(_)
        | WebhookError::MalformedHeader(_)
        | WebhookError::InvalidTimestamp => StatusCode::BAD_REQUEST,
        WebhookError::Decode(_) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::UNAUTHORIZED,
    }
}

impl From<WebhookError> for WebhookRejection {
    fn from(error: WebhookError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(f, "the webhook's body has more than {limit} bytes"),
            Self::Unreadable => f.write_str("the webhook's body did not come whole"),
            Self::Replayed => f.write_str("the webhook came before"),
            Self::Guard(_) => f.write_str("the replay guard can't tell whether the webhook came before"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(error) => error.source(),
            Self::Guard(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
