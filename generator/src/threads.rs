//! Threads with room for deep recursion.

use std::io;
use std::panic::resume_unwind;
use std::thread::{self, Builder, Scope, ScopedJoinHandle};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// Bytes for calls that follow the nesting of the document, down to the deepest that a document may have.
const STACK: usize = 64 << 20;

/// What `work` gives on a thread that has room for deep recursion.
pub(crate) fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Diagnostics> {
    thread::scope(|scope| start(scope, work).map(join))
}

/// What two works give that know nothing of each other; the second one runs on such a thread.
pub(crate) fn both<A, B: Send>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> Result<(A, B), Diagnostics> {
    thread::scope(|scope| {
        let there = start(scope, there)?;
        Ok((here(), join(there)))
    })
}

/// What `work` gives on each of a number of such threads.
pub(crate) fn on_threads<T: Send>(count: usize, work: &(impl Fn() -> T + Sync)) -> Result<Vec<T>, Diagnostics> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| start(scope, work)).collect::<Result<_, _>>()?;
        Ok(threads.into_iter().map(join).collect())
    })
}

/// Gives memory back on a thread of its own: a large tree takes longer than what its owner has left to do.
pub(crate) fn drop_later<T: Send + 'static>(tree: T) {
    // Where no thread starts, the closure is dropped here, and the tree with it.
    let _ = Builder::new().stack_size(STACK).spawn(move || drop(tree));
}

fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, Diagnostics> {
    Builder::new().stack_size(STACK).spawn_scoped(scope, work).map_err(failed)
}

fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn failed(error: io::Error) -> Diagnostics {
    let diagnostic = Diagnostic::error("", format!("can't start a thread: {error}"));
    Diagnostics::default().and([diagnostic.hint("close other programs and run it again")])
}
