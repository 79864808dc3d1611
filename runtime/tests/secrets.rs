//! No token, secret or body gets into a message.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use polar_client_runtime::serde_json::{Value, json};
use polar_client_runtime::{Error, Request, response};
use support::{CHECKOUT, GET, LIST, Scripted, answer_text, builder, call, client};

#[test]
fn a_client_shows_the_kind_of_its_token() {
    assert_eq!(
        format!("{:?}", client("http://127.0.0.1:1")),
        "Client { api: \"polar-client/0.1.0\", base_url: \"http://127.0.0.1:1\", \
         access_token: AccessToken(organization_access_token), organization: None, \
         api_version: Some(\"2026-10\"), timeout: 120s, attempt_timeout: 60s, .. }"
    );
    assert_eq!(
        format!("{:?}", builder().access_token("polar_oat_hidden").base_url("https://me:hidden@x")),
        "Builder { api: \"polar-client/0.1.0\", environment: Production, .. }"
    );
}

#[test]
fn a_request_shows_what_is_no_secret() {
    let mut request = Request::new(&client("http://127.0.0.1:1"), &CHECKOUT)
        .path("client_secret", &"hidden")
        .json(&json!({"password": "hidden"}))
        .header("x-key", "hidden")
        .access_token("polar_cst_hidden".into());
    request.query("token", &"hidden");
    request.query("email", &"polar_pat_hidden");
    request.query("limit", &10);
    assert_eq!(
        format!("{request:?}"),
        "Request { operation: \"checkouts:client_get\", method: GET, path: \"/v1/checkouts/client/<redacted>\", \
         query: \"token=<redacted>&email=<redacted>&limit=10\", headers: [\"x-key\"], \
         body: 21 bytes of \"application/json\", access_token: AccessToken(customer_session_token), .. }"
    );
    let request = Request::new(&client("http://127.0.0.1:1"), &GET).path("id", &"plain");
    assert_eq!(
        format!("{:?}", support::Call::from(request)),
        "Request { operation: \"products:get\", method: GET, path: \"/v1/products/plain\", .. }"
    );
}

/// Returns everything that a program could print of an error.
fn everything(error: &Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
    causes.map(|cause| format!("{cause}\n{cause:?}\n{cause:#?}\n")).collect()
}

#[tokio::test]
async fn an_error_repeats_neither_request_nor_body() {
    let body = r#"{"error":"Leak","detail":"bad key polar_oat_hidden","secret":"hidden"}"#;
    let server = Scripted::new(&[&answer_text("400 Bad Request", "set-cookie: a=hidden\r\n", body)]);
    let error = call(&server, &LIST).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): 400 Bad Request: Leak: bad key <organization_access_token>"
    );
    assert_eq!(
        format!("{error:?}"),
        "Error { operation: \"products:list\", problem: \"400 Bad Request: Leak: bad key <organization_access_token>\", \
         status: 400, request_id: None, body: 70 bytes }"
    );
    assert!(!everything(&error).contains("hidden"), "{}", everything(&error));
}

#[tokio::test]
async fn a_path_with_a_secret_stays_out_of_every_failure() {
    // Nothing listens on the first; the second disconnects; the third never responds.
    let broken = Scripted::new(&["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"]);
    let silent = Scripted::silent();
    for url in ["http://127.0.0.1:1", &broken.url, &silent.url] {
        let request = Request::new(&client(url), &CHECKOUT)
            .path("client_secret", &"polar_c_hidden")
            .access_token("polar_cst_hidden".into())
            .timeout(std::time::Duration::from_millis(20));
        let error = request.call::<Value, Value>(response::json).await.unwrap_err();
        assert!(!everything(&error).contains("hidden"), "{}", everything(&error));
    }
}

#[tokio::test]
async fn a_decode_error_shows_no_token() {
    let server = Scripted::json("200 OK", r#"{"token":"polar_cst_hidden"}"#);
    let request = Request::new(&client(&server.url), &LIST);
    let error = request.call::<std::collections::BTreeMap<String, i64>, Value>(response::json).await.unwrap_err();
    assert!(error.to_string().contains("a string of 16 characters"), "{error}");
    assert!(!everything(&error).contains("hidden"), "{}", everything(&error));
}
