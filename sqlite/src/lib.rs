//! State of the Polar client in SQLite.
//!
//! [`SqliteReplayGuard`] remembers which webhook events are in progress and which are done. It survives a restart, and
//! processes that open the same file share it.
//!
//! ```no_run
//! use polar_client_runtime::webhooks::WebhookVerifier;
//! use polar_client_sqlite::SqliteReplayGuard;
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let guard = SqliteReplayGuard::open("webhooks.sqlite")?;
//! # let _ = guard;
//! # Ok(())
//! # }
//! ```

mod replay_guard;

pub use replay_guard::{Error, SqliteReplayGuard};
