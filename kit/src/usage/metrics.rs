//! Counts of events and their outcomes.

/// Counts of events since the recorder started.
///
/// `recovered + recorded == sent + rejected + pending` at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageMetrics {
    /// Events that the recorder accepted.
    pub recorded: u64,
    /// Events that an earlier recorder left in the spool.
    pub recovered: u64,
    /// Events that the server has received. The next two counts show how many were new.
    pub sent: u64,
    /// Events that the server stored, by its response.
    pub inserted: u64,
    /// Events that the server already had, by its response: sent again after a lost response or a crash.
    pub duplicates: u64,
    /// Events that the server rejected. Each was reported as [`UsageProblem::Rejected`](super::UsageProblem::Rejected).
    pub rejected: u64,
    /// Events that the recorder did not accept because it was full.
    pub dropped: u64,
    /// Events that wait to be sent.
    pub pending: u64,
    /// Requests that failed and were repeated.
    pub failed_requests: u64,
}

impl UsageMetrics {
    /// Returns the number of events that the recorder has accepted or recovered.
    pub(super) fn total(&self) -> u64 {
        self.recovered + self.recorded
    }

    /// Returns the number of events with an outcome.
    pub(super) fn handled(&self) -> u64 {
        self.sent + self.rejected
    }
}
