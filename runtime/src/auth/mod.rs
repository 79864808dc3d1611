//! Tokens and scopes: the credentials of a request, and what they allow.
//!
//! Owns [`AccessToken`], [`TokenProvider`], [`ScopeSet`], and the check of a token against an operation. Leaves to
//! others when a token is requested (`send`), how tokens are obtained from a login (`oauth2`) and what messages may
//! show (`redact`).
//!
//! Invariant: no `Debug` or `Display` text contains a token, and a token is checked exactly once for each attempt.

mod authorization;
mod credentials;
mod provider;
mod required;
mod scopes;
mod token;

pub(crate) use authorization::Authorization;
pub(crate) use credentials::Credentials;
pub use provider::TokenProvider;
pub use required::{required_scopes, token_kinds};
pub use scopes::ScopeSet;
pub use token::AccessToken;
pub(crate) use token::{kind_sent, taken};
