//! Taking each webhook once.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::transport::{BoxError, BoxFuture};

/// Remembers which webhooks came, by their `webhook-id`.
///
/// The server delivers an event once or more often: again where the answer was lost, was late, or was an error. A
/// program that runs as several processes keeps the ids where all of them look, in its database for instance.
pub trait ReplayGuard: Send + Sync + 'static {
    /// Whether this id comes for the first time. It is remembered from now on; of two calls at once with the same id,
    /// one is the first.
    fn claim<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool, BoxError>>;

    /// Forgets an id: what the event asks for could not be done, and has to be when it comes again.
    fn release<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<T: ReplayGuard + ?Sized> ReplayGuard for Arc<T> {
    fn claim<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        (**self).claim(id)
    }

    fn release<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        (**self).release(id)
    }
}

/// Remembers webhooks in memory: the last so many, each for so long. A clone shares them.
#[derive(Clone)]
pub struct SeenWebhooks {
    seen: Arc<Mutex<Seen>>,
    capacity: usize,
    keep: Duration,
}

#[derive(Default)]
struct Seen {
    /// Number of the claim that holds an id.
    claims: HashMap<Arc<str>, u64>,
    /// All claims in their order. Those that were released stay until they are the oldest.
    order: VecDeque<(u64, Arc<str>, Instant)>,
    last: u64,
}

impl SeenWebhooks {
    /// How many ids are kept unless told otherwise.
    pub const CAPACITY: usize = 10_000;

    /// How long an id is kept unless told otherwise: a day, in which the server is done with its tries.
    pub const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

    /// Keeps at most `capacity` ids (at least one), each for the time of `keep`. Where there are more, the oldest is
    /// forgotten.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self { seen: Arc::default(), capacity: capacity.max(1), keep }
    }

    fn claim_at(&self, id: &str, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |claimed: &Instant| now.saturating_duration_since(*claimed) >= self.keep;
        while seen.order.front().is_some_and(|(.., claimed)| old(claimed)) {
            seen.forget_oldest();
        }
        if seen.claims.contains_key(id) {
            return false;
        }
        while seen.order.len() >= self.capacity {
            seen.forget_oldest();
        }
        seen.remember(id.into(), now);
        true
    }

    fn forget(&self, id: &str) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).claims.remove(id);
    }
}

impl Seen {
    fn remember(&mut self, id: Arc<str>, now: Instant) {
        self.last += 1;
        self.claims.insert(Arc::clone(&id), self.last);
        self.order.push_back((self.last, id, now));
    }

    fn forget_oldest(&mut self) {
        let Some((number, id, _)) = self.order.pop_front() else { return };
        // After a release the id may have been claimed anew.
        if self.claims.get(&id) == Some(&number) {
            self.claims.remove(&id);
        }
    }
}

impl Default for SeenWebhooks {
    fn default() -> Self {
        Self::new(Self::CAPACITY, Self::KEEP)
    }
}

impl ReplayGuard for SeenWebhooks {
    fn claim<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(self.claim_at(id, Instant::now())) })
    }

    fn release<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            self.forget(id);
            Ok(())
        })
    }
}

impl fmt::Debug for SeenWebhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen: _, capacity, keep } = self;
        f.debug_struct("SeenWebhooks").field("capacity", capacity).field("keep", keep).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn claims(guard: &SeenWebhooks, ids: &[&str], now: Instant) -> Vec<bool> {
        ids.iter().map(|id| guard.claim_at(id, now)).collect()
    }

    #[test]
    fn an_id_is_new_once() {
        let (guard, now) = (SeenWebhooks::default(), Instant::now());
        assert_eq!(claims(&guard, &["a", "a", "b", "a"], now), [true, false, true, false]);
        assert_eq!(claims(&guard.clone(), &["a"], now), [false], "a clone shares what was seen");
        guard.forget("a");
        assert_eq!(claims(&guard, &["a", "a"], now), [true, false]);
    }

    #[test]
    fn an_id_is_forgotten_after_its_time() {
        let (guard, now) = (SeenWebhooks::new(10, HOUR), Instant::now());
        assert_eq!(claims(&guard, &["a"], now), [true]);
        assert_eq!(claims(&guard, &["a", "b"], now + HOUR / 2), [false, true]);
        assert_eq!(claims(&guard, &["a", "b"], now + HOUR), [true, false]);
    }

    #[test]
    fn no_more_are_kept_than_were_allowed() {
        let (guard, now) = (SeenWebhooks::new(2, HOUR), Instant::now());
        assert_eq!(claims(&guard, &["a", "b", "c", "a", "c"], now), [true, true, true, true, false]);
        for _ in 0..100 {
            assert!(guard.claim_at("x", now));
            guard.forget("x");
        }
        assert_eq!(guard.seen.lock().map(|seen| seen.order.len()).ok(), Some(2));
        assert_eq!(claims(&SeenWebhooks::new(0, HOUR), &["a", "a"], now), [true, false]);
    }

    #[test]
    fn a_claim_outlives_the_one_that_was_released() {
        let (guard, now) = (SeenWebhooks::new(2, HOUR), Instant::now());
        assert!(guard.claim_at("a", now));
        guard.forget("a");
        assert_eq!(claims(&guard, &["a", "b", "a"], now), [true, true, false]);
    }
}
