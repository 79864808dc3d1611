//! The everyday calls of the official clients, which are installed by `cargo xtask verify official`.

use std::path::{Path, PathBuf};
use std::process::Output;

use polar_mock::MockPolar;
use serde_json::{Value, json};

/// A server with demo data and five orders.
async fn start() -> MockPolar {
    let mock = MockPolar::builder().demo_data().start().await.unwrap();
    let products = mock.call("products:list", &json!({"query": "Handbook"}));
    for number in 0..5 {
        let email = format!("c{number}@example.com");
        let body = json!({"products": [products["items"][0]["id"]], "customer_email": email});
        mock.pay(mock.call("checkouts:create", &body)["id"].as_str().unwrap());
    }
    mock
}

/// The output of a script; `None` if this machine lacks the client.
async fn told(program: PathBuf, script: &str, client: &str) -> Option<Value> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    if !home.join(client).exists() {
        println!("skipped: no {client} in tests/conformance: run `cargo xtask verify official`");
        return None;
    }
    let mock = start().await;
    let (url, token, script) = (mock.url().to_owned(), mock.access_token(), script.to_owned());
    let run = move || std::process::Command::new(program).arg(script).args([&*url, token]).current_dir(home).output();
    let output: Output = match tokio::task::spawn_blocking(run).await.unwrap() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: {client}: {error}");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The expected output of both clients.
fn expected() -> Value {
    json!({
        "products": ["Handbook", "Pro", "Starter"], "checkout": "open", "verified": ["checkout.created"],
        "ingested": [1, 1], "orders": [1900, 1900, 1900, 1900, 1900], "missing": "ResourceNotFound",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_makes_its_everyday_calls() {
    if let Some(told) = told("node".into(), "everyday.mjs", "node_modules/@polar-sh/sdk").await {
        assert_eq!(told, expected());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_makes_its_everyday_calls() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/.venv/bin/python");
    if let Some(told) = told(python, "everyday.py", ".venv/bin/python").await {
        assert_eq!(told, expected());
    }
}
