//! The operations of the flow as in the document, and those of OpenID Connect, which are not in it.

use http::Method;

use crate::api::{Idempotency, Operation};

const fn operation(id: &'static str, method: Method, path: &'static str) -> Operation {
    Operation { id, method, path, security: &[], accept: "application/json", idempotency: Idempotency::ByMethod }
}

/// RFC 6749, sections 4.1.3 and 6.
pub(super) static TOKEN: Operation = operation("oauth2:request_token", Method::POST, "/v1/oauth2/token");

/// RFC 7009.
pub(super) static REVOKE: Operation = operation("oauth2:revoke_token", Method::POST, "/v1/oauth2/revoke");

/// RFC 7662.
pub(super) static INTROSPECT: Operation = operation("oauth2:introspect_token", Method::POST, "/v1/oauth2/introspect");

/// OpenID Connect Discovery 1.0, section 4.
pub(super) static DISCOVERY: Operation =
    operation("openid:discovery", Method::GET, "/.well-known/openid-configuration");

/// RFC 7517, section 5. This is the usual path; the discovery document contains the real one.
pub(super) static KEYS: Operation = operation("openid:keys", Method::GET, "/.well-known/jwks.json");
