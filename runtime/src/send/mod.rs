//! Calls: the path of all operations from a request to its response.
//!
//! Owns the futures that users await ([`Call`]), the loop over attempts (`execute`), the time of a call (`deadline`),
//! and spans and warnings (`trace`, `notices`). Leaves to others what is sent (`request`), how long it waits between
//! attempts (`retry`), how bytes are transferred (`transport`) and what an error means (`error`).
//!
//! Invariants: a request is sent again only if the error says that this can't carry it out twice, and every step of a call
//! that waits is bounded by its deadline.

#[cfg(feature = "blocking")]
#[doc(hidden)]
pub mod blocking;
mod call;
mod deadline;
mod execute;
mod notices;
mod trace;

pub use call::{Call, CallWithResponse, Response};
