//! When a failed call is retried, and how long it waits before that.

use std::time::Duration;

/// How often a call is attempted, and how long it waits between attempts.
///
/// A call is retried only if that can't carry out anything twice: see
/// [`Error::is_retryable`](crate::Error::is_retryable). Waits grow exponentially with full jitter: each is a random
/// time up to the first wait, doubled with every attempt. A `Retry-After` of the server is the minimum wait.
///
/// The timeout of the call bounds everything: if less time is left than the wait, the call fails immediately with the
/// error of the last attempt.
///
/// ```
/// use std::time::Duration;
/// use polar_client_runtime::RetryPolicy;
///
/// let patient = RetryPolicy::new().max_attempts(6).first_delay(Duration::from_secs(2));
/// # let _ = patient;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first: Duration,
    longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// Creates a policy with three attempts, and waits of up to half a second and up to one second.
    #[must_use]
    pub fn new() -> Self {
        Self { attempts: 3, first: Duration::from_millis(500), longest: Duration::from_secs(30) }
    }

    /// Creates a policy with one attempt: the request is sent at most once, whatever its method.
    ///
    /// There is one exception. If the API rejects the token of a provider, nothing of the request was carried out, and
    /// it is sent once more with another token.
    #[must_use]
    pub fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first one. Zero counts as one.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the maximum of the first wait.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first = delay;
        self
    }

    /// Sets the maximum of all waits. The server may ask for more.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.longest = delay;
        self
    }

    /// Returns the wait before the next attempt, or `None` if there is none. `asked` is the time that the server asks
    /// to wait, and `chance` is between zero and one.
    pub(crate) fn delay(&self, attempt: u32, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled = self.first.saturating_mul(1u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        Some(doubled.min(self.longest).mul_f64(chance).max(asked.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy::new().max_attempts(99).first_delay(SECOND).max_delay(SECOND * 5);
        let waits: Vec<_> = [1, 2, 3, 4, 60].iter().map(|n| policy.delay(*n, None, 1.0)).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5].map(|seconds| Some(SECOND * seconds)));
        assert_eq!(policy.delay(2, None, 0.25), Some(SECOND / 2));
    }

    #[test]
    fn the_server_may_ask_for_more() {
        let policy = RetryPolicy::new();
        assert_eq!(policy.delay(1, Some(SECOND * 40), 0.0), Some(SECOND * 40));
        assert_eq!(policy.delay(1, Some(Duration::MAX), 0.0), Some(Duration::MAX));
        assert_eq!(policy.delay(3, None, 0.0), None);
        assert_eq!(RetryPolicy::never().delay(1, None, 0.0), None);
    }
}
