//! The deadline of a call.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use crate::platform::Instant;

/// Bounds all steps of a call. `F` resolves at the deadline.
pub(super) struct Deadline<'a, F> {
    total: Duration,
    start: Instant,
    /// Waits of a transport for tests, which did not sleep. They count as if it had.
    skipped: Duration,
    timer: Pin<&'a mut F>,
}

impl<'a, F: Future<Output = ()>> Deadline<'a, F> {
    /// Starts the time of the call.
    pub(super) fn new(total: Duration, timer: Pin<&'a mut F>) -> Self {
        Self { total, start: Instant::now(), skipped: Duration::ZERO, timer }
    }

    /// Returns the timeout of the call.
    pub(super) fn total(&self) -> Duration {
        self.total
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed().saturating_add(self.skipped)
    }

    /// Returns the time that is left.
    pub(super) fn left(&self) -> Duration {
        self.total.saturating_sub(self.elapsed())
    }

    /// Runs a step of the call. If the deadline comes first, returns `None` and drops the step.
    pub(super) async fn within<T>(&mut self, step: impl Future<Output = T>) -> Option<T> {
        let mut step = pin!(step);
        poll_fn(|cx| match step.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => self.timer.as_mut().poll(cx).map(|()| None),
        })
        .await
    }

    /// Waits for this time by means of `sleep`. Returns `None` if the deadline comes first.
    pub(super) async fn wait(&mut self, time: Duration, sleep: impl Future<Output = ()>) -> Option<()> {
        let begin = Instant::now();
        self.within(sleep).await?;
        self.skipped = self.skipped.saturating_add(time.saturating_sub(begin.elapsed()));
        Some(())
    }
}
