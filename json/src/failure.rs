//! Where a decode failed, for failures inside of text that was decoded on its own.
//!
//! A union decodes its variant from the text of the value, so that positions in errors count from the start of that
//! text. The position in the whole text is kept beside the error, in thread-local variables.

use std::cell::Cell;

use crate::scan;

thread_local! {
    /// Address of the byte at which the innermost union variant failed: a variant is decoded from a slice of the text, and
    /// its positions count from the start of the slice.
    static INNER_FAILURE: Cell<Option<usize>> = const { Cell::new(None) };

    /// Path from the object that failed to the value in it that does not fit the tag next to it.
    static PATH_BELOW: Cell<String> = const { Cell::new(String::new()) };
}

/// Remembers where the property `name` failed, which was decoded again from `text`.
pub(crate) fn remember_below(name: &str, text: &str) {
    let (inner, _) = scan::value_at(text, take_within(text).unwrap_or(text.len()));
    let separator = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
    PATH_BELOW.set(format!("{name}{separator}{inner}"));
}

/// Remembers at which offset of `text` a union variant failed. The first call wins, because it is the innermost variant.
pub(crate) fn remember_failure(text: &str, offset: usize) {
    if INNER_FAILURE.get().is_none() {
        INNER_FAILURE.set(Some(text.as_ptr() as usize + offset));
    }
}

/// Runs an attempt whose failure is not the failure of the whole text.
pub(crate) fn forgetting_failure<T>(run: impl FnOnce() -> T) -> T {
    let before = (INNER_FAILURE.get(), PATH_BELOW.take());
    let result = run();
    INNER_FAILURE.set(before.0);
    PATH_BELOW.set(before.1);
    result
}

/// Takes the offset in `text` at which a union variant failed, if the failure is inside of `text`.
pub(crate) fn take_within(text: &str) -> Option<usize> {
    let start = text.as_ptr() as usize;
    INNER_FAILURE.take().and_then(|at| at.checked_sub(start)).filter(|&offset| offset <= text.len())
}

/// Takes the path below the object that failed. It is empty if the object itself failed.
pub(crate) fn take_path_below() -> String {
    PATH_BELOW.take()
}

/// Forgets the failures of an earlier decode.
pub(crate) fn forget() {
    INNER_FAILURE.set(None);
    PATH_BELOW.take();
}
