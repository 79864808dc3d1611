//! Threads with room for deep recursion.

use std::panic::resume_unwind;
use std::thread;

use crate::diagnostics::{Diagnostic, Diagnostics};

/// Bytes for calls that follow the nesting of the document, down to the deepest that a document may have.
const STACK: usize = 64 << 20;

/// What `work` gives on each of a number of threads that have room for deep recursion.
pub(crate) fn on_threads<T: Send>(count: usize, work: &(impl Fn() -> T + Sync)) -> Result<Vec<T>, Diagnostics> {
    let failed = |error: std::io::Error| {
        let hint = "close other programs and run it again";
        Diagnostics::default().and([Diagnostic::error("", format!("can't start a thread: {error}")).hint(hint)])
    };
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let threads: Vec<_> = (0..count).map(start).collect::<Result<_, _>>().map_err(failed)?;
        let join = |thread: thread::ScopedJoinHandle<'_, T>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok(threads.into_iter().map(join).collect())
    })
}
