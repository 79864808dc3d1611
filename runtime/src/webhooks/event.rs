//! Decoding the body of a verified webhook.

use bytes::Bytes;

use super::{UndecodableWebhook, Verified, WebhookBody, WebhookError};

impl<B: AsRef<[u8]>> Verified<B> {
    /// Decodes the body.
    ///
    /// # Errors
    /// [`WebhookError::Undecodable`] if the body is not JSON or does not have the structure of `T`. The error has the
    /// path, names the API versions of the body and of `T` if they differ, and contains the webhook, so that it can be
    /// stored.
    pub fn event<T: WebhookBody>(&self) -> Result<T, WebhookError> {
        T::decode(self.body()).map_err(|error| {
            let body = Bytes::copy_from_slice(self.body());
            let webhook = Verified::new(self.id().to_owned(), self.timestamp(), body);
            UndecodableWebhook::new(webhook, error, T::API_VERSION).into()
        })
    }
}
