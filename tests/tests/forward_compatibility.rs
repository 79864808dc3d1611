//! Additions of the server: properties, enumeration values, variants and events. They never fail, and are written back
//! unchanged. Changes that are not allowed fail with their place.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use polar_client::models::{Order, Subscription, SubscriptionTrialEnd};
use polar_client::runtime::codec::{Field, decode};
use polar_client::webhooks::WebhookPayload;
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use serde_json::{Value, json};

fn sample(schema: &str) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    instance(&Document::load().unwrap(), &schema, Extent::Most)
}

fn round_trip<T: Field + serde::Serialize>(value: &Value) -> Result<Value, String> {
    let decoded: T = decode(value.to_string().as_bytes()).map_err(|error| error.to_string())?;
    serde_json::to_value(&decoded).map_err(|error| error.to_string())
}

#[test]
fn every_webhook_of_the_document_is_an_event() {
    let document = Document::load().unwrap();
    let mut count = 0;
    for (name, schema) in document.webhooks() {
        for extent in [Extent::Least, Extent::Most] {
            let payload = instance(&document, schema, extent);
            assert_eq!(payload["type"], name);
            let event: WebhookPayload = decode(payload.to_string().as_bytes()).unwrap();
            assert!(!matches!(event, WebhookPayload::Unknown(_)), "{name}");
            if extent == Extent::Most {
                assert_eq!(serde_json::to_value(&event).unwrap(), payload, "{name}");
            }
        }
        count += 1;
    }
    assert_eq!(count, 42);
}

#[test]
fn an_unknown_event_keeps_its_type_and_its_data() {
    let payload = json!({"type": "refund.reversed", "timestamp": "2027-01-01T00:00:00Z", "data": {"id": 1}});
    let event: WebhookPayload = decode(payload.to_string().as_bytes()).unwrap();
    let WebhookPayload::Unknown(unknown) = &event else { panic!("{event:?}") };
    assert_eq!(unknown.tag(), Some("refund.reversed"));
    assert_eq!(serde_json::to_value(&event).unwrap(), payload);
}

#[test]
fn unknown_members_values_and_tags_come_back_as_they_came() {
    let mut order = sample("Order");
    order["new_member"] = json!({"deep": [1, "two", null]});
    order["status"] = json!("half_paid");
    order["items"][0]["new_member"] = json!(true);
    order["customer"]["new_member"] = json!("x");
    assert_eq!(round_trip::<Order>(&order).unwrap(), order);

    let mut subscription = sample("Subscription");
    subscription["prices"][0] = json!({"id": "p", "amount_type": "auction", "currency": "usd"});
    subscription["product"]["benefits"][0] = json!({"type": "hologram", "id": 7});
    assert_eq!(round_trip::<Subscription>(&subscription).unwrap(), subscription);
}

#[test]
fn a_constant_that_the_server_adds_beside_a_format_is_kept() {
    let read = |value: &Value| decode::<SubscriptionTrialEnd>(value.to_string().as_bytes()).unwrap();
    assert_eq!(read(&json!("now")), SubscriptionTrialEnd::Now);
    assert!(matches!(read(&json!("2026-10-01T00:00:00Z")), SubscriptionTrialEnd::DateTime(_)));
    let later = read(&json!("later"));
    assert!(matches!(later, SubscriptionTrialEnd::Unknown(_)), "{later:?}");
    assert_eq!(serde_json::to_value(&later).unwrap(), json!("later"));
}

#[test]
fn an_answer_that_breaks_its_contract_fails_with_its_place() {
    let failure = |change: fn(&mut Value)| {
        let mut order = sample("Order");
        change(&mut order);
        round_trip::<Order>(&order).unwrap_err()
    };
    let missing = failure(|order| {
        order["items"][0].as_object_mut().unwrap().remove("amount");
    });
    assert!(missing.starts_with("at `items[0]`: missing field `amount`"), "{missing}");
    let null = failure(|order| order["total_amount"] = Value::Null);
    assert_eq!(null, "at `total_amount`: invalid type: null, expected i64 (found null)");
    let text = failure(|order| order["customer"]["id"] = json!("7"));
    assert!(text.starts_with("at `customer.id`: "), "{text}");
}
