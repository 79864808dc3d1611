//! A webhook with a valid signature.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::{codec, redact};

/// A verified webhook. `B` is the type of the body that was verified.
///
/// `Debug` shows the length of the body and not its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified<B = Bytes> {
    id: String,
    timestamp: DateTime<Utc>,
    body: B,
}

impl<B> Verified<B> {
    pub(super) fn new(id: String, timestamp: DateTime<Utc>, body: B) -> Self {
        Self { id, timestamp, body }
    }
}

impl<B: AsRef<[u8]>> Verified<B> {
    /// Returns the `webhook-id`, which is the same in each delivery of the event. Use it to detect duplicates.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the time of the signature: shortly before it was sent, and different in each delivery. The time of the
    /// event is part of the event.
    pub fn timestamp(&self) -> DateTime<Utc> {
        self.timestamp
    }

    /// Returns the body as received.
    pub fn body(&self) -> &[u8] {
        self.body.as_ref()
    }

    /// Returns the body in the type that was verified.
    pub fn into_body(self) -> B {
        self.body
    }

    /// Returns the property `type` of the body, as in `order.paid`, even if the body can't be decoded. `None` if the
    /// body has no such string.
    pub fn event_type(&self) -> Option<Cow<'_, str>> {
        self.member("type")
    }

    /// Returns the property `api_version` of the body, as in `2026-10`, even if the body can't be decoded. `None` if
    /// the body has no such string, as in events of older endpoints.
    pub fn api_version(&self) -> Option<Cow<'_, str>> {
        self.member("api_version")
    }

    fn member(&self, name: &str) -> Option<Cow<'_, str>> {
        codec::string_property(self.body(), name)
    }
}

impl<B: AsRef<[u8]>> fmt::Debug for Verified<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("id", &redact::name(&self.id))
            .field("timestamp", &self.timestamp)
            .field("body", &format_args!("{} bytes", self.body().len()))
            .finish()
    }
}
