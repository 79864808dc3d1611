//! A webhook whose signature fits.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::{codec, redact};

/// A webhook that comes from the server. `B` is what its body was given as.
///
/// `Debug` shows how long the body is and not what it says.
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
    /// `webhook-id`: the same in each try to deliver the event, so that one that comes twice is known by it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When it was signed: shortly before it was sent, and anew in each try. The event tells itself when it happened.
    pub fn timestamp(&self) -> DateTime<Utc> {
        self.timestamp
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        self.body.as_ref()
    }

    /// The body as it was given.
    pub fn into_body(self) -> B {
        self.body
    }

    /// The member `type` of the body, as in `order.paid`, also if the body can't be decoded. `None` if the body has no
    /// such string.
    pub fn event_type(&self) -> Option<Cow<'_, str>> {
        self.member("type")
    }

    /// The member `api_version` of the body, as in `2026-10`, also if the body can't be decoded. `None` if the body has
    /// no such string: endpoints and stored events from before that member have none.
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
