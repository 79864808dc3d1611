//! Functions that process bytes of others. A target accepts any bytes without a panic and in little time and memory; a
//! panic is a finding. The fuzzer runs them, and so does a test, on the corpus and changes of it.

use std::time::{Duration, UNIX_EPOCH};

use polar_client::Polar;
use polar_client::http::header::{HeaderValue, RETRY_AFTER};
use polar_client::mock::{MockTransport, Reply};
use polar_client::models::{Checkout, Order, Subscription};
use polar_client::runtime::codec::{Field, decode, to_vec};
use polar_client::serde_json;
use polar_client::webhooks::{WebhookPayload, WebhookVerifier};
use polar_codegen::document::{overlay, read};
use polar_codegen::{Config, Input, Source, generate};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A target.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("json", again::<serde_json::Value>),
    ("document", document),
    ("overlay", correct),
    ("webhook", again::<WebhookPayload>),
    ("order", again::<Order>),
    ("subscription", again::<Subscription>),
    ("checkout", again::<Checkout>),
    ("signature", signature),
    ("retry_after", retry_after),
];

/// Runs a target. The programs of the fuzzer call this, so that the decoders are compiled here and not in each of them.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    target(bytes);
}

/// A document, from parsing to the text of the crate.
fn document(bytes: &[u8]) {
    let input = Input {
        document: Source { file: "document.yaml", bytes },
        others: &[],
        overlay: None,
        names: None,
        docs: &[],
        config: Config { source: "document.yaml".to_owned(), agent: "fuzz".to_owned(), ..Config::default() },
    };
    // That it is not a document is a valid result, too.
    let _ = generate(&input);
}

/// Corrections of a document with many constructs.
fn correct(bytes: &[u8]) {
    let Ok(value) = read::read("overlay.yaml", bytes) else { return };
    let Ok(overlay) = overlay::parse("overlay.yaml", value) else { return };
    let mut document = serde_json::json!({
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"parameters": [{"name": "b", "schema": {"type": "string"}}], "responses": {}}}},
        "components": {"schemas": {"C": {"type": "object", "required": ["d"], "properties": {"d": {"enum": [1, null]}}}}}
    });
    let _ = overlay::apply(&mut document, &overlay);
}

/// A response or an event: it is read like by serde_json, written like by serde_json, and read again with the same
/// result.
fn again<T: Field + DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let value = decode::<T>(bytes).ok();
    assert_eq!(value, serde_json::from_slice::<T>(bytes).ok());
    let Some(value) = value else { return };
    let text = serde_json::to_string(&value).expect("what was read can be written");
    assert_eq!(String::from_utf8(to_vec(value.view())).expect("JSON is UTF-8"), text);
    let value = decode::<T>(text.as_bytes()).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&value).expect("as before"), text);
}

/// The headers of a webhook, one per line, followed by its body.
fn signature(bytes: &[u8]) {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: Vec<_> = headers.into_iter().zip(lines.by_ref()).collect();
    let body = lines.next().unwrap_or_default();
    let verifier = WebhookVerifier::new("whsec_bm90IGEgc2VjcmV0IGF0IGFsbA==").expect("a secret");
    let now = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    assert!(verifier.verify_at(body, headers, now).is_err(), "nobody knows the secret");
}

/// `Retry-After` of a busy server, until the client gives up.
fn retry_after(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let mock = MockTransport::new();
    for _ in 0..5 {
        mock.on("products:list", Reply::empty(429).header(RETRY_AFTER, value.clone()));
    }
    let polar = Polar::builder().access_token("polar_oat_test").transport(mock).build().expect("a client");
    let error = polar.products().list().send_blocking().expect_err("the server is busy");
    assert!(error.is_rate_limited(), "{error}");
    let _ = error.retry_after();
}
