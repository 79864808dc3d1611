//! Effects of the passing of time.

use std::time::Duration;

use polar_mock::MockPolar;
use serde_json::{Value, json};

use super::{Caller, paid, product};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn start() -> Caller {
    Caller::with(MockPolar::builder().clock("2026-10-01T00:00:00Z".parse().unwrap()).start().await.unwrap())
}

#[tokio::test]
async fn a_subscription_renews_with_an_order_for_each_period() {
    let caller = start().await;
    let pro = product(&caller, Some("month"), 900).await;
    let checkout = paid(&caller, &pro, "ada@example.com").await;
    caller.mock.advance(DAY * 62);
    let subscription = json!({"id": checkout["subscription_id"]});
    let subscription = caller.call("subscriptions:get", subscription, Value::Null).await;
    assert_eq!(subscription["current_period_end"], "2027-01-01T00:00:00.000000Z");
    let orders = caller.call("orders:list", json!({}), Value::Null).await;
    let reasons: Vec<&Value> =
        orders["items"].as_array().unwrap().iter().map(|order| &order["billing_reason"]).collect();
    assert_eq!(reasons, ["subscription_cycle", "subscription_cycle", "subscription_create"]);
}

#[tokio::test]
async fn a_canceled_subscription_ends_with_its_period() {
    let caller = start().await;
    let pro = product(&caller, Some("month"), 900).await;
    let checkout = paid(&caller, &pro, "ada@example.com").await;
    let id = json!({"id": checkout["subscription_id"]});
    caller.call("subscriptions:update", id.clone(), json!({"cancel_at_period_end": true})).await;
    caller.mock.advance(DAY * 30);
    assert_eq!(caller.call("subscriptions:get", id.clone(), Value::Null).await["status"], "active");
    caller.mock.advance(DAY);
    assert_eq!(caller.call("subscriptions:get", id, Value::Null).await["status"], "canceled");
    let state = json!({"id": checkout["customer_id"]});
    assert_eq!(caller.call("customers:get_state", state, Value::Null).await["active_subscriptions"], json!([]));
}

#[tokio::test]
async fn an_open_checkout_and_a_session_expire() {
    let caller = start().await;
    let pro = product(&caller, None, 900).await;
    let checkout = caller.call("checkouts:create", json!({}), json!({"products": [pro]})).await;
    let customer = caller.call("customers:create", json!({}), json!({"email": "ada@example.com"})).await;
    let session = caller.call("customer-sessions:create", json!({}), json!({"customer_id": customer["id"]})).await;
    caller.mock.advance(DAY);
    assert_eq!(caller.call("checkouts:get", json!({"id": checkout["id"]}), Value::Null).await["status"], "expired");
    assert_eq!(caller.mock.pay(checkout["id"].as_str().unwrap())["error"], "ExpiredCheckoutError");
    let response = caller.send("GET", "/v1/customer-portal/customers/me", session["token"].as_str(), None).await;
    assert_eq!(response.status(), 401);
    assert_eq!(super::body(response).await["error"], "invalid_token");
}

#[tokio::test]
async fn usage_beyond_the_credits_is_charged_with_the_next_period() {
    let caller = start().await;
    let filter = json!({"conjunction": "and", "clauses": [{"property": "name", "operator": "eq", "value": "job"}]});
    let meter = json!({"name": "Jobs", "filter": filter, "aggregation": {"func": "count"}});
    let meter = caller.call("meters:create", json!({}), meter).await["id"].clone();
    let prices = json!([
        {"amount_type": "fixed", "price_amount": 900},
        {"amount_type": "metered_unit", "meter_id": meter, "unit_amount": "50"},
    ]);
    let product = json!({"name": "Pro", "recurring_interval": "month", "prices": prices});
    let pro = caller.call("products:create", json!({}), product).await["id"].clone();
    paid(&caller, &pro, "ada@example.com").await;
    let event = json!({"name": "job", "external_customer_id": "ada@example.com"});
    caller.call("events:ingest", json!({}), json!({"events": [event, event, event]})).await;
    caller.mock.advance(DAY * 31);
    let orders = caller.call("orders:list", json!({}), Value::Null).await;
    let amounts: Vec<i64> =
        orders["items"].as_array().unwrap().iter().map(|order| order["total_amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [1050, 900]);
    let meters = caller.call("customer_meters:list", json!({}), Value::Null).await;
    assert_eq!(meters["items"][0]["consumed_units"], 0);
}
