//! Common definitions for asynchronous traits and boxed futures.
//!
//! Traits that users implement return `impl Future + MaybeSend`, so that they are implemented with `async fn`. The runtime
//! stores them behind private twins whose methods return a [`BoxFuture`]. ARCHITECTURE.md has the reasons.

use std::future::Future;
use std::pin::Pin;

/// `Send`, except on `wasm32`, where every type has this bound: programs there have one thread, and futures of the
/// browser can't be `Send`. It is implemented for all types that have it.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}

#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Send`, except on `wasm32`, where every type has this bound: programs there have one thread, and futures of the
/// browser can't be `Send`. It is implemented for all types that have it.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}

#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync`, except on `wasm32`, where every type has this bound. It is implemented for all types that have it.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSync: Sync {}

#[cfg(not(target_arch = "wasm32"))]
impl<T: Sync + ?Sized> MaybeSync for T {}

/// `Sync`, except on `wasm32`, where every type has this bound. It is implemented for all types that have it.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSync {}

#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSync for T {}

/// A future on the heap. It may move between threads, except on `wasm32`.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A future on the heap. It may move between threads, except on `wasm32`.
#[cfg(target_arch = "wasm32")]
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The error of the traits that users implement: any error. `?` and `into()` convert errors and texts into it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
