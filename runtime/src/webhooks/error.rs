//! Why a webhook is rejected.

use std::fmt;

use polar_client_auth::TokenKind;

use super::UndecodableWebhook;

/// Why a webhook is rejected, or why a verifier could not be created.
///
/// Neither `Display` nor `Debug` shows a secret or a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// The list of secrets for a verifier is empty.
    NoSecret,
    /// A secret is empty, for example because an environment variable is.
    EmptySecret,
    /// A secret begins or ends with whitespace, for example the line break of a file.
    PaddedSecret,
    /// The text after `whsec_` or `polar_whs_` is shorter than that of secrets from the server.
    TruncatedSecret,
    /// A secret contains whitespace or a control character, such as NUL or a line break. It may consist of two values.
    MalformedSecret,
    /// A secret begins or ends with a quotation mark, which a shell or an `.env` reader would have removed.
    QuotedSecret,
    /// A secret begins with `v1,`, which is the prefix of signatures and of secrets of other services.
    VersionedSecret,
    /// A secret has the prefix of another kind of token or id, such as an access token or an OAuth client id.
    NotASecret(TokenKind),
    /// The header is missing.
    MissingHeader(&'static str),
    /// The header is repeated.
    DuplicateHeader(&'static str),
    /// The header is empty, or contains other characters than printable ASCII.
    MalformedHeader(&'static str),
    /// `webhook-timestamp` is not a whole number of seconds since 1970, or far beyond any date.
    InvalidTimestamp,
    /// It was signed before the time that the tolerance allows.
    TooOld {
        /// Age of the signature in seconds.
        seconds: u64,
    },
    /// It was signed after the time that the tolerance allows: one of the clocks is wrong.
    TooNew {
        /// Time in the future, in seconds.
        seconds: u64,
    },
    /// `webhook-signature` contains no signature of version `v1`.
    NoSignature,
    /// No signature matches: the secret is another one, the body was changed, or another party sent it.
    WrongSignature,
    /// The signature matches, and the body can't be decoded as the requested type. The webhook itself can be stored.
    Undecodable(Box<UndecodableWebhook>),
}

impl WebhookError {
    /// Returns the verified webhook that can't be decoded. `None` for every other error.
    #[must_use]
    pub fn undecodable(&self) -> Option<&UndecodableWebhook> {
        match self {
            Self::Undecodable(webhook) => Some(webhook),
            _ => None,
        }
    }
}

impl From<UndecodableWebhook> for WebhookError {
    fn from(webhook: UndecodableWebhook) -> Self {
        Self::Undecodable(Box::new(webhook))
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSecret => f.write_str("no webhook secret was given"),
            Self::EmptySecret => f.write_str("the webhook secret is empty"),
            Self::PaddedSecret => f.write_str("the webhook secret begins or ends with whitespace"),
            Self::TruncatedSecret => {
                f.write_str("the webhook secret is cut off: the text after its prefix is too short")
            }
            Self::MalformedSecret => {
                f.write_str("the webhook secret contains whitespace or a control character: use only the secret")
            }
            Self::QuotedSecret => f.write_str("the webhook secret is in quotes: remove them"),
            Self::VersionedSecret => f.write_str(
                "the webhook secret begins with `v1,`: use the secret as shown by Polar, which begins with `whsec_`",
            ),
            Self::NotASecret(kind) => write!(
                f,
                "the webhook secret is {}: use the secret of the webhook endpoint, which begins with `whsec_`",
                kind.description()
            ),
            Self::MissingHeader(name) => write!(f, "the webhook lacks the header `{name}`"),
            Self::DuplicateHeader(name) => write!(f, "the webhook has more than one header `{name}`"),
            Self::MalformedHeader(name) => write!(f, "the header `{name}` is empty or not printable ASCII"),
            Self::InvalidTimestamp => f.write_str("the webhook's timestamp is not a number of seconds since 1970"),
            Self::TooOld { seconds } => write!(f, "the webhook was signed {seconds} seconds ago, which is too long"),
            Self::TooNew { seconds } => {
                write!(f, "the webhook was signed {seconds} seconds in the future: check the clock")
            }
            Self::NoSignature => f.write_str("the webhook has no signature of version `v1`"),
            Self::WrongSignature => f.write_str("the webhook's signature does not match its body and the secrets"),
            Self::Undecodable(webhook) => webhook.fmt(f),
        }
    }
}

impl std::error::Error for WebhookError {}
