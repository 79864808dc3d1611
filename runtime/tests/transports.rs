//! Other transports than the built-in one, and abilities of the built-in one; with any set of features.

#![allow(clippy::disallowed_methods, reason = "tests run on tokio only")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use polar_client_runtime::http::Response;
use polar_client_runtime::serde_json::{Value, json};
use polar_client_runtime::{
    Bytes, Client, Request, Timeout, Transport, TransportError, TransportErrorKind, http, response,
};
use support::{CREATE, GET, builder};

/// Returns a given response and records the requests.
struct Recorder {
    answer: fn() -> Result<Response<Bytes>, TransportError>,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl Recorder {
    fn new(answer: fn() -> Result<Response<Bytes>, TransportError>) -> Arc<Self> {
        Arc::new(Self { answer, requests: Mutex::default() })
    }
}

impl Transport for Recorder {
    async fn send(&self, request: http::Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.requests.lock().unwrap().push(request);
        (self.answer)()
    }
}

fn client(recorder: &Arc<Recorder>) -> Client {
    builder().access_token("polar_oat_hidden").transport(recorder.clone()).build().unwrap()
}

#[tokio::test]
async fn an_own_transport_gets_the_whole_request() {
    let recorder = Recorder::new(|| Ok(Response::new(Bytes::from_static(b"{\"a\":1}"))));
    let request = Request::new(&client(&recorder), &CREATE).json(&json!({"b": 2}));
    let short = request.clone().timeout(Duration::from_secs(5));
    assert_eq!(request.call::<Value, Value>(response::json).await.unwrap(), json!({"a": 1}));
    short.call::<Value, Value>(response::json).await.unwrap();

    let requests = recorder.requests.lock().unwrap();
    assert_eq!(requests[0].uri(), "https://api.polar.sh/v1/products/");
    assert_eq!(requests[0].body(), r#"{"b":2}"#);
    assert!(!format!("{:?}", requests[0]).contains("hidden"));
    let timeouts = requests.iter().map(|request| request.extensions().get().copied()).collect::<Vec<_>>();
    assert_eq!(timeouts[0], Some(Timeout(Duration::from_secs(60))));
    assert!(timeouts[1].is_some_and(|Timeout(time)| time <= Duration::from_secs(5)), "{timeouts:?}");
}

#[tokio::test]
async fn failures_of_an_own_transport_keep_their_kind() {
    let get = |recorder| Request::new(&client(&recorder), &GET).path("id", &"x").call::<Value, Value>(response::json);
    for (recorder, kind, text) in [
        (
            Recorder::new(|| Err(TransportError::connect("unplugged"))),
            TransportErrorKind::Connect,
            "could not connect to api.polar.sh",
        ),
        (
            Recorder::new(|| Err(TransportError::timeout("asleep"))),
            TransportErrorKind::Timeout,
            "no response from api.polar.sh within 60s",
        ),
        (
            Recorder::new(|| Err(TransportError::too_large("1 TiB"))),
            TransportErrorKind::TooLarge,
            "the response from api.polar.sh is too large",
        ),
        (
            Recorder::new(|| Err(TransportError::other("torn"))),
            TransportErrorKind::Other,
            "no complete response from api.polar.sh",
        ),
    ] {
        let error = get(recorder).await.unwrap_err();
        assert_eq!(error.to_string(), format!("products:get (GET /v1/products/{{id}}): {text}"));
        assert_eq!(error.is_connect(), kind == TransportErrorKind::Connect);
        assert_eq!(error.is_timeout(), kind == TransportErrorKind::Timeout);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref::<TransportError>().unwrap().kind(), kind);
    }
}

#[cfg(not(feature = "reqwest"))]
#[test]
fn without_a_transport_there_is_no_client() {
    let error = builder().build().unwrap_err();
    assert!(error.is_config());
    assert_eq!(
        error.to_string(),
        "client settings: there is no transport: turn the `rustls` or the `reqwest` feature on, \
         or pass one with `Builder::transport`"
    );
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn an_own_reqwest_client_keeps_its_settings() {
    let server = support::Scripted::json("200 OK", "{}");
    let own = polar_client_runtime::reqwest_client_builder().unwrap().http1_title_case_headers().build().unwrap();
    let client = builder().base_url(&server.url).reqwest_client(own).build().unwrap();
    Request::new(&client, &CREATE).call::<Value, Value>(response::json).await.unwrap();
    assert!(server.request().contains("\nPolar-Version: 2026-10\n"));
}
