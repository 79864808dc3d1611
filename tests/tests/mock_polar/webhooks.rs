//! Webhooks: their order, signatures, repeated delivery, and endpoints that fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use polar_client::webhooks::{WebhookPayload, WebhookVerifier};
use polar_mock::{Fault, MockPolar};
use serde_json::{Value, json};

use super::{Caller, paid, product};

type Received = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver that responds with these statuses, the last one again and again: its URL, and what it received.
async fn receiver(statuses: &'static [u16]) -> (String, Received) {
    let received = Received::default();
    let respond = move |State(received): State<Received>, headers: HeaderMap, body: String| async move {
        let mut received = received.lock().unwrap();
        let status = statuses.get(received.len()).or(statuses.last()).copied().unwrap_or(202);
        received.push((headers, body));
        StatusCode::from_u16(status).unwrap()
    };
    let router = Router::new().route("/hook", post(respond)).with_state(Arc::clone(&received));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

async fn fast() -> Caller {
    Caller::with(MockPolar::builder().webhook_retry_delay(Duration::ZERO).start().await.unwrap())
}

async fn endpoint(caller: &Caller, url: &str, events: Value) -> Value {
    let body = json!({"url": url, "format": "raw", "events": events});
    caller.call("webhooks:create_webhook_endpoint", json!({}), body).await
}

fn types(received: &Received) -> Vec<String> {
    let received = received.lock().unwrap();
    let kind = |(_, body): &(HeaderMap, String)| {
        serde_json::from_str::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned()
    };
    received.iter().map(kind).collect()
}

#[tokio::test]
async fn a_paid_checkout_sends_its_events_in_order() {
    let caller = fast().await;
    let (url, received) = receiver(&[200]).await;
    let pro = product(&caller, Some("month"), 900).await;
    let support = json!({"type": "custom", "description": "Support", "properties": {"note": null}});
    let support = caller.call("benefits:create", json!({}), support).await;
    caller.call("products:update_benefits", json!({"id": pro}), json!({"benefits": [support["id"]]})).await;
    let all: Vec<&str> = caller.document.webhooks().map(|(name, _)| name).collect();
    let endpoint = endpoint(&caller, &url, json!(all)).await;
    paid(&caller, &pro, "ada@example.com").await;
    caller.mock.webhooks_delivered().await;
    let expected = [
        "checkout.created",
        "customer.created",
        "customer.state_changed",
        "checkout.updated",
        "subscription.created",
        "subscription.updated",
        "subscription.active",
        "customer.state_changed",
        "order.created",
        "order.updated",
        "order.paid",
        "checkout.updated",
        "benefit_grant.created",
        "customer.state_changed",
    ];
    assert_eq!(types(&received), expected);

    let verifier = WebhookVerifier::new(endpoint["secret"].as_str().unwrap()).unwrap();
    for (headers, body) in received.lock().unwrap().iter() {
        let event: WebhookPayload = verifier.verify(body.clone(), headers).unwrap().event().unwrap();
        assert!(!matches!(event, WebhookPayload::Unknown(_)), "{body}");
    }
}

#[tokio::test]
async fn a_refund_and_a_revocation_send_their_events_in_order() {
    let caller = fast().await;
    let pro = product(&caller, Some("month"), 900).await;
    let checkout = paid(&caller, &pro, "ada@example.com").await;
    let order = caller.call("orders:list", json!({}), Value::Null).await["items"][0]["id"].clone();
    let (url, received) = receiver(&[200]).await;
    let events = json!([
        "refund.created",
        "order.updated",
        "order.refunded",
        "subscription.updated",
        "subscription.canceled",
        "subscription.revoked",
        "customer.state_changed",
    ]);
    endpoint(&caller, &url, events).await;
    let refund = json!({"order_id": order, "reason": "other", "amount": 900});
    caller.call("refunds:create", json!({}), refund).await;
    caller.call("subscriptions:revoke", json!({"id": checkout["subscription_id"]}), Value::Null).await;
    caller.mock.webhooks_delivered().await;
    let expected = [
        "refund.created",
        "order.updated",
        "order.refunded",
        "subscription.updated",
        "subscription.canceled",
        "subscription.revoked",
        "customer.state_changed",
    ];
    assert_eq!(types(&received), expected);
}

#[tokio::test]
async fn an_event_is_sent_again_before_the_next_one() {
    let caller = fast().await;
    let (url, received) = receiver(&[500, 503, 200]).await;
    endpoint(&caller, &url, json!(["product.created"])).await;
    product(&caller, None, 1).await;
    product(&caller, None, 2).await;
    caller.mock.webhooks_delivered().await;
    let ids: Vec<String> = {
        let received = received.lock().unwrap();
        received.iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids.len(), 4);
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    let deliveries = caller.call("webhooks:list_webhook_deliveries", json!({"succeeded": false}), Value::Null).await;
    let codes: Vec<&Value> = deliveries["items"].as_array().unwrap().iter().map(|item| &item["http_code"]).collect();
    assert_eq!(codes, [&json!(503), &json!(500)]);
}

#[tokio::test]
async fn an_endpoint_is_disabled_after_ten_failed_events() {
    let caller = fast().await;
    let (url, received) = receiver(&[500]).await;
    let endpoint = endpoint(&caller, &url, json!(["product.created"])).await;
    for amount in 1..=12 {
        product(&caller, None, amount).await;
    }
    caller.mock.webhooks_delivered().await;
    assert_eq!(received.lock().unwrap().len(), 100, "ten attempts for each of ten events");
    let endpoint = caller.call("webhooks:get_webhook_endpoint", json!({"id": endpoint["id"]}), Value::Null).await;
    assert_eq!(endpoint["enabled"], false);
    product(&caller, None, 13).await;
    caller.mock.webhooks_delivered().await;
    assert_eq!(received.lock().unwrap().len(), 100);
}

#[tokio::test]
async fn an_event_is_delivered_again_if_asked_for() {
    let caller = fast().await;
    let (url, received) = receiver(&[200]).await;
    endpoint(&caller, &url, json!(["product.created"])).await;
    product(&caller, None, 1).await;
    caller.mock.webhooks_delivered().await;
    let deliveries = caller.call("webhooks:list_webhook_deliveries", json!({}), Value::Null).await;
    let id = json!({"id": deliveries["items"][0]["webhook_event"]["id"]});
    caller.call("webhooks:redeliver_webhook_event", id, Value::Null).await;
    caller.mock.webhooks_delivered().await;
    let received = received.lock().unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].0["webhook-id"], received[1].0["webhook-id"]);
}

#[tokio::test]
async fn webhooks_come_twice_or_late_if_told_so() {
    let caller = fast().await;
    let (url, received) = receiver(&[200]).await;
    endpoint(&caller, &url, json!(["product.created"])).await;
    caller.mock.inject(Fault::duplicate_webhooks().on("product.created").times(1));
    product(&caller, None, 1).await;
    caller.mock.webhooks_delivered().await;
    assert_eq!(received.lock().unwrap().len(), 2);

    caller.mock.inject(Fault::late_webhooks(Duration::from_millis(150)));
    let start = std::time::Instant::now();
    product(&caller, None, 2).await;
    caller.mock.webhooks_delivered().await;
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_eq!(received.lock().unwrap().len(), 3);
}
