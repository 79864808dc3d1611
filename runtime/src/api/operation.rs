//! Operations: path, method, security, and whether a request can be sent twice.

use std::fmt;

use polar_client_auth::{TokenKind, kinds_of, kinds_taken, sorted};
use serde_json::Value;

use crate::codec::any_json;

/// An operation of the API: a static in the generated code.
#[derive(Debug)]
pub struct Operation {
    /// The operation id in the document, as in `products:list`.
    pub id: &'static str,
    /// HTTP method.
    pub method: http::Method,
    /// Path template below the base URL, as in `/v1/products/{id}`. Only the parameters are replaced before it is sent.
    pub path: &'static str,
    /// Alternative ways to authenticate. If there are none, the client sends no token.
    pub security: &'static [SecurityRequirement],
    /// Value of the `Accept` header. Empty if the operation returns no body.
    pub accept: &'static str,
    /// Whether a request can be sent twice with the effect of one.
    pub idempotency: Idempotency,
}

/// Security schemes that require the same scopes.
#[derive(Debug)]
pub struct SecurityRequirement {
    /// Names of the document's security schemes, as in `oat`. One of them is enough.
    pub schemes: &'static [&'static str],
    /// Scopes, of which the token needs at least one.
    pub scopes: &'static [&'static str],
}

/// Returns the operation id.
impl AsRef<str> for Operation {
    fn as_ref(&self) -> &str {
        self.id
    }
}

impl Operation {
    /// Returns the kinds of tokens that the operation accepts, sorted. Empty if it needs no token.
    #[must_use]
    pub fn token_kinds(&self) -> Vec<TokenKind> {
        kinds_taken(self.schemes())
    }

    /// Returns whether the operation may accept a token of this kind. It is `false` only if such a token can never
    /// work.
    #[must_use]
    pub fn takes(&self, kind: TokenKind) -> bool {
        let may_be =
            |scheme: &str| kinds_of(scheme).is_none_or(|kinds| kind == TokenKind::Unknown || kinds.contains(&kind));
        self.security.is_empty() || self.schemes().any(may_be)
    }

    fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.security.iter().flat_map(|requirement| requirement.schemes).copied()
    }

    /// Returns the scopes of which a token needs at least one, without duplicates. Empty if no scope is needed.
    #[must_use]
    pub fn scopes(&self) -> Vec<&'static str> {
        sorted(self.security.iter().flat_map(|requirement| requirement.scopes).copied())
    }
}

/// Writes the name of the operation for messages: `products:get (GET /v1/products/{id})`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

/// Why sending a request twice has the same effect as sending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// Only the method decides (RFC 9110, section 9.2.2).
    ByMethod,
    /// The server recognizes duplicates if each element of a list in the body has a property that identifies it.
    WhenEach {
        /// Name of the list in the body.
        list: &'static str,
        /// Name of the property that each element must have.
        property: &'static str,
    },
}

impl Idempotency {
    /// Returns whether a request with this method and body can be sent twice.
    pub(crate) fn is_safe(self, method: &http::Method, body: &[u8]) -> bool {
        match self {
            Self::ByMethod => method.is_idempotent(),
            Self::WhenEach { list, property } => {
                let body = std::str::from_utf8(body).ok().and_then(|body| any_json(body).ok()).unwrap_or_default();
                let named = |element: &Value| element.get(property).is_some_and(|name| !name.is_null());
                body.get(list).and_then(Value::as_array).is_some_and(|elements| elements.iter().all(named))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn a_request_is_idempotent_if_duplicates_are_recognized() {
        let events = Idempotency::WhenEach { list: "events", property: "external_id" };
        let is_safe = |body: &str| events.is_safe(&Method::POST, body.as_bytes());
        assert!(is_safe(r#"{"events":[{"external_id":"a"},{"external_id":"b"}]}"#));
        assert!(!is_safe(r#"{"events":[{"external_id":"a"},{"name":"b"}]}"#));
        assert!(!is_safe(r#"{"events":[{"external_id":null}]}"#));
        assert!(!is_safe("nonsense"));
        assert!(
            Idempotency::ByMethod.is_safe(&Method::DELETE, b"") && !Idempotency::ByMethod.is_safe(&Method::PATCH, b"")
        );
    }
}
