//! Calls: one path for all operations, from a request to its response.
//!
//! Owns the futures that users await ([`Call`]), the loop over attempts (`execute`) and the span around it (`trace`).
//! Leaves to others what is sent (`request`), how long it waits between attempts (`retry`), how bytes are transferred
//! (`transport`) and what an error means (`error`).
//!
//! Invariant: a request is sent again only if the error says that this can't carry it out twice.

#[cfg(feature = "blocking")]
#[doc(hidden)]
pub mod blocking;
mod call;
mod execute;
mod trace;

pub use call::{Call, CallWithResponse, Response};
