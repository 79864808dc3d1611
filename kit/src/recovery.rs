//! Recovery of webhook events that were missed during an outage.
//!
//! Polar tries to deliver an event up to ten times. After ten failed events in a row it disables the endpoint, and
//! sends nothing until the endpoint is enabled again. After an outage, two steps bring a program up to date:
//!
//! 1. [`Recovery::run`] enables the endpoint, finds the events that never arrived, and requests their redelivery. They
//!    arrive as usual webhooks with their old `webhook-id`.
//! 2. [`Recovery::customer_states`] reads the current state of customers. It is needed if the endpoint was disabled:
//!    Polar doesn't store events for a disabled endpoint, so they can't be delivered later.
//!
//! ```no_run
//! use polar_client::Polar;
//! use polar_client::uuid::Uuid;
//! use polar_client_kit::recovery::Recovery;
//!
//! # async fn example(polar: Polar, endpoint_id: Uuid) -> Result<(), polar_client::Error> {
//! let recovery = Recovery::new(&polar, endpoint_id);
//! let report = recovery.run().await?;
//! println!("{} events will arrive again", report.redelivered.len());
//!
//! if report.enabled {
//!     let mut states = recovery.customer_states();
//!     while let Some(state) = states.next().await {
//!         let state = state?;
//!         // Store the current state.
//!         println!("{:?} has changed", state.id());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeMap;

use polar_client::chrono::{DateTime, Utc};
use polar_client::models::{CustomerState, ListResourceCustomer, WebhookEndpointUpdate, WebhookEventType};
use polar_client::uuid::Uuid;
use polar_client::{ApiError, Error, Items, Polar};

/// Recovers the events of one webhook endpoint after an outage.
///
/// The token needs the scope `webhooks:write`, and `customers:read` for [`customer_states`](Self::customer_states).
#[derive(Clone, Debug)]
pub struct Recovery {
    polar: Polar,
    endpoint_id: Uuid,
    since: Option<DateTime<Utc>>,
}

impl Recovery {
    /// Creates a recovery of the endpoint with this id.
    #[must_use]
    pub fn new(polar: &Polar, endpoint_id: Uuid) -> Self {
        Self { polar: polar.clone(), endpoint_id, since: None }
    }

    /// Looks only at deliveries after this time: the start of the outage. By default it looks at all deliveries, which
    /// Polar keeps for about 90 days.
    #[must_use]
    pub fn since(mut self, since: DateTime<Utc>) -> Self {
        self.since = Some(since);
        self
    }

    /// Enables the endpoint if it is disabled, and requests the redelivery of each event that never arrived.
    ///
    /// An event that is delivered twice is harmless if the endpoint recognizes duplicates, as `WebhookEndpoint` with a
    /// `ReplayGuard` does. It is safe to run this again after an error.
    ///
    /// # Errors
    /// The endpoint or its deliveries can't be read, or the endpoint can't be enabled. A redelivery that fails is in
    /// [`RecoveryReport::failed`] and does not stop the others.
    pub async fn run(&self) -> Result<RecoveryReport, Error> {
        let mut report = RecoveryReport::default();
        let endpoint = self.polar.webhooks().get_endpoint(self.endpoint_id).await?;
        // First, because Polar drops a redelivery to a disabled endpoint without an error.
        if !endpoint.enabled {
            let enable = WebhookEndpointUpdate::new().enabled(true);
            self.polar.webhooks().update_endpoint(self.endpoint_id, enable).await?;
            report.enabled = true;
        }
        for event in self.missed().await? {
            if event.is_archived {
                report.archived.push(event);
                continue;
            }
            match self.polar.webhooks().redeliver_event(event.id).await {
                Ok(()) => report.redelivered.push(event),
                Err(error) => report.failed.push((event, error)),
            }
        }
        Ok(report)
    }

    /// The events that never arrived, oldest first.
    ///
    /// An event whose attempts are not used up yet is left out: Polar still delivers it by itself.
    ///
    /// # Errors
    /// The deliveries can't be read.
    pub async fn missed(&self) -> Result<Vec<MissedEvent>, Error> {
        let mut deliveries = self.polar.webhooks().list_deliveries().endpoint_id(self.endpoint_id).succeeded(false);
        if let Some(since) = self.since {
            deliveries = deliveries.start_timestamp(since);
        }
        let mut deliveries = deliveries.limit(100).items();
        // Each attempt is a separate delivery; its event contains the outcome of all attempts.
        let mut missed = BTreeMap::new();
        while let Some(delivery) = deliveries.next().await {
            let event = delivery?.webhook_event;
            if event.succeeded == Some(false) || event.skipped {
                missed.entry((event.created_at, event.id)).or_insert(MissedEvent {
                    id: event.id,
                    event_type: event.r#type,
                    created_at: event.created_at,
                    is_archived: event.is_archived,
                });
            }
        }
        Ok(missed.into_values().collect())
    }

    /// Reads the current state of each customer, to compare it with what your program has stored.
    ///
    /// It sends one request for each customer and one for each page of 100 customers. Set a rate limiter on the client
    /// to stay below the API's limit.
    #[must_use]
    pub fn customer_states(&self) -> CustomerStates {
        CustomerStates { customers: self.polar.customers().list().limit(100).items(), polar: self.polar.clone() }
    }
}

/// The result of [`Recovery::run`].
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct RecoveryReport {
    /// Whether the endpoint was disabled and is enabled now. Polar stored no events while it was disabled: read
    /// [`Recovery::customer_states`] to learn what changed.
    pub enabled: bool,
    /// Events that Polar will deliver again, oldest first.
    pub redelivered: Vec<MissedEvent>,
    /// Events whose redelivery could not be requested, with the error.
    pub failed: Vec<(MissedEvent, Error)>,
    /// Events that are too old: Polar has removed their payload and can't deliver them again.
    pub archived: Vec<MissedEvent>,
}

impl RecoveryReport {
    /// Returns whether every event that was missed will arrive.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.enabled && self.failed.is_empty() && self.archived.is_empty()
    }
}

/// An event that was never delivered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MissedEvent {
    /// Identifier of the event, for `webhooks:redeliver_webhook_event`.
    pub id: Uuid,
    /// What happened.
    pub event_type: WebhookEventType,
    /// When it happened, in UTC.
    pub created_at: DateTime<Utc>,
    /// Whether Polar has removed the payload because the event is old.
    pub is_archived: bool,
}

/// The states of customers, read one by one.
#[derive(Debug)]
pub struct CustomerStates {
    polar: Polar,
    customers: Items<ListResourceCustomer, ApiError>,
}

impl CustomerStates {
    /// Returns the state of the next customer, or `None` after the last one.
    ///
    /// A customer that is deleted in the meantime is skipped.
    ///
    /// # Errors
    /// A request failed. The next call continues with the next customer.
    pub async fn next(&mut self) -> Option<Result<CustomerState, Error>> {
        loop {
            let id = match self.customers.next().await? {
                Ok(customer) => customer.id().copied(),
                Err(error) => return Some(Err(error)),
            };
            // A variant of customer that this version of the crate does not know may have no id.
            let Some(id) = id else { continue };
            match self.polar.customers().get_state(id).await {
                Err(error) if error.is_not_found() => {}
                result => return Some(result),
            }
        }
    }
}
