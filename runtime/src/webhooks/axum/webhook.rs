//! A verified webhook, and the extractor for it.

use std::fmt;

use axum_core::extract::{FromRef, FromRequest, Request};
use chrono::{DateTime, Utc};

use super::{WebhookReceiver, WebhookRejection};
use crate::futures::BoxError;
use crate::redact;
use crate::webhooks::WebhookBody;
use crate::webhooks::replay::Held;

/// A verified webhook, the argument of a handler.
///
/// # In a `WebhookEndpoint`
/// The [endpoint](super::WebhookEndpoint) marks the webhook as done if the handler succeeds. The handler need not do
/// anything. This is the usual way.
///
/// # As an extractor
/// An axum handler can take a webhook as its last argument. An extractor does not see the response: call
/// [`complete`](Self::complete) after the event is handled and before the handler returns. If the webhook is dropped
/// without it, its claim is released: the handler returned early, panicked, or axum dropped it because the sender
/// disconnected. The next delivery of the event is then handled.
///
/// ```
/// use axum_core::response::IntoResponse;
/// use http::StatusCode;
/// use polar_client_runtime::serde_json::Value;
/// use polar_client_runtime::webhooks::Webhook;
///
/// async fn receive(webhook: Webhook<Value>) -> impl IntoResponse {
///     println!("{}", webhook.event["type"]);
///     match webhook.complete().await {
///         Ok(()) => StatusCode::NO_CONTENT,
///         Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
///     }
/// }
/// # let _ = receive;
/// ```
///
/// The state of the router is a [`WebhookReceiver`], or implements `FromRef` for it. A [`WebhookVerifier`] alone works
/// too: without a replay guard, each delivery is handled, and `complete` does nothing.
///
/// [`WebhookVerifier`]: crate::webhooks::WebhookVerifier
#[non_exhaustive]
pub struct Webhook<T> {
    /// `webhook-id`: the same in each delivery of the event.
    pub id: String,
    /// When this delivery was signed.
    pub timestamp: DateTime<Utc>,
    /// The event.
    pub event: T,
    /// `None` without a replay guard, and if a `WebhookEndpoint` holds the claim.
    held: Option<Held>,
}

impl<T> Webhook<T> {
    pub(super) fn new(id: String, timestamp: DateTime<Utc>, event: T, held: Option<Held>) -> Self {
        Self { id, timestamp, event, held }
    }

    /// Marks the event as done in the replay guard: the response to later deliveries is 204, and the handler is not
    /// called.
    ///
    /// Does nothing without a replay guard, and in a handler of a [`WebhookEndpoint`](super::WebhookEndpoint), which
    /// does it when the handler succeeds.
    ///
    /// # Errors
    /// The replay guard failed. Return an error status: the server then delivers the event again.
    pub async fn complete(&self) -> Result<(), BoxError> {
        match &self.held {
            Some(held) => held.complete().await,
            None => Ok(()),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Webhook<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, timestamp, event, held: _ } = self;
        let mut shown = f.debug_struct("Webhook");
        shown.field("id", &redact::name(id)).field("timestamp", timestamp).field("event", event).finish_non_exhaustive()
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
        let verified = receiver.verified(request).await?;
        let (event, held) = receiver.accept(&verified).await?;
        Ok(Self::new(verified.id().to_owned(), verified.timestamp(), event, held))
    }
}
