//! Hints for responses that the server explains in few words.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use polar_client_auth::TokenKind;

use super::detail::ErrorDetail;
use crate::api::{Api, POLAR_VERSION};
use crate::auth::taken;
use crate::response::RawResponse;

/// Facts about the request that help to explain the response.
pub(crate) struct SentWith<'a> {
    pub(crate) api: &'static Api,
    pub(crate) host: &'a str,
    /// The API version that the request asked for.
    pub(crate) version: Option<HeaderValue>,
    /// The kind of its token.
    pub(crate) token: Option<TokenKind>,
    /// A path parameter whose value contains a slash.
    pub(crate) slashed_parameter: Option<&'static str>,
}

/// Returns what the user can do about an error status.
pub(super) fn hint(answer: &RawResponse, problem: &ErrorDetail, sent: &SentWith<'_>) -> Option<String> {
    let about_status = match answer.status {
        StatusCode::UNAUTHORIZED => about_token(answer, sent),
        StatusCode::FORBIDDEN if is_insufficient_scope(answer, problem) => {
            let scopes = answer.operation.scopes();
            (!scopes.is_empty()).then(|| format!("the token needs one of the scopes {}", scopes.join(", ")))
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => about_path(answer, problem, sent),
        _ => None,
    };
    let deprecation = answer.deprecation().map(|deprecation| deprecation.to_string());
    let hints: Vec<_> = about_status.into_iter().chain(deprecation).collect();
    (!hints.is_empty()).then(|| hints.join("; "))
}

fn about_token(answer: &RawResponse, sent: &SentWith<'_>) -> Option<String> {
    if answer.operation.security.is_empty() {
        return None;
    }
    let operation = answer.operation;
    let kinds = operation.token_kinds();
    Some(match sent.token {
        None if !kinds.is_empty() && !kinds.iter().any(|kind| kind.is_bearer()) => {
            format!("the operation accepts only {}", taken(operation))
        }
        None => "no access token was sent".to_owned(),
        Some(TokenKind::CustomerSessionToken | TokenKind::MemberSessionToken) => {
            "a session expires after an hour: create a new one".to_owned()
        }
        Some(_) => {
            let host = sent.host;
            format!(
                "the token has expired, was revoked, or is not for {host}: tokens of production do not work in the sandbox, and vice versa"
            )
        }
    })
}

fn about_path(answer: &RawResponse, problem: &ErrorDetail, sent: &SentWith<'_>) -> Option<String> {
    // The server decodes `%2F` before it selects a route, so the value ends at its first slash.
    if let Some(name) = sent.slashed_parameter {
        return Some(format!(
            "the path parameter `{name}` contains a slash, and the API can't find anything by such a value: \
             use another identifier, such as the resource's `id`"
        ));
    }
    let version = sent.version.as_ref().filter(|_| is_unknown_version(answer, problem, sent))?;
    let version = version.to_str().unwrap_or_default();
    Some(format!("the resource does not exist, or the API no longer supports version {version}"))
}

/// Returns whether the API does not support the version: its other responses echo the version.
pub(super) fn is_unknown_version(answer: &RawResponse, problem: &ErrorDetail, sent: &SentWith<'_>) -> bool {
    sent.version.is_some()
        && sent.slashed_parameter.is_none()
        && problem.is_bare_not_found(answer.status)
        && !answer.headers.contains_key(POLAR_VERSION)
}

/// RFC 6750, section 3.1, in the header or in the body.
pub(super) fn is_insufficient_scope(answer: &RawResponse, problem: &ErrorDetail) -> bool {
    const CODE: &str = "insufficient_scope";
    let challenges = answer.headers.get_all(WWW_AUTHENTICATE);
    answer.status == StatusCode::FORBIDDEN
        && (problem.code.as_deref() == Some(CODE)
            || challenges.iter().any(|value| value.to_str().is_ok_and(|value| value.contains(CODE))))
}
