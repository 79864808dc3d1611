//! When tokens are refreshed: data, with the time as an argument.

use std::collections::VecDeque;
use std::time::Duration;

use super::OAuthError;
use crate::codec::Secret;
use crate::platform::Instant;

/// The first wait after a failed refresh in the background. It doubles with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Maximum wait, unless a refresh had an unclear outcome.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Maximum number of refreshes in [`WINDOW`] because of rejected access tokens.
const REJECTIONS: usize = 3;

const WINDOW: Duration = Duration::from_secs(60);

/// How often a refresh token is sent if the outcome is unclear each time.
const UNCLEAR_ATTEMPTS: u32 = 2;

/// The waits between refreshes in the background.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now >= until)
    }

    /// Waits before the next refresh, at least `least`.
    pub(super) fn fail(&mut self, now: Instant, least: Duration) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(16)).min(LONGEST_WAIT).max(least);
        self.failures += 1;
        self.until = now.checked_add(wait);
    }
}

/// Counts refreshes because of rejected access tokens, so that a server that rejects every token does not cause one
/// with each call.
#[derive(Default)]
pub(super) struct Rejections(VecDeque<Instant>);

impl Rejections {
    /// Returns whether a rejected token may cause a refresh now, and counts it.
    pub(super) fn allow(&mut self, now: Instant) -> bool {
        while self.0.front().is_some_and(|then| now.saturating_duration_since(*then) >= WINDOW) {
            self.0.pop_front();
        }
        let is_allowed = self.0.len() < REJECTIONS;
        if is_allowed {
            self.0.push_back(now);
        }
        is_allowed
    }
}

/// Attempts with a refresh token whose outcome is unclear.
pub(super) struct Attempts {
    token: Secret,
    unclear: u32,
    error: Option<OAuthError>,
}

impl Attempts {
    /// Returns whether these are the attempts with this refresh token.
    pub(super) fn are_of(&self, token: &Secret) -> bool {
        self.token == *token
    }

    /// Starts with a refresh token.
    pub(super) fn of(token: &Secret) -> Self {
        Self { token: token.clone(), unclear: 0, error: None }
    }

    /// Returns whether no attempt had an unclear outcome.
    pub(super) fn are_none(&self) -> bool {
        self.unclear == 0
    }

    /// Returns whether the token was sent as often as is allowed.
    pub(super) fn are_over(&self) -> bool {
        self.unclear >= UNCLEAR_ATTEMPTS
    }

    /// Counts an attempt before it is made: if its task is cancelled, the outcome is unclear.
    pub(super) fn begin(&mut self) {
        self.unclear += 1;
    }

    /// Records that the last attempt did not reach the server, or that the server rejected it without using the token.
    pub(super) fn take_back(&mut self) {
        self.unclear = self.unclear.saturating_sub(1);
    }

    /// Records the error of an attempt with an unclear outcome.
    pub(super) fn unclear(&mut self, error: &OAuthError) {
        self.error = Some(error.clone());
    }

    /// Returns the error after the last allowed attempt.
    pub(super) fn error(&self) -> OAuthError {
        match &self.error {
            Some(OAuthError::Call(error)) => OAuthError::OutcomeUnknown(Some(error.clone())),
            _ => OAuthError::OutcomeUnknown(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_a_minute() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        assert!(backoff.is_over(now));
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            backoff.fail(now, Duration::ZERO);
            assert!(!backoff.is_over(now + SECOND * (seconds - 1)) && backoff.is_over(now + SECOND * seconds));
        }
        backoff.fail(now, SECOND * 1000);
        assert!(!backoff.is_over(now + SECOND * 999) && backoff.is_over(now + SECOND * 1000));
    }

    #[test]
    fn rejected_tokens_cause_three_refreshes_a_minute() {
        let (mut rejections, now) = (Rejections::default(), Instant::now());
        let allowed = |rejections: &mut Rejections, now| (0..100).filter(|_| rejections.allow(now)).count();
        assert_eq!(allowed(&mut rejections, now), 3);
        assert_eq!(allowed(&mut rejections, now + SECOND * 59), 0);
        assert_eq!(allowed(&mut rejections, now + SECOND * 60), 3);
    }
}
