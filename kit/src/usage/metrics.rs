//! What became of the events.

/// Counts of events since the recorder started.
///
/// `recovered + recorded == sent + rejected + pending` at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageMetrics {
    /// Events that the recorder took.
    pub recorded: u64,
    /// Events that an earlier recorder left in the spool.
    pub recovered: u64,
    /// Events that the server has. The next two counts say which of them were new.
    pub sent: u64,
    /// Events that the server stored, as it says.
    pub inserted: u64,
    /// Events that the server had already, as it says: repeated after an answer that was lost, or after a crash.
    pub duplicates: u64,
    /// Events that the server refused. Each was reported as
    /// [`UsageProblem::Rejected`](super::UsageProblem::Rejected).
    pub rejected: u64,
    /// Events that the recorder did not take because it was full.
    pub dropped: u64,
    /// Events that wait to be sent.
    pub pending: u64,
    /// Requests that failed and were repeated.
    pub failed_requests: u64,
}

impl UsageMetrics {
    /// How many events the recorder was responsible for so far.
    pub(super) fn total(&self) -> u64 {
        self.recovered + self.recorded
    }

    /// How many of them have an outcome.
    pub(super) fn handled(&self) -> u64 {
        self.sent + self.rejected
    }
}
