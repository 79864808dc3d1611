//! Responses and errors for the caller.

#![cfg(feature = "reqwest")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::error::Error as _;
use std::io::{ErrorKind, Write};
use std::net::TcpListener;
use std::time::Duration;

use polar_client_runtime::serde::Deserialize;
use polar_client_runtime::serde_json::{Value, json};
use polar_client_runtime::{ApiErrorBody, Error, ErrorBody, Request, response};
use support::{API, CREATE, DELETE, EXPORT, GET, LIST, Scripted, answer_text, builder, call, client};

const JSON: &str = "content-type: application/json\r\n";

async fn failure(server: &Scripted) -> Error {
    call(server, &LIST).await.unwrap_err()
}

#[tokio::test]
async fn json_comes_with_status_and_headers_if_wanted() {
    let server = Scripted::new(&[&answer_text("202 Accepted", &format!("{JSON}X-Request-Id: abc\r\n"), r#"{"a":1}"#)]);
    let response = call(&server, &LIST).send_with_response().await.unwrap();
    assert_eq!(response.value, json!({"a": 1}));
    assert_eq!(response["a"], 1);
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.request_id(), Some("abc"));
    assert_eq!(format!("{response:?}"), "Response { status: 202, value: Object {\"a\": Number(1)}, .. }");
}

#[tokio::test]
async fn raw_is_the_body_as_it_came() {
    let server = Scripted::json("200 OK", "{ \"a\" : 1.0 } ");
    assert_eq!(call(&server, &LIST).raw().await.unwrap(), "{ \"a\" : 1.0 } ");
}

#[tokio::test]
async fn csv_is_text() {
    let server = Scripted::new(&[&answer_text("200 OK", "content-type: text/csv\r\n", "a;b\n1;ü\n")]);
    let request = Request::new(&client(&server.url), &EXPORT);
    assert_eq!(request.call::<String, Value>(response::text).await.unwrap(), "a;b\n1;ü\n");
    assert!(server.request().contains("\naccept: text/csv\n"));
}

#[tokio::test]
async fn empty_bodies_are_units_and_nulls() {
    let accepted = answer_text("202 Accepted", "", "");
    let server = Scripted::new(&["HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", &accepted, &accepted]);
    let delete = || Request::new(&client(&server.url), &DELETE).path("id", &"x");
    delete().call::<(), Value>(response::empty).await.unwrap();
    delete().call::<(), Value>(response::empty).await.unwrap();
    assert_eq!(call(&server, &LIST).await.unwrap(), Value::Null);
}

#[derive(Debug, Deserialize)]
#[serde(crate = "polar_client_runtime::serde")]
struct Page {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(crate = "polar_client_runtime::serde")]
struct Item {
    price: i64,
}

async fn page(server: &Scripted) -> Result<Page, Error> {
    Request::new(&client(&server.url), &LIST).call(response::json).await
}

#[tokio::test]
async fn an_unreadable_answer_says_where_and_what() {
    let server = Scripted::json("200 OK", r#"{"items":[{"price":1},{"price":"2.50"}]}"#);
    let error = page(&server).await.unwrap_err();
    let text = error.to_string();
    let start = "products:list (GET /v1/products/): the response with status 200 OK could not be read: ";
    assert!(text.starts_with(start), "{text}");
    for part in ["items[1].price", "i64", "a string of 4 characters"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(error.path(), Some("items[1].price"));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.raw_body().unwrap().len(), 40);
    assert!(error.is_decode() && !error.is_retryable());

    let server = Scripted::json("200 OK", r#"{"items":[{"price":7}]}"#);
    assert_eq!(page(&server).await.unwrap().items[0].price, 7);
}

#[tokio::test]
async fn an_answer_that_is_no_json_says_what_it_is() {
    let page_of_a_proxy = answer_text("200 OK", "content-type: text/html; charset=utf-8\r\n", "<html>Log in</html>");
    let titled = answer_text("200 OK", JSON, "\n<html><title>Log in</title></html>");
    let cut_off = answer_text("200 OK", JSON, r#"{"items":[{"price":1"#);
    let server = Scripted::new(&[&page_of_a_proxy, &answer_text("200 OK", "", ""), &titled, &cut_off]);
    let error = page(&server).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): the response with status 200 OK could not be read: \
         its content type is `text/html`, expected JSON"
    );
    assert!(error.is_decode());
    assert_eq!(
        page(&server).await.unwrap_err().to_string(),
        "products:list (GET /v1/products/): the response with status 200 OK could not be read: the body is empty, expected JSON"
    );
    assert_eq!(
        page(&server).await.unwrap_err().to_string(),
        "products:list (GET /v1/products/): the response with status 200 OK could not be read: \
         the body is an HTML page, expected JSON (the page is titled \"Log in\")"
    );
    assert_eq!(
        page(&server).await.unwrap_err().to_string(),
        "products:list (GET /v1/products/): the response with status 200 OK could not be read: \
         at `items[0].price`: the JSON is cut off (EOF while parsing an object)"
    );
}

#[tokio::test]
async fn an_api_error_has_a_name_words_and_a_typed_body() {
    let body = r#"{"error":"ResourceNotFound","detail":"Product not found"}"#;
    let server = Scripted::new(&[&answer_text("404 Not Found", &format!("{JSON}x-request-id: r1\r\n"), body)]);
    let error = Request::new(&client(&server.url), &LIST).call::<Value, Body>(response::json).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): 404 Not Found: ResourceNotFound: Product not found [request r1]"
    );
    assert!(error.is_not_found() && !error.is_retryable() && !error.is_server_error());
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.code(), Some("ResourceNotFound"));
    assert_eq!(error.detail(), Some("Product not found"));
    assert_eq!(error.request_id(), Some("r1"));
    assert_eq!(error.operation_id(), Some("products:list"));
    assert!(matches!(error.body(), ErrorBody::Documented(Body { error }) if error == "ResourceNotFound"));
    assert_eq!(error.raw_body().unwrap(), body);
    assert!(error.source().is_none());
}

/// An error body that is documented if its code is known.
#[derive(Debug, Deserialize)]
#[serde(crate = "polar_client_runtime::serde")]
struct Body {
    error: String,
}

impl ApiErrorBody for Body {
    fn is_documented(&self) -> bool {
        self.error != "SeatNotPending"
    }
}

#[tokio::test]
async fn undocumented_bodies_are_told_from_absent_ones() {
    let undocumented = r#"{"error":"SeatNotPending","detail":"Seat is not pending"}"#;
    let bare = r#"{"detail":"Method Not Allowed"}"#;
    let page = "<html><title>Maintenance</title></html>";
    for (body, code, detail) in [
        (undocumented, Some("SeatNotPending"), Some("Seat is not pending")),
        (bare, None, Some("Method Not Allowed")),
        (page, None, Some("Maintenance")),
        ("", None, None),
    ] {
        let server = Scripted::new(&[&answer_text("400 Bad Request", "", body)]);
        let call = Request::new(&client(&server.url), &LIST).call::<Value, Body>(response::json);
        let error = call.await.unwrap_err();
        assert_eq!((error.code(), error.detail()), (code, detail));
        assert!(error.body().documented().is_none());
        assert_eq!(
            error.body().undocumented().map(|bytes| &bytes[..]),
            Some(body.as_bytes()).filter(|b| !b.is_empty())
        );
        let shown = if body.is_empty() { "Absent".to_owned() } else { format!("Undocumented({} bytes)", body.len()) };
        assert_eq!(format!("{:?}", error.body()), shown);
    }
    // A success that can't be read is not an error of the API.
    let server = Scripted::json("200 OK", "[");
    let error = Request::new(&client(&server.url), &LIST).call::<Value, Body>(response::json).await.unwrap_err();
    assert!(error.is_decode() && matches!(error.body(), ErrorBody::Absent));
}

#[tokio::test]
async fn an_unsupported_version_is_suspected_unless_echoed() {
    let body = r#"{"detail":"Not Found"}"#;
    let server = Scripted::json("404 Not Found", body);
    let error = failure(&server).await;
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): 404 Not Found \
         (the resource does not exist, or the API no longer supports version 2026-10)"
    );
    assert!(error.is_not_found() && error.is_unknown_version());

    let echo = format!("{JSON}polar-version: 2026-10\r\n");
    let error = failure(&Scripted::new(&[&answer_text("404 Not Found", &echo, body)])).await;
    assert_eq!(error.to_string(), "products:list (GET /v1/products/): 404 Not Found");
    assert!(error.is_not_found() && !error.is_unknown_version());
}

#[tokio::test]
async fn a_slash_in_a_path_parameter_is_named() {
    let error = |status: &'static str, id: &'static str, body: &'static str| async move {
        let server = Scripted::json(status, body);
        let request = Request::new(&client(&server.url), &GET).path("id", &id);
        request.call::<Value, Value>(response::json).await.unwrap_err()
    };
    let hint = "(the path parameter `id` contains a slash, and the API can't find anything by such a value: \
                use another identifier, such as the resource's `id`)";
    for (status, body) in [
        ("404 Not Found", r#"{"detail":"Not Found"}"#),
        ("404 Not Found", r#"{"error":"ResourceNotFound","detail":"Not found"}"#),
        ("405 Method Not Allowed", r#"{"detail":"Method Not Allowed"}"#),
    ] {
        let error = error(status, "user/1", body).await;
        assert!(error.to_string().ends_with(hint), "{error}");
        assert!(!error.is_unknown_version() && !error.to_string().contains("user/1"), "{error}");
    }
    assert!(!error("404 Not Found", "user-1", r#"{"detail":"Not Found"}"#).await.to_string().contains("slash"));
    assert!(!error("403 Forbidden", "user/1", "").await.to_string().contains("slash"));
}

#[tokio::test]
async fn each_shape_of_error_is_told() {
    let html = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    for (status, headers, body, text) in [
        (
            "401 Unauthorized",
            JSON,
            r#"{"error":"invalid_token","error_description":"Expired"}"#,
            ": invalid_token: Expired \
             (the token has expired, was revoked, or is not for HOST: tokens of production do not work in the sandbox, and vice versa)",
        ),
        ("403 Forbidden", JSON, r#"{"error":"NotPermitted","detail":"No"}"#, ": NotPermitted: No"),
        (
            "422 Unprocessable Entity",
            JSON,
            r#"{"detail":[{"loc":["body","name"],"msg":"Field required","type":"missing","input":"hidden"}]}"#,
            ": body.name: Field required",
        ),
        ("500 Internal Server Error", "content-type: text/plain\r\n", "Internal Server Error", ""),
        ("502 Bad Gateway", "content-type: text/html\r\n", html, ""),
        ("503 Service Unavailable", "", "<h1>We will be back</h1>", ": We will be back"),
        ("503 Service Unavailable", "", "", ""),
    ] {
        let server = Scripted::new(&[&answer_text(status, headers, body)]);
        let error = failure(&server).await;
        let text = text.replace("HOST", server.url.trim_start_matches("http://"));
        assert_eq!(error.to_string(), format!("products:list (GET /v1/products/): {status}{text}"));
        let code = error.status().unwrap().as_u16();
        assert_eq!(error.is_unauthorized(), code == 401);
        assert_eq!(error.is_forbidden(), code == 403);
        assert_eq!(error.is_validation(), code == 422);
        assert_eq!(error.is_server_error(), code >= 500);
        assert_eq!(error.is_retryable(), code > 500);
        assert_eq!(error.body().documented().is_some(), headers == JSON);
    }
}

#[tokio::test]
async fn what_may_be_tried_again_depends_on_status_method_and_code() {
    for (status, headers, body, get, post) in [
        ("429 Too Many Requests", "Retry-After: 3\r\n", "", true, true),
        ("429 Too Many Requests", JSON, r#"{"error":"ManualRetryLimitExceeded","detail":"No"}"#, false, false),
        ("409 Conflict", JSON, r#"{"error":"ResourceLocked","detail":"Locked"}"#, true, true),
        ("409 Conflict", JSON, r#"{"error":"AlreadyCanceled","detail":"Gone"}"#, false, false),
        ("423 Locked", JSON, r#"{"error":"ResourceLocked","detail":"Locked"}"#, false, false),
        ("408 Request Timeout", "", "", true, false),
        ("504 Gateway Timeout", "", "", true, false),
        ("520 Web Server Returned an Unknown Error", "", "error code: 520", true, false),
        ("524 A Timeout Occurred", "", "error code: 524", true, false),
        ("519 Odd", "", "", false, false),
        ("525 SSL Handshake Failed", "", "", false, false),
        ("500 Internal Server Error", "", "", false, false),
    ] {
        let answer = answer_text(status, headers, body);
        let server = Scripted::new(&[&answer, &answer]);
        let error = failure(&server).await;
        assert_eq!(error.is_retryable(), get, "GET {status} {body}");
        assert_eq!(error.is_rate_limited(), status.starts_with("429"));
        assert_eq!(error.retry_after(), headers.starts_with("Retry").then_some(Duration::from_secs(3)));
        assert_eq!(call(&server, &CREATE).await.unwrap_err().is_retryable(), post, "POST {status} {body}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_and_the_token_stays() {
    let elsewhere = Scripted::json("200 OK", "{}");
    let location = format!("Location: {}/v1/?code=hidden\r\n", elsewhere.url.replace("127.0.0.1", "localhost"));
    let inside = "Location: /v1/products?code=hidden\r\n";
    let server = Scripted::new(&[
        &answer_text("307 Temporary Redirect", &location, ""),
        &answer_text("308 Permanent Redirect", inside, ""),
    ]);
    for text in [
        "307 Temporary Redirect to localhost, which is not followed",
        "308 Permanent Redirect to the same host, which is not followed",
    ] {
        let error = failure(&server).await;
        assert_eq!(error.to_string(), format!("products:list (GET /v1/products/): {text}"));
        assert!(error.status().is_some_and(|status| status.is_redirection()));
    }
    assert!(elsewhere.is_idle());
}

#[tokio::test]
async fn a_refused_connection_is_told_with_its_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let request = Request::new(&client(&format!("http://{address}")), &CREATE);
    let error = request.call::<Value, Value>(response::json).await.unwrap_err();
    assert_eq!(error.to_string(), format!("products:create (POST /v1/products/): could not connect to {address}"));
    assert!(error.is_connect() && error.is_retryable() && !error.is_timeout());
    assert!(error.status().is_none() && error.headers().is_none() && error.raw_body().is_none());

    let causes = std::iter::successors(error.source(), |cause: &&(dyn std::error::Error + 'static)| (*cause).source());
    let refused = causes.filter_map(|cause| cause.downcast_ref::<std::io::Error>()).next().unwrap();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn time_runs_out_by_the_request_or_by_the_client() {
    let server = Scripted::silent();
    let error = call(&server, &LIST).timeout(Duration::from_millis(20)).await.unwrap_err();
    let host = server.url.trim_start_matches("http://");
    assert_eq!(error.to_string(), format!("products:list (GET /v1/products/): no response from {host} within 20ms"));
    assert!(error.is_timeout() && error.is_retryable());

    let server = Scripted::silent();
    let client = builder().base_url(&server.url).timeout(Duration::from_millis(20)).build().unwrap();
    let error = Request::new(&client, &CREATE).call::<Value, Value>(response::json).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_retryable());
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let server = Scripted::new(&["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"]);
    let error = failure(&server).await;
    let host = server.url.trim_start_matches("http://");
    assert_eq!(error.to_string(), format!("products:list (GET /v1/products/): no complete response from {host}"));
    assert!(error.is_retryable() && !error.is_timeout() && !error.is_connect());
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let announced = Scripted::new(&["HTTP/1.1 200 OK\r\ncontent-length: 67108865\r\n\r\n"]);
    let endless = Scripted::with(1, |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        // Ends when the client disconnects.
        while stream.write_all(&[b' '; 1 << 20]).is_ok() {}
    });
    for server in [announced, endless] {
        let error = failure(&server).await;
        assert!(!error.is_retryable());
        let cause = error.source().unwrap().source().unwrap();
        assert_eq!(cause.to_string(), "the response is larger than 67108864 bytes");
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let text = |builder: polar_client_runtime::Builder<_>| builder.build().unwrap_err().to_string();
    assert_eq!(text(builder().base_url("api.polar.sh")), "client settings: base URL: relative URL without a base");
    assert_eq!(
        text(builder().access_token("polar_oat_hidden\n")),
        "client settings: character 17 of the access token is a line break: copy only the token"
    );
    assert_eq!(text(builder().api_version("2026\n10")), "client settings: API version: it is not a valid header value");
    assert_eq!(
        text(builder().user_agent_suffix("a\0")),
        "client settings: user agent suffix: it is not a valid header value"
    );
    assert!(builder().base_url("").build().unwrap_err().is_config());
    assert_eq!(builder().build().unwrap().base_url(), API.servers[0].url);
}

#[test]
fn errors_are_small_and_move_between_threads() {
    fn check<T: Send + Sync + std::error::Error + 'static>() {}
    check::<Error>();
    assert!(size_of::<Error>() <= 16);
    assert!(size_of::<Result<(), Error>>() <= 16);
}
