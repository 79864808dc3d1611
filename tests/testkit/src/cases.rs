//! Payloads after public reports, which are not part of the repository, and the expected results.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::webhooks::{WebhookPayload, WebhookSigner, WebhookVerifier};
use polar_client::{Error, Polar, RetryPolicy};
use serde_json::Value;

use crate::dispatch::{self, Again, Arguments, Failure, Recoded, again};
use crate::document::Document;
use crate::equal::{Rules, difference};
use crate::kept::What;

/// Any secret.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Any operation without a body.
const OPERATION: &str = "customers:get";

/// A payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Name of the file.
    pub file: String,
    /// The type that it is decoded as: `webhook`, `error-N`, or the name of a type.
    pub kind: String,
    /// A description of the expected result.
    pub expected: String,
}

impl Case {
    /// Reads the table of the cases of a folder.
    ///
    /// # Errors
    /// The table is missing.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, String> {
        let text = fs::read_to_string(folder.join("INDEX.md")).map_err(|error| format!("INDEX.md: {error}"))?;
        let rows = text.lines().filter_map(|line| {
            let cells: Vec<&str> = line.trim().strip_prefix('|')?.strip_suffix('|')?.splitn(3, '|').collect();
            let [file, kind, expected] = cells.as_slice() else { return None };
            let [file, kind, expected] = [file, kind, expected].map(|cell| cell.trim().trim_matches('`').to_owned());
            file.ends_with(".json").then_some(Self { file, kind, expected })
        });
        let cases: Vec<_> = rows.collect();
        if cases.is_empty() { Err("INDEX.md has no table of cases".to_owned()) } else { Ok(cases) }
    }
}

/// The result of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Decoded, and the same after a round trip.
    Equal,
    /// The same, with properties that the document does not declare.
    Undeclared,
    /// The same, with values or variants that the document does not know.
    Unknown,
    /// Rejected as expected, with this error.
    Rejected(String),
    /// The body of an error that is read as expected.
    Error,
}

/// Decodes a case and compares the result with the expected one.
///
/// # Errors
/// The unexpected result.
pub async fn check_case(document: &Document, folder: &Path, case: &Case) -> Result<Became, String> {
    let body = fs::read(folder.join(&case.file)).map_err(|error| error.to_string())?;
    let expected = Expected::read(&case.expected);
    if let Some(status) = case.kind.strip_prefix("error-") {
        let status = status.parse().map_err(|_| format!("no status: {}", case.kind))?;
        let error = error(status, &body).await?;
        return expected.error(&error, &body).map(|()| Became::Error);
    }
    let decoded = if case.kind == "webhook" { webhook(&body)? } else { dispatch::recode(&case.kind, &text(&body)) };
    match decoded {
        Ok(again) => expected.accepted(document, &body, again),
        Err(why) => expected.rejected(why).map(Became::Rejected),
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// Signs a payload, verifies it and decodes it.
fn webhook(body: &[u8]) -> Result<Recoded, String> {
    let words = |error: polar_client::webhooks::WebhookError| error.to_string();
    let headers = WebhookSigner::new(SECRET).map_err(words)?.sign("msg_1", SystemTime::now(), body).map_err(words)?;
    let verified = WebhookVerifier::new(SECRET).map_err(words)?.verify(body, &headers).map_err(words)?;
    Ok(verified.event::<WebhookPayload>().map_err(words).and_then(|event| again(&event)))
}

/// Returns the error of a call whose response has this status and body.
async fn error(status: u16, body: &[u8]) -> Result<Box<Error>, String> {
    let mock = MockTransport::new();
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    mock.on(OPERATION, Reply::json(status, &body));
    let polar = Polar::builder().transport(mock).retry_policy(RetryPolicy::never()).build();
    let id = Value::from("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
    let arguments = Arguments { path: [("id".to_owned(), id)].into_iter().collect(), ..Arguments::default() };
    match dispatch::call(&polar.map_err(|error| error.to_string())?, OPERATION, &arguments).await {
        Err(Failure::Call(error)) => Ok(error),
        other => Err(format!("the call gives {other:?}")),
    }
}

/// The expected result of a case, parsed from its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Expected {
    words: String,
    accept: bool,
    reject: bool,
    /// Whether it may be or contain an unknown value.
    unknown: bool,
    /// Texts that an error must contain: names of properties, and versions.
    named: Vec<String>,
}

impl Expected {
    fn read(words: &str) -> Self {
        let lower = words.to_lowercase();
        let (accept, reject) = (lower.contains("accept") || lower.contains("or unknown"), lower.contains("reject"));
        let parts: Vec<&str> = words.split([' ', ';', ',', '(', ')', '`']).filter(|part| !part.is_empty()).collect();
        let after = |signs: &[&str]| {
            parts
                .windows(signs.len() + 1)
                .find(|window| window[..signs.len()] == *signs)
                .map(|window| window[signs.len()])
        };
        let property = after(&["located", "at"]).or(after(&["naming"]));
        let versions = parts.iter().filter(|part| reject && is_version(part)).copied();
        let member = lower.contains("member that is missing").then_some("missing field");
        Self {
            words: words.to_owned(),
            accept,
            reject,
            unknown: lower.contains("unknown") && !lower.contains("silent unknown"),
            named: property
                .into_iter()
                .flat_map(|path| path.split('.'))
                .chain(versions)
                .chain(member)
                .map(str::to_owned)
                .collect(),
        }
    }

    fn unexpected(&self, what: &str) -> String {
        format!("{what}; expected: {}", self.words)
    }

    fn accepted(&self, document: &Document, body: &[u8], again: Again) -> Result<Became, String> {
        if !self.accept {
            return Err(self.unexpected("it is accepted"));
        }
        let text = text(body);
        let came: Value =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())?;
        let rules = Rules { nulls_merge: true, nulls_appear: true, constants: &document.optional_constants() };
        if let Some(lost) = difference(&came, &again.value, rules) {
            return Err(self.unexpected(&format!("the round trip is lossy: {lost}")));
        }
        let variants: Vec<_> = again.kept.iter().filter(|kept| kept.what != What::Property).collect();
        match (variants.as_slice(), self.unknown) {
            ([], true) if !self.reject => Err(self.unexpected("nothing of it is unknown")),
            ([kept, ..], false) => Err(self.unexpected(&format!("unknown at `{}`: {:?}", kept.path, kept.what))),
            ([_, ..], true) => Ok(Became::Unknown),
            ([], _) if again.kept.is_empty() => Ok(Became::Equal),
            ([], _) => Ok(Became::Undeclared),
        }
    }

    fn rejected(&self, why: String) -> Result<String, String> {
        let is_located = ["at `", "missing field", "invalid type"].iter().any(|sign| why.contains(sign));
        match self.named.iter().find(|name| !why.contains(name.as_str())) {
            _ if !self.reject => Err(self.unexpected(&format!("it is rejected: {why}"))),
            Some(name) => Err(self.unexpected(&format!("the error does not name {name}: {why}"))),
            None if self.words.contains("located") && !is_located => Err(self.unexpected(&format!("no place: {why}"))),
            None => Ok(why),
        }
    }

    /// An expected error: `error: is_not_found, code ResourceNotFound, words shown`.
    fn error(&self, error: &Error, body: &[u8]) -> Result<(), String> {
        let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let shown = error.to_string();
        for part in self.words.trim_start_matches("error:").split(',').map(str::trim) {
            let holds = match part.split_once(' ') {
                None if part == "is_unauthorized" => error.is_unauthorized(),
                None if part == "is_forbidden" => error.is_forbidden(),
                None if part == "is_not_found" => error.is_not_found(),
                None if part == "is_validation" => error.is_validation(),
                None if part == "is_rate_limited" => error.is_rate_limited(),
                Some(("code", code)) => error.code() == Some(code),
                Some(("words", "shown")) => {
                    let words = body["detail"].as_str().or(body["error_description"].as_str());
                    words.is_some_and(|words| shown.contains(words))
                }
                _ => return Err(format!("nobody knows what `{part}` expects")),
            };
            if !holds {
                return Err(self.unexpected(&format!("not `{part}`: {shown}")));
            }
        }
        Ok(())
    }
}

/// Returns whether this is an API version: `2026-10`.
fn is_version(text: &str) -> bool {
    text.len() == 7
        && text
            .split_once('-')
            .is_some_and(|(year, month)| [year, month].iter().all(|part| part.parse::<u16>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(words: &str) -> (bool, bool, bool, Vec<String>) {
        let Expected { accept, reject, unknown, named, .. } = Expected::read(words);
        (accept, reject, unknown, named)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn words_say_what_is_expected() {
        assert_eq!(expected("accept, round trip the same"), (true, false, false, names(&[])));
        assert_eq!(expected("accept; an unknown country is kept"), (true, false, true, names(&[])));
        assert_eq!(expected("reject, located at total_amount"), (false, true, false, names(&["total_amount"])));
        assert_eq!(expected("reject naming `type`, or Unknown without a type"), (true, true, true, names(&["type"])));
        let either = "accept as a state, or reject, located naming data.type (absent then); NOT a silent unknown";
        assert_eq!(expected(either), (true, true, false, names(&["data", "type"])));
        let versions =
            "reject, and the error says that the event is of 2027-01 while the crate reads 2026-10 (or accept)";
        assert_eq!(expected(versions), (true, true, false, names(&["2027-01", "2026-10"])));
    }
}
