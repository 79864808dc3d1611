//! The example program, with a customer who pays.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../examples/shop.rs"]
mod shop;

use std::time::SystemTime;

use polar_client::Polar;
use polar_client::mock::{MockTransport, Reply};
use polar_client::serde_json::{Value, json};
use polar_client::webhooks::WebhookSigner;
use support::customers::{at, benefit, state};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test]
async fn a_customer_who_pays_may_export_and_the_export_is_counted() {
    let mock = MockTransport::new();
    mock.on("customers:get_state_external", Reply::json(200, &state(&[], 0.0)));
    mock.on("events:ingest", Reply::json(200, &json!({"inserted": 1, "duplicates": 0})));
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock.clone()).build().unwrap();
    let spool = tempfile::tempdir().unwrap();
    let shop = shop::Shop::open(&polar, benefit(1), spool.path().to_str().unwrap()).unwrap();
    let router = shop::router(&polar, SECRET, shop.clone()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let browser = reqwest::Client::new();
    let export = || browser.get(format!("{address}/export")).header("cookie", "user=ada").send();
    assert_eq!(browser.get(format!("{address}/export")).send().await.unwrap().status(), 401);
    assert_eq!(export().await.unwrap().status(), 402);

    // The customer pays, and Polar says so.
    let event = json!({
        "type": "customer.state_changed", "timestamp": at(5), "api_version": "2026-10", "data": state(&[1], 0.0),
    });
    let body = event.to_string();
    let headers = WebhookSigner::new(SECRET).unwrap().sign("msg_1", SystemTime::now(), body.as_bytes()).unwrap();
    let delivery = browser.post(format!("{address}/webhooks/polar")).headers(headers).body(body);
    assert_eq!(delivery.send().await.unwrap().status(), 204);
    assert_eq!(export().await.unwrap().status(), 200);

    let end = shop.usage.shutdown().await;
    assert_eq!((end.metrics.inserted, end.metrics.pending), (1, 0));
    let operations: Vec<_> = mock.sent().iter().map(|sent| sent.operation).collect();
    assert_eq!(operations, ["customers:get_state_external", "events:ingest"]);
    let sent: Value = mock.sent()[1].json().unwrap();
    assert_eq!(sent["events"][0]["metadata"], json!({"pages": 3}));
}
