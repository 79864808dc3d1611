//! Blocking calls, for scripts and programs without async code.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::task::{Context, Waker};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::coop;

use crate::error::Error;
use crate::request::Request;

/// The runtime for all blocking calls of the process, which holds their connections.
static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// More steps than tokio allows a task at once, which are 128.
const MOST_STEPS: usize = 1024;

/// Blocks until a call ends. It may be called wherever a thread may block: in a plain thread, in
/// `tokio::task::spawn_blocking` and in `tokio::task::block_in_place`.
///
/// # Errors
/// The call failed, or this thread runs async code and must not block.
#[doc(hidden)]
pub fn wait<T, B>(request: &Request, call: impl Future<Output = Result<T, Error<B>>>) -> Result<T, Error<B>> {
    runtime().map_err(|problem| request.invalid(problem.to_owned()))?.block_on(call)
}

pub(crate) fn runtime() -> Result<&'static Runtime, &'static str> {
    let build = || Builder::new_multi_thread().worker_threads(1).enable_all().build().ok();
    let runtime = RUNTIME.get_or_init(build).as_ref().ok_or("the thread for blocking calls could not be started")?;
    if may_wait(runtime) {
        Ok(runtime)
    } else {
        Err("a thread of an async runtime must not block: use `.await` instead of the blocking call")
    }
}

/// Returns whether the thread may block. A thread of a tokio runtime may, if it does not run async code at the moment.
fn may_wait(runtime: &Runtime) -> bool {
    if Handle::try_current().is_err() {
        return true;
    }
    // For a task that tokio leaves unconstrained, only tokio's own check is left, which panics.
    !is_within_task() && catch_unwind(AssertUnwindSafe(|| runtime.block_on(async {}))).is_ok()
}

/// Returns whether the thread polls a task, whose budget is limited. A thread that may block has no budget.
fn is_within_task() -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..MOST_STEPS).any(|_| coop::poll_proceed(&mut context).map(|step| step.made_progress()).is_pending())
}
