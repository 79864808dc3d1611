//! Waits: how often a call is retried, and when the next request may be sent.
//!
//! Owns [`RetryPolicy`], [`RetryBudget`] and the rate limiter. Leaves to others whether an error permits a retry
//! (`error`) and the loop over attempts (`send`).
//!
//! Invariant: nothing here sends a request or sleeps on its own; it only computes how long to wait.

mod budget;
#[cfg(feature = "rate-limit")]
mod limiter;
mod policy;

pub use budget::RetryBudget;
#[cfg(feature = "rate-limit")]
pub use limiter::RateLimiter;
pub use policy::RetryPolicy;
