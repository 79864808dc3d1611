//! Receives webhooks with axum: verifies each, takes it once, and does what it asks for.
//!
//! Run it with the secret of an endpoint: `POLAR_WEBHOOK_SECRET=whsec_... cargo run --example webhook_receiver
//! --features axum`.

use std::error::Error;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use polar_client::webhooks::{SeenWebhooks, Webhook, WebhookPayload, WebhookReceiver, WebhookVerifier};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = WebhookVerifier::new(std::env::var("POLAR_WEBHOOK_SECRET")?)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, router(verifier)).await?)
}

/// One route, `/webhooks/polar`.
pub(crate) fn router(verifier: WebhookVerifier) -> Router {
    let receiver = WebhookReceiver::new(verifier).replay_guard(SeenWebhooks::default());
    Router::new().route("/webhooks/polar", post(receive)).with_state(receiver)
}

/// Called with what the server signed, and not twice with the same.
async fn receive(webhook: Webhook<WebhookPayload>) -> Result<String, StatusCode> {
    match handle(&webhook.event) {
        Ok(report) => Ok(report),
        Err(_) => {
            // The server delivers it again, and then it must not count as seen.
            let _ = webhook.release().await;
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// What the program does with an event, in few words. Whatever takes longer than two seconds belongs into a queue.
fn handle(event: &WebhookPayload) -> Result<String, Box<dyn Error + Send + Sync>> {
    Ok(match event {
        WebhookPayload::OrderPaid(event) => format!("{} paid {}", event.data.customer.id, event.data.total_amount),
        WebhookPayload::CustomerStateChanged(event) => {
            let state = &event.data;
            // What could not be stored has to come again.
            let id = state.id().ok_or("a customer of a kind that is not known yet")?;
            format!("{id} has another state")
        }
        WebhookPayload::Unknown(event) => format!("{} is newer than this program", event.tag().unwrap_or("an event")),
        _ => "nothing to do".to_owned(),
    })
}
