//! The recordings of the real server as the reference: the same errors, and the same properties.

use std::collections::BTreeSet;

use polar_mock::MockPolar;
use polar_testkit::recordings::{Recording, folder};
use serde_json::Value;

use super::Caller;

/// Errors that follow from the request alone, and not from the data of the real server.
fn is_comparable(recording: &Recording, token: &str) -> bool {
    let body = recording.response.body.as_ref();
    let error = body.and_then(|body| body["error"].as_str());
    match recording.response.status {
        401 => token == "none",
        404 => matches!(error, Some("ResourceNotFound") | None),
        411 => true,
        // For a union, `loc` contains the names of the server's own classes and tags.
        422 => {
            error == Some("RequestValidationError") && !body.is_some_and(|body| body.to_string().contains("union_tag"))
        }
        _ => false,
    }
}

/// Type and place of each error, without the variants of unions, which the server names after its own classes and tags.
fn problems(body: &Value) -> BTreeSet<String> {
    let problems = body["detail"].as_array().into_iter().flatten();
    let place = |problem: &Value| {
        let parts = problem["loc"].as_array().into_iter().flatten();
        let is_variant = |part: &str| part.contains(char::is_uppercase) || ["individual", "team"].contains(&part);
        let parts = parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        parts.filter(|part| !is_variant(part)).collect::<Vec<_>>().join(".")
    };
    problems.map(|problem| format!("{} at {}", problem["type"], place(problem))).collect()
}

/// Returns whether the errors are the same. The real server reports the errors of every variant of a union, ours those
/// of the closest one.
fn are_told(mine: &Value, recorded: &Value) -> bool {
    let (mine, all) = (problems(mine), problems(recorded));
    if recorded.to_string().contains("Create") { mine.is_subset(&all) && !mine.is_empty() } else { mine == all }
}

#[tokio::test]
async fn requests_are_refused_as_recorded() {
    let Some(folder) = folder("recordings") else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let caller = Caller::start().await;
    let customer = caller.mock.call("customers:create", &serde_json::json!({"email": "ada@example.com"}));
    let session = caller.mock.call("customer-sessions:create", &serde_json::json!({"customer_id": customer["id"]}));
    let served: BTreeSet<&str> = MockPolar::operations().collect();
    let (mut compared, mut differences) = (0, Vec::new());
    for recording in Recording::read_all(&folder).unwrap() {
        let token = recording.token.as_deref().unwrap_or("none");
        if !served.contains(&*recording.operation) || !is_comparable(&recording, token) {
            continue;
        }
        let request = &recording.request;
        let target = format!("{}?{}", request.path, request.query);
        let token = match token {
            "none" => None,
            "cst" | "mst" => session["token"].as_str(),
            _ => Some(caller.mock.access_token()),
        };
        let response = send(&caller, &recording, &target, token).await;
        let status = response.0;
        compared += 1;
        let recorded = recording.response.body.clone().unwrap_or_default();
        let same = status == recording.response.status
            && response.1["error"] == recorded["error"]
            && are_told(&response.1, &recorded)
            && response.2 == recording.response.headers.contains_key("www-authenticate");
        if !same {
            differences.push(format!("{}: {status} {}\n  recorded: {recorded}", recording.name, response.1));
        }
    }
    assert!(compared > 80, "only {compared} compared");
    assert!(differences.is_empty(), "{} of {compared} differ:\n{}", differences.len(), differences.join("\n"));
}

/// Status, body, and whether there is a challenge.
async fn send(caller: &Caller, recording: &Recording, target: &str, token: Option<&str>) -> (u16, Value, bool) {
    let request = &recording.request;
    let url = format!("{}{target}", caller.mock.url());
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).unwrap();
    if recording.response.status == 411 {
        // HTTP clients always send a length: the bytes are written by hand.
        return without_length(caller, &request.method, &request.path, token).await;
    }
    let sent = caller.http.request(method, url);
    let sent = token.iter().fold(sent, |sent, token| sent.bearer_auth(token));
    let sent = request
        .headers
        .get("polar-version")
        .and_then(Value::as_str)
        .iter()
        .fold(sent, |sent, version| sent.header("polar-version", *version));
    let sent = match &request.body {
        Some(body) => sent.body(body.to_string()),
        None if request.method == "GET" || request.method == "DELETE" => sent,
        None => sent.header("content-length", "0"),
    };
    let response = sent.send().await.unwrap();
    let (status, challenge) = (response.status().as_u16(), response.headers().contains_key("www-authenticate"));
    (status, super::body(response).await, challenge)
}

async fn without_length(caller: &Caller, method: &str, path: &str, token: Option<&str>) -> (u16, Value, bool) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = caller.mock.url().trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let token = token.unwrap_or_default();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut received = vec![0; 4096];
    let length = stream.read(&mut received).await.unwrap();
    let text = String::from_utf8_lossy(&received[..length]).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap(), head.contains("www-authenticate"))
}

/// Names of the properties of a body, or of the first item of a list.
fn names(body: &Value) -> BTreeSet<String> {
    let body = body["items"].get(0).unwrap_or(body);
    body.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

#[tokio::test]
async fn responses_have_the_recorded_properties() {
    let Some(folder) = folder("recordings") else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let caller = Caller::start().await;
    let responses = super::responses(&caller).await;
    let (mut compared, mut differences) = (0, Vec::new());
    for recording in Recording::read_all(&folder).unwrap() {
        let Some(mine) = responses.iter().find(|(id, _)| *id == recording.operation).map(|(_, body)| names(body))
        else {
            continue;
        };
        if !(200..300).contains(&recording.response.status) {
            continue;
        }
        let body = recording.body(true).unwrap().filter(|body| body["items"] != serde_json::json!([]));
        let Some(recorded) = body.map(|body| names(&body)).filter(|names| !names.is_empty()) else { continue };
        compared += 1;
        // Properties that the real server sends beyond the document belong to former versions, and are left out.
        let extra: Vec<_> = mine.difference(&recorded).collect();
        if !extra.is_empty() {
            differences.push(format!("{}: the real server does not send {extra:?}", recording.name));
        }
    }
    assert!(compared > 20, "only {compared} compared");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
