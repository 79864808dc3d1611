//! A guard in memory.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::{Claim, Lease, ReplayGuard};
use crate::futures::BoxError;
use crate::platform::Instant;

/// A [`ReplayGuard`] in memory, for a program that runs as one process. Clones share its state.
///
/// Its memory is bounded: it holds at most `capacity` ids. If it is full, the event that was done first is forgotten,
/// and is handled again if it is delivered again. An event in progress is never forgotten before its lease ends: if all
/// ids are in progress, further claims fail, and those events are handled when the server delivers them again.
///
/// An event that is done is remembered for `keep`. After a restart nothing is remembered: an event whose response was
/// lost is handled again.
///
/// It uses tokio's clock: tests can set it with `tokio::time::pause` and `advance`.
#[derive(Clone)]
pub struct MemoryReplayGuard {
    states: Arc<Mutex<States>>,
    capacity: usize,
    keep: Duration,
}

#[derive(Default)]
struct States {
    of: HashMap<Arc<str>, State>,
    /// The events that are done, in the order of their completion. Each has exactly one entry.
    done: VecDeque<(Arc<str>, Instant)>,
}

enum State {
    InProgress { token: Uuid, since: Instant, lease: Duration },
    Done,
}

impl State {
    /// Returns the time until the lease ends. Zero if it has ended, `None` if the event is done.
    fn left(&self, now: Instant) -> Option<Duration> {
        match self {
            Self::InProgress { since, lease, .. } => Some(lease.saturating_sub(now.saturating_duration_since(*since))),
            Self::Done => None,
        }
    }
}

impl MemoryReplayGuard {
    /// Default number of ids: 10,000.
    pub const CAPACITY: usize = 10_000;

    /// Default time for which an event that is done is remembered: a day. By then, the server has given up delivering
    /// it.
    pub const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

    /// Creates a guard for at most `capacity` ids (at least one), which remembers an event that is done for `keep`.
    ///
    /// The capacity should be above the number of events in the time in which the server retries.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self { states: Arc::default(), capacity: capacity.max(1), keep }
    }

    /// Returns the states, without events that were done too long ago.
    fn states(&self, now: Instant) -> MutexGuard<'_, States> {
        // No code that holds the lock panics halfway through a change.
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        while states.done.front().is_some_and(|(_, done)| now.saturating_duration_since(*done) >= self.keep) {
            states.forget_oldest();
        }
        states
    }

    fn claim_now(&self, lease: &Lease) -> Result<Claim, Full> {
        let now = Instant::now();
        let mut states = self.states(now);
        if let Some(state) = states.of.get(lease.id()) {
            match state.left(now) {
                None => return Ok(Claim::Done),
                Some(Duration::ZERO) => {}
                Some(retry_after) => return Ok(Claim::InProgress { retry_after }),
            }
        } else {
            states.make_room(self.capacity, now)?;
        }
        let state = State::InProgress { token: lease.token(), since: now, lease: lease.duration() };
        states.of.insert(lease.id().into(), state);
        Ok(Claim::New)
    }

    fn complete_now(&self, lease: &Lease) -> Result<(), Full> {
        let now = Instant::now();
        let mut states = self.states(now);
        match states.of.get(lease.id()) {
            Some(State::Done) => return Ok(()),
            Some(State::InProgress { .. }) => {}
            // The lease has ended, and another event took its place.
            None => states.make_room(self.capacity, now)?,
        }
        let id: Arc<str> = lease.id().into();
        states.of.insert(Arc::clone(&id), State::Done);
        states.done.push_back((id, now));
        Ok(())
    }

    fn release_now(&self, lease: &Lease) {
        let mut states = self.states(Instant::now());
        let held = states.of.get(lease.id());
        if held.is_some_and(|state| matches!(state, State::InProgress { token, .. } if *token == lease.token())) {
            states.of.remove(lease.id());
        }
    }
}

impl States {
    fn forget_oldest(&mut self) {
        if let Some((id, _)) = self.done.pop_front() {
            self.of.remove(&id);
        }
    }

    /// Frees a place for one more id.
    fn make_room(&mut self, capacity: usize, now: Instant) -> Result<(), Full> {
        if self.of.len() >= capacity {
            self.forget_oldest();
        }
        if self.of.len() >= capacity {
            self.of.retain(|_, state| state.left(now) != Some(Duration::ZERO));
        }
        if self.of.len() >= capacity { Err(Full(capacity)) } else { Ok(()) }
    }
}

/// Every id is in progress.
#[derive(Debug)]
struct Full(usize);

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} events that the guard can keep are in progress: use a larger capacity", self.0)
    }
}

impl std::error::Error for Full {}

impl Default for MemoryReplayGuard {
    fn default() -> Self {
        Self::new(Self::CAPACITY, Self::KEEP)
    }
}

impl ReplayGuard for MemoryReplayGuard {
    async fn claim(&self, lease: &Lease) -> Result<Claim, BoxError> {
        Ok(self.claim_now(lease)?)
    }

    async fn complete(&self, lease: &Lease) -> Result<(), BoxError> {
        Ok(self.complete_now(lease)?)
    }

    async fn release(&self, lease: &Lease) -> Result<(), BoxError> {
        self.release_now(lease);
        Ok(())
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states: _, capacity, keep } = self;
        f.debug_struct("MemoryReplayGuard").field("capacity", capacity).field("keep", keep).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use tokio::time::advance;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const MINUTE: Duration = Duration::from_secs(60);

    /// Claims an id for a minute.
    fn claim(guard: &MemoryReplayGuard, id: &str) -> (Claim, Lease) {
        let lease = Lease::new(id, MINUTE);
        (guard.claim_now(&lease).unwrap(), lease)
    }

    /// Claims an id and marks it as done.
    fn handle(guard: &MemoryReplayGuard, id: &str) {
        let (claimed, lease) = claim(guard, id);
        assert_eq!(claimed, Claim::New, "{id}");
        guard.complete_now(&lease).unwrap();
    }

    fn kept(guard: &MemoryReplayGuard) -> (usize, usize) {
        let states = guard.states.lock().unwrap();
        (states.of.len(), states.done.len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_duplicate_waits_for_the_end_of_the_lease() {
        let guard = MemoryReplayGuard::default();
        assert_eq!(claim(&guard, "a").0, Claim::New);
        advance(MINUTE / 4).await;
        assert_eq!(claim(&guard.clone(), "a").0, Claim::InProgress { retry_after: MINUTE * 3 / 4 });
        advance(MINUTE * 3 / 4).await;
        assert_eq!(claim(&guard, "a").0, Claim::New);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_that_ended_releases_no_other() {
        let guard = MemoryReplayGuard::default();
        let (_, ended) = claim(&guard, "a");
        advance(MINUTE).await;
        let (claimed, second) = claim(&guard, "a");
        assert_eq!(claimed, Claim::New);
        guard.release_now(&ended);
        assert_eq!(claim(&guard, "a").0, Claim::InProgress { retry_after: MINUTE });
        guard.release_now(&second);
        assert_eq!(claim(&guard, "a").0, Claim::New);
    }

    #[tokio::test(start_paused = true)]
    async fn a_completion_after_the_lease_counts() {
        let guard = MemoryReplayGuard::default();
        let (_, first) = claim(&guard, "a");
        advance(MINUTE).await;
        let (_, second) = claim(&guard, "a");
        guard.complete_now(&first).unwrap();
        guard.release_now(&second);
        assert_eq!(claim(&guard, "a").0, Claim::Done);
        guard.complete_now(&second).unwrap();
        assert_eq!(kept(&guard), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_done_event_is_kept_for_its_time() {
        let guard = MemoryReplayGuard::new(10, HOUR);
        handle(&guard, "a");
        advance(HOUR - MINUTE).await;
        handle(&guard, "b");
        assert_eq!(claim(&guard, "a").0, Claim::Done);
        advance(MINUTE).await;
        assert_eq!(claim(&guard, "a").0, Claim::New);
        assert_eq!(claim(&guard, "b").0, Claim::Done);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_guard_forgets_the_oldest_done_event() {
        let guard = MemoryReplayGuard::new(3, HOUR);
        assert_eq!(claim(&guard, "at work").0, Claim::New);
        for id in 0..1000 {
            handle(&guard, &id.to_string());
            assert!(kept(&guard).0 <= 3);
        }
        assert_eq!(claim(&guard, "at work").0, Claim::InProgress { retry_after: MINUTE });
        assert_eq!([claim(&guard, "998").0, claim(&guard, "999").0], [Claim::Done; 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn released_events_take_no_memory() {
        let guard = MemoryReplayGuard::new(1, HOUR);
        for id in 0..1000 {
            guard.release_now(&claim(&guard, &id.to_string()).1);
        }
        assert_eq!(kept(&guard), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn no_lease_makes_room_before_it_ends() {
        let guard = MemoryReplayGuard::new(2, HOUR);
        let (_, first) = claim(&guard, "a");
        claim(&guard, "b");
        let text = guard.claim_now(&Lease::new("c", MINUTE)).unwrap_err().to_string();
        assert!(text.ends_with("use a larger capacity"), "{text}");
        advance(MINUTE).await;
        assert_eq!(claim(&guard, "c").0, Claim::New);
        guard.complete_now(&first).unwrap();
        assert_eq!(claim(&guard, "a").0, Claim::Done, "handled after its lease");
        assert_eq!(kept(&guard), (2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_may_be_endless() {
        let guard = MemoryReplayGuard::new(0, Duration::MAX);
        let lease = Lease::new("a", Duration::MAX);
        assert_eq!(guard.claim_now(&lease).unwrap(), Claim::New);
        advance(HOUR).await;
        assert_eq!(claim(&guard, "a").0, Claim::InProgress { retry_after: Duration::MAX - HOUR });
        guard.complete_now(&lease).unwrap();
        advance(HOUR).await;
        assert_eq!(claim(&guard, "a").0, Claim::Done);
    }
}
