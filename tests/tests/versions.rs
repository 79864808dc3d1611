//! Several versions of the API in one program.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
#![allow(deprecated, reason = "an old version is used as long as the crate has it")]

use std::any::TypeId;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::routing::post_service;
use polar_client::models::{Customer, WebhookEventType, WebhookFormat};
use polar_client::webhooks::{
    AnyVersionPayload, MemoryReplayGuard, Webhook, WebhookEndpoint, WebhookPayload, WebhookReceiver, WebhookSigner,
    WebhookVerifier,
};
use polar_client::{Polar, v2026_04, v2027_01};
use polar_codegen::repository::VERSIONS;
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use polar_testkit::sample::sample;
use polar_testkit::server::{Server, Told};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn signed(id: &str, body: &str) -> HeaderMap {
    WebhookSigner::new(SECRET).unwrap().sign(id, SystemTime::now(), body).unwrap()
}

/// A payload of a version, from its document.
fn payload(version: &str, event: &str) -> Value {
    let document = Document::of(&format!("spec/polar-{version}.yaml")).unwrap();
    let (_, schema) = document.webhooks().find(|(name, _)| *name == event).unwrap();
    let mut payload = instance(&document, schema, Extent::Most);
    payload["api_version"] = json!(version);
    payload
}

fn decoded(payload: &Value) -> Result<AnyVersionPayload, String> {
    let body = payload.to_string();
    let verified = WebhookVerifier::new(SECRET).unwrap().verify(&body, &signed("msg_1", &body)).unwrap();
    verified.event().map_err(|error| error.to_string())
}

/// What a program stores of events, whatever their version.
type Ledger = Arc<Mutex<Vec<String>>>;

/// The URL of an endpoint for events of all versions.
async fn endpoint(ledger: Ledger) -> String {
    let handle = move |webhook: Webhook<AnyVersionPayload>| {
        let ledger = Arc::clone(&ledger);
        async move {
            let (version, product) = match webhook.event {
                AnyVersionPayload::V2026_10(WebhookPayload::ProductUpdated(event)) => ("2026-10", event.data.name),
                AnyVersionPayload::V2027_01(v2027_01::webhooks::WebhookPayload::ProductUpdated(event)) => {
                    ("2027-01", event.data.name)
                }
                other => panic!("{other:?}"),
            };
            ledger.lock().unwrap().push(format!("{version} {product}"));
        }
    };
    let receiver = WebhookReceiver::new(WebhookVerifier::new(SECRET).unwrap());
    let receiver = receiver.replay_guard(MemoryReplayGuard::default());
    let router = Router::new().route("/webhooks", post_service(WebhookEndpoint::new(receiver, handle)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn one_program_uses_two_versions_and_their_webhooks() {
    let server = Server::start(|_| Told::json(200, &sample("CustomerIndividual", json!({})))).await.unwrap();
    let current = Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap();
    let next = v2027_01::Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap();

    // A customer is the same type in both versions.
    let mut customers: Vec<Customer> = vec![current.customers().get_external("a").await.unwrap()];
    customers.push(next.customers().get_external("a").await.unwrap());
    assert_eq!(customers[0], customers[1]);
    let versions: Vec<String> =
        server.asked().iter().map(|asked| asked.headers["polar-version"].to_str().unwrap().to_owned()).collect();
    assert_eq!(versions, [polar_client::API_VERSION, v2027_01::API_VERSION]);
    assert_eq!(versions, ["2026-10", "2027-01"]);

    let ledger = Ledger::default();
    let url = endpoint(Arc::clone(&ledger)).await;
    for (id, version) in [("msg_1", "2026-10"), ("msg_2", "2027-01"), ("msg_1", "2026-10")] {
        let mut payload = payload(version, "product.updated");
        payload["data"]["name"] = json!("Basket");
        let body = payload.to_string();
        let answer = reqwest::Client::new().post(&url).headers(signed(id, &body)).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 204);
    }
    assert_eq!(*ledger.lock().unwrap(), ["2026-10 Basket", "2027-01 Basket"], "the third was a duplicate");
}

#[test]
fn what_is_the_same_is_one_type_and_the_rest_is_not() {
    // Compiles only if the types are the same.
    let _: fn(Customer) -> v2027_01::models::Customer = |customer| customer;
    let _: fn(Customer) -> v2026_04::models::Customer = |customer| customer;
    let _: fn(polar_client::Error) -> v2027_01::Error = |error| error;
    let _: fn(polar_client::Scope) -> v2026_04::Scope = |scope| scope;
    let _: fn(polar_client::resources::customers::Customers) -> v2027_01::resources::customers::Customers = |same| same;
    let _: fn(polar_client::models::Product) -> v2026_04::models::Product = |product| product;

    let differ = |one: TypeId, other: TypeId| assert_ne!(one, other);
    // 2027-01 changes the prices of seats, and with them what names a product.
    differ(TypeId::of::<polar_client::models::Product>(), TypeId::of::<v2027_01::models::Product>());
    differ(TypeId::of::<polar_client::models::Subscription>(), TypeId::of::<v2027_01::models::Subscription>());
    differ(TypeId::of::<polar_client::models::LicenseKey>(), TypeId::of::<v2026_04::models::LicenseKey>());
    // The portal is opened with the client of its version.
    differ(TypeId::of::<polar_client::models::CustomerSession>(), TypeId::of::<v2026_04::models::CustomerSession>());
}

#[test]
fn a_new_endpoint_gets_events_of_the_version_of_its_client() {
    let events = || [WebhookEventType::OrderPaid];
    let endpoint = v2027_01::models::WebhookEndpointCreate::new("https://example.com", WebhookFormat::Raw, events());
    assert_eq!(serde_json::to_value(&endpoint).unwrap()["api_version"], v2027_01::API_VERSION);
    let endpoint = v2026_04::models::WebhookEndpointCreate::new("https://example.com", WebhookFormat::Raw, events());
    assert_eq!(serde_json::to_value(&endpoint).unwrap()["api_version"], "2026-04");
}

#[test]
fn every_event_of_every_version_is_read_as_its_version() {
    for version in VERSIONS {
        let document = Document::of(version.document).unwrap();
        let name = document.at("/info/version").as_str().unwrap();
        for (event, schema) in document.webhooks() {
            let mut payload = instance(&document, schema, Extent::Most);
            payload["api_version"] = json!(name);
            let read = decoded(&payload).unwrap();
            assert_eq!(read.api_version(), name);
            assert!(!format!("{read:?}").contains("(Unknown"), "{name} {event}");
            let stored = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<AnyVersionPayload>(&stored).unwrap(), read, "{name} {event}");
        }
    }
}

#[test]
fn a_payload_without_a_version_is_read_as_the_default_one() {
    let mut payload = payload("2026-10", "order.paid");
    payload.as_object_mut().unwrap().remove("api_version");
    let read = decoded(&payload).unwrap();
    assert!(matches!(read, AnyVersionPayload::V2026_10(WebhookPayload::OrderPaid(_))), "{read:?}");
}

#[test]
fn a_version_of_tomorrow_is_a_clear_error() {
    let mut payload = payload("2027-01", "order.paid");
    payload["api_version"] = json!("2027-04");
    let error = decoded(&payload).unwrap_err();
    let expected = "the webhook \"msg_1\" (\"order.paid\") can't be decoded: at `api_version`: version 2027-04 is not one \
                    that this release of the crate knows; it knows 2026-10, 2026-04, 2027-01";
    assert!(error.starts_with(expected), "{error}");
}

/// What of a payload differs from the version that its type follows is named in errors, and nothing else.
#[test]
fn errors_name_the_versions_that_a_payload_type_follows() {
    let error = |version: &str, event: &str| {
        let mut payload = payload(version, event);
        payload["data"]["id"] = json!(7);
        let body = payload.to_string();
        let verified = WebhookVerifier::new(SECRET).unwrap().verify(&body, &signed("msg_1", &body)).unwrap();
        match event {
            "order.paid" => verified.event::<polar_client::models::WebhookOrderPaidPayload>().unwrap_err().to_string(),
            _ => verified.event::<polar_client::models::WebhookProductUpdatedPayload>().unwrap_err().to_string(),
        }
    };
    // The payload of `order.paid` is the same in all versions.
    assert!(!error("2027-01", "order.paid").contains("API version"));
    let differs = error("2027-01", "product.updated");
    assert!(differs.contains("its API version is \"2027-01\", but this crate is for 2026-10 or 2026-04"), "{differs}");
}
