//! Sends requests of the generated Polar client: transports, retries, responses, errors, webhooks and OAuth.
//!
//! Generated code describes *what* an operation is (an [`Endpoint`], and setters around a [`Request`]); everything about *how* it travels lives here, in code that no operation repeats:
//!
//! ```text
//! generated struct -> Request -> Call -> execute -> Transport
//!                                  |                    |
//!                        T  <- response::ResponseFormat <-------- RawResponse   (or an Error)
//! ```
//!
//! There is one execute path for all operations, and it is not generic: a [`Call`] boxes it and only
//! turns the finished [`RawResponse`] into the operation's type.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `rustls` (default) | HTTPS out of the box: `reqwest` with rustls and the platform's certificate store |
//! | `reqwest` | the transport over a `reqwest::Client`; its TLS stack is the caller's choice |
//! | `blocking` | `send_blocking` on every request, for programs without async code |
//! | `mock` | `mock::MockTransport` for tests |
//! | `rate-limit` | `RateLimiter`, which keeps a program below the server's limits |
//! | `tracing` | a span around each call |
//! | `webhooks` | `webhooks`: verifying what the server sends, and signing for tests |
//! | `oauth2` | `oauth2`: signing users in, acting for them, refreshing their tokens |
//! | `axum` | an axum extractor for webhooks |
//!
//! Without either, a [`Builder`] needs [`Builder::transport`].

#[cfg(feature = "mock")]
pub mod mock;
#[cfg(feature = "oauth2")]
pub mod oauth2;
pub mod response;
#[cfg(feature = "webhooks")]
pub mod webhooks;

mod api;
mod auth;
mod client;
mod codegen;
mod error;
mod futures;
mod pagination;
mod request;
mod retry;
mod send;
mod transport;

pub use api::{
    Api, Environment, Idempotency, Operation, RetryableError, SecurityRequirement, Server, UnknownEnvironment,
};
pub use auth::{AccessToken, ScopeSet, TokenProvider, required_scopes, token_kinds};
pub use client::{Builder, CONNECT_TIMEOUT, Client, DEFAULT_TIMEOUT, MAX_ANSWER_SIZE};
pub use error::{ApiErrorBody, Error, ErrorBody};
pub use futures::{BoxError, MaybeSend, MaybeSync};
pub use pagination::{Items, ListPage, Page, PageInfo, PageMeta, Paged, Pages};
pub use request::{Endpoint, Request};
pub use response::{RateLimit, RawResponse, ResponseError};
#[cfg(feature = "rate-limit")]
pub use retry::RateLimiter;
pub use retry::RetryPolicy;
#[cfg(feature = "blocking")]
#[doc(hidden)]
pub use send::blocking;
pub use send::{Call, CallWithResponse, Response};
pub use transport::{Timeout, Transport, TransportError, TransportErrorKind};

pub use polar_client_auth::{TokenKind, scope_name};
pub use polar_client_json as codec;
#[doc(hidden)]
pub use polar_client_json::{model, open_enum, union};

// The generated crate depends on this crate alone and finds its building blocks here.
#[doc(no_inline)]
pub use bytes::Bytes;
#[doc(no_inline)]
pub use secrecy::SecretString;
#[doc(hidden)]
pub use {bytes, chrono, http, secrecy, serde, serde_json, uuid};
