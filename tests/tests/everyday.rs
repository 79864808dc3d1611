//! The everyday calls beside the official clients: the same five programs in three languages do the same, and the Rust
//! ones need no more names of the client than the others.
//!
//! The programs are in `tests/conformance/everyday/`. Those of the official clients run if `cargo xtask verify official`
//! installed them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a failing test may panic, and programs print"
)]

#[path = "../conformance/everyday/rust/create_checkout.rs"]
mod create_checkout;
#[path = "../conformance/everyday/rust/ingest_events.rs"]
mod ingest_events;
#[path = "../conformance/everyday/rust/iterate_orders.rs"]
mod iterate_orders;
#[path = "../conformance/everyday/rust/list_products.rs"]
mod list_products;
#[path = "../conformance/everyday/rust/verify_webhook.rs"]
mod verify_webhook;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use polar_client::webhooks::WebhookSigner;
use polar_mock::MockPolar;
use regex::{Captures, Regex};
use serde_json::{Value, json};

const PROGRAMS: [&str; 5] = ["list_products", "create_checkout", "verify_webhook", "ingest_events", "iterate_orders"];

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

// Each program as a process of its own, which is this test binary.

#[test]
#[ignore = "run by another test, with an environment of its own"]
fn run_list_products() {
    end(list_products::main());
}

#[test]
#[ignore = "run by another test, with an environment of its own"]
fn run_create_checkout() {
    end(create_checkout::main());
}

#[test]
#[ignore = "run by another test, with an environment of its own"]
fn run_verify_webhook() {
    end(verify_webhook::main());
}

#[test]
#[ignore = "run by another test, with an environment of its own"]
fn run_ingest_events() {
    end(ingest_events::main());
}

#[test]
#[ignore = "run by another test, with an environment of its own"]
fn run_iterate_orders() {
    end(iterate_orders::main());
}

/// Ends the process as it ends after `main`: with the error as it is debugged.
fn end(result: Result<(), Box<dyn Error>>) {
    if let Err(error) = result {
        eprintln!("Error: {error:?}");
        std::process::exit(1);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Language {
    Rust,
    TypeScript,
    Python,
}

impl Language {
    const ALL: [Self; 3] = [Self::Rust, Self::TypeScript, Self::Python];

    fn file(self, program: &str) -> PathBuf {
        let name = match self {
            Self::Rust => format!("rust/{program}.rs"),
            Self::TypeScript => format!("typescript/{program}.mjs"),
            Self::Python => format!("python/{program}.py"),
        };
        folder().join("everyday").join(name)
    }

    /// What starts a program; `None` if this machine lacks the client.
    fn command(self, program: &str) -> Option<Command> {
        let (client, interpreter) = match self {
            Self::Rust => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["--ignored", "--exact", "--nocapture", "--quiet", &format!("run_{program}")]);
                return Some(command);
            }
            Self::TypeScript => ("node_modules/@polar-sh/sdk", PathBuf::from("node")),
            Self::Python => (".venv/bin/python", folder().join(".venv/bin/python")),
        };
        if !folder().join(client).exists() {
            println!("skipped: no {client} in tests/conformance: run `cargo xtask verify official`");
            return None;
        }
        let mut command = Command::new(interpreter);
        command.arg(self.file(program));
        Some(command)
    }
}

/// What a program says, what it complains about, and whether it succeeded; `None` if this machine lacks the client.
fn run(
    language: Language,
    program: &str,
    variables: &[(&str, &str)],
    input: &str,
) -> Option<(Vec<String>, String, bool)> {
    let mut command = language.command(program)?;
    command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("skipped: {language:?}: {error}");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // The test binary also says how many tests it ran.
    let is_own = |line: &&str| !["", "."].contains(line) && !line.starts_with("running ") && !line.starts_with("test ");
    let lines = text.lines().map(str::trim_end).filter(is_own).map(str::to_owned).collect();
    Some((lines, String::from_utf8(output.stderr).unwrap(), output.status.success()))
}

/// A server with demo data and five orders.
async fn start() -> MockPolar {
    let mock = MockPolar::builder().demo_data().start().await.unwrap();
    let product = handbook(&mock);
    for number in 0..5 {
        let email = format!("c{number}@example.com");
        let body = json!({"products": [product], "customer_email": email});
        mock.pay(mock.call("checkouts:create", &body)["id"].as_str().unwrap());
    }
    mock
}

fn handbook(mock: &MockPolar) -> String {
    mock.call("products:list", &json!({"query": "Handbook"}))["items"][0]["id"].as_str().unwrap().to_owned()
}

/// Runs a program in each language and compares what it says. One that says nothing has to fail with a complaint.
async fn all_say(program: &'static str, variables: &[(&str, &str)], input: &str, expected: &[&str]) {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for language in Language::ALL {
        let (variables, input) = (variables.clone(), input.to_owned());
        let run = move || {
            let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            run(language, program, &variables, &input)
        };
        let Some((lines, complaints, success)) = tokio::task::spawn_blocking(run).await.unwrap() else { continue };
        assert_eq!(lines, expected, "{language:?}: {complaints}");
        assert_eq!(success, !expected.is_empty(), "{language:?}: {complaints}");
        assert_eq!(success, complaints.is_empty(), "{language:?}: {complaints}");
    }
}

/// The environment of a program that calls the server.
fn environment(mock: &MockPolar) -> [(&str, &str); 2] {
    [("POLAR_BASE_URL", mock.url()), ("POLAR_ACCESS_TOKEN", mock.access_token())]
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_listed() {
    let mock = start().await;
    all_say("list_products", &environment(&mock), "", &["Handbook", "Pro", "Starter"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_program_with_a_message() {
    let mock = start().await;
    for program in ["list_products", "ingest_events", "iterate_orders"] {
        let variables = [("POLAR_BASE_URL", mock.url()), ("POLAR_ACCESS_TOKEN", "polar_oat_of_nobody")];
        all_say(program, &variables, "", &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_is_created() {
    let mock = start().await;
    let product = handbook(&mock);
    let [url, token] = environment(&mock);
    all_say("create_checkout", &[url, token, ("PRODUCT_ID", &product)], "", &["open"]).await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let refused = ["this product is not for sale"];
    all_say("create_checkout", &[url, token, ("PRODUCT_ID", unknown)], "", &refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_ingested_once() {
    let mock = start().await;
    let variables = environment(&mock).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let run_all = move || {
        let variables = variables.each_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        Language::ALL.map(|language| run(language, "ingest_events", &variables, ""))
    };
    let results = tokio::task::spawn_blocking(run_all).await.unwrap();
    for (index, (lines, complaints, success)) in results.into_iter().flatten().enumerate() {
        let expected = if index == 0 { "2 new, 0 known" } else { "0 new, 2 known" };
        assert!(success && lines == [expected], "{lines:?} {complaints}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_iterated_page_after_page() {
    let mock = start().await;
    all_say("iterate_orders", &environment(&mock), "", &["1900"; 5]).await;
}

/// Headers and body of a delivery.
fn delivery(secret: &str, event: &Value) -> String {
    let body = event.to_string();
    let headers = WebhookSigner::new(secret).unwrap().sign("msg_1", SystemTime::now(), body.as_bytes()).unwrap();
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    json!([headers, body]).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_verified_and_its_event_matched() {
    let mock = start().await;
    let orders = mock.call("orders:list", &json!({}));
    let event = |name: &str| {
        json!({
            "type": name, "timestamp": "2026-11-25T12:00:00Z", "api_version": "2026-10", "data": orders["items"][0],
        })
    };
    let variables = [("POLAR_WEBHOOK_SECRET", SECRET)];
    for (name, said) in [
        ("order.paid", "paid: 1900"),
        ("order.created", "ignored: order.created"),
        ("order.dreamt", "ignored: order.dreamt"),
    ] {
        all_say("verify_webhook", &variables, &delivery(SECRET, &event(name)), &[said]).await;
    }
    let forged = delivery("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &event("order.paid"));
    all_say("verify_webhook", &variables, &forged, &[]).await;
}

// What a reader must know.

/// Names of the languages, of their standard libraries and of what the programs use beside the client.
const FOREIGN: &[&str] = &[
    // Rust; `new` is the language's word for a constructor, as it is a keyword elsewhere.
    "Error",
    "HashMap",
    "args",
    "await",
    "env",
    "error",
    "from_reader",
    "into",
    "io",
    "main",
    "map",
    "new",
    "parse",
    "process",
    "std",
    "stdin",
    "tokio",
    "unwrap_or",
    "var",
    // What the programs call their variables in the environment.
    "POLAR_ACCESS_TOKEN",
    "POLAR_BASE_URL",
    "POLAR_WEBHOOK_SECRET",
    "PRODUCT_ID",
    // TypeScript.
    "console",
    "exit",
    "exitCode",
    "log",
    "message",
    // Python.
    "environ",
    "load",
];

/// Modules, which are part of paths and of imports.
const MODULES: &[&str] = &["collections", "errors", "models", "v2026_10", "webhooks"];

/// The names of the client in a program: what is imported from it, what follows a dot or `::`, and the keys of literals
/// and of keyword arguments. Names of the language and of modules do not count, and neither does a text.
fn names(language: Language, program: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(language.file(program)).unwrap();
    let remove = |text: &str, pattern: &str, by: &str| Regex::new(pattern).unwrap().replace_all(text, by).into_owned();
    let mut found = BTreeSet::new();
    let mut find = |text: &str, pattern: &str| {
        found.extend(Regex::new(pattern).unwrap().captures_iter(text).map(|captures| captures[1].to_owned()));
    };
    let source = match language {
        Language::Rust | Language::TypeScript => remove(&source, r"(?m)//.*$", ""),
        Language::Python => remove(&source, r#""""[^"]*""""#, ""),
    };
    // Of a text with expressions in it, these are left.
    let source = match language {
        Language::Rust => source,
        Language::TypeScript => inner(&source, r"`([^`]*)`", r"\$\{([^}]*)\}"),
        Language::Python => inner(&source, r#"f"([^"]*)""#, r"\{([^}]*)\}"),
    };
    let imported = match language {
        Language::Rust => r"use polar_client([^;]*);",
        Language::TypeScript => r#"import \{([^}]*)\} from "@polar-sh"#,
        Language::Python => r"from polar\S* import (\([^)]*\)|.*)",
    };
    for captures in Regex::new(imported).unwrap().captures_iter(&source) {
        find(&captures[1], r"\b([A-Za-z]\w*)");
    }
    if language == Language::Python {
        find(&source, r#""(\w+)": "#);
    }
    let code = remove(&source, r#""[^"]*""#, "");
    find(&code, r"(?:\.|::)([A-Za-z]\w*)");
    match language {
        Language::Rust => {}
        Language::TypeScript => find(&code, r"\b(\w+): "),
        Language::Python => find(&code, r"\b(\w+)=[^=]"),
    }
    found.retain(|name| !FOREIGN.contains(&name.as_str()) && !MODULES.contains(&name.as_str()));
    found
}

/// Replaces each text by the expressions in it.
fn inner(source: &str, text: &str, expression: &str) -> String {
    let expression = Regex::new(expression).unwrap();
    let expressions = |captures: &Captures<'_>| {
        let all = expression.captures_iter(&captures[1]).map(|captures| format!("({})", &captures[1]));
        all.collect::<String>()
    };
    Regex::new(text).unwrap().replace_all(source, expressions).into_owned()
}

/// Lines of a program that are neither empty nor a comment.
fn lines(language: Language, program: &str) -> usize {
    let source = fs::read_to_string(language.file(program)).unwrap();
    let is_code =
        |line: &&str| !(line.is_empty() || ["//", "#!", "\"\"\""].iter().any(|start| line.starts_with(start)));
    source.lines().map(str::trim).filter(is_code).count()
}

#[test]
fn rust_needs_no_more_names_than_the_official_clients() {
    let mut table = "| program | TypeScript | Python | ours |\n|---|---|---|---|\n".to_owned();
    for program in PROGRAMS {
        let [ours, typescript, python] = Language::ALL.map(|language| names(language, program));
        assert!(ours.len() <= typescript.len(), "{program}: {ours:?}, {typescript:?}");
        assert!(ours.len() <= python.len(), "{program}: {ours:?}, {python:?}");
        let shown = |names: &BTreeSet<String>| {
            let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("{}: {}", names.len(), listed.join(" "))
        };
        let columns = [&typescript, &python, &ours].map(shown).join(" | ");
        table.push_str(&format!("| [`{program}`](../tests/conformance/everyday) | {columns} |\n"));
    }
    let [ours, typescript, python] =
        Language::ALL.map(|language| PROGRAMS.iter().map(|program| lines(language, program)).sum::<usize>());
    table.push_str(&format!("| lines of all five, without comments | {typescript} | {python} | {ours} |\n"));
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/comparison.md")).unwrap();
    assert!(page.contains(&table), "put this table into docs/comparison.md:\n\n{table}");
}
