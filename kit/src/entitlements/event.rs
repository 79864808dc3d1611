//! The meaning of a webhook for the state of a customer.

use polar_client::chrono::{DateTime, Utc};
use polar_client::models::CustomerState;
use polar_client::uuid::Uuid;
use polar_client::webhooks::WebhookPayload;

/// The meaning of a webhook for a customer.
#[derive(Debug, PartialEq)]
pub(super) enum News<'a> {
    /// The complete state.
    State(&'a CustomerState, DateTime<Utc>),
    /// The customer was deleted.
    Deleted(Uuid, DateTime<Utc>),
    /// Something changed; only the complete state shows what.
    Changed(Uuid, DateTime<Utc>),
}

/// Reads the webhook. Returns `None` for events that don't change what a customer may use.
pub(super) fn news(event: &WebhookPayload) -> Option<News<'_>> {
    use WebhookPayload as Event;
    let timestamp = event.timestamp()?;
    match event {
        Event::CustomerStateChanged(event) => Some(News::State(&event.data, timestamp)),
        Event::CustomerDeleted(event) => Some(News::Deleted(event.data.id()?, timestamp)),
        Event::CustomerUpdated(event) => Some(News::Changed(event.data.id()?, timestamp)),
        event if event.benefit_grant().is_some() || event.subscription().is_some() => {
            Some(News::Changed(event.customer_id()?, timestamp))
        }
        _ => None,
    }
}
