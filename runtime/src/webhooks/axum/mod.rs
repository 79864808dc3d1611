//! Receiving webhooks with axum: an endpoint that runs a handler, and an extractor for handlers of your own.
//!
//! `receiver` has the settings and the steps that both share, `endpoint` the endpoint, `webhook` the extractor, and
//! `rejection` the responses to deliveries that the handler did not complete.

mod endpoint;
mod receiver;
mod rejection;
mod webhook;

pub use endpoint::{WebhookEndpoint, WebhookOutcome};
pub use receiver::WebhookReceiver;
pub use rejection::WebhookRejection;
pub use webhook::Webhook;
