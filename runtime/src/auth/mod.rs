//! Tokens and scopes: as whom a request is sent, and what the token may do.
//!
//! Owns [`AccessToken`], [`TokenProvider`], [`ScopeSet`], and the rules that keep tokens out of messages. Leaves to others
//! when a token is asked for (`send`) and how tokens are obtained from a login (`oauth2`).
//!
//! Invariant: no `Debug` or `Display` text contains a token.

mod scopes;
pub(crate) mod token;

pub use scopes::ScopeSet;
pub use token::{AccessToken, TokenProvider};
