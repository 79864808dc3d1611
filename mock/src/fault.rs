//! Faults that a test can enable.

use std::time::Duration;

use serde_json::json;

use crate::server::Told;

/// A fault of the next requests, or of the delivery of webhooks.
///
/// A fault applies to every operation until [`MockPolar::clear_faults`](crate::MockPolar::clear_faults), unless
/// [`on`](Self::on) and [`times`](Self::times) limit it. Faults are tried in the order in which they were added, and a
/// request has one at most.
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

    /// Responds with 429 and `Retry-After` in whole seconds. Nothing is done.
    #[must_use]
    pub fn rate_limit(retry_after: Duration) -> Self {
        Self::new(Kind::Respond(Told::empty(429).header("retry-after", &retry_after.as_secs().to_string())))
    }

    /// Responds with an error status such as 500 or 503, and a body that is not JSON. Nothing is done.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Respond(Told::text(status, "text/plain", "MockPolar has a fault for this request")))
    }

    /// Responds with an error of the API. Nothing is done.
    #[must_use]
    pub fn error(status: u16, error: &str, detail: &str) -> Self {
        Self::new(Kind::Respond(Told::json(status, &json!({"error": error, "detail": detail}))))
    }

    /// Carries out the request immediately and delays the response.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self::new(Kind::Slow(delay))
    }

    /// Resets the connection. Nothing is done.
    #[must_use]
    pub fn drop_request() -> Self {
        Self::new(Kind::DropRequest)
    }

    /// Carries out the request, then resets the connection before the response.
    #[must_use]
    pub fn drop_response() -> Self {
        Self::new(Kind::DropResponse)
    }

    /// Delivers webhooks twice, with the same id.
    #[must_use]
    pub fn duplicate_webhooks() -> Self {
        Self::new(Kind::DuplicateWebhooks)
    }

    /// Delays webhooks by this time.
    #[must_use]
    pub fn late_webhooks(delay: Duration) -> Self {
        Self::new(Kind::LateWebhooks(delay))
    }

    /// Limits the fault to this operation, as in `orders:list`, or for webhooks to this type of event, as in
    /// `order.paid`.
    #[must_use]
    pub fn on(self, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..self }
    }

    /// Limits the fault to this many requests or deliveries.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }
}

/// The enabled faults.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the fault of a request.
    pub(crate) fn of_request(&mut self, operation: &str) -> Option<Kind> {
        self.take(operation, |kind| !matches!(kind, Kind::DuplicateWebhooks | Kind::LateWebhooks(_)))
    }

    /// Returns the delay of a delivery.
    pub(crate) fn delay_of(&mut self, event: &str) -> Duration {
        match self.take(event, |kind| matches!(kind, Kind::LateWebhooks(_))) {
            Some(Kind::LateWebhooks(delay)) => delay,
            _ => Duration::ZERO,
        }
    }

    /// Returns whether a delivery is repeated.
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
