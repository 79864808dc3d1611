//! Facts about Polar tokens: their kinds, the kinds that a security scheme accepts, and the smallest set of scopes that
//! a program needs.
//!
//! Plain data and pure functions. The client uses them for its operations, and the command of this project for those of
//! the document.

mod kinds;
mod scopes;
mod sorted;

pub use kinds::{TokenKind, kinds_of, kinds_shared, kinds_taken};
pub use scopes::{least_scopes, scope_name};
pub use sorted::sorted;
