//! A claim that is released when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Claim, Lease, ReplayGuard};
use crate::futures::{BoxError, BoxFuture, MaybeSend, MaybeSync};
use crate::platform::spawn;

/// A [`ReplayGuard`] of any type.
pub(in crate::webhooks) trait DynReplayGuard: MaybeSend + MaybeSync {
    fn claim<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Claim, BoxError>>;
    fn complete<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), BoxError>>;
    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<T: ReplayGuard> DynReplayGuard for T {
    fn claim<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(ReplayGuard::claim(self, lease))
    }

    fn complete<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(ReplayGuard::complete(self, lease))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(ReplayGuard::release(self, lease))
    }
}

/// A lease and its guard. Dropping it releases the event, unless it was completed.
///
/// It exists before the claim is made, so that a claim is also released if its future is dropped halfway.
pub(in crate::webhooks) struct Held {
    guard: Arc<dyn DynReplayGuard>,
    lease: Lease,
    settled: AtomicBool,
}

impl Held {
    pub(in crate::webhooks) fn new(guard: Arc<dyn DynReplayGuard>, lease: Lease) -> Self {
        Self { guard, lease, settled: AtomicBool::new(false) }
    }

    pub(in crate::webhooks) async fn claim(&self) -> Result<Claim, BoxError> {
        self.guard.claim(&self.lease).await
    }

    /// Marks the event as done.
    pub(in crate::webhooks) async fn complete(&self) -> Result<(), BoxError> {
        self.guard.complete(&self.lease).await?;
        self.settle();
        Ok(())
    }

    /// Releases the event, and waits for it.
    pub(in crate::webhooks) async fn release(self) -> Result<(), BoxError> {
        self.guard.release(&self.lease).await?;
        self.settle();
        Ok(())
    }

    /// Drops it without a release: the claim was not granted.
    pub(in crate::webhooks) fn forget(self) {
        self.settle();
    }

    fn settle(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if *self.settled.get_mut() {
            return;
        }
        // Without a runtime, or if the guard fails, the event is released at the end of the lease.
        let (guard, lease) = (Arc::clone(&self.guard), self.lease.clone());
        drop(spawn(Box::pin(async move {
            // The lease ends even if this fails.
            _ = guard.release(&lease).await;
        })));
    }
}
