//! Webhooks: verifying that the server signed them, and handling each event at least once.
//!
//! Owns verification and signing, the payload before and after it is decoded, replay guards, and the endpoint for axum.
//! Leaves to others the types of events, which are generated.
//!
//! Invariant: a payload is only decoded after its signature was verified, and an event is only done after its handler
//! returned without an error.
//!
//! Polar signs as [Standard Webhooks](https://www.standardwebhooks.com) says: HMAC-SHA256 over
//! `{webhook-id}.{webhook-timestamp}.{body}`, and the header `webhook-signature` holds `v1,` and the base64 of it, once
//! for each secret in use, with spaces between.
//!
//! ```
//! use polar_client_runtime::serde_json::Value;
//! use polar_client_runtime::webhooks::{WebhookSigner, WebhookVerifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
//! let body = br#"{"type": "order.paid"}"#;
//! // What the server does; a test does the same.
//! let headers = WebhookSigner::new(secret)?.sign("msg_1", std::time::SystemTime::now(), body)?;
//!
//! let verifier = WebhookVerifier::new(secret)?;
//! let webhook = verifier.verify(body, &headers)?;
//! let event: Value = webhook.event()?;
//! assert_eq!(event["type"], "order.paid");
//! # Ok(())
//! # }
//! ```
//!
//! The body must be the bytes as they came: JSON that was read and written again has another signature.

mod any_version;
#[cfg(feature = "axum")]
mod axum;
mod body;
mod error;
mod event;
mod headers;
mod key;
mod replay;
mod signature;
mod signer;
mod undecodable;
mod verified;
mod verifier;

#[doc(hidden)]
pub use any_version::{DecodePayload, PayloadVersion, decode_any_version};
#[cfg(feature = "axum")]
pub use axum::{Webhook, WebhookEndpoint, WebhookOutcome, WebhookReceiver, WebhookRejection};
pub use body::WebhookBody;
pub use error::WebhookError;
pub use replay::{Claim, Lease, MemoryReplayGuard, ReplayGuard};
pub use signer::WebhookSigner;
pub use undecodable::UndecodableWebhook;
pub use verified::Verified;
pub use verifier::WebhookVerifier;

/// The header with the name of the message, the same in each try to deliver it.
pub const ID: &str = "webhook-id";

/// The header with the time of signing, in whole seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";

/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";
