//! What Polar tokens are and what they may do: their kinds, which of them a security scheme takes, and the least set
//! of scopes that a program needs.
//!
//! Plain data and pure functions: the client asks them about its operations, and the project's own command about the
//! document's.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod kinds;
mod scopes;
mod sorted;

pub use kinds::{TokenKind, kinds_of, kinds_shared, kinds_taken};
pub use scopes::{least_scopes, scope_name};
pub use sorted::sorted;
