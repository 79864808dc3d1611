//! The few words of an error's answer that people read. Servers and proxies put them in many places.

use http::StatusCode;
use serde_json::Value;

use crate::codec::any_json;

/// What an answer says went wrong.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Problem {
    /// The API's name for it.
    pub(super) code: Option<String>,
    /// In words.
    pub(super) detail: Option<String>,
}

/// How much of a text that is no JSON is shown, in characters.
const EXCERPT: usize = 120;

/// How many refused values are named.
const ITEMS: usize = 3;

impl Problem {
    /// Reads any body, of whatever content type: proxies are careless with it.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match any_json(&text) {
            Ok(Value::Object(members)) => {
                let text = |name: &str| members.get(name).and_then(Value::as_str);
                let detail = match members.get("detail") {
                    Some(Value::Array(items)) => Some(refused_values(items)),
                    _ => text("detail").or(text("error_description")).map(str::to_owned),
                };
                Self { code: text("error").map(str::to_owned), detail }
            }
            Ok(_) => Self::default(),
            Err(_) => Self { code: None, detail: excerpt(&text) },
        }
    }

    /// Whether this is what the API answers to a route or a version that it does not know.
    pub(super) fn is_bare_not_found(&self, status: StatusCode) -> bool {
        status == StatusCode::NOT_FOUND && self.code.is_none() && self.detail.as_deref() == Some("Not Found")
    }
}

/// The items of a 422, as in `body.items[3].price: Input should be a valid integer`.
fn refused_values(items: &[Value]) -> String {
    let mut text = items.iter().take(ITEMS).map(refused_value).collect::<Vec<_>>().join("; ");
    if items.len() > ITEMS {
        text.push_str(&format!("; and {} more", items.len() - ITEMS));
    }
    text
}

// The member `input` stays out: it repeats what was sent, which may be a secret.
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

/// The title of a page, the start of any other text; nothing of what is no text, such as a compressed body.
fn excerpt(text: &str) -> Option<String> {
    if text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let text = if text.trim_start().starts_with('<') { title(text)? } else { text };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(EXCERPT) {
        _ if text.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text),
    }
}

fn title(page: &str) -> Option<&str> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = lower[start..].find("</title>")?;
    Some(&page[start..start + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let problem = Problem::read(body.as_bytes());
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
        assert_eq!(read("upstream\n  connect error"), (None, some("upstream connect error")));
        assert_eq!(
            read("<!doctype html><html><head><TITLE>502 Bad\nGateway</TITLE></head><body>x</body></html>"),
            (None, some("502 Bad Gateway"))
        );
        assert_eq!(read("<html><body>secret</body></html>"), (None, None));
        assert_eq!(read("\u{1f}\u{8b}\u{8}\u{0}..."), (None, None));
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
    fn long_texts_are_cut_between_characters() {
        let (_, detail) = read(&"ü".repeat(500));
        assert_eq!(detail, Some(format!("{}…", "ü".repeat(EXCERPT))));
    }
}
