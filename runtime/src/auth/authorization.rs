//! The checked token of one attempt.

use http::HeaderValue;

use super::AccessToken;
use crate::api::Operation;

/// A token that was checked, and the header that carries it. Requests are prepared with this type, so that a token is
/// checked exactly once for each attempt.
pub(crate) struct Authorization {
    pub(crate) token: AccessToken,
    pub(crate) header: HeaderValue,
}

impl Authorization {
    /// Checks a token that is sent to `operation`. If `refuses` is set, a token that can't work for it is an error,
    /// too.
    ///
    /// # Errors
    /// Returns why the token is not sent.
    pub(crate) fn of(token: AccessToken, operation: &Operation, refuses: bool) -> Result<Self, String> {
        let problem = if refuses { token.misuse().or_else(|| token.mismatch(operation)) } else { None };
        if let Some(problem) = problem {
            return Err(format!("{problem}; a client that was built with `without_token_check` sends it anyway"));
        }
        let header = token.header()?;
        Ok(Self { token, header })
    }
}
