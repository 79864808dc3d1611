//! Keeping a program below the server's limits, before the server has to.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter as Governor};

type Direct = Governor<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// Lets so many requests through and no more; others wait for their turn.
///
/// A clone shares the count, and so do the clients that are given one: Polar counts for an organization, a customer or
/// an OAuth client, not for a connection.
#[derive(Clone)]
pub struct RateLimiter {
    governor: Arc<Direct>,
    per_minute: NonZeroU32,
}

impl RateLimiter {
    /// Polar's limit in production: 500 requests a minute.
    pub const PRODUCTION: NonZeroU32 = NonZeroU32::new(500).unwrap();
    /// Polar's limit in the sandbox: 100 requests a minute.
    pub const SANDBOX: NonZeroU32 = NonZeroU32::new(100).unwrap();

    /// So many requests a minute, spread over it: a burst of a tenth of them at most.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(requests.get() / 10).unwrap_or(NonZeroU32::MIN);
        let governor = Governor::direct_with_clock(Quota::per_minute(requests).allow_burst(burst), MonotonicClock);
        Self { governor: Arc::new(governor), per_minute: requests }
    }

    /// Takes a turn, or says how long to wait before asking again.
    pub(crate) fn turn(&self) -> Result<(), Duration> {
        self.governor.check().map_err(|not_yet| not_yet.wait_time_from(MonotonicClock.now()))
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimiter({} a minute)", self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_and_the_next_one_waits() {
        let limiter = RateLimiter::per_minute(NonZeroU32::new(60).unwrap_or(NonZeroU32::MIN));
        let shared = limiter.clone();
        let passed = (0..10).filter(|n| if n % 2 == 0 { limiter.turn() } else { shared.turn() }.is_ok()).count();
        assert!((6..=7).contains(&passed), "{passed}");
        let wait = limiter.turn().err().unwrap_or_default();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    }
}
