//! Providers of tokens.

use std::future::Future;
use std::sync::Arc;

use secrecy::SecretString;

use crate::futures::{BoxError, BoxFuture, MaybeSend, MaybeSync};

/// Provides the token for each request, for example a new one after the old one has expired.
///
/// It is called before every attempt. A provider that fetches tokens should cache the current one, and fetch the next
/// one once for all requests that wait for it.
///
/// Implement the methods as `async fn`. Their futures must be `Send`, except on `wasm32`.
///
/// ```
/// use polar_client_runtime::{BoxError, SecretString, TokenProvider};
///
/// /// Reads the token from a file that another program keeps up to date.
/// struct File(std::path::PathBuf);
///
/// impl TokenProvider for File {
///     async fn access_token(&self) -> Result<SecretString, BoxError> {
///         Ok(std::fs::read_to_string(&self.0)?.trim().into())
///     }
/// }
/// ```
pub trait TokenProvider: MaybeSend + MaybeSync + 'static {
    /// Returns the token for the next request.
    fn access_token(&self) -> impl Future<Output = Result<SecretString, BoxError>> + MaybeSend;

    /// Called if the API rejected this token (401 `invalid_token`). Returns whether there is another one.
    ///
    /// If there is, the request is sent once more, because nothing of it was carried out. An error of this method
    /// replaces the response of the API. By default, there is no other token and the call fails with the response of
    /// the API.
    fn token_rejected(&self, token: &SecretString) -> impl Future<Output = Result<bool, BoxError>> + MaybeSend {
        let _ = token;
        async { Ok(false) }
    }
}

impl<T: TokenProvider> TokenProvider for Arc<T> {
    fn access_token(&self) -> impl Future<Output = Result<SecretString, BoxError>> + MaybeSend {
        (**self).access_token()
    }

    fn token_rejected(&self, token: &SecretString) -> impl Future<Output = Result<bool, BoxError>> + MaybeSend {
        (**self).token_rejected(token)
    }
}

/// A [`TokenProvider`] of any type.
pub(super) trait DynTokenProvider: MaybeSend + MaybeSync {
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>>;
    fn token_rejected<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>>;
}

impl<T: TokenProvider> DynTokenProvider for T {
    fn access_token(&self) -> BoxFuture<'_, Result<SecretString, BoxError>> {
        Box::pin(TokenProvider::access_token(self))
    }

    fn token_rejected<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(TokenProvider::token_rejected(self, token))
    }
}
