//! Faults, seen by our client.

use std::time::{Duration, Instant};

use polar_client::{Polar, RetryPolicy};
use polar_mock::{Fault, MockPolar};
use polar_testkit::server::Asked;

async fn start() -> (MockPolar, Polar) {
    let mock = MockPolar::builder().demo_data().start().await.unwrap();
    let polar = Polar::builder().base_url(mock.url()).access_token(mock.access_token());
    (mock, polar.retry_policy(RetryPolicy::never()).build().unwrap())
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let (mock, polar) = start().await;
    mock.inject(Fault::rate_limit(Duration::from_secs(2)).on("products:list").times(1));
    let error = polar.products().list().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 429);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    polar.products().list().await.unwrap();
}

#[tokio::test]
async fn an_outage_hits_every_operation_until_it_ends() {
    let (mock, polar) = start().await;
    mock.inject(Fault::status(503));
    assert_eq!(polar.products().list().await.unwrap_err().status().unwrap().as_u16(), 503);
    assert_eq!(polar.orders().list().await.unwrap_err().status().unwrap().as_u16(), 503);
    mock.clear_faults();
    polar.orders().list().await.unwrap();
}

#[tokio::test]
async fn a_retrying_client_survives_an_outage() {
    let (mock, _) = start().await;
    mock.inject(Fault::status(503).on("products:list").times(2));
    let policy = RetryPolicy::new().first_delay(Duration::ZERO);
    let polar = Polar::builder().base_url(mock.url()).access_token(mock.access_token()).retry_policy(policy);
    assert_eq!(polar.build().unwrap().products().list().await.unwrap().items.len(), 3);
    let products = |asked: &Asked| asked.path == "/v1/products/";
    assert_eq!(mock.requests().iter().filter(|asked| products(asked)).count(), 3);
}

#[tokio::test]
async fn a_slow_response_comes_after_its_delay() {
    let (mock, polar) = start().await;
    mock.inject(Fault::slow(Duration::from_millis(120)).on("products:list"));
    let start = Instant::now();
    polar.products().list().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_dropped_request_is_not_carried_out_and_a_dropped_response_is() {
    use polar_client::models::CustomerIndividualCreate;
    let (mock, polar) = start().await;
    let create = |email: &str| polar.customers().create(CustomerIndividualCreate::new(email));
    mock.inject(Fault::drop_request().on("customers:create").times(1));
    mock.inject(Fault::drop_response().on("customers:create").times(1));
    assert!(create("ada@example.com").await.is_err());
    assert_eq!(polar.customers().list().await.unwrap().pagination.total_count, 0);
    assert!(create("ada@example.com").await.is_err());
    assert_eq!(polar.customers().list().await.unwrap().pagination.total_count, 1);
}
