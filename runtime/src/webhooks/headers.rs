//! The three headers of a webhook.

use chrono::{DateTime, Utc};

use super::{ID, SIGNATURE, TIMESTAMP, WebhookError};

/// The headers, each once and in printable ASCII.
pub(super) struct Headers {
    pub(super) id: String,
    pub(super) timestamp: String,
    pub(super) signature: String,
}

/// The headers that were found so far.
pub(super) struct Found([Slot; 3]);

impl Found {
    /// Finds them among all headers of a request.
    pub(super) fn among<N: AsRef<str>, V: AsRef<[u8]>>(
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, WebhookError> {
        let mut found = Self::none();
        for (name, value) in headers {
            found.take(name.as_ref(), value.as_ref())?;
        }
        Ok(found)
    }

    fn none() -> Self {
        Self([ID, TIMESTAMP, SIGNATURE].map(|name| (name, None)))
    }

    /// Keeps the value of a header that is one of them.
    fn take(&mut self, name: &str, value: &[u8]) -> Result<(), WebhookError> {
        self.0.iter_mut().filter(|slot| name.eq_ignore_ascii_case(slot.0)).try_for_each(|slot| keep(slot, value))
    }
}

impl Headers {
    pub(super) fn of(Found([id, timestamp, signature]): Found) -> Result<Self, WebhookError> {
        let found = |(name, value): Slot| value.ok_or(WebhookError::MissingHeader(name));
        Ok(Self { id: found(id)?, timestamp: found(timestamp)?, signature: found(signature)? })
    }

    /// Returns the time of the signature.
    pub(super) fn time(&self) -> Result<DateTime<Utc>, WebhookError> {
        // `parse` accepts a sign, which the server never writes.
        let seconds = Some(&self.timestamp).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        seconds.and_then(|text| DateTime::from_timestamp(text.parse().ok()?, 0)).ok_or(WebhookError::InvalidTimestamp)
    }
}

/// The name of a header, and its value after it was found.
type Slot = (&'static str, Option<String>);

fn keep(slot: &mut Slot, value: &[u8]) -> Result<(), WebhookError> {
    let (name, kept) = slot;
    if kept.is_some() {
        return Err(WebhookError::DuplicateHeader(name));
    }
    let text = std::str::from_utf8(value).ok().filter(|text| !text.is_empty());
    let text = text.filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    *kept = Some(text.ok_or(WebhookError::MalformedHeader(name))?.to_owned());
    Ok(())
}
