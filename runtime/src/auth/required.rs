//! What a token needs to call several operations.

use polar_client_auth::{TokenKind, kinds_shared, least_scopes};

use super::ScopeSet;
use crate::api::Operation;

/// The least set of scopes with which a token can call all of these operations.
///
/// A scope to write that one of them needs is used for reading too, where it is enough for that; of sets of one size,
/// it is the one that allows less.
pub fn required_scopes<S>(operations: impl IntoIterator<Item = &'static Operation>) -> ScopeSet<S>
where
    S: Ord + for<'a> From<&'a str>,
{
    least_scopes(operations.into_iter().map(Operation::scopes)).into_iter().map(S::from).collect()
}

/// The kinds of tokens that all of these operations take, sorted. Operations that ask for no token have no say; where
/// none of them asks for one, it is `None`.
///
/// An empty list says that no single token can call them all.
pub fn token_kinds(operations: impl IntoIterator<Item = &'static Operation>) -> Option<Vec<TokenKind>> {
    kinds_shared(operations.into_iter().map(Operation::token_kinds))
}
