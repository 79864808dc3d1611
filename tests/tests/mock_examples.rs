//! Examples of responses and webhooks, and mistakes in mocks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use polar_client::models::{CheckoutStatus, ProductVisibility};
use polar_client::resources::checkouts::{CheckoutsGetOperation, CheckoutsGetRequest};
use polar_client::resources::products::{ProductsGetOperation, ProductsGetRequest, ProductsListOperation};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::webhooks::{WebhookPayload, WebhookVerifier};
use polar_client::{Polar, RetryPolicy};
use polar_mock::Example;
use polar_testkit::arguments::arguments;
use polar_testkit::dispatch::Arguments;
use polar_testkit::dispatch::{self, Failure};
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use serde_json::json;
use uuid::Uuid;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn client(mock: &MockTransport) -> Polar {
    let builder = Polar::builder().access_token("a_token_of_former_times").without_token_check();
    builder.transport(mock.clone()).retry_policy(RetryPolicy::never()).build().unwrap()
}

#[tokio::test]
async fn every_operation_reads_its_example() {
    let document = Document::load().unwrap();
    let mut problems = Vec::new();
    for operation in document.operations() {
        let is_json = operation.success().1.is_none_or(|(media, _)| media == "application/json");
        if !is_json {
            continue;
        }
        let mock = MockTransport::new();
        mock.on(operation.id, Example::response(&leaked(operation.id)));
        let body = operation.body().map(|(_, schema)| instance(&document, schema, Extent::Least));
        let arguments = Arguments { body, ..arguments(&document, &operation, Extent::Least, 0) };
        match dispatch::call(&client(&mock), operation.id, &arguments).await {
            Ok(again) if again.is_known() => {}
            Ok(again) => problems.push(format!("{}: {:?}", operation.id, again.kept)),
            Err(Failure::Call(error)) => problems.push(format!("{}: {error}", operation.id)),
            Err(Failure::Test(error)) => problems.push(format!("{}: {error}", operation.id)),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// An operation with only its id.
fn leaked(id: &str) -> polar_client::Operation {
    let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
    let method = polar_client::runtime::http::Method::GET;
    polar_client::Operation { id, method, ..*ProductsGetRequest::OPERATION }
}

#[test]
fn every_webhook_is_signed_and_read() {
    let events: Vec<&str> = Example::webhooks().collect();
    assert_eq!(events.len(), 42);
    let verifier = WebhookVerifier::new(SECRET).unwrap();
    for event in events {
        let webhook = Example::webhook(event).sign(SECRET, "evt_1");
        let payload: WebhookPayload = verifier.verify(webhook.body, &webhook.headers).unwrap().event().unwrap();
        assert!(!matches!(payload, WebhookPayload::Unknown(_)), "{event}");
        assert_eq!(polar_client::serde_json::to_value(&payload).unwrap()["type"], event);
    }
}

#[tokio::test]
async fn an_example_is_what_a_test_makes_of_it() {
    let mock = MockTransport::new();
    let paid = Example::response(CheckoutsGetRequest::OPERATION).set("/status", "succeeded").set("/amount", 900);
    mock.on_endpoint::<CheckoutsGetOperation>(paid);
    let checkout = client(&mock).checkouts().get(Uuid::nil()).await.unwrap();
    assert_eq!((checkout.status, checkout.amount), (CheckoutStatus::Succeeded, 900));
    assert_eq!(checkout.customer_email.as_deref(), Some("ada@example.com"));
    assert_eq!(Some(checkout.products[0].id), checkout.product_id, "ids fit together");
}

#[tokio::test]
async fn an_example_of_an_error_is_read_as_that_error() {
    let mock = MockTransport::new();
    mock.on(ProductsGetRequest::OPERATION, Example::status(ProductsGetRequest::OPERATION, 404));
    let error = client(&mock).products().get(Uuid::nil()).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.code(), Some("ResourceNotFound"));
}

#[tokio::test]
async fn a_value_of_a_newer_api_can_be_set() {
    let mock = MockTransport::new();
    let example = Example::response(ProductsGetRequest::OPERATION).set_undocumented("/visibility", "secret");
    mock.on_endpoint::<ProductsGetOperation>(example);
    let product = client(&mock).products().get(Uuid::nil()).await.unwrap();
    assert_eq!(product.visibility, ProductVisibility::from("secret"));
}

#[test]
#[should_panic(expected = "the mock is wrong: `products:list` can't read this reply")]
fn a_reply_that_can_not_be_read_is_told_at_once() {
    MockTransport::new().on_endpoint::<ProductsListOperation>(Reply::json(200, &json!({"items": 1})));
}

#[test]
#[should_panic(expected = "the mock is wrong: 99 is not an HTTP status")]
fn a_status_that_does_not_exist_is_told_at_once() {
    let _ = Reply::json(99, &json!({}));
}

#[test]
#[should_panic(expected = "the example is wrong: `products:get` has no status 409; it has [200, 404, 422]")]
fn a_status_without_a_schema_is_told_at_once() {
    let _ = Example::status(ProductsGetRequest::OPERATION, 409);
}

#[test]
#[should_panic(expected = "the example is wrong: the operation `products:fetch` does not exist")]
fn an_unknown_operation_is_told_at_once() {
    let _ = Example::response(&leaked("products:fetch"));
}

#[test]
#[should_panic(expected = r#"the example is wrong: `checkouts:get` at ["status"]: Input should be 'open'"#)]
fn a_value_that_the_document_does_not_allow_is_told_at_once() {
    let _ = Example::response(CheckoutsGetRequest::OPERATION).set("/status", "paid");
}

#[test]
#[should_panic(expected = "has nothing at `/item/0/name`")]
fn a_pointer_to_nothing_is_told_at_once() {
    let _ = Example::response(ProductsGetRequest::OPERATION).set("/item/0/name", "Pro");
}

#[tokio::test]
async fn a_request_without_a_reply_lists_the_replies_that_there_are() {
    let mock = MockTransport::new();
    mock.on("product:get", Reply::empty(204));
    let error = client(&mock).products().get(Uuid::nil()).await.unwrap_err();
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(&error);
    while let Some(found) = cause {
        causes.push(found.to_string());
        cause = found.source();
    }
    let expected = "there is no reply for `products:get`, only for [product:get]";
    assert_eq!(causes.last().map(String::as_str), Some(expected));
}
