//! The task that sends recorded events.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use polar_client::Error;
use polar_client::models::{EventsIngest, EventsIngestResponse};
use tokio::time::{Instant, sleep, sleep_until};

use super::event::clear_timestamp;
use super::queue::Entry;
use super::recorder::Shared;
use super::refusal::{Verdict, split, verdict};
use super::{UsageMetrics, UsageProblem};

/// How long the worker waits after failures: a random time up to a limit that doubles with each failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// Returns the limit of the wait after this many failures in a row. `asked` is the minimum that the server asks
    /// for.
    fn delay(self, failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
        // At least half of it, so that many programs do not retry at once.
        doubled.min(self.longest).mul_f64(0.5 + chance / 2.0).max(asked.unwrap_or_default())
    }
}

/// Sends batches until the recorder is closed and its queue is empty.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut failures = 0;
    while shared.batch_is_due().await {
        let batch = match shared.peek().await {
            Ok(batch) if batch.is_empty() => {
                shared.nothing_left();
                continue;
            }
            Ok(batch) => batch,
            Err(error) => {
                spool_failed(&shared, &error, &mut failures).await;
                continue;
            }
        };
        let count = batch.len();
        deliver(&shared, batch, &mut failures).await;
        while let Err(error) = shared.advance(count).await {
            spool_failed(&shared, &error, &mut failures).await;
        }
        shared.progressed();
    }
    shared.progressed();
}

/// Sends the events until each of them has an outcome.
async fn deliver(shared: &Shared, batch: Vec<Entry>, failures: &mut u32) {
    let mut parts = VecDeque::from([batch]);
    while let Some(mut part) = parts.pop_front() {
        let events = part.iter().map(|entry| entry.event.clone());
        let error = match shared.polar.events().ingest(EventsIngest::new(events)).await {
            Ok(response) => {
                *failures = 0;
                shared.count(|metrics| taken(metrics, part.len(), Some(&response)));
                continue;
            }
            Err(error) => error,
        };
        match verdict(&error) {
            Verdict::Taken => shared.count(|metrics| taken(metrics, part.len(), None)),
            Verdict::Later => {
                failed(shared, &error, failures).await;
                parts.push_front(part);
            }
            Verdict::Refused => {
                *failures = 0;
                let words = error.to_string();
                let split = split(std::mem::take(&mut part), error.raw_body().map_or(&[], |body| body), &words);
                let mut again = Vec::new();
                for mut rejection in split.rejected {
                    // The clock of this machine is ahead, so the server's time is used.
                    if rejection.timestamp && rejection.entry.stamped {
                        clear_timestamp(&mut rejection.entry.event);
                        rejection.entry.stamped = false;
                        again.push(rejection.entry);
                        continue;
                    }
                    shared.count(|metrics| {
                        metrics.rejected += 1;
                        metrics.pending = metrics.pending.saturating_sub(1);
                    });
                    shared.report(UsageProblem::Rejected { event: &rejection.entry.event, reason: &rejection.reason });
                }
                for part in split.parts.into_iter().chain([again]).rev().filter(|part| !part.is_empty()) {
                    parts.push_front(part);
                }
            }
        }
    }
}

fn taken(metrics: &mut UsageMetrics, count: usize, response: Option<&EventsIngestResponse>) {
    metrics.sent += count as u64;
    metrics.pending = metrics.pending.saturating_sub(count as u64);
    if let Some(response) = response {
        metrics.inserted += u64::try_from(response.inserted).unwrap_or_default();
        metrics.duplicates += response.duplicates.and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    }
}

async fn failed(shared: &Shared, error: &Error, failures: &mut u32) {
    *failures = failures.saturating_add(1);
    shared.count(|metrics| metrics.failed_requests += 1);
    let retry_in = shared.backoff.delay(*failures, error.retry_after(), fastrand::f64());
    shared.report(UsageProblem::Failed { error, retry_in });
    shared.pause(retry_in).await;
}

async fn spool_failed(shared: &Shared, error: &io::Error, failures: &mut u32) {
    *failures = failures.saturating_add(1);
    let retry_in = shared.backoff.delay(*failures, None, fastrand::f64());
    shared.report(UsageProblem::Spool { error, retry_in });
    shared.pause(retry_in).await;
}

impl Shared {
    /// Waits until a batch is full, old enough or flushed. Returns `false` if there are no more events.
    async fn batch_is_due(&self) -> bool {
        let mut oldest = None;
        loop {
            let wake = self.wake.notified();
            let (metrics, state) = self.look();
            let waiting = metrics.pending;
            if waiting == 0 {
                if state.closed {
                    return false;
                }
                wake.await;
                continue;
            }
            if waiting >= self.batch_size as u64 || state.closed || metrics.handled() < state.flush_to {
                return true;
            }
            let due = *oldest.get_or_insert_with(Instant::now) + self.batch_interval;
            tokio::select! {
                () = sleep_until(due) => return true,
                () = wake => {}
            }
        }
    }

    /// Waits before the next attempt; less if the recorder is shut down or flushed meanwhile.
    async fn pause(&self, delay: Duration) {
        tokio::select! {
            () = sleep(delay) => {}
            () = self.hurry.notified() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_or_what_is_asked() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        let delays = [1, 2, 3, 7, 80].map(|failures| backoff.delay(failures, None, 1.0).as_secs());
        assert_eq!(delays, [1, 2, 4, 60, 60]);
        assert_eq!(backoff.delay(2, None, 0.0), Duration::from_secs(1));
        assert_eq!(backoff.delay(1, Some(Duration::from_secs(90)), 1.0), Duration::from_secs(90));
    }
}
