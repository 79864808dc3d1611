//! The types that the body of a webhook can be decoded as.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::codec::{self, DecodeError};

/// A type that the body of a webhook can be decoded as.
///
/// The generated payloads implement it with the API version that they follow. For your own type, one line is enough:
///
/// ```
/// use polar_client_runtime::webhooks::WebhookBody;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Envelope {
///     r#type: String,
/// }
///
/// impl WebhookBody for Envelope {}
/// ```
#[diagnostic::on_unimplemented(
    message = "the body of a webhook can't be decoded as `{Self}`",
    note = "use the crate's `WebhookPayload`, or add `impl WebhookBody for {Self} {{}}` to a type of your own"
)]
pub trait WebhookBody: DeserializeOwned {
    /// The API versions that the type follows, as in `2026-10`. Empty if it follows none.
    ///
    /// If a body can't be decoded and its `api_version` differs, the error names both.
    const API_VERSIONS: &'static [&'static str] = &[];

    /// Decodes a body. The generated payloads are decoded without serde.
    ///
    /// # Errors
    /// The body is not JSON, or does not have this structure.
    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        codec::decode_with_serde(body)
    }
}

impl WebhookBody for Value {}

impl<K: DeserializeOwned + Ord, V: DeserializeOwned> WebhookBody for BTreeMap<K, V> {}

impl<K, V, S> WebhookBody for HashMap<K, V, S>
where
    K: DeserializeOwned + Eq + Hash,
    V: DeserializeOwned,
    S: BuildHasher + Default,
{
}

/// Implements it for generated payloads, with their API versions.
#[macro_export]
macro_rules! webhook_bodies {
    ([$($version:expr),*]; $($name:ty),* $(,)?) => {
        $crate::codegen::webhook_bodies!(@each &[$($version),*]; $($name),*);
    };
    (@each $versions:expr; $($name:ty),*) => {
        $(
            impl $crate::codegen::webhooks::WebhookBody for $name {
                const API_VERSIONS: &'static [&'static str] = $versions;

                fn decode(body: &[u8]) -> ::core::result::Result<Self, $crate::codec::DecodeError> {
                    $crate::codec::decode(body)
                }
            }
        )*
    };
}
