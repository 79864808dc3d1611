//! Calls that wait, for scripts and programs without async code.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;
use crate::request::Request;

/// One runtime for all calls of the process: connections live in it.
static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// Waits for a call. It may be called wherever a thread may wait: in a plain thread, in `tokio::task::spawn_blocking` and in
/// `tokio::task::block_in_place`.
///
/// # Errors
/// The call failed; or this is a thread that runs async code, which must not wait.
#[doc(hidden)]
pub fn wait<T, B>(request: &Request, call: impl Future<Output = Result<T, Error<B>>>) -> Result<T, Error<B>> {
    runtime().map_err(|problem| request.invalid(problem.to_owned()))?.block_on(call)
}

pub(crate) fn runtime() -> Result<&'static Runtime, &'static str> {
    let build = || Builder::new_multi_thread().worker_threads(1).enable_all().build().ok();
    let runtime = RUNTIME.get_or_init(build).as_ref().ok_or("no thread could be started to wait on")?;
    if may_wait(runtime) {
        Ok(runtime)
    } else {
        Err("a thread that runs async code must not wait: use `.await` in place of the blocking call, \
             or move the call into `tokio::task::spawn_blocking`")
    }
}

/// Whether the thread may wait. A thread of a tokio runtime may if it does not run async code right now, and tokio says so
/// only by a panic.
fn may_wait(runtime: &Runtime) -> bool {
    Handle::try_current().is_err() || catch_unwind(AssertUnwindSafe(|| runtime.block_on(async {}))).is_ok()
}
