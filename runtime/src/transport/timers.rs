//! Timers of tokio, for callers that may not run on tokio.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::futures::BoxError;

/// Returns a timer of the caller's runtime.
///
/// # Errors
/// There is no tokio runtime, or it was built without timers.
pub(super) fn timer(duration: Duration) -> Result<Sleep, BoxError> {
    Handle::try_current()?;
    // tokio has no other way to find out whether a runtime has timers.
    catch_unwind(AssertUnwindSafe(|| tokio::time::sleep(duration))).map_err(|_| NoTimers.into())
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
