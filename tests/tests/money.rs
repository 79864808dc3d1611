//! Nothing is paid twice: each test is named after the fault.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use polar_client::models::{Reason, RefundCreate};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_client::{Error, Polar, RetryPolicy};
use polar_testkit::sample::sample;
use polar_testkit::server::{Fault, Http2Fault, Http2Server, Server, Tls};
use serde_json::{Value, json};

/// The response to a refund.
fn refunded() -> Value {
    sample("Refund", json!({"amount": 100}))
}

fn refund() -> RefundCreate {
    RefundCreate::new(Uuid::nil(), Reason::CustomerRequest, 100)
}

/// The usual policy, without waits.
fn at_once() -> RetryPolicy {
    RetryPolicy::new().first_delay(Duration::ZERO)
}

fn polar(url: &str, own: reqwest::Client) -> Polar {
    Polar::builder().base_url(url).reqwest_client(own).retry_policy(at_once()).build().unwrap()
}

/// A client of the caller that speaks HTTP/2 without TLS, and does not follow redirects.
fn over_http2() -> reqwest::Client {
    let client = reqwest::Client::builder().http2_prior_knowledge();
    client.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

// Retries of the HTTP client.

#[tokio::test]
async fn a_refused_stream_is_sent_again_although_the_policy_says_never() {
    for fault in [Http2Fault::RefuseStream, Http2Fault::GoAwayBefore, Http2Fault::ResetStream, Http2Fault::GoAwayAfter]
    {
        let server = Http2Server::start([fault.clone()]).await.unwrap();
        let polar = polar(&server.url, over_http2());
        let error = polar.refunds().create(refund()).retry_policy(RetryPolicy::never()).await.unwrap_err();
        assert_eq!((server.received(), error.attempts()), (1, 1), "{fault:?}: {error:?}");
        let error = polar.products().list().retry_policy(RetryPolicy::never()).await.unwrap_err();
        assert_eq!((server.received(), error.attempts()), (2, 1), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_request_that_was_not_processed_is_given_up() {
    for fault in [Http2Fault::RefuseStream, Http2Fault::GoAwayBefore] {
        let server = Http2Server::start([fault.clone(), Http2Fault::Created(refunded())]).await.unwrap();
        let polar = polar(&server.url, over_http2());
        assert_eq!(polar.refunds().create(refund()).await.unwrap().amount, 100);
        assert_eq!(server.received(), 2, "{fault:?}");

        let server = Http2Server::start([fault.clone()]).await.unwrap();
        let error = self::polar(&server.url, over_http2()).refunds().create(refund()).await.unwrap_err();
        assert_eq!((server.received(), error.attempts()), (3, 3), "{fault:?}");
        assert!(error.is_retryable() && !error.outcome_is_unknown(), "{error}");
        assert!(error.to_string().ends_with("did not process the request"), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_sent_again() {
    for fault in [Http2Fault::ResetStream, Http2Fault::GoAwayAfter] {
        let server = Http2Server::start([fault.clone()]).await.unwrap();
        let error = polar(&server.url, over_http2()).refunds().create(refund()).await.unwrap_err();
        assert_eq!((server.received(), error.attempts()), (1, 1), "{fault:?}");
        assert!(!error.is_retryable() && error.outcome_is_unknown(), "{error}");
    }
}

/// The client that we build speaks HTTP/2 over TLS only, and trusts the certificates of the system. A separate process
/// trusts the one of the test.
#[test]
fn our_own_http_client_retries_behind_our_back() {
    if let Ok(url) = std::env::var("SERVER_OF_THE_TEST") {
        return pay_once(&url);
    }
    let tls = Tls::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let certificate = directory.path().join("certificate.pem");
    std::fs::write(&certificate, &tls.certificate).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for fault in [Http2Fault::RefuseStream, Http2Fault::GoAwayBefore] {
        let server = runtime.block_on(Http2Server::over_tls(&tls, [fault.clone()])).unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "our_own_http_client_retries_behind_our_back"])
            .env("SSL_CERT_FILE", &certificate)
            .env("SERVER_OF_THE_TEST", &server.url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(server.received(), 1, "{fault:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// In the process that trusts the certificate.
fn pay_once(url: &str) {
    let polar = Polar::builder().base_url(url).retry_policy(RetryPolicy::never()).build().unwrap();
    let error = polar.refunds().create(refund()).send_blocking().unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(error.to_string().ends_with("did not process the request"), "{error:?}");
}

// Redirects, which only a client of the caller follows.

#[tokio::test]
async fn a_post_that_was_redirected_to_a_dead_port_is_sent_again() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"] {
        let location = format!("location: http://{dead}/v1/refunds/\r\n");
        let server = Server::script([Fault::answer(status, &location, "")]).await.unwrap();
        let error = polar(&server.url, reqwest::Client::new()).refunds().create(refund()).await.unwrap_err();
        assert_eq!((server.received(), error.attempts()), (1, 1), "{status}: {error:?}");
        assert!(!error.is_retryable() && !error.is_connect() && error.outcome_is_unknown(), "{status}: {error}");
    }
}

#[tokio::test]
async fn a_post_without_a_body_that_was_redirected_is_sent_again() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let location = format!("location: http://{dead}/\r\n");
    let server = Server::script([Fault::answer("303 See Other", &location, "")]).await.unwrap();
    let polar = polar(&server.url, reqwest::Client::new());
    let error = polar.orders().generate_invoice(Uuid::nil()).await.unwrap_err();
    assert!(error.outcome_is_unknown(), "{error}");
    let asked = server.asked();
    assert_eq!((asked.len(), &asked[0].headers["content-length"]), (1, &"0".parse().unwrap()));
}

#[tokio::test]
async fn an_error_of_the_target_of_a_redirect_lets_a_post_be_sent_again() {
    let invalid_token = r#"{"error":"invalid_token"}"#;
    for (status, headers, body) in [
        ("429 Too Many Requests", "retry-after: 0\r\n", ""),
        ("409 Conflict", "", r#"{"error":"SubscriptionLocked","detail":"Busy"}"#),
        ("401 Unauthorized", "", invalid_token),
        ("503 Service Unavailable", "", ""),
    ] {
        let elsewhere = Server::script([Fault::answer(status, headers, body)]).await.unwrap();
        let location = format!("location: {}/v1/refunds/\r\n", elsewhere.url);
        let server = Server::script([Fault::answer("303 See Other", &location, "")]).await.unwrap();
        let error = polar(&server.url, reqwest::Client::new()).refunds().create(refund()).await.unwrap_err();
        assert_eq!((server.received(), elsewhere.received(), error.attempts()), (1, 1, 1), "{status}");
        assert!(!error.is_retryable() && error.outcome_is_unknown(), "{error}");
    }
}

#[tokio::test]
async fn an_own_client_that_reaches_nobody_is_not_retried() {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = polar(&format!("http://{dead}"), reqwest::Client::new()).refunds().create(refund()).await.unwrap_err();
    assert!(error.is_connect() && error.is_retryable() && !error.outcome_is_unknown());
    assert_eq!(error.attempts(), 3);
}

// What a program knows afterwards.

/// The error of a request that pays, and of one that reads, after this reply.
async fn failures(reply: Reply) -> [Error; 2] {
    let mock = MockTransport::new();
    mock.on("refunds:create", reply.clone());
    mock.on("products:list", reply);
    let polar = Polar::builder().transport(mock).retry_policy(RetryPolicy::never()).build().unwrap();
    [polar.refunds().create(refund()).await.unwrap_err(), polar.products().list().await.unwrap_err()]
}

#[tokio::test]
async fn a_payment_that_may_have_happened_looks_like_one_that_did_not() {
    let unknown = [Reply::timeout(), Reply::reset(), Reply::bytes(201, "text/html", "<html>"), Reply::empty(201)];
    let statuses = [408, 500, 502, 503, 504, 520, 302].map(Reply::empty);
    for reply in unknown.into_iter().chain(statuses) {
        let [paying, reading] = failures(reply.clone()).await;
        assert!(paying.outcome_is_unknown(), "{reply:?}: {paying}");
        assert!(!reading.outcome_is_unknown(), "{reply:?}: {reading}");
    }
}

#[tokio::test]
async fn a_payment_that_did_not_happen_looks_like_one_that_may_have() {
    let locked = Reply::json(409, &json!({"error": "SubscriptionLocked", "detail": "Busy"}));
    let statuses = [400, 401, 403, 404, 409, 422].map(Reply::empty);
    for reply in [Reply::no_connection(), Reply::empty(429).retry_after(9), locked].into_iter().chain(statuses) {
        let [paying, reading] = failures(reply.clone()).await;
        assert!(!paying.outcome_is_unknown() && !reading.outcome_is_unknown(), "{reply:?}: {paying}");
    }
    let polar = Polar::builder().transport(MockTransport::new()).build().unwrap();
    let error = polar.refunds().create(refund()).header("a b", "c").await.unwrap_err();
    assert!(error.is_request() && !error.outcome_is_unknown());
}

/// The steps in the docs of `Error::outcome_is_unknown`.
#[tokio::test]
async fn an_unclear_refund_is_made_twice_or_never() {
    let attempt = "4f0c".to_owned();
    let made = sample("Refund", json!({"metadata": {"attempt": attempt}}));
    let page = |items: &[Value]| json!({"items": items, "pagination": {"total_count": items.len(), "max_page": 1}});
    for (refunds, payments) in [(page(&[refunded(), made]), 1), (page(&[refunded()]), 2)] {
        let mock = MockTransport::new();
        mock.on("refunds:create", Reply::reset());
        mock.on("refunds:create", Reply::json(201, &refunded()));
        mock.on("refunds:list", Reply::json(200, &refunds));
        let polar = Polar::builder().transport(mock.clone()).build().unwrap();

        let metadata = BTreeMap::from([("attempt".to_owned(), attempt.clone().into())]);
        let create = || polar.refunds().create(refund().metadata(metadata.clone()));
        match create().await {
            Err(error) if error.outcome_is_unknown() => {
                let refunds = polar.refunds().list().order_id(Uuid::nil()).await.unwrap();
                if !refunds.items.iter().any(|refund| refund.metadata.get("attempt") == metadata.get("attempt")) {
                    create().await.unwrap();
                }
            }
            outcome => drop(outcome.unwrap()),
        }
        assert_eq!(mock.sent().iter().filter(|sent| sent.operation == "refunds:create").count(), payments);
    }
}
