//! Waiting for checkouts, subscriptions, invoices and receipts, against a mock transport and a paused clock.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use polar_client::mock::{MockTransport, Reply};
use polar_client::models::CheckoutStatus;
use polar_client::serde_json::{Value, json};
use polar_client::uuid::Uuid;
use polar_client::{Polar, RetryPolicy};
use polar_client_kit::waiting::{WaitError, WaitExt};
use polar_testkit::sample::sample;
use tokio::time::Instant;

const CHECKOUT: Uuid = Uuid::from_u128(1);
const ORDER: Uuid = Uuid::from_u128(2);
const SECOND: Duration = Duration::from_secs(1);

fn polar(mock: &MockTransport) -> Polar {
    let builder = Polar::builder().access_token("polar_oat_test").retry_policy(RetryPolicy::never());
    builder.transport(mock.clone()).build().unwrap()
}

fn checkout(status: &str) -> Reply {
    Reply::json(200, &sample("Checkout", json!({"id": CHECKOUT, "status": status})))
}

fn bought(recurring: bool) -> Reply {
    let product = sample("CheckoutProduct", json!({"is_recurring": recurring}));
    Reply::json(200, &sample("Checkout", json!({"id": CHECKOUT, "status": "succeeded", "product": product})))
}

fn link(url: &str) -> Reply {
    Reply::json(200, &json!({"url": url}))
}

fn operations(mock: &MockTransport) -> Vec<&'static str> {
    mock.sent().into_iter().map(|sent| sent.operation).collect()
}

#[tokio::test(start_paused = true)]
async fn a_checkout_is_polled_until_it_is_closed() {
    for last in ["succeeded", "failed", "expired"] {
        let mock = MockTransport::new();
        for status in ["open", "confirmed", "of tomorrow", last] {
            mock.on("checkouts:get", checkout(status));
        }
        let started = Instant::now();
        let closed = polar(&mock).wait().checkout(CHECKOUT).await.unwrap();
        assert_eq!(closed.status.as_str(), last);
        assert_eq!(started.elapsed().as_millis(), 500 + 750 + 1125, "delays grow");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_bounds_the_wait() {
    let mock = MockTransport::new();
    mock.on("checkouts:get", checkout("open"));
    let started = Instant::now();
    let error = polar(&mock).wait().deadline(30 * SECOND).checkout(CHECKOUT).await.unwrap_err();
    assert!(matches!(error, WaitError::Deadline(None)));
    assert_eq!(started.elapsed().as_secs(), 30);
    assert!(operations(&mock).len() < 15);
}

#[tokio::test(start_paused = true)]
async fn an_outage_passes_and_a_refusal_does_not() {
    let mock = MockTransport::new();
    mock.on("checkouts:get", Reply::no_connection());
    mock.on("checkouts:get", Reply::json(500, &json!({})));
    mock.on("checkouts:get", Reply::json(429, &json!({})).retry_after(10));
    mock.on("checkouts:get", checkout("succeeded"));
    let started = Instant::now();
    polar(&mock).wait().checkout(CHECKOUT).await.unwrap();
    assert!(started.elapsed() >= 10 * SECOND, "the server asked for it");

    let mock = MockTransport::new();
    mock.on("checkouts:get", Reply::no_connection());
    let error = polar(&mock).wait().checkout(CHECKOUT).await.unwrap_err();
    assert!(matches!(error, WaitError::Deadline(Some(error)) if error.is_connect()));

    let mock = MockTransport::new();
    mock.on("checkouts:get", Reply::json(404, &json!({"error": "ResourceNotFound", "detail": ""})));
    let error = polar(&mock).wait().checkout(CHECKOUT).await.unwrap_err();
    assert!(matches!(error, WaitError::Request(error) if error.is_not_found()));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_follows_its_checkout() {
    let page = |checkouts: &[u128]| {
        let items: Vec<Value> =
            checkouts.iter().map(|id| sample("Subscription", json!({"checkout_id": Uuid::from_u128(*id)}))).collect();
        Reply::json(200, &json!({"items": items, "pagination": {"total_count": items.len(), "max_page": 1}}))
    };
    let mock = MockTransport::new();
    mock.on("checkouts:get", bought(true));
    mock.on("subscriptions:list", page(&[7]));
    mock.on("subscriptions:list", page(&[7, 1]));
    let subscription = polar(&mock).wait().subscription(CHECKOUT).await.unwrap();
    assert_eq!(subscription.checkout_id, Some(CHECKOUT));
    let query = mock.sent()[1].request.uri().query().unwrap().to_owned();
    assert!(query.contains("customer_id="), "{query}");

    let mock = MockTransport::new();
    mock.on("checkouts:get", checkout("expired"));
    let error = polar(&mock).wait().subscription(CHECKOUT).await.unwrap_err();
    assert!(matches!(error, WaitError::NoSubscription(checkout) if checkout.status == CheckoutStatus::Expired));

    let mock = MockTransport::new();
    mock.on("checkouts:get", bought(false));
    let error = polar(&mock).wait().subscription(CHECKOUT).await.unwrap_err();
    assert_eq!(error.to_string(), "the checkout starts no subscription: its product is bought once");
}

#[tokio::test(start_paused = true)]
async fn an_invoice_is_requested_once() {
    let missing = || Reply::json(404, &json!({"error": "InvoiceDoesNotExist", "detail": "No invoice"}));
    let mock = MockTransport::new();
    mock.on("orders:invoice", missing());
    mock.on("orders:invoice", missing());
    mock.on("orders:invoice", link("https://files.example/invoice.pdf"));
    mock.on("orders:generate_invoice", Reply::empty(202));
    polar(&mock).wait().invoice(ORDER).await.unwrap();
    let get = "orders:invoice";
    assert_eq!(operations(&mock), [get, "orders:generate_invoice", get, get]);

    // One that exists is not made again.
    let mock = MockTransport::new();
    mock.on("orders:invoice", link("https://files.example/invoice.pdf"));
    polar(&mock).wait().invoice(ORDER).await.unwrap();
    assert_eq!(operations(&mock), [get]);
}

#[tokio::test(start_paused = true)]
async fn an_invoice_that_can_not_be_made_is_an_error_at_once() {
    let mock = MockTransport::new();
    mock.on("orders:invoice", Reply::json(404, &json!({"error": "InvoiceDoesNotExist", "detail": ""})));
    mock.on(
        "orders:generate_invoice",
        Reply::json(422, &json!({"error": "MissingInvoiceBillingDetails", "detail": ""})),
    );
    let error = polar(&mock).wait().invoice(ORDER).await.unwrap_err();
    assert!(matches!(error, WaitError::Request(error) if error.code() == Some("MissingInvoiceBillingDetails")));
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_is_being_made_is_polled() {
    let mock = MockTransport::new();
    mock.on("orders:receipt", Reply::empty(202));
    mock.on("orders:receipt", Reply::empty(202));
    mock.on("orders:receipt", link("https://files.example/receipt.pdf"));
    polar(&mock).wait().receipt(ORDER).await.unwrap();
    assert_eq!(operations(&mock).len(), 3);
}
