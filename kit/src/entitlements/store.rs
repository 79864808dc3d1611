//! The states in memory: which of two is newer, and which is removed if there are too many. No clock and no requests.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use polar_client::Error;
use polar_client::chrono::{DateTime, Utc};
use polar_client::models::CustomerState;
use polar_client::uuid::Uuid;
use tokio::time::Instant;

use crate::CustomerKey;

/// When a state was read, by the server's clock: at some point between the two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) earliest: DateTime<Utc>,
    pub(super) latest: DateTime<Utc>,
}

impl Span {
    pub(super) fn at(time: DateTime<Utc>) -> Self {
        Self { earliest: time, latest: time }
    }
}

/// A state at a point in time.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// `None`: Polar does not know the customer, or has deleted it.
    pub(super) state: Option<Arc<CustomerState>>,
    pub(super) read: Span,
    /// When it was read, by this machine's clock.
    pub(super) since: Instant,
}

impl Known {
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

/// The entry of a customer.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    pub(super) known: Option<Known>,
    /// An event said that the state changed at this time.
    changed: Option<DateTime<Utc>>,
    /// When the API was asked last, and the error, if it was one.
    pub(super) asked: Option<(Instant, Option<Arc<Error>>)>,
    /// Your own identifier of the customer, if it refers to this entry.
    external_id: Option<String>,
    tick: u64,
}

impl Slot {
    /// Returns whether an event announced a change that the state may not contain.
    pub(super) fn is_outdated(&self) -> bool {
        let read = self.known.as_ref().map(|known| known.read.earliest);
        self.changed.is_some_and(|changed| read.is_none_or(|read| changed > read))
    }
}

/// The most recently used customers, at most `capacity` of them.
#[derive(Debug)]
pub(super) struct Store {
    slots: HashMap<CustomerKey, Slot>,
    /// The customer of each of your own identifiers.
    external: HashMap<String, Uuid>,
    used: BTreeMap<u64, CustomerKey>,
    tick: u64,
    capacity: usize,
    /// States that were removed may have been this new: an older state must not replace them.
    forgotten: DateTime<Utc>,
}

impl Store {
    pub(super) fn new(capacity: usize, started: DateTime<Utc>) -> Self {
        Self {
            slots: HashMap::new(),
            external: HashMap::new(),
            used: BTreeMap::new(),
            tick: 0,
            capacity: capacity.max(1),
            forgotten: started,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The key under which the customer is held.
    fn resolve(&self, key: &CustomerKey) -> CustomerKey {
        match key {
            CustomerKey::External(external_id) => {
                self.external.get(external_id).copied().map_or_else(|| key.clone(), CustomerKey::Id)
            }
            CustomerKey::Id(_) => key.clone(),
        }
    }

    /// Returns the entry of a customer, and marks it as used.
    pub(super) fn get(&mut self, key: &CustomerKey) -> Option<Slot> {
        let key = self.resolve(key);
        self.touch(&key);
        self.slots.get(&key).cloned()
    }

    /// Stores a response of the API for this key.
    pub(super) fn answered(&mut self, key: &CustomerKey, known: Known) {
        let asked = Some((known.since, None));
        let held = match known.state.as_deref().and_then(|state| state.id().copied()) {
            Some(id) => {
                if let CustomerKey::External(external_id) = key {
                    self.link(external_id, id);
                }
                CustomerKey::Id(id)
            }
            None => self.resolve(key),
        };
        self.keep(&held, known);
        if let Some(slot) = self.slots.get_mut(&held) {
            slot.asked = asked;
        }
    }

    /// Records a failed request.
    pub(super) fn failed(&mut self, key: &CustomerKey, at: Instant, error: Arc<Error>) {
        let key = self.resolve(key);
        self.slot(&key).asked = Some((at, Some(error)));
    }

    /// Stores a state from an event. Returns whether it is new.
    pub(super) fn told(&mut self, id: Uuid, known: Known) -> bool {
        let key = CustomerKey::Id(id);
        // A customer without an entry may have had one with a newer state.
        if !self.slots.contains_key(&key) && known.read.latest <= self.forgotten {
            return false;
        }
        self.keep(&key, known)
    }

    /// Records from an event that the state of a customer changed. Returns whether it is new.
    pub(super) fn changed(&mut self, id: Uuid, at: DateTime<Utc>) -> bool {
        let Some(slot) = self.slots.get_mut(&CustomerKey::Id(id)) else { return false };
        slot.changed = slot.changed.max(Some(at));
        slot.known.as_ref().is_none_or(|known| at > known.read.earliest)
    }

    /// Removes the state of a customer.
    pub(super) fn remove(&mut self, key: &CustomerKey) {
        let key = self.resolve(key);
        self.evict(&key);
    }

    fn keep(&mut self, key: &CustomerKey, known: Known) -> bool {
        if let Some(external_id) = known.state.as_deref().and_then(|state| state.external_id())
            && let CustomerKey::Id(id) = key
        {
            self.link(external_id, *id);
        }
        let slot = self.slot(key);
        let Some(held) = &slot.known else {
            slot.known = Some(known);
            return true;
        };
        if known.read.earliest >= held.read.latest {
            slot.known = Some(known);
            return true;
        }
        if known.read.latest <= held.read.earliest {
            return false;
        }
        // It is unclear which of them is newer: request it again.
        slot.changed = slot.changed.max(Some(known.read.latest.max(held.read.latest)));
        true
    }

    /// Makes one of your own identifiers refer to a customer.
    fn link(&mut self, external_id: &str, id: Uuid) {
        // The entry from before it referred to a customer.
        if let Some(slot) = self.slots.remove(&CustomerKey::External(external_id.to_owned())) {
            self.used.remove(&slot.tick);
        }
        self.slot(&CustomerKey::Id(id)).external_id = Some(external_id.to_owned());
        self.external.insert(external_id.to_owned(), id);
    }

    fn slot(&mut self, key: &CustomerKey) -> &mut Slot {
        if !self.slots.contains_key(key)
            && self.slots.len() >= self.capacity
            && let Some(oldest) = self.used.first_key_value().map(|(_, key)| key.clone())
        {
            self.evict(&oldest);
        }
        self.slots.entry(key.clone()).or_default();
        self.touch(key);
        self.slots.entry(key.clone()).or_default()
    }

    fn touch(&mut self, key: &CustomerKey) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        self.used.remove(&slot.tick);
        self.tick += 1;
        slot.tick = self.tick;
        self.used.insert(self.tick, key.clone());
    }

    fn evict(&mut self, key: &CustomerKey) {
        let Some(slot) = self.slots.remove(key) else { return };
        self.used.remove(&slot.tick);
        if let Some(known) = slot.known {
            self.forgotten = self.forgotten.max(known.read.latest);
        }
        if let (CustomerKey::Id(id), Some(external_id)) = (key, slot.external_id)
            && self.external.get(&external_id) == Some(id)
        {
            self.external.remove(&external_id);
        }
    }
}
