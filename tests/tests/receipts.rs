//! Operations that document several successes: both receipts are 202 without a body while the receipt is being created.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::models::OrderReceipt;
use polar_client::resources::customer_portal::CustomerPortalOrdersReceiptOutput;
use polar_client::resources::orders::OrdersReceiptOutput;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_client::{Polar, RetryPolicy};
use polar_testkit::server::{Fault, Server};
use serde_json::{Value, json};

const ID: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

const URL: &str = "https://files.example.com/receipt.pdf";

fn receipt() -> Value {
    json!({"url": URL})
}

fn mocked(token: &str, operation: &str, replies: impl IntoIterator<Item = Reply>) -> (Polar, MockTransport) {
    let mock = MockTransport::new();
    replies.into_iter().for_each(|reply| mock.on(operation, reply));
    let polar = Polar::builder().access_token(token).transport(mock.clone()).retry_policy(RetryPolicy::never());
    (polar.build().unwrap(), mock)
}

fn polar(replies: impl IntoIterator<Item = Reply>) -> Polar {
    mocked("polar_oat_test", "orders:receipt", replies).0
}

#[tokio::test]
async fn a_receipt_is_awaited_until_it_is_ready() {
    let pending = || Fault::answer("202 Accepted", "", "");
    let replies = [pending(), pending(), Fault::json("200 OK", &receipt())];
    let server = Server::script(replies).await.unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap();
    let mut waits = 0;
    let receipt: OrderReceipt = loop {
        match polar.orders().receipt(ID).await.unwrap() {
            OrdersReceiptOutput::Ok(receipt) => break receipt,
            OrdersReceiptOutput::Accepted => waits += 1,
            other => unreachable!("{other:?}"),
        }
    };
    assert_eq!((receipt.url.as_str(), waits, server.asked().len()), (URL, 2, 3));
}

#[tokio::test]
async fn an_output_gives_its_body() {
    let polar = polar([Reply::json(200, &receipt()), Reply::empty(202)]);
    let output = polar.orders().receipt(ID).await.unwrap();
    assert_eq!(output.body().unwrap().url, URL);
    assert_eq!(output.into_body().unwrap().url, URL);
    let output = polar.orders().receipt(ID).await.unwrap();
    assert!(output.body().is_none() && output.into_body().is_none());
}

#[tokio::test]
async fn status_and_raw_body_are_there_as_for_others() {
    let polar = polar([Reply::empty(202), Reply::empty(202), Reply::json(200, &receipt())]);
    let response = polar.orders().receipt(ID).send_with_response().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.value), (202, &OrdersReceiptOutput::Accepted));
    assert!(polar.orders().receipt(ID).raw().await.unwrap().is_empty());
    assert_eq!(polar.orders().receipt(ID).raw().await.unwrap(), receipt().to_string());
}

#[test]
fn blocking_calls_tell_the_status_apart() {
    let polar = polar([Reply::empty(202), Reply::json(200, &receipt())]);
    assert_eq!(polar.orders().receipt(ID).send_blocking().unwrap(), OrdersReceiptOutput::Accepted);
    assert_eq!(polar.orders().receipt(ID).send_blocking().unwrap().into_body().unwrap().url, URL);
}

#[tokio::test]
async fn undocumented_successes_are_errors_that_name_the_status() {
    for (reply, status) in [
        (Reply::empty(204), "204 No Content"),
        (Reply::json(201, &receipt()), "201 Created"),
        (Reply::json(299, &receipt()), "299"),
    ] {
        let polar = polar([reply]);
        let error = polar.orders().receipt(ID).await.unwrap_err();
        let expected = format!(
            "orders:receipt (GET /v1/orders/{{id}}/receipt): the response with status {status} could not be read: \
             the API does not document success with this status, only 200, 202"
        );
        assert_eq!(error.to_string(), expected);
        assert!(error.is_decode() && !error.is_retryable());
        assert_eq!(error.status().unwrap().as_str(), &status[..3]);
        // Nothing is lost.
        assert_eq!(polar.orders().receipt(ID).raw().await.unwrap(), error.raw_body().unwrap());
    }
}

#[tokio::test]
async fn a_documented_body_must_be_there() {
    let polar = polar([Reply::empty(200), Reply::json(200, &json!({}))]);
    let error = polar.orders().receipt(ID).await.unwrap_err();
    assert!(
        error.to_string().ends_with("status 200 OK could not be read: the body is empty, expected JSON"),
        "{error}"
    );
    let error = polar.orders().receipt(ID).await.unwrap_err();
    assert!(error.to_string().contains("missing field `url`"), "{error}");
}

#[tokio::test]
async fn portal_receipts_carry_the_session_token() {
    const OPERATION: &str = "customer_portal:orders:receipt";
    for token in ["polar_cst_test", "polar_mst_test"] {
        let (polar, mock) = mocked(token, OPERATION, [Reply::empty(202), Reply::json(200, &receipt())]);
        let receipt = || polar.customer_portal().orders().receipt(ID);
        assert_eq!(receipt().await.unwrap(), CustomerPortalOrdersReceiptOutput::Accepted);
        assert_eq!(receipt().await.unwrap().into_body().unwrap().url, URL);
        for sent in mock.sent() {
            assert_eq!(sent.request.headers()["authorization"], format!("Bearer {token}"));
        }
    }
    // A merchant's token opens the portal of no customer.
    let (polar, mock) = mocked("polar_oat_test", OPERATION, [Reply::empty(202)]);
    let error = polar.customer_portal().orders().receipt(ID).await.unwrap_err();
    assert!(error.is_request() && mock.sent().is_empty(), "{error}");
}
