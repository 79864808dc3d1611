//! Ready-made parts for programs that bill through Polar.
//!
//! Each part is behind a feature and uses the public API of [`polar_client`] only, so that you can read it as an
//! example and replace it.
//!
//! | feature | part |
//! |---|---|
//! | `entitlements` | [`entitlements`]: what customers may use, kept in memory and fresh by webhooks |
//! | `files` | [`files`]: upload of files in parts, and download |
//! | `money` | [`money`]: amounts with their currency, exact unit prices, and prices in words |
//! | `recovery` | [`recovery`]: webhook events that were missed during an outage |
//! | `routes` | [`routes`]: checkout, portal, webhooks and login as services for axum and tower |
//! | `usage` | [`usage`]: usage events, recorded at once and sent in the background |
//! | `waiting` | [`waiting`]: waiting for checkouts, subscriptions, invoices and receipts |
//!
//! The program `examples/shop.rs` shows several of them together.
//!
//! On `wasm32-unknown-unknown` there are `money` and `recovery`. The other parts need the tasks and timers of tokio.

#[cfg(all(
    any(feature = "entitlements", feature = "files", feature = "routes", feature = "usage", feature = "waiting"),
    target_arch = "wasm32",
    target_os = "unknown"
))]
compile_error!("this part needs the tasks and timers of tokio; there are `money` and `recovery` for this target");

#[cfg(any(feature = "entitlements", feature = "routes"))]
mod customer;
#[cfg(feature = "entitlements")]
pub mod entitlements;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "money")]
pub mod money;
#[cfg(feature = "recovery")]
pub mod recovery;
#[cfg(feature = "routes")]
pub mod routes;
#[cfg(feature = "usage")]
pub mod usage;
#[cfg(feature = "waiting")]
pub mod waiting;

#[cfg(any(feature = "entitlements", feature = "routes"))]
pub use customer::CustomerKey;
