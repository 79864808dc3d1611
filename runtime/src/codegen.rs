//! The contract with generated code: everything that it uses of the runtime and of other crates.
//!
//! Generated code imports from this module and from no other part of the runtime; users see the documented paths. An
//! addition here is available to emitted code, and a removal breaks it. The generator has the same names in its module
//! `contract`, and a test compares both.

mod api_request;

// The client and the facts of the API.
pub use crate::api::{Api, Environment, Idempotency, Operation, RetryableError, SecurityRequirement, Server};
pub use crate::auth::{AccessToken, ScopeSet, TokenProvider, required_scopes, token_kinds};
pub use crate::client::{Builder, Client};
pub use polar_client_auth::{TokenKind, scope_name};

// Requests, calls and lists.
pub use crate::pagination::{Items, ListPage, Page, PageInfo, PageMeta, Paged, Pages};
pub use crate::request::{Endpoint, Request};
pub use crate::retry::{RetryBudget, RetryPolicy};
#[cfg(feature = "blocking")]
pub use crate::send::blocking;
pub use crate::send::{Call, CallWithResponse, Response};
pub use crate::transport::{HttpRequest, Transport, TransportError};
pub use crate::{api_requests, blocking_requests};

// Responses and errors.
pub use crate::error::{ApiErrorBody, Error, ErrorBody};
pub use crate::response::{self, RateLimit, RawResponse, ResponseError};

// Models.
pub use polar_client_json as codec;

// Features of their own.
#[cfg(feature = "oauth2")]
pub use crate::oauth2;
#[cfg(feature = "webhooks")]
pub use crate::{webhook_bodies, webhooks};

// Crates whose types are in the public API.
pub use bytes::Bytes;
pub use {chrono, http, serde_json, uuid};
