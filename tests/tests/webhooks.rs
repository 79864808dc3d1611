//! Webhooks, received by the program under `generated/examples` and by a router with other settings.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/webhook_receiver.rs"]
mod webhook_receiver;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::{post, post_service};
use polar_client::API_VERSION;
use polar_client::models::{WebhookEndpointCreate, WebhookEventType, WebhookFormat};
use polar_client::webhooks::{
    Claim, Lease, MemoryReplayGuard, ReplayGuard, UndecodableWebhook, Webhook, WebhookEndpoint, WebhookPayload,
    WebhookReceiver, WebhookRejection, WebhookSigner, WebhookVerifier,
};
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use polar_testkit::sample::sample;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(SECRET).unwrap()
}

/// The URL of a server that runs this router.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/polar", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn signed(id: &str, time: SystemTime, body: &str) -> HeaderMap {
    WebhookSigner::new(SECRET).unwrap().sign(id, time, body).unwrap()
}

/// Status and body of the response.
async fn post_to(url: &str, headers: HeaderMap, body: impl Into<reqwest::Body>) -> (u16, String) {
    let answer = reqwest::Client::new().post(url).headers(headers).body(body).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn deliver(url: &str, id: &str, body: &str) -> (u16, String) {
    post_to(url, signed(id, SystemTime::now(), body), body.to_owned()).await
}

fn event(kind: &str, data: Value) -> String {
    json!({"type": kind, "timestamp": "2026-10-01T00:00:00Z", "api_version": "2026-10", "data": data}).to_string()
}

fn paid() -> String {
    event("order.paid", sample("Order", json!({"total_amount": 1999})))
}

/// A response without a body: strangers learn only the status.
fn refused(status: u16) -> (u16, String) {
    (status, String::new())
}

/// The program under `generated/examples`: its URL and its state.
async fn example() -> (String, Arc<webhook_receiver::Ledger>) {
    let ledger = Arc::new(webhook_receiver::Ledger::default());
    (serve(webhook_receiver::router(verifier(), Arc::clone(&ledger))).await, ledger)
}

#[tokio::test]
async fn a_known_event_reaches_the_handler() {
    let (url, ledger) = example().await;
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(204));
    assert_eq!(ledger.entries()[0].split_once(' ').unwrap().1, "paid 1999");
}

#[tokio::test]
async fn an_unknown_event_reaches_the_handler() {
    let (url, ledger) = example().await;
    let body = event("refund.reversed", json!({"id": 1}));
    assert_eq!(deliver(&url, "msg_1", &body).await, refused(204));
    assert_eq!(ledger.entries(), ["refund.reversed is newer than this program"]);
}

#[tokio::test]
async fn a_webhook_of_somebody_else_does_not() {
    let (url, ledger) = example().await;
    let other = WebhookSigner::new("whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0").unwrap();
    let headers = other.sign("msg_1", SystemTime::now(), paid()).unwrap();
    assert_eq!(post_to(&url, headers, paid()).await, refused(401));
    let headers = signed("msg_1", SystemTime::now(), &paid());
    assert_eq!(post_to(&url, headers, paid().replace("1999", "1998")).await, refused(401));
    assert_eq!(post_to(&url, HeaderMap::new(), paid()).await, refused(400));
    assert!(ledger.entries().is_empty());
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(204));
    assert_eq!(ledger.entries().len(), 1, "what was refused was not remembered");
}

#[tokio::test]
async fn a_webhook_of_another_time_does_not() {
    let (url, ledger) = example().await;
    let far = Duration::from_secs(600);
    for time in [SystemTime::now() - far, SystemTime::now() + far] {
        assert_eq!(post_to(&url, signed("msg_1", time, &paid()), paid()).await, refused(401));
    }
    assert!(ledger.entries().is_empty());
}

#[tokio::test]
async fn a_webhook_that_comes_twice_is_handled_once() {
    let (url, ledger) = example().await;
    let headers = signed("msg_1", SystemTime::now(), &paid());
    assert_eq!(post_to(&url, headers.clone(), paid()).await, refused(204));
    assert_eq!(post_to(&url, headers, paid()).await, refused(204));
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(204), "signed anew");
    assert_eq!(ledger.entries().len(), 1);
    assert_eq!(deliver(&url, "msg_2", &paid()).await, refused(204));
    assert_eq!(ledger.entries().len(), 2);
}

#[tokio::test]
async fn a_webhook_that_could_not_be_handled_is_taken_again() {
    let (url, _) = example().await;
    let body = event("customer.state_changed", json!({"type": "new kind"}));
    for _ in 0..2 {
        assert_eq!(deliver(&url, "msg_1", &body).await, refused(500));
    }
}

#[tokio::test]
async fn a_sender_that_hangs_up_loses_no_event() {
    let (started, goes_on, done) =
        (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let gates = (Arc::clone(&started), Arc::clone(&goes_on), Arc::clone(&done));
    let endpoint = WebhookEndpoint::new(verifier(), move |_: Webhook<WebhookPayload>| {
        let (started, goes_on, done) = gates.clone();
        async move {
            started.add_permits(1);
            goes_on.acquire().await.unwrap().forget();
            done.add_permits(1);
        }
    });
    let url = serve(Router::new().route("/webhooks/polar", post_service(endpoint))).await;
    let sender = tokio::spawn({
        let url = url.clone();
        async move { deliver(&url, "msg_1", &paid()).await }
    });
    started.acquire().await.unwrap().forget();
    sender.abort();
    assert!(sender.await.unwrap_err().is_cancelled());
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(503), "the handler is at work");
    goes_on.add_permits(1);
    done.acquire().await.unwrap().forget();
    // The handler has ended; its event is done as soon as the endpoint has noticed.
    while deliver(&url, "msg_1", &paid()).await != refused(204) {}
    assert_eq!((started.available_permits(), done.available_permits()), (0, 0), "handled once");
}

/// Bodies that are signed and can't be decoded.
fn undecodable() -> Vec<String> {
    let bodies = ["", "{", "not JSON", &event("order.paid", json!({}))];
    bodies.map(str::to_owned).to_vec()
}

#[tokio::test]
async fn a_body_without_a_type_is_undecodable() {
    let (url, _) = example().await;
    for body in ["null", "[]", "{}", "0", "\"order.paid\"", r#"{"type": null}"#, r#"{"data": {"type": "order.paid"}}"#]
    {
        assert_eq!(deliver(&url, "msg_1", body).await, refused(500), "{body}");
    }
}

#[tokio::test]
async fn an_undecodable_webhook_has_to_come_again() {
    let (url, ledger) = example().await;
    for body in undecodable() {
        assert_eq!(deliver(&url, "msg_1", &body).await, refused(500), "{body}");
    }
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(204));
    assert_eq!(ledger.entries().len(), 1, "what was refused was not remembered");
}

/// A router that accepts each webhook once, and stores those that can't be decoded, unless the store is down.
fn storing(stored: &Arc<Mutex<Vec<UndecodableWebhook>>>, is_up: &Arc<AtomicBool>) -> Router {
    let (stored, is_up) = (Arc::clone(stored), Arc::clone(is_up));
    let store = move |webhook: UndecodableWebhook| {
        let (stored, is_up) = (Arc::clone(&stored), is_up.load(Ordering::SeqCst));
        async move {
            if !is_up {
                return Err("could not connect to hidden");
            }
            stored.lock().unwrap().push(webhook);
            Ok(())
        }
    };
    let receiver = WebhookReceiver::new(verifier()).replay_guard(MemoryReplayGuard::default()).on_undecodable(store);
    Router::new().route("/webhooks/polar", post(receive)).with_state(receiver)
}

#[tokio::test]
async fn a_stored_webhook_is_acknowledged() {
    let stored = Arc::default();
    let url = serve(storing(&stored, &Arc::new(AtomicBool::new(true)))).await;
    for body in undecodable() {
        assert_eq!(deliver(&url, "msg_1", &body).await, refused(204), "{body}");
        let webhook = stored.lock().unwrap().pop().unwrap();
        assert_eq!((webhook.webhook().id(), webhook.webhook().body()), ("msg_1", body.as_bytes()));
    }
    let body = event("order.paid", json!({})).replace("2026-10\"", "2027-01\"");
    assert_eq!(deliver(&url, "msg_1", &body).await, refused(204));
    let webhook = stored.lock().unwrap().pop().unwrap();
    assert_eq!(webhook.webhook().event_type().as_deref(), Some("order.paid"));
    let text = webhook.to_string();
    assert!(
        text.starts_with("the webhook \"msg_1\" (\"order.paid\") can't be decoded: at `data`: missing field"),
        "{text}"
    );
    assert!(text.ends_with("; its API version is \"2027-01\", but this crate is for 2026-10"), "{text}");

    assert_eq!(deliver(&url, "msg_1", &paid()).await.0, 200, "a program that can decode it gets it again");
    assert!(stored.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_webhook_that_is_not_stored_has_to_come_again() {
    let (stored, is_up) = (Arc::default(), Arc::new(AtomicBool::new(false)));
    let url = serve(storing(&stored, &is_up)).await;
    assert_eq!(deliver(&url, "msg_1", "{").await, refused(500));
    is_up.store(true, Ordering::SeqCst);
    assert_eq!(deliver(&url, "msg_1", "{").await, refused(204));
    assert_eq!(stored.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn only_verified_webhooks_are_stored() {
    let stored = Arc::default();
    let url = serve(storing(&stored, &Arc::new(AtomicBool::new(true)))).await;
    let other = WebhookSigner::new("whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0").unwrap();
    assert_eq!(post_to(&url, other.sign("msg_1", SystemTime::now(), "{").unwrap(), "{").await, refused(401));
    assert!(stored.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handler_can_look_at_an_undecodable_webhook() {
    async fn look(webhook: Result<Webhook<WebhookPayload>, WebhookRejection>) -> String {
        let rejection = webhook.unwrap_err();
        let webhook = rejection.undecodable().unwrap().webhook();
        format!("{} {} {}", webhook.id(), webhook.event_type().unwrap(), webhook.body().len())
    }
    let url = serve(Router::new().route("/webhooks/polar", post(look)).with_state(verifier())).await;
    let body = event("order.paid", json!({}));
    assert_eq!(deliver(&url, "msg_1", &body).await, (200, format!("msg_1 order.paid {}", body.len())));
}

/// Uses the extractor as documented.
async fn receive(webhook: Result<Webhook<WebhookPayload>, WebhookRejection>) -> Result<String, WebhookRejection> {
    let webhook = webhook?;
    webhook.complete().await.map_err(WebhookRejection::Guard)?;
    Ok(webhook.id)
}

#[tokio::test]
async fn an_extractor_without_complete_loses_no_event() {
    async fn forgetful(_: Webhook<WebhookPayload>) {}
    let receiver = WebhookReceiver::new(verifier()).replay_guard(MemoryReplayGuard::default());
    let router = Router::new().route("/webhooks/polar", post(forgetful)).route("/right", post(receive));
    let url = serve(router.with_state(receiver)).await;
    let right = url.replace("/webhooks/polar", "/right");
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(200));
    while deliver(&right, "msg_1", &paid()).await != (200, "msg_1".to_owned()) {}
    assert_eq!(deliver(&right, "msg_1", &paid()).await, refused(204));
    assert_eq!(deliver(&url, "msg_1", &paid()).await, refused(204));
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let limited = WebhookReceiver::from(verifier()).body_limit(paid().len());
    let url = serve(Router::new().route("/webhooks/polar", post(receive)).with_state(limited)).await;
    assert_eq!(deliver(&url, "msg_1", &paid()).await, (200, "msg_1".to_owned()));
    assert_eq!(deliver(&url, "msg_2", &format!("{} ", paid())).await, refused(413));
    let long = " ".repeat(10 * 1024 * 1024);
    let (url, _) = example().await;
    assert_eq!(deliver(&url, "msg_1", &long).await, refused(413));
}

#[tokio::test]
async fn a_verifier_is_state_enough() {
    let url = serve(Router::new().route("/webhooks/polar", post(receive)).with_state(verifier())).await;
    for _ in 0..2 {
        assert_eq!(deliver(&url, "msg_1", &paid()).await, (200, "msg_1".to_owned()), "without a guard");
    }
}

/// A store that is down.
struct Down;

impl ReplayGuard for Down {
    async fn claim(&self, _: &Lease) -> Result<Claim, Box<dyn std::error::Error + Send + Sync>> {
        Err("could not connect to hidden".into())
    }

    async fn complete(&self, _: &Lease) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("could not connect to hidden".into())
    }

    async fn release(&self, _: &Lease) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("could not connect to hidden".into())
    }
}

#[tokio::test]
async fn a_guard_that_can_not_tell_lets_nothing_through() {
    let receiver = WebhookReceiver::new(verifier()).replay_guard(Arc::new(Down));
    let endpoint = WebhookEndpoint::new(receiver.clone(), |_: Webhook<WebhookPayload>| async {});
    let router = Router::new().route("/webhooks/polar", post(receive)).with_state(receiver);
    for router in [router, Router::new().route("/webhooks/polar", post_service(endpoint))] {
        assert_eq!(deliver(&serve(router).await, "msg_1", &paid()).await, refused(500));
    }
}

#[tokio::test]
async fn of_copies_that_come_at_once_one_is_new() {
    let guard = MemoryReplayGuard::default();
    let claims = (0..20).map(|_| {
        let guard = guard.clone();
        tokio::spawn(async move { guard.claim(&Lease::new("msg_1", WebhookReceiver::LEASE)).await.unwrap() })
    });
    let mut new = 0;
    for claim in claims.collect::<Vec<_>>() {
        new += i32::from(claim.await.unwrap() == Claim::New);
    }
    assert_eq!(new, 1);
}

#[test]
fn a_new_endpoint_gets_events_of_the_version_of_the_crate() {
    let url = "https://example.com/webhooks/polar";
    let endpoint = WebhookEndpointCreate::new(url, WebhookFormat::Raw, [WebhookEventType::OrderPaid]);
    let version = |endpoint: &WebhookEndpointCreate| serde_json::to_value(endpoint).unwrap()["api_version"].clone();
    assert_eq!(version(&endpoint), API_VERSION);
    let mut endpoint = endpoint.api_version("2026-04");
    assert_eq!(version(&endpoint), "2026-04");
    endpoint.api_version = None;
    assert_eq!(version(&endpoint), Value::Null, "left to the server");
}

#[test]
fn every_event_of_the_document_is_verified_and_read() {
    let document = Document::load().unwrap();
    for (name, schema) in document.webhooks() {
        let body = instance(&document, schema, Extent::Most).to_string();
        let verified = verifier().verify(&body, &signed(name, SystemTime::now(), &body)).unwrap();
        let event: WebhookPayload = verified.event().unwrap();
        assert!(!matches!(event, WebhookPayload::Unknown(_)), "{name}");
    }
}
