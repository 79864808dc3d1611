//! Recovery after an outage, against a mock transport.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use polar_client::Polar;
use polar_client::mock::{MockTransport, Reply};
use polar_client::serde_json::{Value, json};
use polar_client::uuid::Uuid;
use polar_client_kit::recovery::Recovery;

const ENDPOINT: Uuid = Uuid::from_u128(1);

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

fn endpoint(enabled: bool) -> Value {
    json!({
        "created_at": "2026-10-01T00:00:00Z", "modified_at": null, "id": id(1), "url": "https://shop.example/webhooks",
        "name": null, "api_version": "2026-10", "format": "raw", "secret": "polar_whs_abc", "organization_id": id(2),
        "events": ["order.paid"], "enabled": enabled, "uses_standard_webhook_signature": false,
    })
}

fn delivery(event: u128, minute: u8, succeeded: Value, changes: Value) -> Value {
    let mut webhook_event = json!({
        "created_at": format!("2026-10-01T00:{minute:02}:00Z"), "modified_at": null, "id": id(event),
        "last_http_code": 500, "succeeded": succeeded, "skipped": false, "api_version": "2026-10", "payload": "{}",
        "type": "order.paid", "is_archived": false,
    });
    webhook_event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({
        "created_at": "2026-10-01T01:00:00Z", "modified_at": null, "id": id(event + 1000), "succeeded": false,
        "http_code": 500, "response": null, "webhook_event": webhook_event,
    })
}

fn page(items: Value) -> Reply {
    let count = items.as_array().unwrap().len();
    Reply::json(200, &json!({"items": items, "pagination": {"total_count": count, "max_page": 1}}))
}

fn polar(mock: &MockTransport) -> Polar {
    Polar::builder().access_token("polar_oat_test").transport(mock.clone()).build().unwrap()
}

fn operations(mock: &MockTransport) -> Vec<String> {
    mock.sent().into_iter().map(|sent| sent.operation.to_owned()).collect()
}

#[tokio::test]
async fn each_missed_event_is_requested_once_and_oldest_first() {
    let mock = MockTransport::new();
    mock.on("webhooks:get_webhook_endpoint", Reply::json(200, &endpoint(true)));
    let deliveries = json!([
        delivery(12, 2, json!(false), json!({})),
        delivery(11, 1, json!(false), json!({})),
        delivery(12, 2, json!(false), json!({})),
        delivery(13, 3, json!(true), json!({})),
        delivery(14, 4, json!(null), json!({})),
        delivery(15, 0, json!(false), json!({"is_archived": true, "payload": null})),
        delivery(16, 5, json!(null), json!({"skipped": true})),
    ]);
    mock.on("webhooks:list_webhook_deliveries", page(deliveries));
    mock.on("webhooks:redeliver_webhook_event", Reply::empty(202));
    let report = Recovery::new(&polar(&mock), ENDPOINT).run().await.unwrap();
    let redelivered: Vec<_> = report.redelivered.iter().map(|event| event.id.as_u128()).collect();
    assert_eq!(redelivered, [11, 12, 16], "13 arrived later, and Polar still delivers 14");
    assert_eq!(report.archived.iter().map(|event| event.id.as_u128()).collect::<Vec<_>>(), [15]);
    assert!(!report.enabled && !report.is_complete());
    assert_eq!(operations(&mock).len(), 2 + 3);
}

#[tokio::test]
async fn a_disabled_endpoint_is_enabled_before_redelivery() {
    let mock = MockTransport::new();
    mock.on("webhooks:get_webhook_endpoint", Reply::json(200, &endpoint(false)));
    mock.on("webhooks:update_webhook_endpoint", Reply::json(200, &endpoint(true)));
    mock.on("webhooks:list_webhook_deliveries", page(json!([delivery(11, 1, json!(false), json!({}))])));
    mock.on("webhooks:redeliver_webhook_event", Reply::empty(202));
    let report = Recovery::new(&polar(&mock), ENDPOINT).run().await.unwrap();
    assert!(report.enabled && report.failed.is_empty());
    assert_eq!(
        operations(&mock),
        [
            "webhooks:get_webhook_endpoint",
            "webhooks:update_webhook_endpoint",
            "webhooks:list_webhook_deliveries",
            "webhooks:redeliver_webhook_event"
        ]
    );
    assert_eq!(mock.sent()[1].json::<Value>().unwrap(), json!({"enabled": true}));
}

#[tokio::test]
async fn a_failed_redelivery_does_not_stop_the_others() {
    let mock = MockTransport::new();
    mock.on("webhooks:get_webhook_endpoint", Reply::json(200, &endpoint(true)));
    let deliveries = json!([delivery(11, 1, json!(false), json!({})), delivery(12, 2, json!(false), json!({}))]);
    mock.on("webhooks:list_webhook_deliveries", page(deliveries));
    mock.on("webhooks:redeliver_webhook_event", Reply::json(404, &json!({"error": "ResourceNotFound", "detail": ""})));
    mock.on("webhooks:redeliver_webhook_event", Reply::empty(202));
    let report = Recovery::new(&polar(&mock), ENDPOINT).run().await.unwrap();
    assert!(report.failed[0].0.id.as_u128() == 11 && report.failed[0].1.is_not_found());
    assert_eq!(report.redelivered[0].id.as_u128(), 12);
}

#[tokio::test]
async fn states_skip_customers_that_are_gone() {
    let customer = |number: u128| {
        json!({
            "id": id(number), "type": "individual", "created_at": "2026-10-01T00:00:00Z", "modified_at": null, "metadata": {}, "external_id": null,
            "email": "ada@example.com", "email_verified": true, "name": null, "billing_address": null, "billing_name": null, "tax_id": null,
            "organization_id": id(2), "deleted_at": null, "avatar_url": null, "locale": null,
            "default_payment_method_id": null,
        })
    };
    let mut state = customer(22);
    state.as_object_mut().unwrap().extend(
        json!({"active_subscriptions": [], "granted_benefits": [], "active_meters": []}).as_object().unwrap().clone(),
    );
    let mock = MockTransport::new();
    mock.on("customers:list", page(json!([customer(21), customer(22)])));
    mock.on("customers:get_state", Reply::json(404, &json!({"error": "ResourceNotFound", "detail": ""})));
    mock.on("customers:get_state", Reply::json(200, &state));
    let mut states = Recovery::new(&polar(&mock), ENDPOINT).customer_states();
    let first = states.next().await.unwrap().unwrap();
    assert_eq!(first.id(), Some(Uuid::from_u128(22)));
    assert!(states.next().await.is_none());
}
