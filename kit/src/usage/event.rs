//! Events with metadata.

use polar_client::Nullable;
use polar_client::chrono::{DateTime, Utc};
use polar_client::models::{
    CostMetadataInput, EventCreate, EventCreateCustomer, EventCreateExternalCustomer, EventMetadataInput, LLMMetadata,
    MetadataValue, UnitAmount,
};
use polar_client::uuid::Uuid;

/// An event to record, for a customer with Polar's identifier or your own.
///
/// ```
/// use polar_client_kit::usage::UsageEvent;
///
/// let event = UsageEvent::for_external_customer("render", "user_42")
///     .metadata([("pages", 3)])
///     .metadata([("format", "pdf")]);
/// # let _ = event;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UsageEvent {
    event: EventCreate,
}

impl UsageEvent {
    /// Creates an event for the customer with this Polar identifier.
    #[must_use]
    pub fn for_customer(name: impl Into<String>, customer_id: Uuid) -> Self {
        EventCreateCustomer::new(name, customer_id).into()
    }

    /// Creates an event for the customer with your own identifier. The customer need not exist yet.
    #[must_use]
    pub fn for_external_customer(name: impl Into<String>, external_customer_id: impl Into<String>) -> Self {
        EventCreateExternalCustomer::new(name, external_customer_id).into()
    }

    /// Adds pairs to the metadata. A pair with the key of an earlier one replaces it.
    ///
    /// Polar accepts up to 50 pairs, with keys of up to 40 and texts of up to 500 characters.
    #[must_use]
    pub fn metadata<K: Into<String>, V: Into<MetadataValue>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        if let Some(metadata) = self.metadata_mut() {
            metadata.additional_properties.extend(pairs.into_iter().map(|(key, value)| (key.into(), value.into())));
        }
        self
    }

    /// Sets your cost of the event in cents. A text keeps all decimals: `"0.25"` is a quarter of a cent. The currency
    /// is `usd`, the only one that Polar accepts so far.
    #[must_use]
    pub fn cost(mut self, cents: impl Into<UnitAmount>) -> Self {
        if let Some(metadata) = self.metadata_mut() {
            metadata.cost = Some(CostMetadataInput::new(cents, "usd"));
        }
        self
    }

    /// Sets the call of a language model that the event reports.
    #[must_use]
    pub(super) fn llm(mut self, call: LLMMetadata) -> Self {
        if let Some(metadata) = self.metadata_mut() {
            metadata.llm = Some(call);
        }
        self
    }

    /// Sets when the event happened. By default it is the time of recording.
    #[must_use]
    pub fn timestamp(mut self, timestamp: DateTime<Utc>) -> Self {
        if let Some(fields) = fields(&mut self.event) {
            *fields.timestamp = Some(timestamp);
        }
        self
    }

    /// Sets your own identifier of the event. Polar stores one event for each identifier. By default the recorder
    /// generates one.
    #[must_use]
    pub fn external_id(mut self, external_id: impl Into<String>) -> Self {
        if let Some(fields) = fields(&mut self.event) {
            *fields.external_id = Nullable::Value(external_id.into());
        }
        self
    }

    /// Sets the parent event: Polar's identifier, or the external identifier of an event.
    #[must_use]
    pub fn parent_id(mut self, parent_id: impl Into<String>) -> Self {
        if let Some(fields) = fields(&mut self.event) {
            *fields.parent_id = Nullable::Value(parent_id.into());
        }
        self
    }

    /// Returns the event in the format of the API.
    #[must_use]
    pub fn into_inner(self) -> EventCreate {
        self.event
    }

    fn metadata_mut(&mut self) -> Option<&mut EventMetadataInput> {
        fields(&mut self.event).map(|fields| fields.metadata.get_or_insert_default())
    }
}

impl From<EventCreate> for UsageEvent {
    fn from(event: EventCreate) -> Self {
        Self { event }
    }
}

impl From<EventCreateCustomer> for UsageEvent {
    fn from(event: EventCreateCustomer) -> Self {
        Self { event: event.into() }
    }
}

impl From<EventCreateExternalCustomer> for UsageEvent {
    fn from(event: EventCreateExternalCustomer) -> Self {
        Self { event: event.into() }
    }
}

/// The common properties of both kinds of events.
struct Fields<'a> {
    timestamp: &'a mut Option<DateTime<Utc>>,
    external_id: &'a mut Nullable<String>,
    parent_id: &'a mut Nullable<String>,
    metadata: &'a mut Option<EventMetadataInput>,
}

/// Returns `None` for a kind of event that this version of the crate does not know.
fn fields(event: &mut EventCreate) -> Option<Fields<'_>> {
    macro_rules! of {
        ($event:expr) => {{
            let event = &mut **$event;
            Fields {
                timestamp: &mut event.timestamp,
                external_id: &mut event.external_id,
                parent_id: &mut event.parent_id,
                metadata: &mut event.metadata,
            }
        }};
    }
    match event {
        EventCreate::Customer(event) => Some(of!(event)),
        EventCreate::ExternalCustomer(event) => Some(of!(event)),
        _ => None,
    }
}

/// Sets what a safe retry and a late delivery need: an external identifier and the time of recording. Returns whether
/// it set the time.
///
/// A generated identifier is a UUID of version 7.
pub(super) fn complete(event: &mut EventCreate, now: DateTime<Utc>) -> bool {
    let Some(fields) = fields(event) else { return false };
    if !matches!(fields.external_id, Nullable::Value(_)) {
        *fields.external_id = Nullable::Value(Uuid::now_v7().to_string());
    }
    let stamped = fields.timestamp.is_none();
    fields.timestamp.get_or_insert(now);
    stamped
}

/// Removes the time, so that the server sets the time of arrival.
pub(super) fn clear_timestamp(event: &mut EventCreate) {
    if let Some(fields) = fields(event) {
        *fields.timestamp = None;
    }
}
