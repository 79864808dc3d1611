//! The message in an error body. Servers and proxies use many places for it.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::codec::any_json;
use crate::redact;
use crate::response::excerpt::excerpt;

/// The parts of an error response that may be shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ErrorDetail {
    /// The error code.
    pub(super) code: Option<String>,
    /// The message.
    pub(super) detail: Option<String>,
}

/// Maximum number of rejected values in a message.
const ITEMS: usize = 3;

/// Properties with a message, best first: those of the API and of OAuth, then those of proxies (RFC 9457).
const WORDS: [&str; 4] = ["detail", "error_description", "message", "title"];

/// Words that only introduce a status, as in `error code: 522`.
const FILLERS: [&str; 4] = ["http", "error", "code", "status"];

impl ErrorDetail {
    /// Reads any body and ignores its content type, which proxies often set wrongly.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let Self { code, detail } = match any_json(text.trim_start_matches('\u{feff}')) {
            Ok(Value::Object(members)) => Self::of(&members),
            Ok(Value::String(text)) => Self { code: None, detail: excerpt(&text) },
            Ok(_) => Self::default(),
            Err(_) => Self { code: None, detail: excerpt(&text) },
        };
        Self { code: code.map(|code| redact::name(&code)), detail: detail.map(|detail| redact::text(&detail)) }
    }

    fn of(members: &Map<String, Value>) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let detail = match members.get("detail") {
            Some(Value::Array(items)) => Some(refused_values(items)).filter(|text| !text.is_empty()),
            _ => WORDS.iter().find_map(|name| text(name)),
        };
        Self { code: text("error"), detail }
    }

    /// Returns code and message unless they only repeat the status: `502 Bad Gateway` is often the title of a page,
    /// too.
    pub(super) fn beyond(&self, status: StatusCode) -> Vec<&str> {
        let mut said = vec![essence(status.as_str())];
        if let Some(reason) = status.canonical_reason() {
            said.push(essence(reason));
            said.push(essence(&status.to_string()));
        }
        let mut parts = Vec::new();
        for part in [&self.code, &self.detail].into_iter().flatten() {
            let essence = essence(part);
            if !said.contains(&essence) {
                said.push(essence);
                parts.push(part.as_str());
            }
        }
        parts
    }

    /// Returns whether the API returns this for a route or a version that it does not know.
    pub(super) fn is_bare_not_found(&self, status: StatusCode) -> bool {
        status == StatusCode::NOT_FOUND && self.code.is_none() && self.detail.as_deref() == Some("Not Found")
    }
}

/// Returns the items of a 422, as in `body.items[3].price: Input should be a valid integer`.
fn refused_values(items: &[Value]) -> String {
    let mut text = items.iter().take(ITEMS).map(refused_value).collect::<Vec<_>>().join("; ");
    if items.len() > ITEMS {
        text.push_str(&format!("; and {} more", items.len() - ITEMS));
    }
    text
}

// The property `input` is left out: it repeats the value that was sent, which may be a secret.
fn refused_value(item: &Value) -> String {
    let place = item["loc"].as_array().map(|steps| place(steps)).unwrap_or_default();
    let message = item["msg"].as_str().or(item["type"].as_str()).unwrap_or("refused");
    if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") }
}

fn place(steps: &[Value]) -> String {
    let mut place = String::new();
    for step in steps {
        match step {
            Value::Number(index) => place.push_str(&format!("[{index}]")),
            Value::String(name) if place.is_empty() => place.push_str(name),
            Value::String(name) => place.push_str(&format!(".{name}")),
            _ => {}
        }
    }
    place
}

/// Normalizes a text for the comparison with a status: without case, spaces, punctuation and fillers.
fn essence(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !FILLERS.contains(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let problem = ErrorDetail::read(body.as_bytes());
        (problem.code, problem.detail)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn each_shape_of_body_gives_its_words() {
        assert_eq!(
            read(r#"{"error":"ResourceNotFound","detail":"Not found"}"#),
            (some("ResourceNotFound"), some("Not found"))
        );
        assert_eq!(read(r#"{"detail":"Not Found"}"#), (None, some("Not Found")));
        assert_eq!(
            read(r#"{"error":"invalid_token","error_description":"Expired"}"#),
            (some("invalid_token"), some("Expired"))
        );
        assert_eq!(read(""), (None, None));
        assert_eq!(read("[1]"), (None, None));
        assert_eq!(read(r#"{"error":"unsupported_grant_type"}"#), (some("unsupported_grant_type"), None));
        assert_eq!(read(r#"{"message":"Too Many Requests"}"#), (None, some("Too Many Requests")));
        assert_eq!(read(r#"{"title":"Busy","detail":"Later","error":{"a":1}}"#), (None, some("Later")));
        assert_eq!(read(r#"{"error":"A","detail":[]}"#), (some("A"), None));
        assert_eq!(read("\"Bad Gateway\""), (None, some("Bad Gateway")));
        assert_eq!(read("upstream connect error"), (None, some("upstream connect error")));
        assert_eq!(read("<html><title>Sign in</title></html>"), (None, some("Sign in")));
    }

    #[test]
    fn refused_values_are_named_without_their_input() {
        let body = r#"{"detail":[
            {"loc":["body","items",3,"price"],"msg":"Input should be a valid integer","type":"int_parsing","input":"hidden"},
            {"loc":["query","limit"],"type":"missing"},
            {"msg":"Extra"},
            {"loc":[],"msg":"x"},
            {"loc":[],"msg":"y"}
        ]}"#;
        assert_eq!(
            read(body).1,
            some("body.items[3].price: Input should be a valid integer; query.limit: missing; Extra; and 2 more")
        );
    }

    #[test]
    fn what_the_status_says_is_not_said_twice() {
        let beyond = |status: u16, body: &str| {
            ErrorDetail::read(body.as_bytes()).beyond(StatusCode::from_u16(status).unwrap_or_default()).join(": ")
        };
        for (status, body, expected) in [
            (502, "<html><title>502 Bad Gateway</title></html>", ""),
            (502, "Bad Gateway\n", ""),
            (502, "error code: 502", ""),
            (522, "error code: 522", ""),
            (500, "Internal Server Error", ""),
            (401, r#"{"error":"Unauthorized","detail":"Unauthorized"}"#, ""),
            (403, r#"{"error":"NotPermitted","detail":"Not permitted"}"#, "NotPermitted"),
            (404, r#"{"error":"ResourceNotFound","detail":"Not found"}"#, "ResourceNotFound"),
            (404, r#"{"error":"ResourceNotFound","detail":"Seat not found"}"#, "ResourceNotFound: Seat not found"),
            (503, "upstream connect error", "upstream connect error"),
            (522, "<html><title>api.polar.sh | 522: Timed out</title></html>", "api.polar.sh | 522: Timed out"),
        ] {
            assert_eq!(beyond(status, body), expected, "{status} {body}");
        }
    }
}
