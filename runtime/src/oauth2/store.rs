//! Where tokens are kept.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Tokens;
use crate::futures::{BoxError, BoxFuture};

/// Keeps the tokens of one user, or of one organization: a row of the program's database, say.
///
/// A refresh token works once, so that whoever loses the newest one has to sign in again. Whatever is saved has to be
/// there by the time that [`save`](Self::save) returns. Where several processes share the tokens, a refresh that lost
/// the race to another process takes what that one has saved.
pub trait TokenStore: Send + Sync + 'static {
    /// The tokens that were saved last.
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, BoxError>>;

    /// Keeps these tokens in place of all others.
    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), BoxError>>;

    /// Forgets the tokens: the user has signed out.
    fn clear(&self) -> BoxFuture<'_, Result<(), BoxError>>;
}

impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, BoxError>> {
        (**self).load()
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), BoxError>> {
        (**self).save(tokens)
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        (**self).clear()
    }
}

/// Keeps tokens in memory, as long as the process lives. A clone shares them.
#[derive(Clone, Default)]
pub struct MemoryTokenStore(Arc<Mutex<Option<Tokens>>>);

impl MemoryTokenStore {
    /// With these tokens in it. `default()` has none.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self(Arc::new(Mutex::new(Some(tokens))))
    }

    fn tokens(&self) -> MutexGuard<'_, Option<Tokens>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokenStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, BoxError>> {
        Box::pin(async { Ok(self.tokens().clone()) })
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async {
            *self.tokens() = Some(tokens.clone());
            Ok(())
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(async {
            *self.tokens() = None;
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").finish_non_exhaustive()
    }
}
