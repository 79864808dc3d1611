//! Receives webhooks with axum: an endpoint that runs a handler, and an extractor for your own handlers.
//!
//! `receiver` has the settings and the common steps, `endpoint` the endpoint, `webhook` the extractor, and `rejection`
//! the responses to deliveries that no handler completed.

mod endpoint;
mod receiver;
mod rejection;
mod webhook;

pub use endpoint::{WebhookEndpoint, WebhookOutcome};
pub use receiver::WebhookReceiver;
pub use rejection::WebhookRejection;
pub use webhook::Webhook;
