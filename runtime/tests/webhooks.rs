//! Webhooks that a verifier accepts and rejects, with its messages, none of which contains a secret.

#![cfg(feature = "webhooks")]
#![allow(clippy::disallowed_methods, reason = "tests run on tokio only")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use polar_client_runtime::codec::Secret;
use polar_client_runtime::http::{HeaderMap, HeaderValue};
use polar_client_runtime::serde::Deserialize;
use polar_client_runtime::serde_json::Value;
use polar_client_runtime::webhooks::{
    ID, SIGNATURE, TIMESTAMP, UndecodableWebhook, WebhookBody, WebhookError, WebhookSigner, WebhookVerifier,
};

/// The example of the Standard Webhooks libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: u64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(SECRET).unwrap()
}

/// The headers of the example, with one of them changed or removed.
fn headers(name: &str, value: Option<&str>) -> Vec<(String, String)> {
    let time = TIME.to_string();
    let all = [(ID, MESSAGE), (TIMESTAMP, time.as_str()), (SIGNATURE, SIGNED)];
    let changed = all.into_iter().filter_map(|(known, kept)| Some((known, if known == name { value? } else { kept })));
    changed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn refused(headers: Vec<(String, String)>, body: &[u8], now: u64) -> WebhookError {
    verifier().verify_at(body, headers, at(now)).unwrap_err()
}

fn with(name: &str, value: &str) -> WebhookError {
    refused(headers(name, Some(value)), BODY, TIME)
}

#[test]
fn the_example_of_the_standard_passes() {
    let verified = verifier().verify_at(BODY, headers("", None), at(TIME)).unwrap();
    assert_eq!((verified.id(), verified.body()), (MESSAGE, BODY));
    assert_eq!(verified.timestamp().timestamp(), 1_614_265_330);
    assert_eq!(verified.event::<Value>().unwrap()["test"], 2_432_232_314_u64);
    let signed = WebhookSigner::new(SECRET).unwrap().sign(MESSAGE, at(TIME), BODY).unwrap();
    assert_eq!(signed[SIGNATURE], SIGNED);
}

#[test]
fn the_library_of_the_standard_agrees() {
    let theirs = standardwebhooks::Webhook::new(SECRET).unwrap();
    let now = SystemTime::now();
    let seconds = now.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let signed = theirs.sign("msg_1", i64::try_from(seconds).unwrap(), BODY).unwrap();
    let ours = WebhookSigner::new(SECRET).unwrap().sign("msg_1", now, BODY).unwrap();
    assert_eq!(ours[SIGNATURE].to_str().unwrap(), signed);
    theirs.verify(BODY, &ours).unwrap();
}

#[test]
fn the_secret_of_an_endpoint_goes_right_in() {
    let verifier = WebhookVerifier::new(Secret::from(SECRET)).unwrap();
    verifier.verify_at(BODY, headers("", None), at(TIME)).unwrap();
}

#[test]
fn headers_come_in_any_shape() {
    let mut map = HeaderMap::new();
    let mut plain = HashMap::new();
    for (name, value) in headers("", None) {
        map.insert(
            polar_client_runtime::http::HeaderName::try_from(name.clone()).unwrap(),
            HeaderValue::try_from(value.clone()).unwrap(),
        );
        plain.insert(name.to_uppercase(), value);
    }
    map.insert("host", HeaderValue::from_static("example.com"));
    verifier().verify_at(BODY, &map, at(TIME)).unwrap();
    verifier().verify_at(BODY.to_vec(), &plain, at(TIME)).unwrap();
    let time = TIME.to_string();
    let pairs = [("Webhook-Id", MESSAGE), ("webhook-TIMESTAMP", &time), ("Webhook-Signature", SIGNED)];
    let verified = verifier().verify_at(r#"{"test": 2432232314}"#, pairs, at(TIME)).unwrap();
    assert_eq!(verified.into_body(), r#"{"test": 2432232314}"#);
}

#[test]
fn both_ways_to_make_a_key_are_tried() {
    let other = "polar_whs_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for secret in [SECRET, other, "whsec_old-and-not-to-be-decoded", "a-chosen-one"] {
        let verifier = WebhookVerifier::new(secret).unwrap();
        for signer in [WebhookSigner::new(secret), WebhookSigner::with_whole_secret(secret)] {
            let headers = signer.unwrap().sign("msg_1", SystemTime::now(), BODY).unwrap();
            verifier.verify(BODY, &headers).unwrap();
        }
    }
    // A secret without its prefix.
    let bare = WebhookVerifier::new(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let headers = WebhookSigner::new(SECRET).unwrap().sign("msg_1", SystemTime::now(), BODY).unwrap();
    bare.verify(BODY, &headers).unwrap();
    let sign = |signer: WebhookSigner| signer.sign(MESSAGE, at(TIME), BODY).unwrap()[SIGNATURE].clone();
    let [whole, decoded] = [WebhookSigner::with_whole_secret(SECRET), WebhookSigner::new(SECRET)];
    assert_ne!(sign(whole.unwrap()), sign(decoded.unwrap()));
}

#[test]
fn while_a_secret_is_changed_both_are_good() {
    let (new, old) = ("whsec_bmV3LXNlY3JldC1uZXctc2VjcmV0", SECRET);
    let both = WebhookVerifier::with_secrets([new, old]).unwrap();
    for secret in [new, old] {
        let headers = WebhookSigner::new(secret).unwrap().sign("msg_1", SystemTime::now(), BODY).unwrap();
        both.verify(BODY, &headers).unwrap();
    }
    let headers = WebhookSigner::new(new).unwrap().sign("msg_1", SystemTime::now(), BODY).unwrap();
    assert_eq!(verifier().verify(BODY, &headers).unwrap_err(), WebhookError::WrongSignature);
}

#[test]
fn one_of_several_signatures_must_fit() {
    let other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let plain = SIGNED.trim_start_matches("v1,");
    for good in [format!("{other} {SIGNED}"), format!("{SIGNED} {other}"), format!("v1a,{plain} x {SIGNED}")] {
        verifier().verify_at(BODY, headers(SIGNATURE, Some(&good)), at(TIME)).unwrap();
    }
    for none in [format!("v2,{plain}"), format!("v1a,{plain}"), format!("V1,{plain}"), plain.to_owned(), " ".to_owned()]
    {
        assert_eq!(with(SIGNATURE, &none), WebhookError::NoSignature, "{none}");
    }
    let cut = &SIGNED[..SIGNED.len() - 4];
    for wrong in [other, "v1,", "v1,not base64", cut, &format!("{other} {other}"), &format!("v1,{plain}{plain}")] {
        assert_eq!(with(SIGNATURE, wrong), WebhookError::WrongSignature, "{wrong}");
    }
}

#[test]
fn headers_are_there_once_and_in_ascii() {
    for name in [ID, TIMESTAMP, SIGNATURE] {
        assert_eq!(refused(headers(name, None), BODY, TIME), WebhookError::MissingHeader(name));
        let twice = [headers("", None), vec![(name.to_uppercase(), "1".to_owned())]].concat();
        assert_eq!(refused(twice, BODY, TIME), WebhookError::DuplicateHeader(name));
        for odd in ["", "é", "a\nb", "\u{7f}"] {
            assert_eq!(with(name, odd), WebhookError::MalformedHeader(name), "{odd:?}");
        }
    }
    let raw = [(ID, &b"\xff"[..]), (TIMESTAMP, b"1614265330"), (SIGNATURE, SIGNED.as_bytes())];
    let error = verifier().verify_at(BODY, raw, at(TIME)).unwrap_err();
    assert_eq!(error, WebhookError::MalformedHeader(ID));
}

#[test]
fn a_timestamp_is_a_number_of_seconds() {
    let odd = ["1614265330.5", "1614265330.0", "-1614265330", "+1614265330", "1e9", " 1614265330", "0x60", "now"];
    for timestamp in odd.into_iter().chain(["9223372036854775807", "9223372036854775808", &"9".repeat(1000)]) {
        assert_eq!(with(TIMESTAMP, timestamp), WebhookError::InvalidTimestamp, "{timestamp}");
    }
    assert_eq!(with(TIMESTAMP, "0"), WebhookError::TooOld { seconds: TIME });
    let milliseconds = format!("{TIME}000");
    assert_eq!(with(TIMESTAMP, &milliseconds), WebhookError::TooNew { seconds: TIME * 999 });
    assert_eq!(with(TIMESTAMP, &format!("0{TIME}")), WebhookError::WrongSignature, "it is signed as text");
}

#[test]
fn clocks_may_differ_by_five_minutes_in_both_directions() {
    let near = |now: SystemTime| verifier().verify_at(BODY, headers("", None), now).map(|_| ());
    for now in [TIME - 300, TIME, TIME + 300] {
        assert_eq!(near(at(now)), Ok(()));
    }
    assert_eq!(near(at(TIME + 301)), Err(WebhookError::TooOld { seconds: 301 }));
    assert_eq!(near(at(TIME - 301)), Err(WebhookError::TooNew { seconds: 301 }));
    assert_eq!(near(UNIX_EPOCH - Duration::from_secs(9)), Err(WebhookError::TooNew { seconds: TIME }));
    let narrow = verifier().tolerance(Duration::ZERO);
    let error = narrow.verify_at(BODY, headers("", None), at(TIME + 1)).unwrap_err();
    assert_eq!(error, WebhookError::TooOld { seconds: 1 });
    let wide = verifier().tolerance(Duration::MAX);
    wide.verify(BODY, headers("", None)).unwrap();
}

#[test]
fn everything_that_was_signed_counts() {
    for at_byte in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at_byte] ^= 1;
        assert_eq!(refused(headers("", None), &body, TIME), WebhookError::WrongSignature, "byte {at_byte}");
    }
    assert_eq!(refused(headers("", None), b"", TIME), WebhookError::WrongSignature);
    assert_eq!(refused(headers("", None), br#"{"test":2432232314}"#, TIME), WebhookError::WrongSignature);
    assert_eq!(with(ID, "msg_other"), WebhookError::WrongSignature);
    assert_eq!(with(TIMESTAMP, &(TIME + 1).to_string()), WebhookError::WrongSignature);
}

#[test]
fn bodies_may_be_long_empty_and_no_text() {
    let signer = WebhookSigner::new(SECRET).unwrap();
    for body in [vec![b' '; 10 * 1024 * 1024], Vec::new(), vec![0xff, 0x00]] {
        let headers = signer.sign("msg_1", SystemTime::now(), &body).unwrap();
        verifier().verify(&body, &headers).unwrap();
        let mut longer = body.clone();
        longer.push(b' ');
        assert_eq!(verifier().verify(&longer, &headers).unwrap_err(), WebhookError::WrongSignature);
    }
}

#[test]
fn secrets_that_can_not_be_right_are_refused() {
    let refused = |secret: &str| WebhookVerifier::new(secret).unwrap_err();
    assert_eq!(refused(""), WebhookError::EmptySecret);
    assert_eq!(refused("whsec_"), WebhookError::TruncatedSecret);
    assert_eq!(refused("whsec_MfKQ9r8GK"), WebhookError::TruncatedSecret);
    assert_eq!(refused("polar_whs_"), WebhookError::TruncatedSecret);
    assert_eq!(refused(&format!("{SECRET}\n")), WebhookError::PaddedSecret);
    assert_eq!(refused(&format!("v1,{SECRET}")), WebhookError::VersionedSecret);
    assert_eq!(refused(&format!("\"{SECRET}\"")), WebhookError::QuotedSecret);
    assert_eq!(refused(&format!("{SECRET} {SECRET}")), WebhookError::MalformedSecret);
    assert_eq!(refused(&format!("{SECRET}\0")), WebhookError::MalformedSecret);
    for token in ["polar_ci_abcdefghijklmnop", "polar_oat_abcdefghijklmnop", "polar_pat_abcdefghijklmnop"] {
        let text = refused(token).to_string();
        assert!(text.ends_with("use the secret of the webhook endpoint, which begins with `whsec_`"), "{text}");
    }
    assert_eq!(WebhookVerifier::with_secrets([SECRET, ""]).unwrap_err(), WebhookError::EmptySecret);
    assert_eq!(WebhookVerifier::with_secrets::<&str>([]).unwrap_err(), WebhookError::NoSecret);
    assert_eq!(WebhookSigner::new("").unwrap_err(), WebhookError::EmptySecret);
    assert_eq!(WebhookSigner::with_whole_secret("whsec_").unwrap_err(), WebhookError::TruncatedSecret);
}

#[test]
fn what_can_not_be_signed_is_refused() {
    let signer = WebhookSigner::new(SECRET).unwrap();
    assert_eq!(signer.sign("a\nb", at(1), BODY).unwrap_err(), WebhookError::MalformedHeader(ID));
    let before = UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(signer.sign("a", before, BODY).unwrap_err(), WebhookError::InvalidTimestamp);
}

/// A payload of the version 2026-10.
#[derive(Debug, Deserialize)]
#[serde(crate = "polar_client_runtime::serde")]
#[expect(dead_code, reason = "only whether it can be decoded matters")]
struct Payload {
    r#type: String,
    data: HashMap<String, i64>,
}

impl WebhookBody for Payload {
    const API_VERSION: Option<&'static str> = Some("2026-10");
}

/// Returns why a signed body can't be decoded.
fn undecodable<T: WebhookBody + Debug>(body: &[u8]) -> UndecodableWebhook {
    let headers = WebhookSigner::new(SECRET).unwrap().sign("msg_1", at(TIME), body).unwrap();
    let error = verifier().verify_at(body, &headers, at(TIME)).unwrap().event::<T>().unwrap_err();
    assert_eq!(error.to_string(), error.undecodable().unwrap().to_string());
    assert!(std::error::Error::source(&error).is_none(), "`Display` says it all, without secrets");
    error.undecodable().unwrap().clone()
}

#[test]
fn a_body_of_another_shape_fails_with_its_place() {
    let error = undecodable::<HashMap<String, HashMap<String, i64>>>(br#"{"data": {"amount": "7"}}"#);
    assert_eq!(
        error.to_string(),
        "the webhook \"msg_1\" has no `type` and can't be decoded: \
         at `data.amount`: invalid type: string, expected i64 (found a string of 1 character)"
    );
}

#[test]
fn an_undecodable_webhook_can_be_stored() {
    let body = br#"{"type": "order.paid", "api_version": "2027-01", "data": {"amount": "7"}}"#;
    let error = undecodable::<Payload>(body);
    let webhook = error.webhook();
    assert_eq!((webhook.id(), webhook.body()), ("msg_1", &body[..]));
    assert_eq!(webhook.timestamp().timestamp(), 1_614_265_330);
    assert_eq!(webhook.event_type().as_deref(), Some("order.paid"));
    assert_eq!((webhook.api_version().as_deref(), error.expected_api_version()), (Some("2027-01"), Some("2026-10")));
    assert_eq!(error.error().path(), "data.amount");
    assert_eq!(error.into_webhook().into_body(), body[..]);
}

#[test]
fn an_error_names_the_versions_if_they_differ() {
    let told = |version: &str| {
        let body = format!(r#"{{"type": "order.paid", {version} "data": []}}"#);
        undecodable::<Payload>(body.as_bytes()).to_string()
    };
    let same = told(r#""api_version": "2026-10","#);
    assert_eq!(
        same,
        "the webhook \"msg_1\" (\"order.paid\") can't be decoded: \
         at `data`: invalid type: sequence, expected a map (found an array of 0)"
    );
    let of = |words: &str| format!("{same}; {words}");
    let newer = told(r#""api_version": "2027-01","#);
    assert_eq!(newer, of("its API version is \"2027-01\", but this crate is for 2026-10"));
    let none = of("it has no `api_version`, so it may be older than 2026-10, the version of this crate");
    assert_eq!(told(""), none);
    assert_eq!(told(r#""api_version": null,"#), none);
}

#[test]
fn a_body_without_an_event_says_so() {
    for body in ["", "null", "[]", "{}", "\"order.paid\"", r#"{"type": 1}"#, r#"{"data": {"type": "order.paid"}}"#] {
        let error = undecodable::<Payload>(body.as_bytes());
        assert_eq!(error.webhook().event_type(), None, "{body}");
        let text = error.to_string();
        assert!(text.starts_with("the webhook \"msg_1\" has no `type` and can't be decoded: "), "{text}");
        assert!(!text.contains("version"), "{text}");
    }
    let error = undecodable::<Payload>(b"\xff");
    assert!(error.to_string().ends_with("not valid UTF-8 at byte 0"), "{error}");
}

#[test]
fn an_error_repeats_no_control_characters_and_no_long_texts() {
    let long = "x".repeat(10_000);
    let body = format!(r#"{{"type": "a\n\u202e{long}", "api_version": "\u001b[31m{long}"}}"#);
    let error = undecodable::<Payload>(body.as_bytes());
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.len() < 1000 && !text.contains(['\n', '\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn each_error_says_what_is_wrong() {
    let told = |error: WebhookError| error.to_string();
    assert_eq!(told(WebhookError::MissingHeader(ID)), "the webhook lacks the header `webhook-id`");
    assert_eq!(
        told(WebhookError::TooOld { seconds: 301 }),
        "the webhook was signed 301 seconds ago, which is too long"
    );
    assert_eq!(told(WebhookError::EmptySecret), "the webhook secret is empty");
    assert_eq!(told(WebhookError::NoSignature), "the webhook has no signature of version `v1`");
}

#[test]
fn nothing_shows_a_secret_or_a_signature() {
    let verified = verifier().verify_at(BODY, headers("", None), at(TIME)).unwrap();
    assert_eq!(format!("{:?}", verifier()), "WebhookVerifier { tolerance: 300s, .. }");
    assert_eq!(format!("{:?}", WebhookSigner::new(SECRET).unwrap()), "WebhookSigner { .. }");
    assert_eq!(
        format!("{verified:?}"),
        format!("Verified {{ id: {MESSAGE:?}, timestamp: 2021-02-25T15:02:10Z, body: 20 bytes }}")
    );
    let errors = [with(SIGNATURE, "v1,hidden"), with(SIGNATURE, "hidden"), with(SIGNATURE, "hidden\n"), {
        WebhookVerifier::new("whsec_hidden").unwrap_err()
    }];
    for error in errors {
        assert!(!format!("{error} {error:?} {error:#?}").contains("hidden"), "{error:?}");
    }
}
