//! Clock, timers, tasks and random numbers of the platform.
//!
//! Owns every use of them: `native` is the implementation over std and tokio, and `js` the one over the JavaScript engine
//! that runs a program for `wasm32-unknown-unknown`, where the clock of std and the timers of tokio panic. Both have the
//! same functions. Leaves to others what a time means, and the runtimes of tokio that connections belong to
//! (`transport`).
//!
//! Invariant: no other module reads a clock, starts a timer or a task, or takes a random number. `clippy.toml` of the
//! runtime forbids it.

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod js;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod native;

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
use js as platform;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
use native as platform;

#[cfg(feature = "oauth2")]
pub(crate) use platform::fill_random;
#[cfg(feature = "webhooks")]
pub(crate) use platform::random_bits;
#[cfg(any(feature = "oauth2", feature = "axum", all(feature = "reqwest", target_arch = "wasm32")))]
pub(crate) use platform::spawn;
#[cfg(feature = "axum")]
pub(crate) use platform::spawn_joined;
#[cfg(any(feature = "axum", all(feature = "reqwest", target_arch = "wasm32")))]
pub(crate) use platform::timeout;
pub(crate) use platform::{Instant, now, random_fraction, sleep, timer};
