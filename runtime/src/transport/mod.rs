//! How bytes get to the server and back.
//!
//! Owns the trait [`Transport`], its errors, the transport over reqwest and the one for tests. Leaves to others what is
//! sent (`request`), whether it is sent again (`send`) and what a response means (`response`, `error`).
//!
//! Invariant: a request is sent as it is, once: no retries, no redirects, no changed path. If a `reqwest::Client` of the
//! caller's follows a redirect all the same, the response says so ([`Redirected`]).

#[cfg(feature = "reqwest")]
mod classify;
mod contract;
mod error;
mod http_request;
#[cfg(feature = "reqwest")]
mod one_shot;
#[cfg(feature = "reqwest")]
mod over_reqwest;
mod prepared;
#[cfg(feature = "reqwest")]
mod runtimes;
mod sender;
mod timers;
#[cfg(feature = "reqwest")]
mod tls;

pub use contract::{Timeout, Transport};
pub use error::{TransportError, TransportErrorKind};
pub use http_request::HttpRequest;
#[cfg(feature = "reqwest")]
pub use over_reqwest::reqwest_client_builder;
#[cfg(feature = "reqwest")]
pub(crate) use over_reqwest::{Limits, ReqwestTransport};
pub(crate) use prepared::{InvalidRequest, PreparedRequest, Redirected, reserved_header};
pub(crate) use sender::{HttpSender, TransportHandle};
