//! A webhook that was verified and can't be decoded.

use std::fmt;

use super::Verified;
use crate::codec::DecodeError;
use crate::redact;

/// A verified webhook whose body can't be decoded as the requested type.
///
/// It contains everything that is needed to store the event and to decode it later: see [`webhook`](Self::webhook).
///
/// `Display` and `Debug` show the event and the path in the body, and never the body.
#[derive(Clone, PartialEq, Eq)]
pub struct UndecodableWebhook {
    webhook: Verified,
    error: DecodeError,
    expected_api_version: Option<&'static str>,
}

impl UndecodableWebhook {
    pub(super) fn new(webhook: Verified, error: DecodeError, expected_api_version: Option<&'static str>) -> Self {
        Self { webhook, error, expected_api_version }
    }

    /// The webhook as received: its id, the time of the signature, the type of the event and the body.
    #[must_use]
    pub fn webhook(&self) -> &Verified {
        &self.webhook
    }

    /// Returns the webhook as received.
    #[must_use]
    pub fn into_webhook(self) -> Verified {
        self.webhook
    }

    /// Returns why the body can't be decoded, with the path.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.error
    }

    /// Returns the API version that the requested type follows. `None` if it follows none. The version of the event is
    /// [`api_version`](Verified::api_version) of the webhook.
    #[must_use]
    pub fn expected_api_version(&self) -> Option<&'static str> {
        self.expected_api_version
    }

    /// Returns a note about the versions, if they can be the cause.
    fn versions(&self) -> Option<String> {
        let expected = self.expected_api_version?;
        match self.webhook.api_version() {
            Some(found) if found == expected => None,
            Some(found) => Some(format!("its API version is {}, but this crate is for {expected}", shown(&found))),
            // Without a type it is not an event of the API.
            None => self.webhook.event_type().map(|_| {
                format!("it has no `api_version`, so it may be older than {expected}, the version of this crate")
            }),
        }
    }
}

impl fmt::Display for UndecodableWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = shown(self.webhook.id());
        let problem = redact::message(&self.error.to_string());
        match self.webhook.event_type() {
            Some(event) => write!(f, "the webhook {id} ({}) can't be decoded: {}", shown(&event), problem)?,
            None => write!(f, "the webhook {id} has no `type` and can't be decoded: {problem}")?,
        }
        self.versions().map_or(Ok(()), |versions| write!(f, "; {versions}"))
    }
}

impl fmt::Debug for UndecodableWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UndecodableWebhook")
            .field("webhook", &self.webhook)
            .field("error", &redact::message(&self.error.to_string()))
            .field("expected_api_version", &self.expected_api_version)
            .finish()
    }
}

/// It has no source: `Display` contains the text of [`error`](UndecodableWebhook::error).
impl std::error::Error for UndecodableWebhook {}

/// Returns a name that the sender chose, in quotes.
fn shown(name: &str) -> String {
    format!("{:?}", redact::name(name))
}
