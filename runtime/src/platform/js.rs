//! The platform over a JavaScript engine: a browser, node, Deno, or Cloudflare Workers.
#![allow(clippy::disallowed_methods, reason = "this is the module that the other ones use instead")]

use std::future::Future;
#[cfg(feature = "reqwest")]
use std::future::poll_fn;
#[cfg(feature = "reqwest")]
use std::pin::pin;
#[cfg(feature = "reqwest")]
use std::task::Poll;
use std::time::{Duration, SystemTime};

use gloo_timers::future::TimeoutFuture;
use web_time::web::SystemTimeExt as _;

pub(crate) use web_time::Instant;

use crate::futures::BoxError;
#[cfg(any(feature = "oauth2", feature = "reqwest"))]
use crate::futures::BoxFuture;

/// The longest time of a timer, in milliseconds. With a longer one, `setTimeout` returns at once.
const LONGEST_TIMER: u32 = i32::MAX as u32;

/// Returns the time of day.
pub(crate) fn now() -> SystemTime {
    web_time::SystemTime::now().to_std()
}

/// Returns after this time.
pub(crate) async fn sleep(duration: Duration) {
    // Timers take whole milliseconds, and must not end too early.
    let mut left = duration.as_nanos().div_ceil(1_000_000);
    while left > 0 {
        let step = u32::try_from(left).map_or(LONGEST_TIMER, |left| left.min(LONGEST_TIMER));
        TimeoutFuture::new(step).await;
        left -= u128::from(step);
    }
}

/// Returns a timer. It never fails here.
///
/// # Errors
/// None; timers of other platforms need a runtime.
pub(crate) fn timer(duration: Duration) -> Result<impl Future<Output = ()>, BoxError> {
    Ok(sleep(duration))
}

/// Returns the output of a future, or `None` if the time ends before.
#[cfg(feature = "reqwest")]
pub(crate) async fn timeout<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let (mut future, mut timer) = (pin!(future), pin!(sleep(limit)));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// Runs a future in a separate task. Always succeeds.
#[cfg(any(feature = "oauth2", feature = "reqwest"))]
pub(crate) fn spawn(work: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
    wasm_bindgen_futures::spawn_local(work);
    Ok(())
}

/// Returns a random number from 0 to 1, not for secrets.
pub(crate) fn random_fraction() -> f64 {
    fastrand::f64()
}

/// Returns bits that another process does not get. The keys of a `RandomState` are the same in each process here.
#[cfg(feature = "webhooks")]
pub(crate) fn random_bits() -> u128 {
    // The generator is seeded by the engine.
    fastrand::u128(..)
}

/// Fills a slice with cryptographically secure random bytes.
///
/// # Errors
/// The engine has no `crypto.getRandomValues`.
#[cfg(feature = "oauth2")]
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), BoxError> {
    Ok(getrandom::fill(bytes)?)
}
