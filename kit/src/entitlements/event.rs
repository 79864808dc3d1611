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
    macro_rules! changed {
        ($event:expr, $customer_id:expr) => {
            News::Changed($customer_id, $event.timestamp)
        };
    }
    Some(match event {
        Event::CustomerStateChanged(event) => News::State(&event.data, event.timestamp),
        Event::CustomerDeleted(event) => News::Deleted(event.data.id().copied()?, event.timestamp),
        Event::CustomerUpdated(event) => changed!(event, event.data.id().copied()?),
        Event::BenefitGrantCreated(event) => changed!(event, event.data.customer_id().copied()?),
        Event::BenefitGrantCycled(event) => changed!(event, event.data.customer_id().copied()?),
        Event::BenefitGrantRevoked(event) => changed!(event, event.data.customer_id().copied()?),
        Event::BenefitGrantUpdated(event) => changed!(event, event.data.customer_id().copied()?),
        Event::SubscriptionActive(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionCanceled(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionCreated(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionCycled(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionMigrated(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionPastDue(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionPaused(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionResumed(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionRevoked(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionUncanceled(event) => changed!(event, event.data.customer_id),
        Event::SubscriptionUpdated(event) => changed!(event, event.data.customer_id),
        _ => return None,
    })
}
