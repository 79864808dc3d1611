//! Requests without a body, byte by byte: the API rejects a POST, PUT or PATCH without a length.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::Polar;
use polar_client::runtime::{Bytes, HttpRequest, Transport, TransportError, http};
use polar_client::uuid::Uuid;
use polar_testkit::dispatch::{self, Arguments};
use polar_testkit::document::{Document, Operation};
use polar_testkit::instance::{Extent, instance};
use polar_testkit::server::{Asked, Server, Told};
use serde_json::json;

/// An unknown kind, so that every operation accepts it.
const TOKEN: &str = "a_token_of_former_times";

/// Operations whose method usually carries a body, and that need none.
fn without_body(document: &Document) -> Vec<Operation<'_>> {
    let carries = |operation: &Operation<'_>| ["POST", "PUT", "PATCH"].contains(&operation.method);
    let needs_none = |operation: &Operation<'_>| operation.data["requestBody"]["required"] != true;
    document.operations().filter(|operation| carries(operation) && needs_none(operation)).collect()
}

fn arguments(document: &Document, operation: &Operation<'_>) -> Arguments {
    let path = operation.parameters("path").into_iter();
    let path = path.map(|(name, schema, _)| (name.to_owned(), instance(document, schema, Extent::Least)));
    Arguments { path: path.collect(), ..Arguments::default() }
}

/// The request to an operation, as the server received it.
async fn received(polar: &Polar, server: &Server, document: &Document, operation: &Operation<'_>) -> Asked {
    let failure = dispatch::call(polar, operation.id, &arguments(document, operation)).await.unwrap_err();
    let mut asked = server.asked();
    assert_eq!(asked.len(), 1, "{}: {failure}", operation.id);
    asked.remove(0)
}

fn lengths(asked: &Asked) -> Vec<&str> {
    asked.headers.get_all("content-length").iter().map(|value| value.to_str().unwrap()).collect()
}

async fn refusing() -> Server {
    Server::start(|_| Told::json(400, &json!({"error": "BadRequest", "detail": "Not now"}))).await.unwrap()
}

#[tokio::test]
async fn requests_without_body_announce_no_bytes() {
    let document = Document::load().unwrap();
    let server = refusing().await;
    let polar = Polar::builder().base_url(&server.url).access_token(TOKEN).build().unwrap();
    let operations = without_body(&document);
    assert_eq!(operations.len(), 10, "nine have no body, and that of orders:finalize is optional");
    for operation in operations {
        let asked = received(&polar, &server, &document, &operation).await;
        assert_eq!((asked.method.as_str(), asked.version), (operation.method, http::Version::HTTP_11));
        assert_eq!(lengths(&asked), ["0"], "{}: {asked:?}", operation.id);
        assert!(!asked.headers.contains_key("content-type") && asked.body.is_empty(), "{asked:?}");
    }
}

/// Sends requests unchanged, like a transport of a user.
struct Own(reqwest::Client);

impl Transport for Own {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(TransportError::other)?;
        let response = self.0.execute(request).await.map_err(TransportError::other)?;
        let mut answer = http::Response::new(());
        *answer.status_mut() = response.status();
        Ok(answer.map(|()| Bytes::new()))
    }
}

#[tokio::test]
async fn own_transports_announce_no_bytes() {
    let document = Document::load().unwrap();
    let server = refusing().await;
    let own = Own(reqwest::Client::new());
    let polar = Polar::builder().base_url(&server.url).access_token(TOKEN).transport(own).build().unwrap();
    for operation in without_body(&document) {
        let asked = received(&polar, &server, &document, &operation).await;
        assert_eq!(lengths(&asked), ["0"], "{}: {asked:?}", operation.id);
    }
}

#[test]
fn built_requests_announce_no_bytes() {
    let polar = Polar::builder().access_token("polar_oat_test").build().unwrap();
    let id = Uuid::nil();
    let length = |request: HttpRequest| request.headers().get("content-length").cloned();
    assert_eq!(length(polar.license_keys().rotate(id).build().unwrap()).unwrap(), "0");
    assert_eq!(length(polar.webhooks().reset_endpoint_secret(id).build().unwrap()).unwrap(), "0");
    assert_eq!(length(polar.orders().finalize(id).build().unwrap()).unwrap(), "0");
    // Other methods have no body, and the transport knows the length of a body.
    assert_eq!(length(polar.orders().get(id).build().unwrap()), None);
    assert_eq!(length(polar.customers().delete(id).build().unwrap()), None);
}

#[tokio::test]
async fn bodies_keep_their_length() {
    let document = Document::load().unwrap();
    let server = refusing().await;
    let polar = Polar::builder().base_url(&server.url).access_token(TOKEN).build().unwrap();
    let operation = document.operations().find(|operation| operation.id == "orders:finalize").unwrap();
    let body = operation.body().map(|(_, schema)| instance(&document, schema, Extent::Most));
    let length = body.as_ref().unwrap().to_string().len().to_string();
    let arguments = Arguments { body, ..arguments(&document, &operation) };
    dispatch::call(&polar, operation.id, &arguments).await.unwrap_err();
    let asked = server.asked();
    assert_eq!(lengths(&asked[0]), [length.as_str()], "{:?}", asked[0]);
}
