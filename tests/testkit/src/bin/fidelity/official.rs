//! The same calls by the official clients and by ours, with a server that records requests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use polar_client::{Polar, RetryPolicy};
use polar_codegen::document::read;
use polar_testkit::arguments::{Variant, variants};
use polar_testkit::dispatch;
use polar_testkit::document::Document;
use polar_testkit::equal::{Rules, difference};
use polar_testkit::server::{Asked, Server, Told};
use polar_testkit::wire::pairs;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Report;
use crate::tool;

/// The accepted differences, with reasons.
const DIFFERENCES: &str = "differences.yaml";

/// Headers with a meaning for the server.
const HEADERS: [&str; 5] = ["authorization", "accept", "content-type", "polar-version", "polar-organization"];

/// An official client.
struct Client {
    name: &'static str,
    package: &'static str,
    program: PathBuf,
    script: &'static str,
    version: String,
}

/// A call as all clients make it.
struct Planned {
    operation: String,
    /// The default of a query parameter in the document.
    defaults: BTreeMap<String, Vec<String>>,
    words: String,
    json: Value,
    arguments: dispatch::Arguments,
}

/// A difference between a client and ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    client: &'static str,
    what: String,
    operation: String,
}

/// A difference that is explained.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    client: String,
    what: String,
    operations: Operations,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Operations {
    These(Vec<String>),
    Many(String),
}

impl Listed {
    fn explains(&self, difference: &Difference) -> bool {
        let operation = match &self.operations {
            Operations::These(ids) => ids.contains(&difference.operation),
            Operations::Many(word) => word == "some",
        };
        operation && self.what == difference.what && (self.client == "both" || self.client == difference.client)
    }
}

/// The results of the calls of one client.
#[derive(Default)]
struct Tally {
    calls: usize,
    shared: BTreeSet<String>,
    lacking: BTreeSet<String>,
}

pub(crate) fn run(document: &Document) -> Result<Report, String> {
    let python = tool::home().join(".venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let clients = [
        Client {
            name: "typescript",
            package: "@polar-sh/sdk",
            version: tool::npm_version("@polar-sh/sdk")?,
            program: "node".into(),
            script: "official.mjs",
        },
        Client {
            name: "python",
            package: "polar-sdk",
            version: tool::pip_version("polar-sdk")?,
            program: python,
            script: "official.py",
        },
    ];
    let scratch = tool::scratch()?;
    let plan = plan(document);
    let file = scratch.path().join("plan.json");
    let calls: Vec<&Value> = plan.iter().map(|planned| &planned.json).collect();
    tool::write(&file, json!(calls).to_string().as_bytes())?;

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't start tokio: {error}"))?;
    let start = Server::start(|_| Told::empty(404));
    let server = runtime.block_on(start).map_err(|error| format!("can't listen: {error}"))?;
    let ours = runtime.block_on(our_calls(&server, &plan))?;

    let mut found = BTreeMap::new();
    let mut tallies = Vec::new();
    for client in &clients {
        let tally = compare(document, client, &plan, &file, &server, &ours, &mut found)?;
        tallies.push(tally);
    }
    let listed = listed()?;
    let unexplained = found.iter().filter(|(difference, _)| !listed.iter().any(|entry| entry.explains(difference)));
    let unexplained = unexplained
        .map(|(Difference { client, what, operation }, example)| format!("{client}, {operation}: {what}: {example}"));
    let mut problems: Vec<String> = unexplained.collect();
    for entry in &listed {
        let concerned = clients.iter().map(|client| client.name);
        for client in concerned.filter(|name| entry.client == "both" || entry.client == *name) {
            let hits: BTreeSet<&str> =
                found.keys().filter(|d| d.client == client && entry.explains(d)).map(|d| &*d.operation).collect();
            let gone: Vec<&str> = match &entry.operations {
                Operations::These(ids) => ids.iter().map(String::as_str).filter(|id| !hits.contains(id)).collect(),
                Operations::Many(_) if hits.is_empty() => vec!["any operation"],
                Operations::Many(_) => Vec::new(),
            };
            problems.extend(
                gone.iter()
                    .map(|id| format!("{DIFFERENCES}: {client}, {id}: {} no longer differs; take it out", entry.what)),
            );
        }
    }
    Ok(Report { section: section(&clients, &tallies, &listed, &found), problems })
}

fn plan(document: &Document) -> Vec<Planned> {
    let mut plan = Vec::new();
    for operation in document.operations() {
        let defaults = operation.parameters("query").into_iter();
        let defaults = defaults.filter_map(|(name, schema, _)| Some((name.to_owned(), texts(schema.get("default")?))));
        let defaults: BTreeMap<String, Vec<String>> = defaults.collect();
        for Variant { words, arguments } in variants(document, &operation) {
            let json = json!({
                "method": operation.method,
                "path": operation.path,
                "parameters": arguments.path,
                "query": arguments.query,
                "body": arguments.body,
            });
            let (operation, defaults) = (operation.id.to_owned(), defaults.clone());
            plan.push(Planned { operation, defaults, words, json, arguments });
        }
    }
    plan
}

/// A value as a query repeats it.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// The received requests, by the number of the call.
type Received = BTreeMap<usize, Asked>;

fn received(server: &Server) -> Received {
    let numbered = server.asked().into_iter().filter_map(|mut asked| {
        let (number, path) = asked.path.strip_prefix('/')?.split_once('/')?;
        let number = number.parse().ok()?;
        asked.path = format!("/{path}");
        Some((number, asked))
    });
    numbered.collect()
}

async fn our_calls(server: &Server, plan: &[Planned]) -> Result<Received, String> {
    for (number, planned) in plan.iter().enumerate() {
        let polar =
            Polar::builder().access_token("polar_oat_test").without_token_check().retry_policy(RetryPolicy::never());
        let polar = polar.base_url(format!("{}/{number}", server.url)).build().map_err(|error| error.to_string())?;
        // Every response is an error; only the request matters.
        if let Err(dispatch::Failure::Test(message)) =
            dispatch::call(&polar, &planned.operation, &planned.arguments).await
        {
            return Err(format!("{} ({}): {message}", planned.operation, planned.words));
        }
    }
    let received = received(server);
    if received.len() == plan.len() { Ok(received) } else { Err("not every call of ours was sent".to_owned()) }
}

fn compare(
    document: &Document,
    client: &Client,
    plan: &[Planned],
    file: &Path,
    server: &Server,
    ours: &Received,
    found: &mut BTreeMap<Difference, String>,
) -> Result<Tally, String> {
    let file = file.to_str().ok_or("the temporary directory has no name in Unicode")?;
    let output = tool::run(&client.program, &[client.script, file, &server.url])?;
    let output = String::from_utf8(output).map_err(|error| format!("{}: {error}", client.script))?;
    let results: Result<Vec<Value>, _> = output.lines().map(serde_json::from_str).collect();
    let results = results.map_err(|error| format!("{}: {error}", client.script))?;
    if results.len() != plan.len() {
        return Err(format!("{} made {} of {} calls", client.script, results.len(), plan.len()));
    }
    let theirs = received(server);
    let constants = document.optional_constants();
    let mut tally = Tally::default();
    for (number, (planned, result)) in plan.iter().zip(&results).enumerate() {
        if result["shared"] != true {
            tally.lacking.insert(planned.operation.clone());
            continue;
        }
        tally.shared.insert(planned.operation.clone());
        let (Some(our), Some(their)) = (ours.get(&number), theirs.get(&number)) else {
            let difference = Difference {
                client: client.name,
                what: "nothing sent".to_owned(),
                operation: planned.operation.clone(),
            };
            found.entry(difference).or_insert_with(|| format!("{} ({})", result["error"], planned.words));
            continue;
        };
        tally.calls += 1;
        for (what, example) in differences(our, their, &planned.defaults, &constants) {
            let difference = Difference { client: client.name, what, operation: planned.operation.clone() };
            found.entry(difference).or_insert(format!("{example} ({})", planned.words));
        }
    }
    Ok(tally)
}

/// Differences between two requests, with both sides.
fn differences(
    ours: &Asked,
    theirs: &Asked,
    defaults: &BTreeMap<String, Vec<String>>,
    constants: &[(&str, &Value)],
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut see = |what: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            found.push((what.to_owned(), format!("ours {ours:?}, theirs {theirs:?}")));
        }
    };
    see("method", &ours.method, &theirs.method);
    let segments = |path: &str| path.split('/').map(percent_decoded).collect::<Vec<_>>();
    if segments(&ours.path) != segments(&theirs.path) {
        see("path", &ours.path, &theirs.path);
    }
    let (our_query, their_query) = (by_name(&ours.query), by_name(&theirs.query));
    let names: BTreeSet<&String> = our_query.keys().chain(their_query.keys()).collect();
    for name in names {
        let (ours, theirs) = (our_query.get(name), their_query.get(name));
        let default = ours.is_none() && theirs == defaults.get(name);
        let shown = |values: Option<&Vec<String>>| values.map(|values| values.join("&")).unwrap_or_default();
        let what = if default { "query default".to_owned() } else { format!("query {name}") };
        see(&what, &shown(ours), &shown(theirs));
    }
    for name in HEADERS {
        let text = |asked: &Asked| {
            asked
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default()
        };
        see(&format!("header {name}"), &text(ours), &text(theirs));
    }
    let body = |constants| body_difference(&ours.body, &theirs.body, Rules { constants, ..Rules::default() });
    if let Some(difference) = body(constants) {
        found.push(("body".to_owned(), difference));
    } else if let Some(difference) = body(&[]) {
        found.push(("body constant".to_owned(), difference));
    }
    found
}

fn percent_decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Values of a query by name: the order of names does not matter, that of values does.
fn by_name(query: &str) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs(query) {
        names.entry(name).or_default().push(value);
    }
    names
}

fn body_difference(ours: &[u8], theirs: &[u8], rules: Rules<'_>) -> Option<String> {
    let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    match (json(ours), json(theirs)) {
        (Some(ours), Some(theirs)) => difference(&theirs, &ours, rules),
        _ if ours == theirs => None,
        _ => Some(format!("ours {:?}, theirs {:?}", String::from_utf8_lossy(ours), String::from_utf8_lossy(theirs))),
    }
}

fn listed() -> Result<Vec<Listed>, String> {
    let value =
        read::read(DIFFERENCES, &tool::read(&tool::home().join(DIFFERENCES))?).map_err(|error| error.to_string())?;
    serde_json::from_value(value["differences"].clone()).map_err(|error| format!("{DIFFERENCES}: {error}"))
}

fn section(clients: &[Client], tallies: &[Tally], listed: &[Listed], found: &BTreeMap<Difference, String>) -> String {
    let mut text = "The same calls through the official clients and through ours, against a server that writes down method, \
                    path, query, headers and body.\n\n| client | operations shared | not shared | calls compared |\n|---|---|---|---|\n"
        .to_owned();
    for (client, tally) in clients.iter().zip(tallies) {
        let Client { name: _, package, version, .. } = client;
        let (shared, lacking) = (tally.shared.len(), tally.lacking.len());
        text.push_str(&format!("| `{package}` {version} | {shared} | {lacking} | {} |\n", tally.calls));
    }
    for (client, tally) in clients.iter().zip(tallies).filter(|(_, tally)| !tally.lacking.is_empty()) {
        let ids: Vec<String> = tally.lacking.iter().map(|id| format!("`{id}`")).collect();
        text.push_str(&format!("\nNot shared with `{}`: {}.\n", client.package, ids.join(", ")));
    }
    text.push_str("\n| what differs | client | operations | why ours is right |\n|---|---|---|---|\n");
    for entry in listed {
        let operations: BTreeSet<&str> =
            found.keys().filter(|found| entry.explains(found)).map(|found| found.operation.as_str()).collect();
        let shown = match &entry.operations {
            Operations::These(ids) if ids.len() <= 4 => {
                ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
            }
            _ => operations.len().to_string(),
        };
        let Listed { client, what, reason, .. } = entry;
        text.push_str(&format!("| {what} | {client} | {shown} | {} |\n", reason.trim().replace('\n', " ")));
    }
    let unexplained = found.keys().filter(|found| !listed.iter().any(|entry| entry.explains(found))).count();
    text.push_str(&format!("\nUnexplained differences: {unexplained}.\n"));
    text
}
