//! An endpoint that runs a handler to its end and responds in time.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_core::extract::Request;
use axum_core::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use tower_service::Service;

use super::{Webhook, WebhookReceiver, WebhookRejection};
use crate::futures::{BoxError, BoxFuture};
use crate::platform::{Instant, spawn_joined, timeout};
use crate::webhooks::{MemoryReplayGuard, Verified, WebhookBody};

/// An endpoint that receives webhooks: a service for one route of an axum router.
///
/// It verifies each delivery, decodes it and calls the handler. The closure can capture your own state. Each event is
/// handled at least once, and not again after the handler succeeded:
///
/// - The handler runs in a separate task. It runs to its end even if the sender disconnects.
/// - If it succeeds, the event is done. The response is 204, also to later deliveries of the event.
/// - If it returns an error or panics, the response is 500. The server delivers the event again.
/// - If it takes more than 8 seconds (see [`respond_within`](Self::respond_within)), the response is 503 with
///   `Retry-After`, and the handler continues. The server delivers the event again and gets 204 after the handler is
///   done.
/// - A duplicate of an event in progress gets 503 with `Retry-After`, and the handler is not called.
/// - If the process dies while a handler runs, a replay guard outside of the process releases the event after the
///   [lease](WebhookReceiver::lease) ends. A [`MemoryReplayGuard`] is empty in the new process.
///
/// A handler can run twice for one event: if it failed halfway, if the process died, or if it ran longer than the
/// lease. Make it idempotent, for example by storing `webhook.id` in the same transaction as its effects.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use polar_client_runtime::serde_json::Value;
/// use polar_client_runtime::webhooks::{Webhook, WebhookEndpoint, WebhookVerifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// let types = Arc::new(Mutex::new(Vec::new())); // state of your own, such as a pool of database connections
/// let endpoint = WebhookEndpoint::new(WebhookVerifier::new(secret)?, move |webhook: Webhook<Value>| {
///     let types = Arc::clone(&types);
///     async move {
///         let mut types = types.lock().map_err(|_| "the lock is poisoned")?;
///         types.push(webhook.event["type"].to_string());
///         Ok::<(), &str>(())
///     }
/// })
/// .on_rejection(|rejection| eprintln!("{rejection}"));
/// // Router::new().route("/webhooks/polar", axum::routing::post_service(endpoint))
/// # let _ = endpoint;
/// # Ok(())
/// # }
/// ```
///
/// It needs a tokio runtime with timers, as `axum::serve` does.
#[derive(Clone)]
pub struct WebhookEndpoint {
    receiver: WebhookReceiver,
    respond_within: Duration,
    handle: Arc<Handle>,
    report: Arc<Report>,
}

/// Decodes, claims and handles a verified webhook.
type Handle = dyn Fn(WebhookReceiver, Verified) -> BoxFuture<'static, Result<(), WebhookRejection>> + Send + Sync;

/// Gets each rejection whose response is not a success.
type Report = dyn Fn(&WebhookRejection) + Send + Sync;

/// The return type of the handler of a [`WebhookEndpoint`]: nothing, or a result whose error means that the event was
/// not handled.
///
/// The error is any type that converts into a boxed error: your own, `Box<dyn Error + Send + Sync>`, `anyhow::Error`, a
/// `String`.
pub trait WebhookOutcome {
    /// Returns the outcome as a result.
    ///
    /// # Errors
    /// The event was not handled.
    fn into_result(self) -> Result<(), BoxError>;
}

impl WebhookOutcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> WebhookOutcome for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

impl WebhookEndpoint {
    /// Default time limit of a response: 8 seconds. Polar waits 10 seconds for a response.
    pub const RESPOND_WITHIN: Duration = Duration::from_secs(8);

    /// Creates an endpoint that calls `handler` with each event.
    ///
    /// `receiver` is a [`WebhookVerifier`](crate::webhooks::WebhookVerifier), or a [`WebhookReceiver`] if there are
    /// settings. Without a replay guard of its own, the endpoint uses a [`MemoryReplayGuard`].
    pub fn new<T, F, R>(receiver: impl Into<WebhookReceiver>, handler: F) -> Self
    where
        T: WebhookBody + Send + 'static,
        F: Fn(Webhook<T>) -> R + Send + Sync + 'static,
        R: Future<Output: WebhookOutcome> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let handle: Arc<Handle> =
            Arc::new(move |receiver, verified| Box::pin(handle(receiver, verified, Arc::clone(&handler))));
        let receiver = receiver.into().or_replay_guard(MemoryReplayGuard::default);
        Self { receiver, respond_within: Self::RESPOND_WITHIN, handle, report: Arc::new(|_| ()) }
    }

    /// Sets the time after which the response is 503 and the handler continues in the background. The time starts when
    /// the headers of the request have arrived.
    #[must_use]
    pub fn respond_within(self, limit: Duration) -> Self {
        Self { respond_within: limit, ..self }
    }

    /// Calls `report` for each delivery whose response is not a success: the handler failed or panicked, a signature is
    /// wrong, or the delivery is a duplicate. It is also called if the handler fails after the response was sent. Use
    /// it for logs.
    #[must_use]
    pub fn on_rejection(self, report: impl Fn(&WebhookRejection) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    async fn respond(self, request: Request) -> Response {
        match self.deliver(request).await {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(rejection) => rejection.into_response(),
        }
    }

    async fn deliver(&self, request: Request) -> Result<(), WebhookRejection> {
        let started = Instant::now();
        if request.method() != Method::POST {
            return Err(self.reported(WebhookRejection::Method));
        }
        let read = timeout(self.respond_within, self.receiver.verified(request)).await;
        let read = read.unwrap_or(Err(WebhookRejection::Unreadable));
        let verified = read.map_err(|rejection| self.reported(rejection))?;

        // From here on it runs in a task: the sender may disconnect, which drops this future.
        let this = self.clone();
        let task = spawn_joined(in_span(async move {
            let handled = (this.handle)(this.receiver.clone(), verified).await;
            handled.map_err(|rejection| this.reported(rejection))
        }));
        let left = self.respond_within.saturating_sub(started.elapsed());
        match timeout(left, task).await {
            Some(Ok(handled)) => handled,
            Some(Err(_)) => Err(self.reported(WebhookRejection::Panicked)),
            None => Err(self.reported(WebhookRejection::InProgress { retry_after: self.receiver.leased() })),
        }
    }

    fn reported(&self, rejection: WebhookRejection) -> WebhookRejection {
        if !rejection.status().is_success() {
            (self.report)(&rejection);
        }
        rejection
    }
}

async fn handle<T, F, R>(receiver: WebhookReceiver, verified: Verified, handler: Arc<F>) -> Result<(), WebhookRejection>
where
    T: WebhookBody + Send + 'static,
    F: Fn(Webhook<T>) -> R + Send + Sync + 'static,
    R: Future<Output: WebhookOutcome> + Send + 'static,
{
    let (event, held) = receiver.accept::<T>(&verified).await?;
    let webhook = Webhook::new(verified.id().to_owned(), verified.timestamp(), event, None);
    // A task of its own, so that a panic ends here.
    let task = spawn_joined(in_span(async move { handler(webhook).await.into_result() }));
    let handled = match task.await {
        Ok(handled) => handled.map_err(WebhookRejection::Failed),
        Err(_) => Err(WebhookRejection::Panicked),
    };
    match (held, handled) {
        (Some(held), Ok(())) => held.complete().await.map_err(WebhookRejection::Guard),
        (Some(held), Err(rejection)) => {
            // If the guard fails, the event is released at the end of the lease.
            let _ = held.release().await;
            Err(rejection)
        }
        (None, handled) => handled,
    }
}

/// Runs a task's future in the span of the request.
#[cfg(feature = "tracing")]
fn in_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    tracing::Instrument::in_current_span(future)
}

/// Returns the future: without the feature `tracing` there is no span.
#[cfg(not(feature = "tracing"))]
fn in_span<F: Future>(future: F) -> F {
    future
}

impl Service<Request> for WebhookEndpoint {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(this.respond(request).await) })
    }
}

impl fmt::Debug for WebhookEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEndpoint")
            .field("receiver", &self.receiver)
            .field("respond_within", &self.respond_within)
            .finish_non_exhaustive()
    }
}
