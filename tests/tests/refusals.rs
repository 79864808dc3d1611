//! A call that can't work is one error that says what to do, without three attempts: each test is named after the
//! fault.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::process::Command;
use std::time::Duration;

use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_client::{Builder, Polar, RetryPolicy};
use polar_testkit::sample::products;
use polar_testkit::server::{Fault, Http2Fault, Http2Server, Server, Tls};
use serde_json::json;

fn builder(url: &str) -> Builder {
    Polar::builder().base_url(url).retry_policy(RetryPolicy::new().first_delay(Duration::ZERO))
}

#[tokio::test]
async fn a_url_of_100_kb_is_tried_three_times() {
    let server = Server::script([Fault::json("200 OK", &products(&[], 0, 0))]).await.unwrap();
    let own = builder(&server.url).reqwest_client(reqwest::Client::new());
    for builder in [builder(&server.url), own, Polar::builder().transport(MockTransport::new())] {
        let polar = builder.build().unwrap();
        let error = polar.products().list().query("x".repeat(100_000)).await.unwrap_err();
        assert!(error.is_request() && !error.is_retryable() && error.attempts() == 0, "{error}");
        assert!(error.to_string().contains("bytes, but the maximum is 65534"), "{error}");
    }
    polar_of(&server).products().list().query("x".repeat(60_000)).await.unwrap();
    assert_eq!(server.received(), 1);
}

fn polar_of(server: &Server) -> Polar {
    builder(&server.url).build().unwrap()
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_tried_three_times() {
    let tls = Tls::new().unwrap();
    let server = Http2Server::over_tls(&tls, [Http2Fault::Created(json!({}))]).await.unwrap();
    for builder in [builder(&server.url), builder(&server.url).reqwest_client(reqwest::Client::new())] {
        let error = builder.build().unwrap().products().list().await.unwrap_err();
        assert!(error.is_connect() && !error.is_retryable() && error.attempts() == 1, "{error:?}");
        let host = server.url.trim_start_matches("https://");
        let problem = format!("the certificate of {host} was rejected: invalid peer certificate: UnknownIssuer");
        assert!(error.to_string().ends_with(&problem), "{error}");
    }
    assert_eq!(server.received(), 0);
}

#[tokio::test]
async fn a_header_of_the_transport_changes_what_the_server_reads() {
    let polar = Polar::builder().transport(MockTransport::new()).build().unwrap();
    for name in ["Content-Length", "transfer-encoding", "TE", "connection", "keep-alive", "upgrade", "trailer"] {
        let error = polar.products().list().header(name, "5").await.unwrap_err();
        assert!(error.is_request() && error.to_string().contains("the transport sets it"), "{error}");
        let error = Polar::builder().default_header(name, "5").build().unwrap_err();
        assert!(error.is_config() && error.to_string().contains("the transport sets it"), "{error}");
    }
    assert!(polar.products().get(Uuid::nil()).header("x-forwarded-for", "10.0.0.1").build().is_ok());
}

#[test]
fn an_empty_api_version_is_sent() {
    for version in ["", "2026", "2026-1", "latest"] {
        let error = Polar::builder().api_version(version).build().unwrap_err();
        assert!(error.is_config(), "{error}");
        let expected = "expected year and month, as in `2026-10`; `without_api_version` sends none";
        assert!(error.to_string().ends_with(expected), "{error}");
    }
    assert!(Polar::builder().api_version("2031-01").build().is_ok());
}

#[test]
fn a_token_goes_over_http_to_another_machine() {
    for url in ["http://api.polar.sh", "http://192.168.0.7:8000", "http://polar"] {
        let error = Polar::builder().base_url(url).build().unwrap_err();
        assert!(error.is_config() && error.to_string().contains("allow_insecure_base_url"), "{error}");
        assert!(Polar::builder().base_url(url).allow_insecure_base_url().build().is_ok());
    }
    for url in ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "https://polar"] {
        assert!(Polar::builder().base_url(url).build().is_ok(), "{url}");
    }
}

#[test]
fn an_image_without_certificates_says_nothing_about_them() {
    const IS_INSIDE: &str = "HAS_NO_CERTIFICATES";
    if std::env::var_os(IS_INSIDE).is_some() {
        println!("{}", Polar::builder().build().unwrap_err());
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_image_without_certificates_says_nothing_about_them", "--nocapture"])
        .env(IS_INSIDE, "yes")
        .env("SSL_CERT_FILE", directory.path().join("none.pem"))
        .env("SSL_CERT_DIR", directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for part in ["No CA certificates were loaded from the system", "ca-certificates", "reqwest_client"] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn an_announced_end_is_missing_in_the_error() {
    let mock = MockTransport::new();
    let sunset = ("sunset".parse().unwrap(), "Sun, 31 Jan 2027 00:00:00 GMT".parse().unwrap());
    mock.on("products:list", Reply::empty(410).header(sunset.0, sunset.1));
    let polar = Polar::builder().transport(mock).build().unwrap();
    let error = polar.products().list().await.unwrap_err().to_string();
    assert!(error.ends_with("ending, and may remove it on 2027-01-31)"), "{error}");
}
