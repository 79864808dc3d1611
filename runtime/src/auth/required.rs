//! The token that several operations need.

use polar_client_auth::{TokenKind, kinds_shared, least_scopes};

use super::ScopeSet;
use crate::api::Operation;

/// Returns the smallest set of scopes with which a token can call all of these operations.
///
/// If one of them needs a scope to write that also allows reading, that scope is used for both. Among sets of the same
/// size, it is the one that allows less.
pub fn required_scopes<S>(operations: impl IntoIterator<Item = &'static Operation>) -> ScopeSet<S>
where
    S: Ord + for<'a> From<&'a str>,
{
    least_scopes(operations.into_iter().map(Operation::scopes)).into_iter().map(S::from).collect()
}

/// Returns the kinds of tokens that all of these operations accept, sorted. Operations that need no token are ignored.
/// The result is `None` if no operation needs a token.
///
/// An empty list means that no single token can call all of them.
pub fn token_kinds(operations: impl IntoIterator<Item = &'static Operation>) -> Option<Vec<TokenKind>> {
    kinds_shared(operations.into_iter().map(Operation::token_kinds))
}
