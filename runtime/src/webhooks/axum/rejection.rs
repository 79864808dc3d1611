//! Responses to deliveries that no handler completed.

use std::fmt;
use std::time::Duration;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{ALLOW, HeaderValue, RETRY_AFTER};

use crate::futures::BoxError;
use crate::webhooks::{UndecodableWebhook, WebhookError};

/// Why no handler completed a delivery.
///
/// The response has a status and no body, so that strangers learn nothing. A handler that takes `Result<Webhook<T>,
/// WebhookRejection>` can inspect it; for a `WebhookEndpoint`, see
/// [`on_rejection`](super::WebhookEndpoint::on_rejection).
#[derive(Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// The method of the request is not POST (405).
    Method,
    /// It can't be verified (400 if a header is missing or malformed, 401 otherwise), or it is verified and can't be
    /// decoded (500, after which the server delivers it again).
    Refused(WebhookError),
    /// It is verified, can't be decoded, and was stored by [`on_undecodable`](super::WebhookReceiver::on_undecodable)
    /// (204).
    Stored(Box<UndecodableWebhook>),
    /// It is verified and can't be decoded, and [`on_undecodable`](super::WebhookReceiver::on_undecodable) failed to
    /// store it (500, after which the server delivers it again).
    NotStored {
        /// The webhook, and why it can't be decoded.
        webhook: Box<UndecodableWebhook>,
        /// Why it was not stored.
        error: BoxError,
    },
    /// The body is longer than allowed (413).
    TooLarge {
        /// The maximum size in bytes.
        limit: usize,
    },
    /// The body is incomplete, or did not arrive in time (400).
    Unreadable,
    /// The event was handled before, and the server need not deliver it again (204).
    AlreadyHandled,
    /// The event is in progress: this delivery is a duplicate, or the handler takes longer than the sender waits (503
    /// with `Retry-After`).
    InProgress {
        /// Maximum time until the claim on the event ends. `Retry-After` is at most 30 seconds.
        retry_after: Duration,
    },
    /// The handler of a [`WebhookEndpoint`](super::WebhookEndpoint) returned this error (500, after which the server
    /// delivers the event again).
    Failed(BoxError),
    /// The handler of a [`WebhookEndpoint`](super::WebhookEndpoint) panicked, or the runtime is shutting down (500,
    /// after which the server delivers the event again).
    Panicked,
    /// The replay guard failed to claim the event or to mark it as done (500, after which the server delivers it
    /// again).
    Guard(BoxError),
}

/// Maximum `Retry-After`: most handlers end long before their lease.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);

impl WebhookRejection {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(error) => status_of(error),
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Stored(_) | Self::AlreadyHandled => StatusCode::NO_CONTENT,
            Self::InProgress { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotStored { .. } | Self::Failed(_) | Self::Panicked | Self::Guard(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Returns the verified webhook that can't be decoded, whether it was stored or not. `None` for every other
    /// rejection.
    #[must_use]
    pub fn undecodable(&self) -> Option<&UndecodableWebhook> {
        match self {
            Self::Refused(error) => error.undecodable(),
            Self::Stored(webhook) | Self::NotStored { webhook, .. } => Some(webhook),
            _ => None,
        }
    }
}

fn status_of(error: &WebhookError) -> StatusCode {
    match error {
        WebhookError::MissingHeader(_)
        | WebhookError::DuplicateHeader(_)
        | WebhookError::MalformedHeader(_)
        | WebhookError::InvalidTimestamp => StatusCode::BAD_REQUEST,
        WebhookError::Undecodable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNAUTHORIZED,
    }
}

/// Whole seconds, rounded up and at least one.
fn seconds(retry_after: Duration) -> u64 {
    let bounded = retry_after.min(LONGEST_RETRY_AFTER);
    (bounded.as_secs() + u64::from(bounded.subsec_nanos() > 0)).max(1)
}

impl From<WebhookError> for WebhookRejection {
    fn from(error: WebhookError) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        let status = self.status();
        match self {
            Self::Method => (status, [(ALLOW, HeaderValue::from_static("POST"))]).into_response(),
            Self::InProgress { retry_after } => {
                (status, [(RETRY_AFTER, HeaderValue::from(seconds(retry_after)))]).into_response()
            }
            _ => status.into_response(),
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("webhooks are delivered by POST, but the request has another method"),
            Self::Refused(error) => error.fmt(f),
            Self::Stored(webhook) => write!(f, "{webhook}; it was stored"),
            Self::NotStored { webhook, .. } => write!(f, "{webhook}; it could not be stored"),
            Self::TooLarge { limit } => write!(f, "the webhook's body has more than {limit} bytes"),
            Self::Unreadable => f.write_str("the webhook's body is incomplete"),
            Self::AlreadyHandled => f.write_str("the event was handled before"),
            Self::InProgress { .. } => f.write_str("the event is in progress; the server will deliver it again"),
            Self::Failed(_) => f.write_str("the handler of the webhook failed"),
            Self::Panicked => f.write_str("the handler of the webhook panicked"),
            Self::Guard(_) => f.write_str("the replay guard failed"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotStored { error, .. } | Self::Failed(error) | Self::Guard(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_and_bounded() {
        let of = |millis| seconds(Duration::from_millis(millis));
        assert_eq!([of(0), of(1), of(1000), of(1001), of(29_999), of(300_000)], [1, 1, 1, 2, 30, 30]);
        assert_eq!(seconds(Duration::MAX), 30);
    }
}
