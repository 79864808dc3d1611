//! Stores for tokens.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Tokens;
use crate::futures::{BoxError, BoxFuture, MaybeSend, MaybeSync};

/// Stores the tokens of one user or organization, for example in a row of the program's database.
///
/// A refresh token works once, so that a user whose newest one is lost has to sign in again. The tokens must be stored
/// when [`save`](Self::save) returns. If several processes share the tokens, a refresh that lost the race to another
/// process uses the tokens that the other one saved.
///
/// Implement the methods as `async fn`. Their futures must be `Send`, except on `wasm32`.
pub trait TokenStore: MaybeSend + MaybeSync + 'static {
    /// Returns the tokens that were saved last.
    fn load(&self) -> impl Future<Output = Result<Option<Tokens>, BoxError>> + MaybeSend;

    /// Saves these tokens and replaces all others.
    fn save(&self, tokens: &Tokens) -> impl Future<Output = Result<(), BoxError>> + MaybeSend;

    /// Deletes the tokens: the user has signed out.
    fn clear(&self) -> impl Future<Output = Result<(), BoxError>> + MaybeSend;
}

impl<T: TokenStore> TokenStore for Arc<T> {
    fn load(&self) -> impl Future<Output = Result<Option<Tokens>, BoxError>> + MaybeSend {
        (**self).load()
    }

    fn save(&self, tokens: &Tokens) -> impl Future<Output = Result<(), BoxError>> + MaybeSend {
        (**self).save(tokens)
    }

    fn clear(&self) -> impl Future<Output = Result<(), BoxError>> + MaybeSend {
        (**self).clear()
    }
}

/// A [`TokenStore`] of any type.
pub(super) trait DynTokenStore: MaybeSend + MaybeSync {
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, BoxError>>;
    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), BoxError>>;
    fn clear(&self) -> BoxFuture<'_, Result<(), BoxError>>;
}

impl<T: TokenStore> DynTokenStore for T {
    fn load(&self) -> BoxFuture<'_, Result<Option<Tokens>, BoxError>> {
        Box::pin(TokenStore::load(self))
    }

    fn save<'a>(&'a self, tokens: &'a Tokens) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(TokenStore::save(self, tokens))
    }

    fn clear(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(TokenStore::clear(self))
    }
}

/// Stores tokens in memory, for the life of the process. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryTokenStore(Arc<Mutex<Option<Tokens>>>);

impl MemoryTokenStore {
    /// Creates a store with these tokens. `default()` has none.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self(Arc::new(Mutex::new(Some(tokens))))
    }

    fn tokens(&self) -> MutexGuard<'_, Option<Tokens>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokenStore {
    async fn load(&self) -> Result<Option<Tokens>, BoxError> {
        Ok(self.tokens().clone())
    }

    async fn save(&self, tokens: &Tokens) -> Result<(), BoxError> {
        *self.tokens() = Some(tokens.clone());
        Ok(())
    }

    async fn clear(&self) -> Result<(), BoxError> {
        *self.tokens() = None;
        Ok(())
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTokenStore").finish_non_exhaustive()
    }
}
