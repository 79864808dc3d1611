//! The platform over std and tokio.
#![allow(clippy::disallowed_methods, reason = "this is the module that the other ones use instead")]

#[cfg(feature = "webhooks")]
use std::collections::hash_map::RandomState;
use std::fmt;
#[cfg(feature = "axum")]
use std::future::Future;
#[cfg(feature = "webhooks")]
use std::hash::BuildHasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
#[cfg(feature = "axum")]
use tokio::task::JoinHandle;
use tokio::time::Sleep;

// The clock of std, also without a runtime; in tests it follows the clock that tokio can pause.
pub(crate) use tokio::time::Instant;

use crate::futures::BoxError;
#[cfg(any(feature = "oauth2", feature = "axum"))]
use crate::futures::BoxFuture;

/// Returns the time of day.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Returns after this time.
///
/// # Panics
/// There is no tokio runtime with timers.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

/// Returns a timer of the runtime that runs the caller.
///
/// # Errors
/// There is no tokio runtime, or it was built without timers.
pub(crate) fn timer(duration: Duration) -> Result<Sleep, BoxError> {
    Handle::try_current()?;
    // tokio has no other way to ask whether a runtime has timers.
    catch_unwind(AssertUnwindSafe(|| sleep(duration))).map_err(|_| NoTimers.into())
}

/// The runtime was built without timers.
#[derive(Debug)]
struct NoTimers;

impl fmt::Display for NoTimers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the tokio runtime has no timers: build it with `enable_all`")
    }
}

impl std::error::Error for NoTimers {}

/// Returns the output of a future, or `None` if the time ends before.
#[cfg(feature = "axum")]
pub(crate) async fn timeout<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(limit, future).await.ok()
}

/// Runs a future in a separate task, or returns it if there is no runtime.
#[cfg(any(feature = "oauth2", feature = "axum"))]
pub(crate) fn spawn(work: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
    match Handle::try_current() {
        Ok(runtime) => {
            runtime.spawn(work);
            Ok(())
        }
        Err(_) => Err(work),
    }
}

/// Runs a future in a separate task, which continues if the handle is dropped and contains a panic.
#[cfg(feature = "axum")]
pub(crate) fn spawn_joined<F: Future<Output: Send> + Send + 'static>(work: F) -> JoinHandle<F::Output> {
    tokio::spawn(work)
}

/// Returns a random number from 0 to 1, not for secrets.
pub(crate) fn random_fraction() -> f64 {
    fastrand::f64()
}

/// Returns bits that another process does not get: their keys come from the operating system.
#[cfg(feature = "webhooks")]
pub(crate) fn random_bits() -> u128 {
    let half = || u128::from(RandomState::new().hash_one(()));
    half() << 64 | half()
}

/// Fills a slice with cryptographically secure random bytes.
///
/// # Errors
/// The operating system has none.
#[cfg(feature = "oauth2")]
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), BoxError> {
    Ok(getrandom::fill(bytes)?)
}
