//! Calls that wait, for scripts and programs without async code.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;
use crate::request::Request;

/// One runtime for all calls of the process: connections live in it.
static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// Waits for a call.
///
/// # Errors
/// The call failed; or this is a thread of an async runtime, which must not wait.
#[doc(hidden)]
pub fn wait<T, B>(request: &Request, call: impl Future<Output = Result<T, Error<B>>>) -> Result<T, Error<B>> {
    runtime().map_err(|problem| request.invalid(problem.to_owned()))?.block_on(call)
}

pub(crate) fn runtime() -> Result<&'static Runtime, &'static str> {
    if Handle::try_current().is_ok() {
        return Err("a thread of an async runtime must not wait: use `.await` in place of the blocking call");
    }
    let build = || Builder::new_multi_thread().worker_threads(1).enable_all().build().ok();
    RUNTIME.get_or_init(build).as_ref().ok_or("no thread could be started to wait on")
}
