//! A span around each call, and what is not in it.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::Polar;
use polar_client::models::{Reason, RefundCreate};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_testkit::spans::Collector;
use serde_json::json;

#[tokio::test]
async fn a_span_names_the_operation_and_tells_no_secret() {
    let collector = Collector::default();
    // For all of the process, which is why this test has a file of its own: whether a span is wanted is remembered.
    tracing::subscriber::set_global_default(collector.clone()).unwrap();
    let mock = MockTransport::new();
    mock.on("checkouts:client_get", Reply::empty(503));
    mock.on("checkouts:client_get", Reply::json(403, &json!({"error": "NotPermitted", "detail": "hidden"})));
    mock.on("customers:list", Reply::json(200, &json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}})));
    mock.on("refunds:create", Reply::reset());
    let polar = Polar::builder().access_token("polar_oat_hidden").transport(mock.clone()).build().unwrap();

    let refund = RefundCreate::new(Uuid::nil(), Reason::Other, 100);
    let checkout = polar.checkouts().client_get("polar_c_hidden").access_token("polar_cst_hidden");
    checkout.header("x-key", "hidden").await.unwrap_err();
    polar.customers().list().query("hidden").email("hidden@example.com").await.unwrap();
    polar.refunds().create(refund.comment("hidden")).await.unwrap_err();

    let lines = collector.lines();
    let all = lines.join("\n");
    assert!(!all.contains("hidden"), "{all}");
    let spans: Vec<&String> = lines.iter().filter(|line| line.starts_with("polar.call")).collect();
    assert_eq!(
        spans,
        [
            "polar.call operation=\"checkouts:client_get\" http.request.method=GET \
             url.template=\"/v1/checkouts/client/{client_secret}\"",
            "polar.call operation=\"customers:list\" http.request.method=GET url.template=\"/v1/customers/\"",
            "polar.call operation=\"refunds:create\" http.request.method=POST url.template=\"/v1/refunds/\"",
        ]
    );
    for told in [
        "record attempts=1",
        "record http.response.status_code=503",
        "record attempts=2",
        "record http.response.status_code=403",
        "record http.response.status_code=200",
        "record elapsed_ms=",
        "event message=refused attempt=1",
        "event message=answered attempt=1",
        "event message=no answer attempt=1",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(told)), "{told}: {all}");
    }
}
