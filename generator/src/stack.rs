//! A stack for deep recursion.

use std::panic::resume_unwind;
use std::thread::{self, Builder};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// Size of the stack. The generator follows references by recursion: without optimization, a chain of 2,000 objects
/// needs more than 8 MiB, which is the size of the main thread's stack.
const STACK: usize = 64 << 20;

/// Runs `work` on a thread with this stack, and waits for it.
///
/// # Errors
/// The thread can't be started.
pub(crate) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Diagnostics> {
    thread::scope(|scope| match Builder::new().stack_size(STACK).spawn_scoped(scope, work) {
        Ok(thread) => Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic))),
        Err(error) => {
            let diagnostic = Diagnostic::error("", format!("can't start a thread: {error}"));
            Err(Diagnostics::default().and([diagnostic.hint("close other programs and run it again")]))
        }
    })
}
