//! Sends the requests of the generated Polar client: transports, retries, responses, errors, webhooks and OAuth.
//!
//! Generated code describes operations ([`Endpoint`], and setters around a [`Request`]). How a request is sent is here,
//! once for all operations:
//!
//! ```text
//! ApiRequest -> Request -> Call -> execute -> Transport
//!                           |                    |
//!                      T <- Endpoint::read <- RawResponse (or an Error)
//! ```
//!
//! Only the last step depends on the operation: a [`Call`] boxes the rest and reads the [`RawResponse`] as the type of
//! the operation. Each directory is a room. Its first lines say what it owns, what it leaves to others and what always
//! holds. ARCHITECTURE.md has the table of rooms, and follows a call through them.
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
//! | `tracing` | a span for each call and each attempt, with OpenTelemetry's names |
//! | `webhooks` | `webhooks`: verifying what the server sends, and signing for tests |
//! | `oauth2` | `oauth2`: signing users in, acting for them, refreshing their tokens |
//! | `axum` | an axum extractor for webhooks |
//!
//! Without `rustls` and `reqwest`, a [`Builder`] needs a transport: see [`Builder::transport`]. On
//! `wasm32-unknown-unknown`, both mean the transport over `fetch`, and `blocking` and `axum` do not compile.

#[cfg(all(feature = "axum", target_arch = "wasm32", target_os = "unknown"))]
compile_error!("feature `axum`: it needs the tasks of tokio; use `webhooks::WebhookVerifier` on this target");

#[doc(hidden)]
pub mod codegen;
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
mod error;
mod futures;
mod pagination;
mod platform;
mod redact;
mod request;
mod retry;
mod send;
mod transport;

pub use api::{
    Api, Environment, Idempotency, Operation, RetryableError, SecurityRequirement, Server, UnknownEnvironment,
};
pub use auth::{AccessToken, ScopeSet, TokenProvider, required_scopes, token_kinds};
pub use client::{
    Builder, CONNECT_TIMEOUT, Client, DEFAULT_ATTEMPT_TIMEOUT, DEFAULT_TIMEOUT, MAX_ANSWER_SIZE,
    MAX_CONCURRENT_REQUESTS,
};
pub use error::{ApiErrorBody, Error, ErrorBody};
pub use futures::{BoxError, MaybeSend, MaybeSync};
pub use pagination::{Items, ListPage, Page, PageInfo, PageMeta, Paged, Pages};
pub use request::{Endpoint, Request};
pub use response::{RateLimit, RawResponse, ResponseError};
#[cfg(feature = "rate-limit")]
pub use retry::RateLimiter;
pub use retry::{RetryBudget, RetryPolicy};
pub use send::{Call, CallWithResponse, Response};
pub use transport::{HttpRequest, Timeout, Transport, TransportError, TransportErrorKind};

pub use polar_client_auth::{TokenKind, scope_name};
pub use polar_client_json as codec;

// The generated crate depends only on this crate and finds its building blocks here.
#[doc(no_inline)]
pub use bytes::Bytes;
#[doc(no_inline)]
pub use secrecy::SecretString;
#[doc(hidden)]
pub use {bytes, chrono, http, secrecy, serde, serde_json, uuid};
