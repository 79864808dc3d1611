//! The number of retries that a client may make.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bounds the retries of a client, so that an outage of the server does not multiply the load on it.
///
/// Each retry takes one from the budget, and each successful response adds a fifth of one, up to the size of the
/// budget. If nothing is left, calls fail with their first error and are not retried: N calls that all fail send at
/// most N requests plus one for each retry in the budget.
///
/// A retry that the server asked for, by a 429 with `Retry-After`, takes nothing. Neither does a request that is sent
/// again with a new token.
///
/// Clones share the budget, and so do all clones of a client and all clients that got one.
///
/// ```
/// use polar_client_runtime::RetryBudget;
///
/// let small = RetryBudget::new(10);
/// // Polar::builder().retry_budget(small.clone()) ...
/// assert_eq!(small.left(), Some(10));
/// assert_eq!(RetryBudget::unlimited().left(), None);
/// ```
#[derive(Clone)]
pub struct RetryBudget(Option<Arc<Account>>);

/// Counts fifths of retries.
struct Account {
    size: u64,
    left: AtomicU64,
}

/// The cost of a retry, in units that a successful response adds.
const RETRY: u64 = 5;

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(Self::DEFAULT_SIZE)
    }
}

impl RetryBudget {
    /// The default size of the budget of a client.
    pub const DEFAULT_SIZE: u32 = 100;

    /// Creates a budget of so many retries. With zero, no call is retried unless the server asks for it.
    #[must_use]
    pub fn new(retries: u32) -> Self {
        let size = u64::from(retries) * RETRY;
        Self(Some(Arc::new(Account { size, left: AtomicU64::new(size) })))
    }

    /// Creates a budget without a limit: only the retry policy applies.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// Returns the number of retries that are left. `None` without a limit.
    #[must_use]
    pub fn left(&self) -> Option<u32> {
        let left = self.0.as_ref()?.left.load(Ordering::Relaxed) / RETRY;
        Some(u32::try_from(left).unwrap_or(u32::MAX))
    }

    /// Takes a retry. Returns `false` if none is left.
    pub(crate) fn take(&self) -> bool {
        let Some(account) = &self.0 else { return true };
        account.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(RETRY)).is_ok()
    }

    /// Records a successful response.
    pub(crate) fn put_back(&self) {
        let Some(account) = &self.0 else { return };
        // The budget is usually full, and nothing is written then.
        let fuller = |left| (left < account.size).then(|| left + 1);
        let _ = account.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fuller);
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.left()) {
            (Some(account), Some(left)) => write!(f, "RetryBudget({left} of {})", account.size / RETRY),
            _ => f.write_str("RetryBudget(unlimited)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_successes_pay_for_one_retry() {
        let budget = RetryBudget::new(2);
        assert!(budget.take() && budget.take() && !budget.take());
        (0..4).for_each(|_| budget.put_back());
        assert!(!budget.take());
        budget.put_back();
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_budget_does_not_grow_beyond_its_size() {
        let budget = RetryBudget::new(1);
        (0..99).for_each(|_| budget.put_back());
        assert!(budget.clone().take());
        assert_eq!((budget.left(), format!("{budget:?}").as_str()), (Some(0), "RetryBudget(0 of 1)"));
        assert!((0..1000).all(|_| RetryBudget::unlimited().take()) && !RetryBudget::new(0).take());
    }
}
