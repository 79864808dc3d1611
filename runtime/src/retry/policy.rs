//! When a call that failed is tried again, and how long it waits before.

use std::time::Duration;

/// How often a call is tried, and how long it waits in between.
///
/// A call is tried again only where that can't carry out anything twice: see
/// [`Error::is_retryable`](crate::Error::is_retryable). Waits grow exponentially with full jitter: each is a random
/// time up to the first wait doubled with every try. A `Retry-After` of the server is the least that is waited.
///
/// ```
/// use std::time::Duration;
/// use polar_client_runtime::RetryPolicy;
///
/// let patient = RetryPolicy::new().max_attempts(6).total(Duration::from_secs(300));
/// # let _ = patient;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first: Duration,
    longest: Duration,
    total: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// Three tries; waits of up to half a second, then one second; no new try after two minutes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            attempts: 3,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            total: Duration::from_secs(120),
        }
    }

    /// One try.
    #[must_use]
    pub fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// Tries a call this often, the first time included. Zero counts as one.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest first wait.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// The longest wait, however often a call was tried. The server may ask for more.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.longest = delay;
        self
    }

    /// Gives up this long after the first try began: no later try begins after it, and none goes on past it. The first
    /// try has the time that the request has.
    #[must_use]
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// The time that is left for a try that begins now.
    pub(crate) fn left(&self, elapsed: Duration) -> Duration {
        self.total.saturating_sub(elapsed)
    }

    /// How long to wait before the next try; nothing where there is none. `chance` is between zero and one.
    pub(crate) fn delay(
        &self,
        attempt: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.first.saturating_mul(1u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        let delay = doubled.min(self.longest).mul_f64(chance).max(asked.unwrap_or_default());
        (elapsed.saturating_add(delay) <= self.total).then_some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy::new().max_attempts(99).first_delay(SECOND).max_delay(SECOND * 5).total(SECOND * 100);
        let waits: Vec<_> = [1, 2, 3, 4, 60].iter().map(|n| policy.delay(*n, Duration::ZERO, None, 1.0)).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5].map(|seconds| Some(SECOND * seconds)));
        assert_eq!(policy.delay(2, Duration::ZERO, None, 0.25), Some(SECOND / 2));
    }

    #[test]
    fn the_server_may_ask_for_more_but_not_for_ever() {
        let policy = RetryPolicy::new().total(SECOND * 60);
        assert_eq!(policy.delay(1, Duration::ZERO, Some(SECOND * 40), 0.0), Some(SECOND * 40));
        assert_eq!(policy.delay(1, SECOND * 30, Some(SECOND * 40), 0.0), None);
        assert_eq!((policy.left(SECOND * 45), policy.left(SECOND * 61)), (SECOND * 15, Duration::ZERO));
        assert_eq!(policy.delay(1, Duration::ZERO, Some(Duration::MAX), 0.0), None);
        assert_eq!(policy.delay(3, Duration::ZERO, None, 0.0), None);
        assert_eq!(RetryPolicy::never().delay(1, Duration::ZERO, None, 0.0), None);
    }
}
