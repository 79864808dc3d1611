//! What a customer may use: a cache of customer states that webhooks keep fresh.
//!
//! An [`EntitlementCache`] answers `has_benefit` and similar questions from memory. It is updated in two ways:
//!
//! - From webhooks: pass every event to [`EntitlementCache::apply`]. `customer.state_changed` contains the complete
//!   state; Polar sends it after every change of a customer, its subscriptions, its grants and its meters. Events of
//!   subscriptions and grants mark the state as outdated, and `customer.deleted` empties it.
//! - From the API: a customer that is not in the cache, or whose state is outdated or older than
//!   [`max_age`](EntitlementCacheBuilder::max_age), is requested when it is read. Concurrent reads of one customer send
//!   one request.
//!
//! Events may arrive late, repeated or in any order: a state replaces another only if it is newer by the server's
//! clock. If that is unclear, because an event was created during a request, the state is requested again.
//!
//! If the API can't be reached, [`StaleIfError`] determines how long the last known state is used. An error never looks
//! like a customer without benefits. A customer that Polar does not know (404) is one without benefits.
//!
//! ```no_run
//! use polar_client::Polar;
//! use polar_client::uuid::Uuid;
//! use polar_client::webhooks::WebhookPayload;
//! use polar_client_kit::entitlements::EntitlementCache;
//!
//! # const EXPORT: Uuid = Uuid::nil();
//! # async fn example(polar: Polar, event: WebhookPayload) -> Result<(), Box<dyn std::error::Error>> {
//! let cache = EntitlementCache::builder(&polar).build();
//!
//! // In the webhook handler:
//! cache.apply(&event);
//!
//! // In a request of the user:
//! let entitlements = cache.get("user_42").await?;
//! if entitlements.has_benefit(EXPORT) {
//!     println!("known for {:?}", entitlements.age());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It needs a tokio runtime with timers.

mod cache;
mod event;
mod state;
mod store;

pub use cache::{EntitlementCache, EntitlementCacheBuilder, EntitlementError, EntitlementMetrics, StaleIfError};
pub use state::Entitlements;
