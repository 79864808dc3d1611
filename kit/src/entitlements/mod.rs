//! What a customer may use: a cache of customer states that webhooks keep fresh.
//!
//! An [`EntitlementCache`] answers `has_benefit` and the like from memory. It learns in two ways:
//!
//! - From webhooks: pass every event to [`EntitlementCache::apply`]. `customer.state_changed` brings the complete state;
//!   Polar sends it after every change of a customer, its subscriptions, its grants and its meters. Events of
//!   subscriptions and grants mark the state as outdated, and `customer.deleted` empties it.
//! - From the API: a customer that is not in the cache, or whose state is outdated or older than
//!   [`max_age`](EntitlementCacheBuilder::max_age), is read when it is asked for. Concurrent reads of one customer send
//!   one request.
//!
//! Events may arrive late, twice or in any order: a state replaces another only if it is newer by the server's clock. If
//! that can't be told, because an event was made while a request was under way, the state is read again.
//!
//! If the API can't be reached, [`StaleIfError`] says how long the last known state is used. An error never looks like
//! a customer without benefits. A customer that Polar does not know (404) is one without benefits.
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
