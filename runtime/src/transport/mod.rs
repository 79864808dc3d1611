//! Transports: how bytes get to the server and back.
//!
//! Owns the trait [`Transport`], its errors, and the built-in transports: the one over reqwest, and the one over `fetch`
//! in its place on `wasm32-unknown-unknown`. Leaves to others what is sent (`request`), whether it is sent again (`send`)
//! and what a response means (`response`, `error`).
//!
//! Invariant: a request is sent unchanged and once: no retries, no redirects, no changed path. If a `reqwest::Client`
//! of the caller follows a redirect, the response is marked ([`Redirected`]).

#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod classify;
mod contract;
mod error;
mod http_request;
#[cfg(feature = "reqwest")]
mod limits;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod one_shot;
#[cfg(all(feature = "reqwest", all(target_arch = "wasm32", target_os = "unknown")))]
mod over_fetch;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod over_reqwest;
mod prepared;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod runtimes;
mod sender;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod tls;

pub use contract::{Timeout, Transport};
pub use error::{TransportError, TransportErrorKind};
pub use http_request::HttpRequest;
#[cfg(feature = "reqwest")]
pub(crate) use limits::Limits;
#[cfg(all(feature = "reqwest", all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) use over_fetch::FetchTransport as BuiltInTransport;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(crate) use over_reqwest::ReqwestTransport as BuiltInTransport;
#[cfg(all(feature = "reqwest", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub use over_reqwest::reqwest_client_builder;
pub(crate) use prepared::{InvalidRequest, PreparedRequest, Redirected, reserved_header};
pub(crate) use sender::{HttpSender, TransportHandle};
#[cfg(all(feature = "__rustls", feature = "oauth2", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(crate) use tls::crypto_provider;
