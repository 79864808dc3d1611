//! The texts that people may see: no secret, no control character, and at most a few lines.
//!
//! `hidden` is part of every secret here, so a test only has to search for that word.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test may panic, and one without data says so"
)]

use std::fmt::Debug;
use std::time::{Instant, SystemTime};

use polar_client::models::{
    CustomerSession, LicenseKeyRead, LicenseKeyValidate, OrderInvoice, OrderReceipt, S3FileUploadPart, WebhookEndpoint,
    WebhookEndpointCreate, WebhookEvent, WebhookEventType, WebhookFormat,
};
use polar_client::runtime::http::{HeaderName, HeaderValue};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_client::webhooks::{WebhookPayload, WebhookSigner, WebhookVerifier};
use polar_client::{Error, ErrorBody, Polar, RetryPolicy};
use polar_testkit::recordings::{Recording, Replayer, folder};
use polar_testkit::sample::sample;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Secrets in the forms in which servers and proxies repeat them.
const SECRETS: [&str; 12] = [
    "polar_oat_hidden",
    "polar_c_hidden",
    "polar_cl_hiddenhiddenhiddenhidden",
    "whsec_hidden",
    "Bearer hidden",
    "authorization: bearer hidden",
    "Basic hidden123==",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJoaWRkZW4ifQ.hidden",
    "client_secret=hidden",
    "{\"password\": \"hidden words\"}",
    "https://me:hidden@example.com/",
    "https://example.com/file?X-Amz-Signature=hidden",
];

/// Characters that move the cursor, break a line, or change the order or the look of a text.
const ODD: [char; 10] =
    ['\n', '\r', '\u{1b}', '\0', '\u{7f}', '\u{9b}', '\u{200b}', '\u{202e}', '\u{2028}', '\u{feff}'];

async fn error(reply: Reply) -> Error {
    let mock = MockTransport::new();
    mock.on("products:list", reply);
    let polar = Polar::builder().access_token("polar_oat_hidden").transport(mock).retry_policy(RetryPolicy::never());
    polar.build().unwrap().products().list().await.unwrap_err()
}

/// Returns everything that a program is likely to print of an error.
fn shown(error: &Error) -> String {
    let mut text = format!("{} {} ", error.code().unwrap_or_default(), error.detail().unwrap_or_default());
    text += error.request_id().unwrap_or_default();
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
    causes.for_each(|cause| text += &format!("{cause} {cause:?} "));
    text
}

/// Responses of the server with this text: as documented and undocumented errors, rejected values, plain text and
/// pages.
fn answers(text: &str) -> Vec<Reply> {
    let page = format!("<html><title>{text}</title></html>");
    vec![
        Reply::json(404, &json!({"error": "ResourceNotFound", "detail": text})),
        Reply::json(418, &json!({"error": text, "message": text})),
        Reply::json(422, &json!({"detail": [{"loc": ["body", text], "msg": text, "type": text, "input": text}]})),
        Reply::json(400, &json!({"error": "invalid_grant", "error_description": text})),
        Reply::json(500, &json!(text)),
        Reply::bytes(502, "text/plain", text.to_owned()),
        Reply::bytes(502, "text/html", page.clone()),
        Reply::bytes(200, "text/html", page),
        Reply::bytes(200, "application/json", text.to_owned()),
    ]
}

#[tokio::test]
async fn an_error_repeats_no_secret_of_a_server() {
    for secret in SECRETS {
        for reply in answers(&format!("the key {secret} is bad")) {
            let text = shown(&error(reply.clone()).await);
            assert!(!text.contains("hidden"), "{secret} in {reply:?}: {text}");
        }
    }
}

#[tokio::test]
async fn a_server_cannot_write_control_characters_into_logs() {
    for odd in ODD {
        for reply in answers(&format!("before{odd}after")) {
            let text = shown(&error(reply.clone()).await);
            assert!(!text.contains(odd), "{odd:?} in {reply:?}: {text:?}");
        }
    }
}

#[tokio::test]
async fn an_error_is_short_however_long_the_answer() {
    for reply in answers(&"word ".repeat(50_000)) {
        let error = error(reply.clone()).await;
        assert!(error.to_string().chars().count() < 2500, "{reply:?}");
        assert!(error.detail().unwrap_or_default().chars().count() <= 501, "{reply:?}");
    }
}

#[tokio::test]
async fn seventy_kilobytes_of_tokens_take_no_time() {
    let tokens = "polar_oat_hidden ".repeat(70 * 1024 / 17);
    let error = error(Reply::json(500, &json!({"error": "Leak", "detail": tokens}))).await;
    let start = Instant::now();
    let text = error.to_string();
    // The count of steps is tested in the runtime (`twice_the_text_takes_twice_the_steps`).
    println!("Display of an error with 70 KB of tokens: {:?}", start.elapsed());
    assert!(text.len() < 1000 && text.contains("<organization_access_token>") && !text.contains("hidden"), "{text}");
}

#[tokio::test]
async fn a_request_id_that_is_none_is_not_shown() {
    let with = |name: &'static str, id: &str| {
        Reply::empty(500).header(HeaderName::from_static(name), HeaderValue::try_from(id).unwrap())
    };
    let good = error(with("x-request-id", "req_01J8Z-FRA")).await;
    assert!(good.to_string().ends_with("[request req_01J8Z-FRA]"), "{good}");
    for id in
        ["polar_oat_hidden", "Bearer hidden", "hidden\thidden", "eyJhbGciOiJub25lIn0.hidden", &"hidden".repeat(100)]
    {
        let error = error(with("x-request-id", id)).await;
        assert_eq!(error.request_id(), None, "{id}");
        assert!(!shown(&error).contains("hidden"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn a_refused_value_is_not_repeated() {
    let item = json!({"loc": ["body", "key"], "msg": "Too short", "type": "string_too_short", "input": "hidden"});
    let error = error(Reply::json(422, &json!({"error": "RequestValidationError", "detail": [item]}))).await;
    let ErrorBody::Documented(body) = error.body() else { panic!("{error}") };
    assert!(!format!("{body:?} {:?} {}", error.body(), shown(&error)).contains("hidden"), "{body:?}");
    let undocumented = self::error(Reply::json(418, &json!({"error": "Teapot", "token": "hidden"}))).await;
    let body = undocumented.body();
    assert!(matches!(body, ErrorBody::Undocumented(_)) && !format!("{body:?}").contains("hidden"), "{body:?}");
}

#[tokio::test]
async fn a_request_that_is_built_or_recorded_shows_no_secret() {
    let mock = MockTransport::new();
    let reply = Reply::json(200, &json!({"token": "hidden"}));
    assert!(!format!("{reply:?}").contains("hidden"), "{reply:?}");
    mock.on("license_keys:validate", reply);
    let polar = Polar::builder()
        .access_token("polar_oat_hidden")
        .default_header("x-gateway", "hidden")
        .transport(mock.clone())
        .build()
        .unwrap();

    let key = LicenseKeyValidate::new("hidden", Uuid::nil());
    let request = polar.license_keys().validate(key).header("x-trace", "hidden");
    let built = request.build().unwrap();
    assert!(!format!("{built:?} {built:#?} {request:?}").contains("hidden"), "{built:?}");
    assert!(String::from_utf8_lossy(built.body()).contains("hidden"), "it is only not shown");
    assert_eq!(built.headers()["x-trace"], "hidden");
    let _ = request.await;
    let sent = mock.sent();
    assert!(sent.len() == 1 && !format!("{sent:?} {:?}", sent[0].request).contains("hidden"), "{sent:?}");

    let checkout = polar.checkouts().client_get("polar_c_hidden").build().unwrap();
    let customers = polar.customers().list().email("hidden@example.com").query("hidden words").limit(7);
    let customers = customers.build().unwrap();
    let shown = format!("{checkout:?} {customers:?}");
    assert!(!shown.contains("hidden") && shown.contains("/v1/checkouts/client/<redacted>"), "{shown}");
    assert!(shown.contains("limit=7") && shown.contains("polar-version"), "{shown}");
    let proxy =
        Polar::builder().base_url("https://proxy.example/polar_oat_hidden/api").transport(mock).build().unwrap();
    let shown = format!("{:?}", proxy.products().list().build().unwrap());
    assert!(!shown.contains("hidden") && shown.contains("/api/v1/products/"), "{shown}");
}

/// Fails if a value shows a secret, or is not written as it was read.
fn shows_nothing<T: Debug + DeserializeOwned + Serialize>(schema: &str, properties: Value) -> T {
    let json = sample(schema, properties);
    let value: T = serde_json::from_value(json.clone()).unwrap();
    assert!(!format!("{value:?} {value:#?}").contains("hidden"), "{schema}: {value:?}");
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(text.matches("hidden").count(), json.to_string().matches("hidden").count(), "{schema}: {text}");
    value
}

#[test]
fn models_show_no_signed_address_and_no_license_key() {
    let signed = "https://files.example.com/1?X-Amz-Signature=hidden";
    shows_nothing::<OrderInvoice>("OrderInvoice", json!({"url": signed}));
    shows_nothing::<OrderReceipt>("OrderReceipt", json!({"url": signed}));
    let part = json!({"url": signed, "headers": {"x-upload-key": "hidden"}});
    shows_nothing::<S3FileUploadPart>("S3FileUploadPart", part);
    shows_nothing::<CustomerSession>("CustomerSession", json!({"customer_portal_url": "https://polar.sh/?t=hidden"}));
    let key =
        shows_nothing::<LicenseKeyRead>("LicenseKeyRead", json!({"key": "ACME-hidden", "display_key": "****-3F"}));
    assert!(key.key == "ACME-hidden" && format!("{key:?}").contains("****-3F"));
    let discord = "https://discord.com/api/webhooks/1/hidden";
    shows_nothing::<WebhookEndpoint>("WebhookEndpoint", json!({"url": discord, "secret": "whsec_hidden"}));
    shows_nothing::<WebhookEvent>("WebhookEvent", json!({"payload": r#"{"data": {"client_secret": "hidden"}}"#}));
    let request = WebhookEndpointCreate::new(discord, WebhookFormat::Discord, [WebhookEventType::OrderPaid]);
    assert!(!format!("{request:?}").contains("hidden"), "{request:?}");
}

#[tokio::test]
async fn no_recorded_answer_shows_a_secret() {
    let Some(folder) = folder("recordings") else {
        println!("skipped: no ../shared/recordings");
        return;
    };
    let replayer = Replayer::start().await.unwrap();
    let (mut looked, mut problems) = (0, Vec::new());
    for recording in Recording::read_all(&folder).unwrap() {
        let mut secrets = Vec::new();
        collect(&recording.body(false).unwrap().unwrap_or_default(), &mut secrets);
        let Some(shown) = replayer.shown(&recording).await.unwrap().filter(|_| !secrets.is_empty()) else { continue };
        looked += 1;
        secrets.retain(|secret| shown.contains(secret));
        problems.extend((!secrets.is_empty()).then(|| format!("{}: {secrets:?}", recording.name)));
    }
    assert!(looked > 20, "{looked}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The invented secrets of the recordings.
fn collect(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let is_secret =
                |word: &&str| word.contains("EXAMPLE") && word.contains('_') && !word.starts_with("polar_ci_");
            secrets.extend(words.filter(is_secret).map(str::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        Value::Object(members) => members.values().for_each(|member| collect(member, secrets)),
        _ => {}
    }
}

/// A signed webhook with this body, as an error.
fn undecodable(body: &Value) -> polar_client::webhooks::WebhookError {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let (now, body) = (SystemTime::now(), body.to_string());
    let headers = WebhookSigner::new(secret).unwrap().sign("msg_1", now, &body).unwrap();
    let verified = WebhookVerifier::new(secret).unwrap().verify_at(body, &headers, now).unwrap();
    verified.event::<WebhookPayload>().unwrap_err()
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(|cause| format!("{cause} {cause:?} {cause:#?}")).collect()
}

#[tokio::test]
async fn a_value_that_does_not_decode_shows_no_token() {
    for token in ["polar_c_hidden", "polar_oat_hidden", "Bearer hidden", "eyJhbGciOiJub25lIn0.hidden"] {
        let error = error(Reply::json(200, &json!({"items": token, "pagination": token}))).await;
        assert!(error.is_decode() && !shown(&error).contains("hidden"), "{}", shown(&error));
        let error = undecodable(&json!({"type": "order.paid", "timestamp": token, "data": token}));
        assert!(!chain(&error).contains("hidden"), "{}", chain(&error));
    }
}

#[tokio::test]
async fn a_value_that_does_not_decode_shows_kind_and_length_only() {
    let error = error(Reply::json(200, &json!({"items": "ACME hidden", "pagination": null}))).await;
    assert!(error.is_decode() && !shown(&error).contains("hidden"), "{}", shown(&error));
    assert!(error.to_string().contains("a string of 11 characters"), "{error}");
    let error = undecodable(&json!({"type": "order.paid", "timestamp": "ACME hidden", "data": {}}));
    assert!(!chain(&error).contains("hidden"), "{}", chain(&error));
}

#[test]
fn undeclared_properties_show_their_names_only() {
    let mut json = sample("OrderInvoice", json!({"url": "https://example.com/1"}));
    json["guild_token"] = json!({"kid": ["hidden"]});
    let invoice: OrderInvoice = serde_json::from_value(json.clone()).unwrap();
    let shown = format!("{invoice:?}");
    assert!(shown.contains("guild_token") && !shown.contains("hidden"), "{shown}");
    assert_eq!(serde_json::to_value(&invoice).unwrap(), json);
}
