//! A scripted HTTP server on the loopback interface, and an API to call on it.

#![allow(clippy::disallowed_methods, reason = "tests run on tokio only")]
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use polar_client_runtime::serde_json::Value;
use polar_client_runtime::{
    Api, Builder, Client, Endpoint, Idempotency, Operation, RawResponse, Request, ResponseError, RetryPolicy,
    RetryableError, SecurityRequirement, Server, api_requests, http, response,
};

pub(crate) static API: Api = Api {
    name: "polar-client/0.1.0",
    version: Some("2026-10"),
    servers: &[
        Server { environment: "production", url: "https://api.polar.sh" },
        Server { environment: "sandbox", url: "https://sandbox-api.polar.sh" },
    ],
    retryable_errors: &[RetryableError { status: 409, code: "ResourceLocked" }],
};

const TOKEN_NEEDED: &[SecurityRequirement] = &[SecurityRequirement { schemes: &["oat"], scopes: &["products:read"] }];

const fn operation(
    id: &'static str,
    method: http::Method,
    path: &'static str,
    security: &'static [SecurityRequirement],
    accept: &'static str,
) -> Operation {
    Operation { id, method, path, security, accept, idempotency: Idempotency::ByMethod }
}

const JSON: &str = "application/json";

pub(crate) static LIST: Operation = operation("products:list", http::Method::GET, "/v1/products/", TOKEN_NEEDED, JSON);
pub(crate) static GET: Operation =
    operation("products:get", http::Method::GET, "/v1/products/{id}", TOKEN_NEEDED, JSON);
pub(crate) static CREATE: Operation =
    operation("products:create", http::Method::POST, "/v1/products/", TOKEN_NEEDED, JSON);
pub(crate) static EXPORT: Operation =
    operation("orders:export", http::Method::GET, "/v1/orders/export", TOKEN_NEEDED, "text/csv");
pub(crate) static DELETE: Operation =
    operation("products:delete", http::Method::DELETE, "/v1/products/{id}", TOKEN_NEEDED, "");
pub(crate) static CHECKOUT: Operation =
    operation("checkouts:client_get", http::Method::GET, "/v1/checkouts/client/{client_secret}", &[], JSON);

api_requests!(Value);

/// An operation that returns JSON. The tests set its id and path for each request.
pub(crate) enum AnyOperation {}

impl Endpoint for AnyOperation {
    const OPERATION: &'static Operation = &GET;
    type Output = Value;

    fn read(response: &RawResponse) -> Result<Value, ResponseError> {
        response::json(response)
    }
}

/// The code that the generator writes for an operation.
pub(crate) type Call = ApiRequest<AnyOperation>;

/// A call to an operation with the token `polar_oat_hidden`.
pub(crate) fn call(server: &Scripted, operation: &'static Operation) -> Call {
    Call::from(Request::new(&client(&server.url), operation))
}

/// A policy with one attempt: retries are tested with the generated crate.
pub(crate) fn builder() -> Builder<Client> {
    Builder::new(&API).retry_policy(RetryPolicy::never())
}

pub(crate) fn client(url: &str) -> Client {
    builder().access_token("polar_oat_hidden").base_url(url).build().unwrap()
}

/// Responds to one connection after another by the script, and records the requests.
pub(crate) struct Scripted {
    pub(crate) url: String,
    requests: Receiver<String>,
}

impl Scripted {
    /// Sends one of these responses to each connection, byte for byte, and closes it.
    pub(crate) fn new(answers: &[&str]) -> Self {
        let answers: Vec<Vec<u8>> = answers.iter().map(|answer| answer.as_bytes().to_vec()).collect();
        Self::with(answers.len(), move |index, stream| {
            stream.write_all(&answers[index]).unwrap();
        })
    }

    /// Responds with JSON and the end of a status line, as in `404 Not Found`.
    pub(crate) fn json(status: &str, body: &str) -> Self {
        Self::new(&[&answer_text(status, "content-type: application/json\r\n", body)])
    }

    /// Receives a request and never responds.
    pub(crate) fn silent() -> Self {
        Self::with(1, |_, stream| {
            // Returns when the client has closed the connection.
            let _ = stream.read(&mut [0]);
        })
    }

    /// Passes each connection to the script after its request was read.
    pub(crate) fn with(connections: usize, script: impl Fn(usize, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for index in 0..connections {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                // The test may have ended.
                let _ = sender.send(request.replace(&port.to_string(), "PORT"));
                script(index, &mut stream);
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), requests }
    }

    /// Returns the next request as received, with the port of the server replaced by `PORT` and plain line breaks.
    pub(crate) fn request(&self) -> String {
        self.requests.recv().unwrap().replace("\r\n", "\n")
    }

    /// Returns the first line of the next request.
    pub(crate) fn request_line(&self) -> String {
        self.request().lines().next().unwrap_or_default().to_owned()
    }

    /// Returns whether there were no more requests. Call it only after the calls have ended.
    pub(crate) fn is_idle(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

/// A response to one connection.
pub(crate) fn answer_text(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let length = stream.read(&mut chunk).unwrap();
        request.extend_from_slice(&chunk[..length]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= announced.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        assert!(length > 0, "the connection closed inside a request: {text}");
    }
}
