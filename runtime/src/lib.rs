//! What the generated Polar client stands on: transport, requests, answers, errors and the JSON codec.
//!
//! Generated code describes *what* an operation is (an [`Operation`], a struct around a [`Request`]
//! with setters); everything about *how* it travels lives here, in code that no operation repeats:
//!
//! ```text
//! generated struct -> Request -> Call -> execute -> Transport
//!                                  |                    |
//!                        T  <- answer::json  <-------- Answer   (or an Error)
//! ```
//!
//! There is one execute path for all operations, and it is not generic: a [`Call`] boxes it and only
//! turns the finished [`Answer`] into the operation's type.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `rustls` (default) | HTTPS out of the box: `reqwest` with rustls and the platform's certificate store |
//! | `reqwest` | the transport over a `reqwest::Client`; its TLS stack is the caller's choice |
//!
//! Without either, a [`Builder`] needs [`Builder::transport`].

pub mod answer;
pub mod codec;

mod api;
mod call;
mod client;
mod error;
mod execute;
mod macros;
mod params;
mod request;
mod scopes;
mod token;
mod transport;

pub use answer::{Answer, AnswerError};
pub use api::{Api, Environment, Operation, SecurityRequirement, Server, UnknownEnvironment};
pub use call::{Call, CallWithResponse, Response};
pub use client::{Builder, Client, DEFAULT_TIMEOUT};
pub use error::Error;
pub use request::Request;
pub use scopes::ScopeSet;
pub use token::TokenKind;
pub use transport::{BoxFuture, Timeout, Transport, TransportError, TransportErrorKind};
#[cfg(feature = "reqwest")]
pub use transport::{CONNECT_TIMEOUT, MAX_ANSWER_SIZE};

// The generated crate depends on this crate alone and finds its building blocks here.
#[doc(no_inline)]
pub use bytes::Bytes;
#[doc(no_inline)]
pub use secrecy::SecretString;
#[doc(hidden)]
pub use {bytes, chrono, http, secrecy, serde, serde_json, uuid};
