//! All operations, called against Prism: a mock server that knows only the document, rejects what the document does not
//! allow, and generates responses.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use polar_client::runtime::{Bytes, Transport, TransportError, http};
use polar_client::{Polar, RetryPolicy};
use polar_testkit::arguments::{Variant, variants};
use polar_testkit::dispatch::{self, Arguments, Outcome};
use polar_testkit::document::{Document, Operation};
use polar_testkit::equal::{Rules, difference};
use serde_json::Value;

use crate::Report;
use crate::tool;

/// Kinds of responses that Prism generates.
const SEED: &str = "4";

/// The results of the calls of one operation.
#[derive(Default)]
struct Tally {
    calls: usize,
    accepted: usize,
    decoded: usize,
    same: usize,
}

pub(crate) fn run(document: &Document) -> Result<Report, String> {
    let scratch = tool::scratch()?;
    let file = scratch.path().join("document.json");
    tool::write(&file, prepared(document).as_bytes())?;
    let prism = Prism::start(&file)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't start tokio: {error}"))?;
    let (tallies, problems) = runtime.block_on(call_all(document, &prism.url))?;
    let section = section(document, &tallies)?;
    Ok(Report { section, problems })
}

/// The document in a form for Prism. It does not know the format `uuid4` and treats unknown formats as any text. It
/// recognizes a list in a query only if the schema says so directly, not as a nullable schema. And it ignores a
/// response without a description.
fn prepared(document: &Document) -> String {
    let mut prepared = document.at("").clone();
    for item in prepared["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in item.as_object_mut().into_iter().flat_map(|item| item.values_mut()) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                without_null(&mut parameter["schema"]);
            }
            for response in operation["responses"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
                if let Some(response) = response.as_object_mut() {
                    response.entry("description").or_insert("".into());
                }
            }
        }
    }
    prepared.to_string().replace(r#""format":"uuid4""#, r#""format":"uuid""#)
}

fn without_null(schema: &mut Value) {
    let Some(members) = schema.get_mut("anyOf").and_then(Value::as_array_mut) else { return };
    members.retain(|member| member["type"] != "null");
    if let [only] = members.as_mut_slice() {
        *schema = only.take();
    }
}

async fn call_all(document: &Document, url: &str) -> Result<(Vec<Tally>, Vec<String>), String> {
    let witness = Witness::default();
    let polar = Polar::builder()
        .access_token("polar_oat_test")
        .without_token_check()
        // Some operations are for Polar's website only, which sends the session of the browser.
        .default_header("cookie", "polar_session=polar_us_test")
        .base_url(url)
        .retry_policy(RetryPolicy::never());
    let polar = polar.transport(witness.clone()).build().map_err(|error| error.to_string())?;
    let constants = document.optional_constants();
    let rules = Rules { nulls_merge: true, constants: &constants, ..Rules::default() };
    let (mut tallies, mut problems) = (Vec::new(), Vec::new());
    for operation in document.operations() {
        let mut tally = Tally::default();
        for (number, Variant { words, arguments }) in variants(document, &operation).into_iter().enumerate() {
            tally.calls += 1;
            let context = format!("{} ({words})", operation.id);
            let (outcome, seen) = match call(&polar, &witness, &operation, &arguments, number % 2 == 1).await {
                // Its random responses may fail its own validation; those from examples do not.
                (_, Some(seen)) if seen.own_answer_is_wrong() => {
                    call(&polar, &witness, &operation, &arguments, false).await
                }
                other => other,
            };
            let Some(seen) = seen else {
                problems.push(format!("{context}: nothing was sent: {}", told(&outcome)));
                continue;
            };
            if let Some(violations) = seen.violations {
                problems.push(format!("{context}: Prism refused it: {violations}"));
                continue;
            }
            tally.accepted += 1;
            match outcome {
                Ok(again) => {
                    tally.decoded += 1;
                    match lost(&operation, &seen.body, &again.value, rules) {
                        Some(lost) => problems.push(format!("{context}: the answer is lossy: {lost}")),
                        None => tally.same += 1,
                    }
                }
                Err(failure) => problems.push(format!("{context}: the answer is not decoded: {failure}")),
            }
        }
        tallies.push(tally);
    }
    Ok((tallies, problems))
}

async fn call(
    polar: &Polar,
    witness: &Witness,
    operation: &Operation<'_>,
    arguments: &Arguments,
    random: bool,
) -> (Outcome, Option<Seen>) {
    witness.expect(operation.success().0, random);
    let outcome = dispatch::call(polar, operation.id, arguments).await;
    (outcome, witness.take())
}

fn told(outcome: &Outcome) -> String {
    outcome.as_ref().map_or_else(ToString::to_string, |again| again.value.to_string())
}

fn lost(operation: &Operation<'_>, came: &[u8], went: &Value, rules: Rules<'_>) -> Option<String> {
    let came = match operation.success().1 {
        Some(("application/json", _)) => match serde_json::from_slice(came) {
            Ok(came) => came,
            Err(error) => return Some(format!("Prism did not answer JSON: {error}")),
        },
        Some(_) => Value::from(String::from_utf8_lossy(came)),
        None => Value::Null,
    };
    difference(&came, went, rules)
}

/// Prism, until it is dropped.
struct Prism {
    child: Child,
    url: String,
}

impl Prism {
    /// Starts it and waits until it listens.
    fn start(document: &Path) -> Result<Self, String> {
        let cannot = |error: std::io::Error| format!("can't start Prism: {error}");
        // The port is free a moment before Prism uses it.
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).map_err(cannot)?.port();
        let mut command = Command::new("node");
        command.arg(tool::home().join("node_modules/@stoplight/prism-cli/dist/index.js")).arg("mock").arg(document);
        command.args(["--errors", "--host", "127.0.0.1", "--seed", SEED, "--port", &port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(cannot)?;
        let mut prism = Self { child, url: format!("http://127.0.0.1:{port}") };
        let output = prism.child.stdout.take().ok_or("Prism has no output")?;
        let mut lines = BufReader::new(output).lines();
        let listening = lines.by_ref().map_while(Result::ok).any(|line| line.contains("is listening"));
        // It writes a line about each request, and blocks until that is read.
        std::thread::spawn(move || lines.for_each(drop));
        if listening { Ok(prism) } else { Err("Prism ended before it listened; run it by hand to see why".to_owned()) }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        // A process that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A transport that requests a kind of response from Prism, and records it.
#[derive(Clone, Default)]
struct Witness {
    client: reqwest::Client,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The requested status.
    status: u16,
    /// Whether the response is random, instead of built from examples and defaults.
    random: bool,
    seen: Option<Seen>,
}

struct Seen {
    /// Prism's errors about the request.
    violations: Option<String>,
    body: Bytes,
}

impl Seen {
    fn own_answer_is_wrong(&self) -> bool {
        let violations = self.violations.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let violations = violations.as_ref().and_then(Value::as_array);
        violations.is_some_and(|all| all.iter().all(|one| one["location"][0] == "response"))
    }
}

impl Witness {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(&self, status: u16, random: bool) {
        *self.state() = State { status, random, seen: None };
    }

    fn take(&self) -> Option<Seen> {
        self.state().seen.take()
    }
}

impl Transport for Witness {
    async fn send(&self, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let wanted = {
            let state = self.state();
            format!("code={}, dynamic={}", state.status, state.random)
        };
        let wanted = http::HeaderValue::try_from(wanted).map_err(TransportError::other)?;
        request.headers_mut().insert("prefer", wanted);
        let request = reqwest::Request::try_from(request).map_err(TransportError::other)?;
        let response = self.client.execute(request).await.map_err(TransportError::other)?;
        let mut answer = http::Response::new(());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        let body = response.bytes().await.map_err(TransportError::other)?;
        let violations = answer.headers().get("sl-violations").map(|value| String::from_utf8_lossy(value.as_bytes()));
        let violations = violations.map(|text| text.into_owned()).or_else(|| {
            let refused = || format!("{} {}", answer.status(), String::from_utf8_lossy(&body));
            (!answer.status().is_success()).then(refused)
        });
        self.state().seen = Some(Seen { violations, body: body.clone() });
        Ok(answer.map(|()| body))
    }
}

fn section(document: &Document, tallies: &[Tally]) -> Result<String, String> {
    let whole = |of: fn(&Tally) -> usize| tallies.iter().filter(|tally| of(tally) == tally.calls).count();
    let calls = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
    let row = |words: &str, of: fn(&Tally) -> usize| format!("| {words} | {} | {} |\n", whole(of), calls(of));
    let each = document.operations().zip(tallies).map(|(operation, Tally { calls, accepted, decoded, same })| {
        format!("| `{}` | {calls} | {accepted} | {decoded} | {same} |\n", operation.id)
    });
    let each: String = each.collect();
    Ok(format!(
        "Prism {} validates each request by the document and makes up the answer: out of examples and defaults, and at \
         random (seed {SEED}), by turns. Each operation is called with the least that it takes, with all that it takes, \
         with each member of the unions in its parameters and in its body, and with null wherever its body allows it.\n\n\
         | | operations | calls |\n|---|---|---|\n{}{}{}{}\n\
         <details><summary>Each operation</summary>\n\n\
         | operation | calls | accepted | decoded | the same |\n|---|---|---|---|---|\n{each}\n</details>\n",
        tool::npm_version("@stoplight/prism-cli")?,
        row("called", |tally| tally.calls),
        row("request accepted", |tally| tally.accepted),
        row("answer decoded", |tally| tally.decoded),
        row("answer came back the same", |tally| tally.same),
    ))
}
