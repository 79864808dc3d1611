//! A server of customer states that can be slow, down, or behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use polar_client::Bytes;
use polar_client::chrono::{DateTime, TimeDelta, Utc};
use polar_client::http::{Request, Response};
use polar_client::serde_json::{self, Value, json};
use polar_client::uuid::Uuid;
use polar_client::webhooks::WebhookPayload;
use polar_client::{Polar, RetryPolicy, Transport, TransportError};
use tokio::time::Instant;

pub const CUSTOMER: Uuid = Uuid::from_u128(1);
pub const PRODUCT: Uuid = Uuid::from_u128(2);
pub const METER: Uuid = Uuid::from_u128(3);

pub fn benefit(number: u128) -> Uuid {
    Uuid::from_u128(1000 + number)
}

/// The time of a test: now, by the clock of the server, and some seconds more or less.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::<Utc>::from(std::time::SystemTime::now()) + TimeDelta::seconds(seconds)
}

/// The state of a customer who has these benefits, a subscription and a meter with this balance.
pub fn state(benefits: &[u128], balance: f64) -> Value {
    let created = json!({"created_at": "2026-10-01T00:00:00Z", "modified_at": null});
    let mut state = json!({
        "id": CUSTOMER, "type": "individual", "metadata": {}, "external_id": "ada", "email": "ada@example.com",
        "email_verified": true, "name": null, "billing_name": null, "billing_address": null, "tax_id": null,
        "organization_id": Uuid::from_u128(9), "deleted_at": null, "avatar_url": null, "locale": null,
        "default_payment_method_id": null, "granted_benefits": [], "active_meters": [],
        "active_subscriptions": [{
            "id": Uuid::from_u128(21), "metadata": {}, "status": "active", "amount": 1000, "currency": "usd",
            "recurring_interval": "month", "current_period_start": "2026-10-01T00:00:00Z",
            "current_period_end": "2026-11-01T00:00:00Z", "trial_start": null, "trial_end": null,
            "cancel_at_period_end": false, "canceled_at": null, "started_at": null, "ends_at": null,
            "product_id": PRODUCT, "discount_id": null, "meters": [],
        }],
    });
    let grants = benefits.iter().map(|number| {
        json!({
            "id": Uuid::from_u128(2000 + number), "granted_at": "2026-10-01T00:00:00Z", "benefit_id": benefit(*number),
            "benefit_type": "custom", "benefit_metadata": {}, "properties": {},
        })
    });
    state["granted_benefits"] = grants.collect();
    state["active_meters"] = json!([{
        "id": Uuid::from_u128(31), "meter_id": METER, "consumed_units": 10.0, "credited_units": 20, "balance": balance,
    }]);
    let add = |value: &mut Value| {
        value.as_object_mut().unwrap().extend(created.as_object().unwrap().clone());
    };
    for list in ["granted_benefits", "active_meters", "active_subscriptions"] {
        state[list].as_array_mut().unwrap().iter_mut().for_each(add);
    }
    add(&mut state);
    state
}

/// The event that Polar sends after each change.
pub fn state_changed(state: &Value, at: DateTime<Utc>) -> WebhookPayload {
    let event = json!({"type": "customer.state_changed", "timestamp": at, "api_version": "2026-10", "data": state});
    let event: WebhookPayload = serde_json::from_value(event).unwrap();
    assert!(matches!(event, WebhookPayload::CustomerStateChanged(_)));
    event
}

#[derive(Clone, Default)]
pub struct Customers(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    states: BTreeMap<String, Value>,
    down: bool,
    delay: Duration,
    requests: usize,
    /// When the first request came, by the clock of the test.
    started: Option<Instant>,
}

impl Customers {
    pub fn polar(&self) -> Polar {
        let builder = Polar::builder().access_token("polar_oat_test").retry_policy(RetryPolicy::never());
        builder.transport(self.clone()).build().unwrap()
    }

    /// Sets the present state of the customer.
    pub fn set(&self, state: &Value) {
        let states = &mut self.state().states;
        states.insert(format!("/v1/customers/{CUSTOMER}/state"), state.clone());
        states.insert("/v1/customers/external/ada/state".to_owned(), state.clone());
    }

    pub fn down(&self, down: bool) {
        self.state().down = down;
    }

    /// Sets how long after it read a state the server answers.
    pub fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    pub fn requests(&self) -> usize {
        self.state().requests
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Transport for Customers {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (found, down, delay) = {
            let mut state = self.state();
            state.requests += 1;
            state.started.get_or_insert_with(Instant::now);
            (state.states.get(request.uri().path()).cloned(), state.down, state.delay)
        };
        tokio::time::sleep(delay).await;
        if down {
            return Err(TransportError::connect("the server is down"));
        }
        let (status, body) = match found {
            Some(state) => (200, state),
            None => (404, json!({"error": "ResourceNotFound", "detail": "Not found"})),
        };
        // Its clock follows the test's, which may be paused and advanced.
        let started = self.state().started.unwrap_or_else(Instant::now);
        let date = at(0) + TimeDelta::from_std(started.elapsed()).unwrap();
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("polar-version", "2026-10")
            .header("date", date.to_rfc2822().replace("+0000", "GMT"));
        Ok(response.body(body.to_string().into()).unwrap())
    }
}
