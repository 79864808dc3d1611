//! An extractor for axum: a handler gets the event, or is not called.

use std::fmt;
use std::sync::Arc;

use axum_core::extract::{DefaultBodyLimit, FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;

use super::{ReplayGuard, UndecodableWebhook, WebhookBody, WebhookError, WebhookVerifier};
use crate::transport::{BoxError, BoxFuture};

/// How webhooks are received: the state that [`Webhook`] asks a router for.
///
/// A router whose state is a [`WebhookVerifier`] alone will do as well; so will one whose state implements
/// `FromRef` for this type.
#[derive(Clone)]
pub struct WebhookReceiver {
    verifier: WebhookVerifier,
    guard: Option<Arc<dyn ReplayGuard>>,
    limit: usize,
    undecodable: Option<Arc<Store>>,
}

/// Stores a webhook that can't be decoded.
type Store = dyn Fn(UndecodableWebhook) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync;

impl WebhookReceiver {
    /// How many bytes a body may have unless told otherwise: 2 MiB, as in axum.
    pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

    /// Takes every webhook that the verifier lets through, as often as it comes.
    #[must_use]
    pub fn new(verifier: WebhookVerifier) -> Self {
        Self { verifier, guard: None, limit: Self::BODY_LIMIT, undecodable: None }
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

    /// Stores verified webhooks that can't be decoded, and acknowledges those that were stored (204).
    ///
    /// Without it, such a webhook is answered with 500: the server delivers it again, so that it is not lost if the
    /// program is updated in time. The server gives up after ten deliveries, and disables an endpoint after ten events
    /// that it gave up: with `store`, the endpoint stays enabled.
    ///
    /// `store` gets the webhook as received, with the reason. If it fails, the answer is 500. The replay guard is not
    /// asked: a webhook that was stored does not count as seen, so that the server can be told to deliver it again to
    /// an updated program. `store` may therefore get the same id several times.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use polar_client_runtime::webhooks::{UndecodableWebhook, WebhookReceiver, WebhookVerifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    /// // Use a table of your database: the events have to survive a restart.
    /// let table = Arc::new(Mutex::new(Vec::new()));
    /// let receiver = WebhookReceiver::new(WebhookVerifier::new(secret)?).on_undecodable(move |event: UndecodableWebhook| {
    ///     let table = Arc::clone(&table);
    ///     async move {
    ///         let webhook = event.webhook();
    ///         let row = (webhook.id().to_owned(), webhook.body().to_owned());
    ///         table.lock().map_err(|_| "the table is locked for good")?.push(row);
    ///         Ok::<(), &str>(())
    ///     }
    /// });
    /// # let _ = receiver;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_undecodable<F, R, E>(self, store: F) -> Self
    where
        F: Fn(UndecodableWebhook) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let store: Arc<Store> = Arc::new(move |webhook| {
            let stored = store(webhook);
            Box::pin(async move { stored.await.map_err(Into::into) })
        });
        Self { undecodable: Some(store), ..self }
    }

    /// What becomes of a webhook that the handler does not get.
    async fn reject(&self, error: WebhookError) -> WebhookRejection {
        match (error, &self.undecodable) {
            (WebhookError::Undecodable(webhook), Some(store)) => match store((*webhook).clone()).await {
                Ok(()) => WebhookRejection::Stored(webhook),
                Err(error) => WebhookRejection::NotStored { webhook, error },
            },
            (error, _) => WebhookRejection::Refused(error),
        }
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
            .field("on_undecodable", &self.undecodable.is_some())
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
    T: WebhookBody + Send,
    WebhookReceiver: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookRejection> {
        let receiver = WebhookReceiver::from_ref(state);
        let headers = request.headers().clone();
        let body = receiver.body(request).await?;
        let verified = receiver.verifier.verify(body, &headers)?;
        let event = match verified.event() {
            Ok(event) => event,
            Err(error) => return Err(receiver.reject(error).await),
        };
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
    /// It can't be verified (400 if a header is missing or malformed, 401 otherwise), or it is verified and can't be
    /// decoded (500, upon which the server delivers it again).
    Refused(WebhookError),
    /// It is verified, can't be decoded, and was stored by [`on_undecodable`](WebhookReceiver::on_undecodable) (204).
    Stored(Box<UndecodableWebhook>),
    /// It is verified and can't be decoded, and [`on_undecodable`](WebhookReceiver::on_undecodable) failed to store it
    /// (500, upon which the server delivers it again).
    NotStored {
        /// The webhook, and why it can't be decoded.
        webhook: Box<UndecodableWebhook>,
        /// Why it was not stored.
        error: BoxError,
    },
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
            Self::Stored(_) | Self::Replayed => StatusCode::NO_CONTENT,
            Self::NotStored { .. } | Self::Guard(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The verified webhook that can't be decoded, whether or not it was stored; `None` for every other rejection.
    #[must_use]
    pub fn undecodable(&self) -> Option<&UndecodableWebhook> {
        match self {
            Self::Refused(error) => error.undecodable(),
            Self::Stored(webhook) | Self::NotStored { webhook, .. } => Some(webhook),
            _ => None,
        }
    }
}

fn status_of(error: &WebhookError) -> StatusCode {
    match error {
        WebhookError::MissingHeader(_)
        | WebhookError::DuplicateHeader(_)
        | WebhookError::MalformedHeader(_)
        | WebhookError::InvalidTimestamp => StatusCode::BAD_REQUEST,
        WebhookError::Undecodable(_) => StatusCode::INTERNAL_SERVER_ERROR,
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
            Self::Stored(webhook) => write!(f, "{webhook}; it was stored"),
            Self::NotStored { webhook, .. } => write!(f, "{webhook}; it could not be stored"),
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
            Self::Stored(webhook) => webhook.source(),
            Self::NotStored { error, .. } | Self::Guard(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
