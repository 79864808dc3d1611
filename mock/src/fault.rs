//! Faults that a test switches on.

use std::time::Duration;

use serde_json::json;

use crate::server::Told;

/// Something that goes wrong: with the next requests, or with the delivery of webhooks.
///
/// A fault hits every operation until [`MockPolar::clear_faults`](crate::MockPolar::clear_faults), unless
/// [`on`](Self::on) and [`times`](Self::times) say otherwise. Faults are tried in the order in which they were switched
/// on, and a request has one at most.
///
/// ```
/// use std::time::Duration;
/// use polar_mock::Fault;
///
/// let busy = Fault::rate_limit(Duration::from_secs(2)).on("orders:list").times(1);
/// let slow = Fault::slow(Duration::from_millis(300));
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) kind: Kind,
    operation: Option<String>,
    left: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Respond(Told),
    Slow(Duration),
    DropRequest,
    DropResponse,
    DuplicateWebhooks,
    LateWebhooks(Duration),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, operation: None, left: None }
    }

    /// 429 with `Retry-After` in whole seconds, and nothing is done.
    #[must_use]
    pub fn rate_limit(retry_after: Duration) -> Self {
        Self::new(Kind::Respond(Told::empty(429).header("retry-after", &retry_after.as_secs().to_string())))
    }

    /// An error status such as 500 or 503, with a body that is not JSON, and nothing is done.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Respond(Told::text(status, "text/plain", "MockPolar was told to fail")))
    }

    /// An error of the API, and nothing is done.
    #[must_use]
    pub fn error(status: u16, error: &str, detail: &str) -> Self {
        Self::new(Kind::Respond(Told::json(status, &json!({"error": error, "detail": detail}))))
    }

    /// The request is carried out at once, and the response comes late.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self::new(Kind::Slow(delay))
    }

    /// The connection is reset and nothing is done.
    #[must_use]
    pub fn drop_request() -> Self {
        Self::new(Kind::DropRequest)
    }

    /// The request is carried out, then the connection is reset before a response.
    #[must_use]
    pub fn drop_response() -> Self {
        Self::new(Kind::DropResponse)
    }

    /// Webhooks that were delivered are delivered once more, with the same id.
    #[must_use]
    pub fn duplicate_webhooks() -> Self {
        Self::new(Kind::DuplicateWebhooks)
    }

    /// Webhooks are delivered this much later.
    #[must_use]
    pub fn late_webhooks(delay: Duration) -> Self {
        Self::new(Kind::LateWebhooks(delay))
    }

    /// Hits this operation only, as in `orders:list`; for the faults of webhooks this type of event, as in `order.paid`.
    #[must_use]
    pub fn on(self, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..self }
    }

    /// Hits this many requests or deliveries, and then no more.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }
}

/// The faults that are switched on.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of a request.
    pub(crate) fn of_request(&mut self, operation: &str) -> Option<Kind> {
        self.take(operation, |kind| !matches!(kind, Kind::DuplicateWebhooks | Kind::LateWebhooks(_)))
    }

    /// How late a delivery is.
    pub(crate) fn delay_of(&mut self, event: &str) -> Duration {
        match self.take(event, |kind| matches!(kind, Kind::LateWebhooks(_))) {
            Some(Kind::LateWebhooks(delay)) => delay,
            _ => Duration::ZERO,
        }
    }

    /// Whether a delivery is repeated.
    pub(crate) fn repeats(&mut self, event: &str) -> bool {
        self.take(event, |kind| *kind == Kind::DuplicateWebhooks).is_some()
    }

    fn take(&mut self, name: &str, is_wanted: impl Fn(&Kind) -> bool) -> Option<Kind> {
        let fault = self.0.iter_mut().find(|fault| {
            is_wanted(&fault.kind)
                && fault.left != Some(0)
                && fault.operation.as_ref().is_none_or(|operation| operation == name)
        })?;
        fault.left = fault.left.map(|left| left - 1);
        Some(fault.kind.clone())
    }
}
