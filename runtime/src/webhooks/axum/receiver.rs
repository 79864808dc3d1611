//! From a request to a claimed event.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum_core::extract::{DefaultBodyLimit, FromRef, FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;

use super::WebhookRejection;
use crate::futures::{BoxError, BoxFuture};
use crate::platform;
use crate::webhooks::headers::Found;
use crate::webhooks::replay::{DynReplayGuard, Held};
use crate::webhooks::{
    Claim, Lease, ReplayGuard, UndecodableWebhook, Verified, WebhookBody, WebhookError, WebhookVerifier,
};

/// Settings for receiving webhooks, shared by [`WebhookEndpoint`](super::WebhookEndpoint) and the extractor
/// [`Webhook`](super::Webhook).
///
/// For the extractor it is the state of a router. A state that implements `FromRef` for this type works too, and so
/// does a [`WebhookVerifier`] alone.
#[derive(Clone)]
pub struct WebhookReceiver {
    verifier: WebhookVerifier,
    guard: Option<Arc<dyn DynReplayGuard>>,
    lease: Duration,
    limit: usize,
    undecodable: Option<Arc<Store>>,
}

/// Stores a webhook that can't be decoded.
type Store = dyn Fn(UndecodableWebhook) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync;

impl WebhookReceiver {
    /// Default maximum size of a body: 2 MiB, as in axum.
    pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

    /// Default duration of a claim on an event: 5 minutes.
    pub const LEASE: Duration = Duration::from_secs(5 * 60);

    /// Creates a receiver without a replay guard.
    #[must_use]
    pub fn new(verifier: WebhookVerifier) -> Self {
        Self { verifier, guard: None, lease: Self::LEASE, limit: Self::BODY_LIMIT, undecodable: None }
    }

    /// Sets the guard that remembers which events are in progress or done.
    ///
    /// The response to a delivery of an event that is done is 204. For an event in progress it is 503 with
    /// `Retry-After`. The handler is called for neither.
    #[must_use]
    pub fn replay_guard(self, guard: impl ReplayGuard) -> Self {
        Self { guard: Some(Arc::new(guard)), ..self }
    }

    /// Sets how long a claim lasts if it is neither completed nor released because the process died or the handler
    /// hangs. Afterwards the event is handled when the server delivers it again.
    ///
    /// It should be longer than your slowest handler. Keep it below 15 minutes: each delivery during the lease uses one
    /// of the server's ten attempts.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Sets the maximum size of a body in bytes.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { limit: bytes, ..self }
    }

    /// Stores verified webhooks that can't be decoded, and acknowledges those that were stored (204).
    ///
    /// Without it, the response to such a webhook is 500: the server delivers it again, so that it is not lost if the
    /// program is updated in time. The server gives up after ten deliveries, and disables an endpoint after ten events
    /// that it gave up. With `store`, the endpoint stays enabled.
    ///
    /// `store` gets the webhook as received, with the reason. If it fails, the answer is 500. The replay guard is not
    /// asked: a webhook that was stored does not count as done, so that the server can be told to deliver it again to
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

    /// The response to a webhook that the handler does not get.
    async fn reject(&self, error: WebhookError) -> WebhookRejection {
        match (error, &self.undecodable) {
            (WebhookError::Undecodable(webhook), Some(store)) => match store((*webhook).clone()).await {
                Ok(()) => WebhookRejection::Stored(webhook),
                Err(error) => WebhookRejection::NotStored { webhook, error },
            },
            (error, _) => WebhookRejection::Refused(error),
        }
    }

    /// Reads and verifies a request. The headers are checked before the body is read.
    pub(super) async fn verified(&self, request: Request) -> Result<Verified, WebhookRejection> {
        let headers = self.verifier.check_headers(Found::among(request.headers())?, platform::now())?;
        let body = self.body(request).await?;
        let (id, time) = self.verifier.check_body(headers, &body)?;
        Ok(Verified::new(id, time, body))
    }

    async fn body(&self, mut request: Request) -> Result<Bytes, WebhookRejection> {
        DefaultBodyLimit::max(self.limit).apply(&mut request);
        Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => WebhookRejection::TooLarge { limit: self.limit },
            _ => WebhookRejection::Unreadable,
        })
    }

    /// Decodes a webhook and claims it; the claim is `None` without a replay guard. The claim comes last, so that
    /// nothing is recorded for a rejected webhook.
    pub(super) async fn accept<T: WebhookBody>(
        &self,
        verified: &Verified,
    ) -> Result<(T, Option<Held>), WebhookRejection> {
        let event = match verified.event() {
            Ok(event) => event,
            Err(error) => return Err(self.reject(error).await),
        };
        Ok((event, self.claim(verified.id()).await?))
    }

    async fn claim(&self, id: &str) -> Result<Option<Held>, WebhookRejection> {
        let Some(guard) = &self.guard else { return Ok(None) };
        let held = Held::new(Arc::clone(guard), Lease::new(id, self.lease));
        match held.claim().await {
            Ok(Claim::New) => Ok(Some(held)),
            Ok(Claim::InProgress { retry_after }) => {
                held.forget();
                Err(WebhookRejection::InProgress { retry_after })
            }
            Ok(Claim::Done) => {
                held.forget();
                Err(WebhookRejection::AlreadyHandled)
            }
            // It may have been claimed anyway, so `held` releases it.
            Err(error) => Err(WebhookRejection::Guard(error)),
        }
    }

    /// Sets a replay guard if there is none.
    pub(super) fn or_replay_guard<G: ReplayGuard>(self, guard: impl FnOnce() -> G) -> Self {
        match self.guard {
            Some(_) => self,
            None => self.replay_guard(guard()),
        }
    }

    /// Returns how long a claim lasts.
    pub(super) fn leased(&self) -> Duration {
        self.lease
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
            .field("lease", &self.lease)
            .field("body_limit", &self.limit)
            .field("on_undecodable", &self.undecodable.is_some())
            .finish()
    }
}
