//! Programs with a server that responds like the real one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::routing::post;
use polar_client::Polar;
use polar_client::models::{
    CustomerState, CustomerStateSubscriptionStatus, Price, ProductCreateRecurring, ProductPrice,
    ProductPriceFixedCreate, RecurringInterval,
};
use polar_client::uuid::Uuid;
use polar_client::webhooks::{Webhook, WebhookPayload, WebhookReceiver, WebhookSigner, WebhookVerifier};
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use polar_testkit::server::{Exchange, Exchanges, Server, Told};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A server with these exchanges, and a client of it.
async fn started(exchanges: impl IntoIterator<Item = Exchange>) -> (Server, Polar) {
    let all = Exchanges::default();
    exchanges.into_iter().for_each(|exchange| all.add(exchange));
    let server = Server::start(all.replies()).await.unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap();
    (server, polar)
}

#[tokio::test]
async fn a_recurring_product_is_created_and_read() {
    let product = fixture(include_str!("../fixtures/product-recurring.json"));
    let id: Uuid = product["id"].as_str().unwrap().parse().unwrap();
    let page = json!({"items": [product], "pagination": {"total_count": 1, "max_page": 1}});
    let (server, polar) = started([
        Exchange::new("POST", "/v1/products/", Told::json(201, &product)),
        Exchange::new("GET", &format!("/v1/products/{id}"), Told::json(200, &product)),
        Exchange::new("GET", "/v1/products/", Told::json(200, &page)).query("is_recurring=true"),
    ])
    .await;

    let price = ProductPriceFixedCreate::new(1900).price_currency("eur");
    let new = ProductCreateRecurring::new("Observatory Pass", [price], RecurringInterval::Month);
    let created = polar.products().create(new).await.unwrap();
    let sent: Value = serde_json::from_slice(&server.asked()[0].body).unwrap();
    let price = json!({"amount_type": "fixed", "price_amount": 1900, "price_currency": "eur"});
    assert_eq!(sent, json!({"name": "Observatory Pass", "prices": [price], "recurring_interval": "month"}));

    let read = polar.products().get(id).await.unwrap();
    let listed = polar.products().list().is_recurring(true).await.unwrap().items.remove(0);
    for product in [created, read, listed] {
        let [Price::Product(ProductPrice::Fixed(price))] = product.prices.as_slice() else {
            panic!("{:?}", product.prices);
        };
        assert_eq!((price.price_amount, price.price_currency.as_str()), (1900, "eur"));
        assert_eq!(price.extra.get("type"), Some(&json!("recurring")), "what is not declared is kept");
        assert_eq!(product.recurring_interval, Some(RecurringInterval::Month));
    }
}

#[tokio::test]
async fn the_state_of_a_team_is_read() {
    let state = fixture(include_str!("../fixtures/customer-state-team.json"));
    let id: Uuid = state["id"].as_str().unwrap().parse().unwrap();
    let path = format!("/v1/customers/{id}/state");
    let (_server, polar) = started([Exchange::new("GET", &path, Told::json(200, &state))]).await;
    let CustomerState::Team(team) = polar.customers().get_state(id).await.unwrap() else { panic!("no team") };
    assert_eq!((team.id, team.external_id.as_deref()), (id, Some("crew/7")));
    let subscription = &team.active_subscriptions[0];
    assert_eq!((&subscription.status, subscription.seats), (&CustomerStateSubscriptionStatus::Active, Some(2)));
    assert_eq!(team.granted_benefits[0].benefit_type.as_str(), "feature_flag");
}

/// An event like those of the real server: prices have properties that the document does not declare for them.
fn as_sent(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            if members.contains_key("amount_type") && !members.contains_key("legacy") {
                members.entry("type").or_insert("one_time".into());
                members.entry("recurring_interval").or_insert(Value::Null);
            }
            members.values_mut().for_each(|member| *member = as_sent(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = as_sent(item.take())),
        _ => {}
    }
    value
}

/// The URL of a receiver that records the types of known events.
async fn receiver(received: &Arc<Mutex<Vec<String>>>) -> String {
    let received = Arc::clone(received);
    let handler = move |webhook: Webhook<WebhookPayload>| async move {
        let event = serde_json::to_value(&webhook.event).unwrap();
        assert!(!matches!(webhook.event, WebhookPayload::Unknown(_)), "{event}");
        received.lock().unwrap().push(event["type"].as_str().unwrap().to_owned());
    };
    let receiver = WebhookReceiver::new(WebhookVerifier::new(SECRET).unwrap());
    let router = Router::new().route("/hook", post(handler)).with_state(receiver);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn every_event_is_delivered_and_decoded() {
    let received = Arc::default();
    let url = receiver(&received).await;
    // Secrets of endpoints from before September 2026 are used as keys unchanged.
    let signers = [WebhookSigner::new(SECRET).unwrap(), WebhookSigner::with_whole_secret(SECRET).unwrap()];
    let (document, http) = (Document::load().unwrap(), reqwest::Client::new());
    let mut delivered = Vec::new();
    for (name, schema) in document.webhooks() {
        let newer = as_sent(instance(&document, schema, Extent::Most));
        let mut older = newer.clone();
        older.as_object_mut().unwrap().remove("api_version");
        for (event, signer) in [newer, older].into_iter().zip(&signers) {
            let body = event.to_string();
            let headers = signer.sign(name, SystemTime::now(), &body).unwrap();
            let response = http.post(&url).headers(headers).body(body).send().await.unwrap();
            assert_eq!(response.status().as_u16(), 200, "{name}");
            delivered.push(name.to_owned());
        }
    }
    assert_eq!(*received.lock().unwrap(), delivered);
    assert_eq!(delivered.iter().collect::<BTreeSet<_>>().len(), 42);
}
