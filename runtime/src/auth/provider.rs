//! Providers of tokens.

use std::sync::Arc;

use secrecy::SecretString;

use crate::futures::{BoxError, BoxFuture};

/// Gives the token for each request: a new one once the old one has expired, say.
///
/// It is asked before every try. A provider that fetches tokens keeps the current one, and fetches the next one once,
/// however many requests wait for it.
pub trait TokenProvider: Send + Sync + 'static {
    /// The token for the next request.
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>>;

    /// Told that the API refused this token (401 `invalid_token`), and asked whether another one can be had.
    ///
    /// Where it says so, the request is sent once more: nothing of it was carried out. An error takes the place of
    /// the API's answer. Unless it is implemented, the answer stays.
    fn token_rejected<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>> {
        let _ = token;
        Box::pin(async { Ok(false) })
    }
}

impl<T: TokenProvider + ?Sized> TokenProvider for Arc<T> {
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>> {
        (**self).access_token()
    }

    fn token_rejected<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>> {
        (**self).token_rejected(token)
    }
}
