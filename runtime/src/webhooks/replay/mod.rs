//! Guards that remember which events are in progress and which are done.
//!
//! `memory` has the guard that stores this in memory, and `held` the claim that releases itself.

#[cfg(feature = "axum")]
mod held;
mod memory;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

#[cfg(feature = "axum")]
pub(super) use held::{DynReplayGuard, Held};
pub use memory::MemoryReplayGuard;

use crate::futures::{BoxError, MaybeSend, MaybeSync};
use crate::platform;

/// Remembers which events are being handled and which are done, by their `webhook-id`.
///
/// The server delivers an event at least once: it delivers it again if the response was lost, late, or an error. A
/// guard stores one of these states for each id:
///
/// | state | meaning | ends |
/// |---|---|---|
/// | new | not known | by a claim |
/// | in progress | claimed under a lease | by `complete`, by `release`, or when the lease ends |
/// | done | handled | never, or after the server has given up delivering it |
///
/// [`MemoryReplayGuard`] is enough for one process. A program with several processes, or one that must not handle an
/// event again after a restart, implements the trait with a database that all processes share. Each method is one
/// atomic statement there; see the methods.
///
/// Implement the methods as `async fn`. Their futures must be `Send`, except on `wasm32`.
///
/// ```
/// use polar_client_runtime::BoxError;
/// use polar_client_runtime::webhooks::{Claim, Lease, MemoryReplayGuard, ReplayGuard};
///
/// /// Counts claims, and leaves the rest to another guard.
/// struct Counted<G>(G, std::sync::atomic::AtomicU64);
///
/// impl<G: ReplayGuard> ReplayGuard for Counted<G> {
///     async fn claim(&self, lease: &Lease) -> Result<Claim, BoxError> {
///         self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         self.0.claim(lease).await
///     }
///
///     async fn complete(&self, lease: &Lease) -> Result<(), BoxError> {
///         self.0.complete(lease).await
///     }
///
///     async fn release(&self, lease: &Lease) -> Result<(), BoxError> {
///         self.0.release(lease).await
///     }
/// }
/// # let _ = Counted(MemoryReplayGuard::default(), Default::default());
/// ```
pub trait ReplayGuard: MaybeSend + MaybeSync + 'static {
    /// Claims the event of a lease, or returns why it can't be claimed.
    ///
    /// If the id is new or its lease has ended, stores the id with [`token`](Lease::token) and the end of the lease,
    /// and returns [`Claim::New`]. Of several concurrent calls for the same id, only one gets `New`. If several
    /// machines share the database, use its clock.
    ///
    /// # Errors
    /// The state can't be read or stored. The response to the delivery is 500.
    fn claim(&self, lease: &Lease) -> impl Future<Output = Result<Claim, BoxError>> + MaybeSend;

    /// Marks the event as done. This holds even if the lease has ended or another delivery has claimed the event since:
    /// the event was handled.
    ///
    /// # Errors
    /// The state can't be stored. The response to the delivery is 500.
    fn complete(&self, lease: &Lease) -> impl Future<Output = Result<(), BoxError>> + MaybeSend;

    /// Releases the event: it was not handled, and the next delivery is new.
    ///
    /// Does nothing if the event is done, or if its state has another [`token`](Lease::token): then the lease had ended
    /// and another delivery has claimed it.
    ///
    /// # Errors
    /// The state can't be stored. The event is then released at the end of the lease.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), BoxError>> + MaybeSend;
}

impl<T: ReplayGuard> ReplayGuard for Arc<T> {
    fn claim(&self, lease: &Lease) -> impl Future<Output = Result<Claim, BoxError>> + MaybeSend {
        (**self).claim(lease)
    }

    fn complete(&self, lease: &Lease) -> impl Future<Output = Result<(), BoxError>> + MaybeSend {
        (**self).complete(lease)
    }

    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), BoxError>> + MaybeSend {
        (**self).release(lease)
    }
}

/// The result of claiming an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The event is claimed and has to be handled.
    New,
    /// Another delivery of the event is in progress.
    InProgress {
        /// Time until its lease ends.
        retry_after: Duration,
    },
    /// The event is done.
    Done,
}

/// A claim on one event by one delivery, for a limited time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    id: String,
    token: Uuid,
    duration: Duration,
}

impl Lease {
    /// Creates a lease with a new token. Receivers do this for each delivery. Call it in tests, and to use a guard with
    /// another framework than axum.
    #[must_use]
    pub fn new(id: impl Into<String>, duration: Duration) -> Self {
        Self { id: id.into(), token: token(), duration }
    }

    /// Returns the `webhook-id` of the event, which is the same in each delivery.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the token of the delivery, which is different in each, also across processes.
    #[must_use]
    pub fn token(&self) -> Uuid {
        self.token
    }

    /// Returns how long the claim lasts, from the time of the claim.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }
}

/// A random UUID, which no other process makes.
fn token() -> Uuid {
    uuid::Builder::from_random_bytes(platform::random_bits().to_be_bytes()).into_uuid()
}
