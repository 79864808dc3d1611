//! The routes of the shop, with a Polar that returns canned responses.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use actix_shop::{Orders, routes};
use actix_web::App;
use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};
use polar_client::Polar;
use polar_client::resources::checkouts::CheckoutsCreateRequest;
use polar_client::resources::customer_sessions::CustomerSessionsCreateRequest;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::serde_json::{Value, json};
use polar_mock::{Example, SignedWebhook};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Sends a request to a new instance of the shop, as each worker of actix-web has one.
async fn send(mock: &MockTransport, orders: &Orders, requests: Vec<TestRequest>) -> Vec<ServiceResponse> {
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock.clone()).build().unwrap();
    let app = init_service(App::new().configure(routes(&polar, SECRET, orders.clone()).unwrap())).await;
    let mut responses = Vec::new();
    for request in requests {
        responses.push(call_service(&app, request.to_request()).await);
    }
    responses
}

fn header(response: &ServiceResponse, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

fn delivery(webhook: &SignedWebhook) -> TestRequest {
    let request = TestRequest::post().uri("/webhooks/polar").set_payload(webhook.body.clone());
    webhook
        .headers
        .iter()
        .fold(request, |request, (name, value)| request.insert_header((name.as_str(), value.as_bytes())))
}

#[actix_web::test]
async fn a_signed_webhook_is_handled_once() {
    let (mock, orders) = (MockTransport::new(), Orders::default());
    let paid = Example::webhook("order.paid");
    let order = paid.body()["data"]["id"].as_str().unwrap().to_owned();
    let signed = paid.sign(SECRET, "msg_1");
    let mut changed = signed.clone();
    changed.body = format!("{} ", changed.body);
    let other = paid.sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx", "msg_2");
    let all = [&signed, &signed, &changed, &other].map(delivery).into();
    let statuses: Vec<_> = send(&mock, &orders, all).await.iter().map(|response| response.status().as_u16()).collect();
    assert_eq!(statuses, [204, 204, 401, 401]);
    assert_eq!(orders.paid(), [order]);
}

#[actix_web::test]
async fn a_link_leads_to_a_checkout() {
    let (mock, orders) = (MockTransport::new(), Orders::default());
    let url = "https://polar.sh/checkout/polar_c_test";
    let created = Example::response(CheckoutsCreateRequest::OPERATION).set("/url", url);
    mock.on(CheckoutsCreateRequest::OPERATION, created);
    let product = "01234567-89ab-4def-8123-456789abcdef";
    let links = [format!("/checkout?products={product}&customerEmail=ada@example.com"), "/checkout?seats=x".to_owned()];
    let responses = send(&mock, &orders, links.map(|link| TestRequest::get().uri(&link)).into()).await;
    assert_eq!((responses[0].status().as_u16(), header(&responses[0], "location").as_str()), (303, url));
    assert_eq!(responses[1].status(), 400);
    let sent: Value = mock.sent()[0].json().unwrap();
    assert_eq!((&sent["products"], &sent["customer_email"]), (&json!([product]), &json!("ada@example.com")));
}

#[actix_web::test]
async fn only_a_user_gets_to_the_portal() {
    let (mock, orders) = (MockTransport::new(), Orders::default());
    let url = "https://polar.sh/shop/portal?customer_session_token=polar_cst_test";
    let session = Example::response(CustomerSessionsCreateRequest::OPERATION).set("/customer_portal_url", url);
    mock.on(CustomerSessionsCreateRequest::OPERATION, Reply::from(session));
    let requests =
        [TestRequest::get().uri("/portal"), TestRequest::get().uri("/portal").insert_header(("cookie", "user=ada"))];
    let responses = send(&mock, &orders, requests.into()).await;
    assert_eq!(responses[0].status(), 401);
    assert_eq!((responses[1].status().as_u16(), header(&responses[1], "location").as_str()), (303, url));
    assert_eq!(header(&responses[1], "cache-control"), "no-store");
}
