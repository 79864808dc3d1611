//! The recorder that programs hold.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use polar_client::Polar;
use polar_client::chrono::{DateTime, Utc};
use polar_client::models::EventCreate;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_blocking};

use super::error::Kind;
use super::event::complete;
use super::queue::{Entry, PushError, Queue};
use super::spool::{Spool, SpoolOptions};
use super::worker::{Backoff, run};
use super::{RecordError, UsageEvent, UsageMetrics, UsageProblem};

/// The behavior of [`UsageRecorder::record`] if the recorder is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Waits until there is room. Nothing is lost.
    #[default]
    Wait,
    /// Returns an error, and counts the event as dropped.
    DropNewest,
}

/// Settings of a [`UsageRecorder`].
#[must_use = "the recorder starts with `start`"]
pub struct UsageRecorderBuilder {
    polar: Polar,
    batch_size: usize,
    batch_interval: Duration,
    capacity: usize,
    overflow: Overflow,
    spool: Option<SpoolOptions>,
    backoff: Backoff,
    shutdown_deadline: Duration,
    report: Arc<Report>,
}

type Report = dyn Fn(UsageProblem<'_>) + Send + Sync;

impl UsageRecorderBuilder {
    /// Sets the maximum number of events in a request, 500 by default. Polar documents no limit; a batch that it
    /// rejects as too large is halved.
    pub fn batch_size(self, events: usize) -> Self {
        Self { batch_size: events.max(1), ..self }
    }

    /// Sets how long an event waits for others, 5 seconds by default.
    pub fn batch_interval(self, interval: Duration) -> Self {
        Self { batch_interval: interval, ..self }
    }

    /// Sets the maximum number of events in memory, 10,000 by default. With a spool, [`SpoolOptions::max_bytes`] is the
    /// limit instead.
    pub fn capacity(self, events: usize) -> Self {
        Self { capacity: events, ..self }
    }

    /// Sets what happens to an event if the recorder is full. By default [`record`](UsageRecorder::record) waits.
    pub fn overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// Stores events on disk until they are sent, so that a crash loses none.
    pub fn spool(self, options: SpoolOptions) -> Self {
        Self { spool: Some(options), ..self }
    }

    /// Sets the delay after a failed request: a random time up to `first`, doubled with each failure up to `longest`.
    /// The defaults are 1 second and 1 minute. The server may ask for more. The client's own retries come first.
    pub fn backoff(self, first: Duration, longest: Duration) -> Self {
        Self { backoff: Backoff { first, longest }, ..self }
    }

    /// Sets how long [`UsageRecorder::shutdown`] sends the remaining events, 30 seconds by default.
    pub fn shutdown_deadline(self, deadline: Duration) -> Self {
        Self { shutdown_deadline: deadline, ..self }
    }

    /// Calls `report` for each problem: a rejected event, a failed request, a spool that can't be read. Use it for logs,
    /// and to keep rejected events. It should return quickly.
    pub fn on_problem(self, report: impl Fn(UsageProblem<'_>) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    /// Starts the task that sends events.
    ///
    /// # Errors
    /// The spool can't be opened, or another recorder uses it. Without a spool it does not fail.
    ///
    /// # Panics
    /// It is called outside of a tokio runtime.
    pub fn start(self) -> io::Result<UsageRecorder> {
        let (queue, recovered) = match self.spool.clone() {
            Some(options) => {
                let (spool, waiting) = Spool::open(options)?;
                (Queue::Disk(spool), waiting)
            }
            None => (Queue::memory(self.capacity), 0),
        };
        Ok(self.start_with(queue, recovered))
    }

    pub(super) fn start_with(self, queue: Queue, recovered: u64) -> UsageRecorder {
        let shared = Arc::new(Shared {
            polar: self.polar,
            blocks: queue.blocks(),
            queue: Mutex::new(queue),
            state: Mutex::new(State {
                metrics: UsageMetrics { recovered, pending: recovered, ..UsageMetrics::default() },
                ..State::default()
            }),
            wake: Notify::new(),
            space: Notify::new(),
            hurry: Notify::new(),
            progress: Notify::new(),
            batch_size: self.batch_size,
            batch_interval: self.batch_interval,
            overflow: self.overflow,
            backoff: self.backoff,
            report: self.report,
        });
        let task = tokio::spawn(run(Arc::clone(&shared)));
        let handle = Handle { shared, task: Mutex::new(Some(task)), deadline: self.shutdown_deadline };
        UsageRecorder(Arc::new(handle))
    }
}

impl fmt::Debug for UsageRecorderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageRecorderBuilder")
            .field("batch_size", &self.batch_size)
            .field("batch_interval", &self.batch_interval)
            .field("capacity", &self.capacity)
            .field("overflow", &self.overflow)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

/// The common state of the recorder and its task.
pub(super) struct Shared {
    pub(super) polar: Polar,
    queue: Mutex<Queue>,
    /// Whether the queue blocks on the disk.
    blocks: bool,
    state: Mutex<State>,
    /// Wakes the task: a batch may be due.
    pub(super) wake: Notify,
    /// Wakes `record`: there may be room.
    space: Notify,
    /// Ends a wait between attempts.
    pub(super) hurry: Notify,
    /// Wakes `flush`: events have an outcome.
    progress: Notify,
    pub(super) batch_size: usize,
    pub(super) batch_interval: Duration,
    overflow: Overflow,
    pub(super) backoff: Backoff,
    report: Arc<Report>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    metrics: UsageMetrics,
    pub(super) closed: bool,
    /// Number of events that must have an outcome before a batch may wait again.
    pub(super) flush_to: u64,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn look(&self) -> (UsageMetrics, State) {
        let state = *self.state();
        (state.metrics, state)
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut UsageMetrics)) {
        change(&mut self.state().metrics);
    }

    pub(super) fn report(&self, problem: UsageProblem<'_>) {
        // A panic would end the task, and `record` would wait for it forever. The panic hook has reported it.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.report)(problem)));
    }

    /// The queue contains fewer events than were counted: a file of the spool was removed by another program.
    pub(super) fn nothing_left(&self) {
        let mut queue = self.queue();
        if queue.peek(1).is_ok_and(|entries| entries.is_empty()) {
            let metrics = &mut self.state().metrics;
            let gone = std::mem::take(&mut metrics.pending);
            let recovered = gone.min(metrics.recovered);
            metrics.recovered -= recovered;
            metrics.recorded = metrics.recorded.saturating_sub(gone - recovered);
        }
    }

    pub(super) fn progressed(&self) {
        self.space.notify_waiters();
        self.progress.notify_waiters();
    }

    fn push(&self, entry: &Entry) -> Result<(), PushError> {
        let mut queue = self.queue();
        // It is counted first: the task ends only if it is closed and nothing is pending.
        let waiting = {
            let mut state = self.state();
            if state.closed {
                return Err(PushError::Closed);
            }
            state.metrics.recorded += 1;
            state.metrics.pending += 1;
            state.metrics.pending
        };
        if let Err(error) = queue.push(entry) {
            self.count(|metrics| {
                metrics.recorded -= 1;
                metrics.pending -= 1;
            });
            return Err(error);
        }
        if waiting == 1 || waiting >= self.batch_size as u64 {
            self.wake.notify_one();
        }
        Ok(())
    }

    async fn push_async(self: &Arc<Self>, entry: Entry) -> (Entry, Result<(), PushError>) {
        if !self.blocks {
            let pushed = self.push(&entry);
            return (entry, pushed);
        }
        let (shared, kept) = (Arc::clone(self), entry.clone());
        let task = spawn_blocking(move || shared.push(&entry));
        let pushed = task.await.unwrap_or_else(|error| Err(PushError::Disk(io::Error::other(error))));
        (kept, pushed)
    }

    pub(super) async fn peek(self: &Arc<Self>) -> io::Result<Vec<Entry>> {
        let size = self.batch_size;
        self.with_queue(move |queue| queue.peek(size)).await
    }

    pub(super) async fn advance(self: &Arc<Self>, count: usize) -> io::Result<()> {
        self.with_queue(move |queue| queue.advance(count)).await
    }

    async fn with_queue<T: Send + 'static>(
        self: &Arc<Self>,
        action: impl FnOnce(&mut Queue) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        if !self.blocks {
            return action(&mut self.queue());
        }
        let shared = Arc::clone(self);
        let task = spawn_blocking(move || action(&mut shared.queue()));
        task.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// Sends all events so far without waiting for full batches. Returns their number.
    fn send_now(&self) -> u64 {
        let mut state = self.state();
        state.flush_to = state.metrics.total();
        self.wake.notify_one();
        state.flush_to
    }

    fn close(&self) {
        self.state().closed = true;
        self.wake.notify_one();
        self.hurry.notify_one();
        self.space.notify_waiters();
    }
}

/// Ends the task if no clone of the recorder is left.
struct Handle {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
    deadline: Duration,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// Records usage events and sends them in the background. A clone is cheap and records into the same queue.
///
/// See the [module](super) for how events are stored and sent. Call [`shutdown`](Self::shutdown) before the program
/// ends: otherwise the events in memory are lost with the tokio runtime.
#[derive(Clone)]
pub struct UsageRecorder(Arc<Handle>);

impl UsageRecorder {
    /// Returns the settings of a recorder. The token needs the scope `events:write`.
    pub fn builder(polar: &Polar) -> UsageRecorderBuilder {
        UsageRecorderBuilder {
            polar: polar.clone(),
            batch_size: 500,
            batch_interval: Duration::from_secs(5),
            capacity: 10_000,
            overflow: Overflow::Wait,
            spool: None,
            backoff: Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) },
            shutdown_deadline: Duration::from_secs(30),
            report: Arc::new(|_| ()),
        }
    }

    /// Records an event. It is sent later.
    ///
    /// An event without an external identifier gets one, and one without a time gets the current time. If the recorder
    /// is full, this waits for room, unless [`Overflow::DropNewest`] is set. If the future is dropped, it is unknown
    /// whether the event was recorded; recording it again is safe if it has your own external identifier.
    ///
    /// # Errors
    /// The recorder was shut down or may not wait, or the spool can't be written. The error contains the event.
    pub async fn record(&self, event: impl Into<UsageEvent>) -> Result<(), RecordError> {
        let shared = &self.0.shared;
        let mut entry = entry(event.into())?;
        loop {
            let space = shared.space.notified();
            tokio::pin!(space);
            space.as_mut().enable();
            let (kept, pushed) = shared.push_async(entry).await;
            entry = kept;
            match pushed {
                Ok(()) => return Ok(()),
                Err(PushError::Full) if shared.overflow == Overflow::Wait => {
                    shared.send_now();
                    space.await;
                }
                Err(error) => return Err(self.refused(error, entry.event)),
            }
        }
    }

    /// Records an event without waiting for room. Use it in code that is not async.
    ///
    /// With a spool it writes to the disk before it returns.
    ///
    /// # Errors
    /// The recorder is full or was shut down, or the spool can't be written. The error contains the event.
    pub fn try_record(&self, event: impl Into<UsageEvent>) -> Result<(), RecordError> {
        let entry = entry(event.into())?;
        self.0.shared.push(&entry).map_err(|error| self.refused(error, entry.event))
    }

    fn refused(&self, error: PushError, event: EventCreate) -> RecordError {
        let kind = match error {
            PushError::Full => {
                self.0.shared.count(|metrics| metrics.dropped += 1);
                Kind::Full
            }
            PushError::Closed => Kind::Closed,
            PushError::Disk(error) => Kind::Spool(error),
        };
        RecordError::new(kind, event)
    }

    /// Returns the current counts.
    #[must_use]
    pub fn metrics(&self) -> UsageMetrics {
        self.0.shared.look().0
    }

    /// Sends all recorded events without waiting for full batches, and returns when each of them has an outcome. While
    /// the server is down, that can take long: set a limit with `tokio::time::timeout`.
    pub async fn flush(&self) {
        let shared = &self.0.shared;
        let target = shared.send_now();
        shared.hurry.notify_one();
        loop {
            let progress = shared.progress.notified();
            tokio::pin!(progress);
            progress.as_mut().enable();
            let (metrics, _) = shared.look();
            if metrics.handled() >= target || metrics.pending == 0 {
                return;
            }
            progress.await;
        }
    }

    /// Accepts no more events, sends the remaining ones until the deadline
    /// ([`shutdown_deadline`](UsageRecorderBuilder::shutdown_deadline)) and returns the counts.
    ///
    /// Events that could not be sent are in [`UsageShutdown::unsent`], or stay in the spool for the next start. A
    /// second call returns only the counts.
    pub async fn shutdown(&self) -> UsageShutdown {
        let shared = &self.0.shared;
        shared.close();
        let task = self.0.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut task) = task
            && tokio::time::timeout(self.0.deadline, &mut task).await.is_err()
        {
            task.abort();
            // It ends at its next await.
            let _ = task.await;
        }
        // A running write ends first, so that the next recorder can use the spool.
        let queue = shared.with_queue(|queue| Ok(std::mem::replace(queue, Queue::Closed))).await;
        let unsent = match queue {
            Ok(Queue::Memory { entries, .. }) => entries.into_iter().map(|entry| entry.event).collect(),
            _ => Vec::new(),
        };
        UsageShutdown { metrics: self.metrics(), unsent }
    }
}

fn entry(event: UsageEvent) -> Result<Entry, RecordError> {
    let mut event = event.into_inner();
    if !matches!(event, EventCreate::Customer(_) | EventCreate::ExternalCustomer(_)) {
        return Err(RecordError::new(Kind::Unsupported, event));
    }
    let stamped = complete(&mut event, DateTime::<Utc>::from(SystemTime::now()));
    Ok(Entry { event, stamped })
}

impl fmt::Debug for UsageRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageRecorder").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

/// The result of a shutdown.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UsageShutdown {
    /// The final counts.
    pub metrics: UsageMetrics,
    /// Events that may not be stored, oldest first. They have external identifiers, so sending them again is safe. With
    /// a spool it is empty, and the events stay on disk.
    pub unsent: Vec<EventCreate>,
}
