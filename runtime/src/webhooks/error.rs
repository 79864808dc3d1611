//! Why a webhook is refused.

use std::fmt;

use polar_client_auth::TokenKind;

use super::UndecodableWebhook;

/// Why a webhook is refused, or why a verifier could not be made.
///
/// It never holds a secret or a signature, whatever is done to print it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// A verifier was to be made from a list of secrets that is empty.
    NoSecret,
    /// A secret is empty: an environment variable that is set to nothing, say.
    EmptySecret,
    /// A secret begins or ends with white space: the end of the line of a file, say.
    PaddedSecret,
    /// What follows `whsec_` or `polar_whs_` is shorter than the server makes it.
    TruncatedSecret,
    /// A secret contains white space or a control character, such as NUL or a line break: two values in one, say.
    MalformedSecret,
    /// A secret begins or ends with a quotation mark, which a shell or an `.env` reader would have removed.
    QuotedSecret,
    /// A secret begins with `v1,`, which is how a signature and the secrets of other services begin.
    VersionedSecret,
    /// A secret has the prefix of another kind of token or id, such as an access token or an OAuth client id.
    NotASecret(TokenKind),
    /// There is no such header.
    MissingHeader(&'static str),
    /// The header comes more than once.
    DuplicateHeader(&'static str),
    /// The header is empty, or holds something else than printable ASCII.
    MalformedHeader(&'static str),
    /// `webhook-timestamp` is no whole number of seconds since 1970, or far beyond any date.
    InvalidTimestamp,
    /// It was signed longer ago than the tolerance allows.
    TooOld {
        /// How long ago, in seconds.
        seconds: u64,
    },
    /// It was signed further in the future than the tolerance allows: one of the clocks is wrong.
    TooNew {
        /// How far in the future, in seconds.
        seconds: u64,
    },
    /// `webhook-signature` holds no signature of version `v1`.
    NoSignature,
    /// No signature fits: another secret, another body than was signed, or another sender.
    WrongSignature,
    /// The signature fits, and the body can't be decoded as the requested type. The webhook itself can be stored.
    Undecodable(Box<UndecodableWebhook>),
}

impl WebhookError {
    /// The verified webhook that can't be decoded; `None` for every other error.
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
            Self::PaddedSecret => f.write_str("the webhook secret begins or ends with white space"),
            Self::TruncatedSecret => f.write_str("the webhook secret is cut off: too little follows its prefix"),
            Self::MalformedSecret => {
                f.write_str("the webhook secret contains white space or a control character: give the secret alone")
            }
            Self::QuotedSecret => f.write_str("the webhook secret is in quotes: remove them"),
            Self::VersionedSecret => {
                f.write_str("the webhook secret begins with `v1,`: give the secret as Polar shows it, from `whsec_` on")
            }
            Self::NotASecret(kind) => write!(
                f,
                "the webhook secret is {}: give the secret of the webhook endpoint, which begins with `whsec_`",
                kind.description()
            ),
            Self::MissingHeader(name) => write!(f, "the webhook has no header `{name}`"),
            Self::DuplicateHeader(name) => write!(f, "the webhook has several headers `{name}`"),
            Self::MalformedHeader(name) => write!(f, "the header `{name}` is empty or no printable ASCII"),
            Self::InvalidTimestamp => f.write_str("the webhook's timestamp is no number of seconds since 1970"),
            Self::TooOld { seconds } => write!(f, "the webhook was signed {seconds} seconds ago, which is too long"),
            Self::TooNew { seconds } => {
                write!(f, "the webhook was signed {seconds} seconds in the future: check the clock")
            }
            Self::NoSignature => f.write_str("the webhook has no signature of version `v1`"),
            Self::WrongSignature => f.write_str("the webhook's signature fits neither secret nor body"),
            Self::Undecodable(webhook) => webhook.fmt(f),
        }
    }
}

impl std::error::Error for WebhookError {}
