//! Decoding the body of a verified webhook.

use bytes::Bytes;

use super::{UndecodableWebhook, Verified, WebhookBody, WebhookError, WebhookVerifier};

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
            UndecodableWebhook::new(webhook, error, T::API_VERSIONS).into()
        })
    }
}

impl WebhookVerifier {
    /// Verifies a webhook and decodes its body: [`verify`](Self::verify) and [`Verified::event`] in one call, for
    /// receivers that need neither the id nor the body as received.
    ///
    /// # Errors
    /// Those of the two. [`WebhookError::Undecodable`] is the one of a webhook whose signature fits.
    pub fn event<T, N, V>(
        &self,
        body: impl AsRef<[u8]>,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<T, WebhookError>
    where
        T: WebhookBody,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.verify(body, headers)?.event()
    }
}
