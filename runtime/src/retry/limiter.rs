//! A rate limiter on the client's side.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter as Governor};

use crate::platform::Instant;

type Direct = Governor<NotKeyed, InMemoryState, Time, NoOpMiddleware<Duration>>;

/// Limits the rate of requests; requests above the rate wait.
///
/// Clones share the count, and so do the clients that get one. Polar counts requests of an organization, a customer or
/// an OAuth client, not of a connection.
#[derive(Clone)]
pub struct RateLimiter {
    governor: Arc<Direct>,
    time: Time,
    per_minute: NonZeroU32,
}

/// Time since the limiter was created.
#[derive(Clone)]
struct Time {
    start: Instant,
    /// Waits of a transport for tests, which does not sleep, in nanoseconds.
    skipped: Arc<AtomicU64>,
}

impl Clock for Time {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.start.elapsed().saturating_add(Duration::from_nanos(self.skipped.load(Ordering::Relaxed)))
    }
}

impl RateLimiter {
    // Constants are evaluated by the compiler: a zero would not compile, so nothing can panic later.
    /// Polar's limit in production: 500 requests a minute.
    pub const PRODUCTION: NonZeroU32 = NonZeroU32::new(500).unwrap();
    /// Polar's limit in the sandbox: 100 requests a minute.
    pub const SANDBOX: NonZeroU32 = NonZeroU32::new(100).unwrap();

    /// Allows so many requests in any minute: at most a tenth of them at once, and the others spread over the minute.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        let burst = NonZeroU32::new(requests.get() / 10).unwrap_or(NonZeroU32::MIN);
        // The requests of a minute are the burst and the refill during that minute.
        let refill = NonZeroU32::new(requests.get() - burst.get()).unwrap_or(NonZeroU32::MIN);
        let time = Time { start: Instant::now(), skipped: Arc::default() };
        let governor = Governor::direct_with_clock(Quota::per_minute(refill).allow_burst(burst), time.clone());
        Self { governor: Arc::new(governor), time, per_minute: requests }
    }

    /// Waits for the next slot by means of `sleep`.
    pub(crate) async fn acquire<F: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> F) {
        while let Err(not_yet) = self.governor.check() {
            let wait = not_yet.wait_time_from(self.time.now());
            // The time may have passed meanwhile.
            if wait.is_zero() {
                continue;
            }
            // The time between must not be subtracted from the wait.
            let begin = Instant::now();
            sleep(wait).await;
            self.skip(wait.saturating_sub(begin.elapsed()));
        }
    }

    fn skip(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.time.skipped.fetch_add(nanos, Ordering::Relaxed);
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimiter({} a minute)", self.per_minute)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Returns the waits of so many requests, alternately of the limiter and of a clone. No time passes.
    async fn waits(limiter: &RateLimiter, turns: usize) -> Vec<Duration> {
        let waited = Mutex::new(Vec::new());
        let shared = limiter.clone();
        for turn in 0..turns {
            let limiter = if turn % 2 == 0 { limiter } else { &shared };
            limiter
                .acquire(|wait| {
                    waited.lock().unwrap().push(wait);
                    std::future::ready(())
                })
                .await;
        }
        waited.into_inner().unwrap()
    }

    #[tokio::test]
    async fn the_burst_passes_and_the_others_wait_one_after_another() {
        let limiter = RateLimiter::per_minute(NonZeroU32::new(60).unwrap());
        let waits = waits(&limiter, 60).await;
        // Nothing else takes time here, but a slow machine may let a slot pass without a wait.
        assert!((50..=54).contains(&waits.len()), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(60) / 54), "{waits:?}");
    }

    #[tokio::test]
    async fn no_minute_has_more_than_the_limit() {
        let limiter = RateLimiter::per_minute(RateLimiter::PRODUCTION);
        let waits = waits(&limiter, 501).await;
        let elapsed: Duration = limiter.time.now();
        assert!(elapsed >= Duration::from_secs(60), "{elapsed:?} with {} waits", waits.len());
    }

    #[tokio::test]
    async fn the_smallest_limit_still_lets_something_through() {
        let limiter = RateLimiter::per_minute(NonZeroU32::MIN);
        assert_eq!(waits(&limiter, 2).await.len(), 1);
    }
}
