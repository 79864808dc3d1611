//! How bytes get to the server and back.
//!
//! Owns the trait [`Transport`], its errors, the transport over reqwest and the one for tests. Leaves to others what is
//! sent (`request`), whether it is sent again (`send`) and what a response means (`response`, `error`).
//!
//! Invariant: a request is sent as it is, once: no retries, no redirects, no changed path.

mod contract;
mod error;
#[cfg(feature = "reqwest")]
mod over_reqwest;
mod prepared;
mod sender;

pub use contract::{Timeout, Transport};
pub use error::{TransportError, TransportErrorKind};
#[cfg(feature = "reqwest")]
pub(crate) use over_reqwest::ReqwestTransport;
pub(crate) use prepared::{InvalidRequest, PreparedRequest};
pub(crate) use sender::{HttpSender, TransportHandle};
