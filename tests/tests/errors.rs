//! Errors as the API returns them: code, message, retry and body are read from every structure, documented or not.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use polar_client::runtime::http::{HeaderName, HeaderValue};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::{ApiError, Error, ErrorBody, Polar, RetryPolicy};
use polar_testkit::dispatch::{self, Arguments, Failure};
use polar_testkit::document::{Document, Operation};
use polar_testkit::equal::{Rules, difference};
use polar_testkit::instance::{Extent, instance};
use serde_json::{Map, Value, json};

/// An unknown kind, so that every operation accepts it.
const TOKEN: &str = "a_token_of_former_times";

fn polar(operation: &str, reply: Reply) -> Polar {
    let mock = MockTransport::new();
    mock.on(operation, reply);
    Polar::builder().access_token(TOKEN).transport(mock).retry_policy(RetryPolicy::never()).build().unwrap()
}

/// Returns the error of a call to `products:list` with this response.
async fn error(reply: Reply) -> Error {
    polar("products:list", reply).products().list().await.unwrap_err()
}

/// What a program can see of an error.
#[derive(Debug, PartialEq)]
enum Seen {
    Absent,
    Documented(&'static str),
    Undocumented,
}

fn seen(error: &Error) -> Seen {
    match error.body() {
        ErrorBody::Absent => Seen::Absent,
        ErrorBody::Documented(ApiError::HTTPValidationError(_)) => Seen::Documented("validation"),
        ErrorBody::Documented(ApiError::OAuth2Error(_)) => Seen::Documented("oauth"),
        ErrorBody::Documented(_) => Seen::Documented("named"),
        ErrorBody::Undocumented(_) => Seen::Undocumented,
    }
}

#[tokio::test]
async fn every_shape_yields_code_and_words() {
    let value = json!({"type": "greater_than", "loc": ["query", "page"], "msg": "Too small", "input": "0"});
    let with_context =
        json!({"type": "x", "loc": ["body", 0], "msg": "Odd", "input": {}, "ctx": {"error": {}, "gt": 0}});
    for (status, body, code, words, expected) in [
        (
            404,
            json!({"error": "ResourceNotFound", "detail": "Gone"}),
            Some("ResourceNotFound"),
            Some("Gone"),
            Seen::Documented("named"),
        ),
        (
            400,
            json!({"error": "SeatNotPending", "detail": "Claimed"}),
            Some("SeatNotPending"),
            Some("Claimed"),
            Seen::Undocumented,
        ),
        (
            404,
            json!({"error": "ReceiptNotAllocated", "detail": "None"}),
            Some("ReceiptNotAllocated"),
            Some("None"),
            Seen::Undocumented,
        ),
        (
            411,
            json!({"error": "LengthRequired", "detail": "How long?"}),
            Some("LengthRequired"),
            Some("How long?"),
            Seen::Undocumented,
        ),
        (405, json!({"detail": "Not allowed here"}), None, Some("Not allowed here"), Seen::Undocumented),
        (
            422,
            json!({"error": "RequestValidationError", "detail": [value, with_context]}),
            Some("RequestValidationError"),
            Some("query.page: Too small; body[0]: Odd"),
            Seen::Documented("validation"),
        ),
        (
            422,
            json!({"error": "PolarRequestValidationError", "detail": [value]}),
            Some("PolarRequestValidationError"),
            Some("query.page: Too small"),
            Seen::Documented("validation"),
        ),
        (422, json!({"detail": [value]}), None, Some("query.page: Too small"), Seen::Documented("validation")),
        (
            403,
            json!({"error": "insufficient_scope", "error_description": "More"}),
            Some("insufficient_scope"),
            Some("More"),
            Seen::Documented("oauth"),
        ),
        (
            400,
            json!({"error": "unsupported_grant_type"}),
            Some("unsupported_grant_type"),
            None,
            Seen::Documented("oauth"),
        ),
        (
            400,
            json!({"error": "slow_down", "error_description": "Wait"}),
            Some("slow_down"),
            Some("Wait"),
            Seen::Undocumented,
        ),
        (404, json!({"error": "ResourceNotFound"}), Some("ResourceNotFound"), None, Seen::Undocumented),
        (500, json!(["odd"]), None, None, Seen::Undocumented),
    ] {
        let error = error(Reply::json(status, &body)).await;
        assert_eq!((error.code(), error.detail()), (code, words), "{body}");
        assert_eq!(seen(&error), expected, "{body}");
        assert_eq!(error.raw_body().unwrap(), &body.to_string());
    }
    let page = error(Reply::bytes(503, "text/html", "<title>Maintenance</title>")).await;
    assert_eq!((page.code(), page.detail(), seen(&page)), (None, Some("Maintenance"), Seen::Undocumented));
    let empty = error(Reply::empty(429).retry_after(60)).await;
    assert_eq!((empty.code(), empty.detail(), seen(&empty)), (None, None, Seen::Absent));
    let lost = error(Reply::reset()).await;
    assert_eq!((lost.code(), lost.detail(), seen(&lost)), (None, None, Seen::Absent));
}

#[tokio::test]
async fn a_limit_with_a_body_is_never_retried() {
    let body = json!({"error": "ManualRetryLimitExceeded", "detail": "No more"});
    assert!(!error(Reply::json(429, &body)).await.is_retryable());
    assert!(!error(Reply::empty(429)).await.is_retryable());
    assert!(error(Reply::empty(429).retry_after(60)).await.is_retryable());
}

#[tokio::test]
async fn a_slash_in_an_external_id_is_named() {
    let reply = Reply::json(404, &json!({"detail": "Not Found"}));
    let polar = polar("customers:get_state_external", reply);
    let error = polar.customers().get_state_external("user/1").await.unwrap_err();
    assert!(error.is_not_found() && !error.is_unknown_version());
    assert!(error.to_string().contains("(the path parameter `external_id` contains a slash"), "{error}");
    assert!(!error.to_string().contains("version"), "{error}");
}

/// Responses of the server with a status of 400 and above, by file. `None` if there are no recordings.
fn recordings() -> Option<Vec<(String, Value)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recordings");
    let mut paths: Vec<_> = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap())
    };
    let all = paths.iter().map(|path| read(path));
    Some(all.filter(|(_, recording)| status(recording) >= 400).collect())
}

fn status(recording: &Value) -> u64 {
    recording.pointer("/response/status").and_then(Value::as_u64).unwrap_or_default()
}

fn reply(recording: &Value) -> Reply {
    let response = &recording["response"];
    let status = u16::try_from(status(recording)).unwrap();
    let body = match &response["body"] {
        Value::Null => Vec::new(),
        Value::String(text) => text.clone().into_bytes(),
        body => body.to_string().into_bytes(),
    };
    let headers = response["headers"].as_object().into_iter().flatten();
    headers.fold(Reply::bytes(status, "", body), |reply, (name, value)| {
        let name = HeaderName::try_from(name).unwrap();
        reply.header(name, HeaderValue::from_str(value.as_str().unwrap()).unwrap())
    })
}

fn arguments(document: &Document, operation: &Operation<'_>) -> Arguments {
    let take = |place: &str| -> Map<String, Value> {
        let required = operation.parameters(place).into_iter().filter(|(_, _, required)| *required);
        required.map(|(name, schema, _)| (name.to_owned(), instance(document, schema, Extent::Least))).collect()
    };
    let body = operation.body().map(|(_, schema)| instance(document, schema, Extent::Least));
    Arguments { path: take("path"), query: take("query"), headers: take("header"), body }
}

/// The codes in the document.
fn codes<'a>(document: &'a Document) -> BTreeSet<&'a str> {
    let schemas = document.at("#/components/schemas").as_object().unwrap().values();
    let errors = schemas.filter_map(|schema| schema.pointer("/properties/error")).map(|error| document.resolve(error));
    let listed = |error: &'a Value| error["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    errors.flat_map(|error| error["const"].as_str().into_iter().chain(listed(error))).collect()
}

#[tokio::test]
async fn every_recorded_error_is_read() {
    let Some(recordings) = recordings() else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let document = Document::load().unwrap();
    let codes = codes(&document);
    let (mut documented, mut undocumented, mut empty, mut retried) = (0, 0, 0, 0);
    for (file, recording) in &recordings {
        let id = recording["operation"].as_str().unwrap();
        let Some(operation) = document.operations().find(|operation| operation.id == id) else {
            println!("skipped: {file} is of no operation of the document");
            continue;
        };
        let polar = polar(id, reply(recording));
        let failure = dispatch::call(&polar, id, &arguments(&document, &operation)).await.unwrap_err();
        let Failure::Call(error) = failure else { unreachable!("{file}: {failure}") };

        let body = &recording["response"]["body"];
        assert_eq!(u64::from(error.status().unwrap().as_u16()), status(recording), "{file}");
        assert_eq!(error.code(), body["error"].as_str(), "{file}");
        match &body["detail"] {
            Value::Array(items) => {
                let words = error.detail().unwrap();
                for item in items.iter().take(3) {
                    assert!(words.contains(item["msg"].as_str().unwrap()), "{file}: {words}");
                }
            }
            detail => assert_eq!(error.detail(), detail.as_str().or(body["error_description"].as_str()), "{file}"),
        }

        let code = body["error"].as_str();
        let is_known = code.map_or(body["detail"].is_array(), |code| codes.contains(code));
        match error.body() {
            ErrorBody::Absent => empty += usize::from(body.is_null()),
            ErrorBody::Documented(typed) => {
                assert!(is_known, "{file}: {typed:?}");
                let again = serde_json::to_value(typed).unwrap();
                let rules = Rules::default();
                assert_eq!(difference(body, &again, rules), None, "{file}");
                documented += 1;
            }
            ErrorBody::Undocumented(bytes) => {
                assert!(!is_known, "{file}");
                assert_eq!(serde_json::from_slice::<Value>(bytes).unwrap(), *body, "{file}");
                undocumented += 1;
            }
        }

        let is_locked = matches!(code, Some("CheckoutLocked" | "SubscriptionLocked"));
        let passes = error.status().unwrap() == 429 && error.headers().unwrap().contains_key("retry-after");
        assert_eq!(error.is_retryable(), is_locked || passes, "{file}");
        retried += usize::from(error.is_retryable());
    }
    println!(
        "{} recorded errors: {documented} documented, {undocumented} undocumented, {empty} without a body; \
         {retried} can be retried",
        recordings.len()
    );
    assert_eq!(documented + undocumented + empty, recordings.len());
}
