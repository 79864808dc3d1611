//! The cache that programs hold.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use polar_client::chrono::{DateTime, TimeDelta, Utc};
use polar_client::models::CustomerState;
use polar_client::runtime::Response;
use polar_client::webhooks::WebhookPayload;
use polar_client::{Error, Polar};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Entitlements;
use super::event::{News, news};
use super::store::{Known, Slot, Span, Store};
use crate::CustomerKey;

/// How long the last known state is used if a request to the API fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaleIfError {
    /// Never: the error is returned.
    Never,
    /// Until the state is this old; then the error is returned.
    For(Duration),
    /// Without a limit.
    Always,
}

/// Settings of an [`EntitlementCache`].
#[derive(Clone, Debug)]
#[must_use = "the cache is made by `build`"]
pub struct EntitlementCacheBuilder {
    polar: Polar,
    settings: Settings,
    capacity: usize,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    max_age: Duration,
    stale_if_error: StaleIfError,
    request_interval: Duration,
}

impl EntitlementCacheBuilder {
    /// Sets the age at which a state is requested again, 5 minutes by default. It is the longest time for which a lost
    /// webhook has no effect.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.settings.max_age = age;
        self
    }

    /// Sets how long the last known state is used if a request to the API fails, 1 hour by default.
    pub fn stale_if_error(mut self, policy: StaleIfError) -> Self {
        self.settings.stale_if_error = policy;
        self
    }

    /// Sets the minimum time between two requests for one customer, 1 second by default. Reads in between return the
    /// last known state or the last error.
    pub fn request_interval(mut self, interval: Duration) -> Self {
        self.settings.request_interval = interval;
        self
    }

    /// Sets the maximum number of customers in the cache, 10,000 by default. The least recently used one is removed
    /// first.
    pub fn capacity(mut self, customers: usize) -> Self {
        self.capacity = customers;
        self
    }

    /// Creates the cache.
    #[must_use]
    pub fn build(self) -> EntitlementCache {
        let state = State {
            store: Store::new(self.capacity, SystemTime::now().into()),
            requests: HashMap::new(),
            metrics: EntitlementMetrics::default(),
        };
        let inner = Inner { polar: self.polar, settings: self.settings, state: Mutex::new(state) };
        EntitlementCache(Arc::new(inner))
    }
}

/// Counts of what the cache did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntitlementMetrics {
    /// Reads that were answered from memory.
    pub hits: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Reads that got a stale state.
    pub stale: u64,
    /// Reads that got an error.
    pub errors: u64,
    /// Events that changed a state.
    pub applied: u64,
    /// Events that were older than the known state, or about customers that are not in the cache.
    pub ignored: u64,
}

/// Why the entitlements of a customer are unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EntitlementError {
    /// The request to the API failed, and there is no state that may be used.
    Request(Arc<Error>),
    /// The task of the request ended early, because the tokio runtime shuts down.
    Interrupted,
}

impl fmt::Display for EntitlementError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(_) => f.write_str("the state of the customer could not be read"),
            Self::Interrupted => f.write_str("the request for the state of the customer was interrupted"),
        }
    }
}

impl StdError for EntitlementError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Request(error) => Some(&**error),
            Self::Interrupted => None,
        }
    }
}

/// The entitlements of customers, kept in memory. A clone is cheap and shares the states.
///
/// The [module](super) describes how states are updated.
#[derive(Clone)]
pub struct EntitlementCache(Arc<Inner>);

struct Inner {
    polar: Polar,
    settings: Settings,
    state: Mutex<State>,
}

struct State {
    store: Store,
    /// Running requests.
    requests: HashMap<CustomerKey, watch::Receiver<Option<Outcome>>>,
    metrics: EntitlementMetrics,
}

/// The result of a request. If a newer state is in the cache, it is that state.
type Outcome = Result<Known, Arc<Error>>;

impl EntitlementCache {
    /// Returns the settings of a cache. The token needs the scope `customers:read`.
    pub fn builder(polar: &Polar) -> EntitlementCacheBuilder {
        let settings = Settings {
            max_age: Duration::from_secs(5 * 60),
            stale_if_error: StaleIfError::For(Duration::from_secs(60 * 60)),
            request_interval: Duration::from_secs(1),
        };
        EntitlementCacheBuilder { polar: polar.clone(), settings, capacity: 10_000 }
    }

    /// Returns the entitlements of a customer: from memory, or from the API if they are unknown, outdated or too old.
    ///
    /// # Errors
    /// The request to the API failed, and there is no state that [`StaleIfError`] allows.
    pub async fn get(&self, customer: impl Into<CustomerKey>) -> Result<Entitlements, EntitlementError> {
        let key = customer.into();
        let settings = self.0.settings;
        let slot = {
            let mut state = self.state();
            let slot = state.store.get(&key).unwrap_or_default();
            if let Some(known) = &slot.known
                && known.age() <= settings.max_age
                && !slot.is_outdated()
            {
                state.metrics.hits += 1;
                return Ok(Entitlements::new(known.clone(), false, None));
            }
            slot
        };
        match &slot.asked {
            Some((at, error))
                if at.elapsed() < settings.request_interval && (error.is_some() || slot.known.is_some()) =>
            {
                self.fall_back(slot.clone(), error.clone())
            }
            _ => match self.request(&key).await? {
                Ok(known) => Ok(Entitlements::new(known, false, None)),
                Err(error) => {
                    let slot = self.state().store.get(&key).unwrap_or(slot);
                    self.fall_back(slot, Some(error))
                }
            },
        }
    }

    /// Returns the known entitlements of a customer without a request, whatever their age.
    #[must_use]
    pub fn peek(&self, customer: impl Into<CustomerKey>) -> Option<Entitlements> {
        let slot = self.state().store.get(&customer.into())?;
        let stale = slot.is_outdated() || slot.known.as_ref()?.age() > self.0.settings.max_age;
        Some(Entitlements::new(slot.known?, stale, None))
    }

    /// Updates the cache from a webhook. Returns whether anything changed: `false` for an event that is late, repeated,
    /// or about something else.
    ///
    /// Call it for every verified event, before your own handling. It does not block.
    pub fn apply(&self, event: &WebhookPayload) -> bool {
        let Some(news) = news(event) else { return false };
        let known = |state: Option<&CustomerState>, at| Known {
            state: state.cloned().map(Arc::new),
            read: Span::at(at),
            since: since(at),
        };
        let mut state = self.state();
        let applied = match news {
            News::State(customer, at) => match customer.id().copied() {
                Some(id) => state.store.told(id, known(Some(customer), at)),
                None => false,
            },
            News::Deleted(id, at) => state.store.told(id, known(None, at)),
            News::Changed(id, at) => state.store.changed(id, at),
        };
        let count = if applied { &mut state.metrics.applied } else { &mut state.metrics.ignored };
        *count += 1;
        applied
    }

    /// Forgets a customer, so that the next read asks the API.
    pub fn forget(&self, customer: impl Into<CustomerKey>) {
        self.state().store.remove(&customer.into());
    }

    /// Returns the number of customers in the cache.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().store.len()
    }

    /// Returns whether the cache is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the current counts.
    #[must_use]
    pub fn metrics(&self) -> EntitlementMetrics {
        self.state().metrics
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the last known state instead of one that could not be read.
    fn fall_back(&self, slot: Slot, error: Option<Arc<Error>>) -> Result<Entitlements, EntitlementError> {
        let usable = slot.known.filter(|known| match (&error, self.0.settings.stale_if_error) {
            (None, _) | (_, StaleIfError::Always) => true,
            (_, StaleIfError::Never) => false,
            (_, StaleIfError::For(limit)) => known.age() <= limit,
        });
        let metrics = &mut self.state().metrics;
        match (usable, error) {
            (Some(known), error) => {
                metrics.stale += 1;
                Ok(Entitlements::new(known, true, error))
            }
            (None, Some(error)) => {
                metrics.errors += 1;
                Err(EntitlementError::Request(error))
            }
            (None, None) => Err(EntitlementError::Interrupted),
        }
    }

    /// Requests the state, or waits for the running request for this key.
    async fn request(&self, key: &CustomerKey) -> Result<Outcome, EntitlementError> {
        let mut receiver = {
            let mut state = self.state();
            // The sender is gone if it was dropped with a runtime.
            state.requests.retain(|_, receiver| receiver.has_changed().is_ok());
            match state.requests.get(key) {
                Some(receiver) => receiver.clone(),
                None => {
                    let (sender, receiver) = watch::channel(None);
                    state.requests.insert(key.clone(), receiver.clone());
                    state.metrics.requests += 1;
                    let (this, key) = (self.clone(), key.clone());
                    // A separate task, because the caller may be dropped.
                    tokio::spawn(async move {
                        let outcome = this.fetch(&key).await;
                        this.state().requests.remove(&key);
                        sender.send_replace(Some(outcome));
                    });
                    receiver
                }
            }
        };
        let outcome = receiver.wait_for(Option::is_some).await;
        outcome.ok().and_then(|outcome| outcome.clone()).ok_or(EntitlementError::Interrupted)
    }

    async fn fetch(&self, key: &CustomerKey) -> Outcome {
        let (started, wall) = (Instant::now(), DateTime::<Utc>::from(SystemTime::now()));
        let customers = self.0.polar.customers();
        let response = match key {
            CustomerKey::Id(id) => customers.get_state(*id).send_with_response().await,
            CustomerKey::External(external_id) => customers.get_state_external(external_id).send_with_response().await,
        };
        let took = TimeDelta::from_std(started.elapsed()).unwrap_or_default();
        let mut state = self.state();
        let known = match response {
            Ok(response) => {
                let read = span(date(&response), wall, took);
                Known { state: Some(Arc::new(response.value)), read, since: started }
            }
            Err(error) if error.is_not_found() && !error.is_unknown_version() => {
                Known { state: None, read: span(error.headers().and_then(date_of), wall, took), since: started }
            }
            Err(error) => {
                let error = Arc::new(error);
                state.store.failed(key, Instant::now(), Arc::clone(&error));
                return Err(error);
            }
        };
        state.store.answered(key, known.clone());
        Ok(state.store.get(key).and_then(|slot| slot.known).unwrap_or(known))
    }
}

/// When a webhook's state was read, by this machine's clock.
fn since(at: DateTime<Utc>) -> Instant {
    let age = (DateTime::<Utc>::from(SystemTime::now()) - at).to_std().unwrap_or_default();
    let now = Instant::now();
    now.checked_sub(age).unwrap_or(now)
}

fn date(response: &Response<CustomerState>) -> Option<DateTime<Utc>> {
    date_of(response.headers())
}

/// The server's clock at its response, in whole seconds.
fn date_of(headers: &polar_client::runtime::http::HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get("date")?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

/// When the server read a state, by its clock: between the start of the request and its response.
fn span(date: Option<DateTime<Utc>>, started: DateTime<Utc>, took: TimeDelta) -> Span {
    let second = TimeDelta::seconds(1);
    match date {
        Some(date) => Span { earliest: date - took, latest: date + second },
        // Without the server's clock, this machine's clock is used.
        None => Span { earliest: started - second, latest: started + took + second },
    }
}

impl fmt::Debug for EntitlementCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntitlementCache")
            .field("customers", &self.len())
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
