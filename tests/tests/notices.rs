//! Warnings that a client logs once.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::Polar;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_testkit::sample::products;
use polar_testkit::spans::Collector;
use serde_json::json;

#[tokio::test]
async fn a_deprecation_and_a_wrong_token_are_told_once() {
    let collector = Collector::default();
    // It applies to the whole process, so this test has its own file: tracing caches whether an event is enabled.
    tracing::subscriber::set_global_default(collector.clone()).unwrap();
    let mock = MockTransport::new();
    let deprecation = ("deprecation".parse().unwrap(), "@1790812800".parse().unwrap());
    let page = Reply::json(200, &products(&[], 0, 0));
    mock.on("products:list", page.header(deprecation.0, deprecation.1));
    mock.on("products:get", Reply::json(401, &json!({"error": "invalid_token"})));
    let polar = Polar::builder().access_token("polar_oat_hidden").transport(mock).build().unwrap();
    for polar in [&polar, &polar.clone(), &polar.with_access_token("polar_oat_hidden_too")] {
        polar.products().list().await.unwrap();
        let error = polar.products().get(Uuid::nil()).await.unwrap_err().to_string();
        assert!(error.contains("tokens of production do not work in the sandbox"), "{error}");
    }
    let lines = collector.lines();
    let told = |text: &str| lines.iter().filter(|line| line.starts_with("event") && line.contains(text)).count();
    assert_eq!(told("marks this operation, or the version, as deprecated since 2026-10-01"), 1, "{lines:#?}");
    assert_eq!(told("the API rejected the access token"), 1, "{lines:#?}");
    assert!(!lines.join("\n").contains("hidden"));
}
