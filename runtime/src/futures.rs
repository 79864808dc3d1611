//! Boxed futures and errors, which several rooms pass around.

use std::future::Future;
use std::pin::Pin;

/// A future on the heap that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Any error that may move between threads.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
