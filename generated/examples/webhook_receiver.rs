//! Receives webhooks with axum: verifies each delivery and handles each event at least once.
//!
//! Run it with the secret of an endpoint: `POLAR_WEBHOOK_SECRET=whsec_... cargo run --example webhook_receiver
//! --features axum`.

use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post_service};
use polar_client::webhooks::{Webhook, WebhookEndpoint, WebhookPayload, WebhookVerifier};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = WebhookVerifier::new(std::env::var("POLAR_WEBHOOK_SECRET")?)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, router(verifier, Arc::default())).await?)
}

/// State of the program. A real one has a pool of database connections here.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<String>>,
}

impl Ledger {
    fn add(&self, entry: String) -> Result<(), &'static str> {
        self.entries.lock().map_err(|_| "the ledger is poisoned")?.push(entry);
        Ok(())
    }

    /// Returns the entries, oldest first.
    pub(crate) fn entries(&self) -> Vec<String> {
        self.entries.lock().map(|entries| entries.clone()).unwrap_or_default()
    }
}

/// Two routes: `/webhooks/polar`, whose endpoint responds in time and remembers which events are done, and `/` with the
/// entries of the ledger.
pub(crate) fn router(verifier: WebhookVerifier, ledger: Arc<Ledger>) -> Router {
    let shown = Arc::clone(&ledger);
    let endpoint = WebhookEndpoint::new(verifier, move |webhook| handle(webhook, Arc::clone(&ledger)))
        .on_rejection(|rejection| eprintln!("webhook not handled: {rejection}"));
    Router::new()
        .route("/webhooks/polar", post_service(endpoint))
        .route("/", get(async move || shown.entries().join("\n")))
}

/// Handles an event. After an error, Polar delivers the event again.
async fn handle(webhook: Webhook<WebhookPayload>, ledger: Arc<Ledger>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let entry = match &webhook.event {
        WebhookPayload::OrderPaid(event) => format!("{} paid {}", event.data.customer.id, event.data.total_amount),
        WebhookPayload::CustomerStateChanged(event) => {
            let id = event.data.id().ok_or("a customer of a kind that is not known yet")?;
            format!("{id} has another state")
        }
        WebhookPayload::Unknown(event) => format!("{} is newer than this program", event.tag().unwrap_or("an event")),
        _ => return Ok(()),
    };
    // After a crash here, the event is delivered again: with a database, store `webhook.id` in the same transaction.
    Ok(ledger.add(entry)?)
}
