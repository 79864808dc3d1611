//! Spans: one for a call and one for each attempt, with OpenTelemetry's names, and without secrets.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use polar_client::Polar;
use polar_client::models::{Reason, RefundCreate};
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_testkit::spans::Collector;
use serde_json::json;

#[tokio::test]
async fn spans_name_calls_and_attempts_and_no_secret() {
    let collector = Collector::default();
    // It applies to the whole process, so this test has its own file: tracing caches whether a span is enabled.
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
    let spans: Vec<&str> = lines.iter().filter(|line| line.starts_with("polar.")).map(|line| line.as_str()).collect();
    let of = |span: &str, kind: &str, operation: &str, request: &str, resend: &str| {
        let (method, template) = request.split_once(' ').unwrap();
        let operation = if operation.is_empty() { String::new() } else { format!(" operation=\"{operation}\"") };
        format!(
            "{span} otel.name=\"{request}\" otel.kind=\"{kind}\"{operation} http.request.method=\"{method}\" \
             url.template=\"{template}\" server.address=\"api.polar.sh\" server.port=443{resend}"
        )
    };
    let call = |operation: &str, request: &str| of("polar.call", "internal", operation, request, "");
    let attempt = |request: &str, resend: &str| of("polar.attempt in polar.call", "client", "", request, resend);
    let [checkout, customers, refund] =
        ["GET /v1/checkouts/client/{client_secret}", "GET /v1/customers/", "POST /v1/refunds/"];
    assert_eq!(
        spans,
        [
            call("checkouts:client_get", checkout),
            attempt(checkout, ""),
            attempt(checkout, " http.request.resend_count=1"),
            call("customers:list", customers),
            attempt(customers, ""),
            call("refunds:create", refund),
            attempt(refund, ""),
        ]
    );
    let records: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("record ")).collect();
    let ends = records.iter().filter(|line| !line.contains("elapsed_ms") && !line.contains("attempts"));
    assert_eq!(
        ends.copied().collect::<Vec<_>>(),
        [
            "polar.attempt http.response.status_code=503",
            "polar.attempt error.type=\"503\"",
            "polar.attempt otel.status_code=\"ERROR\"",
            "polar.attempt http.response.status_code=403",
            "polar.attempt error.type=\"403\"",
            "polar.attempt otel.status_code=\"ERROR\"",
            "polar.call http.response.status_code=403",
            "polar.call error.type=\"403\"",
            "polar.call otel.status_code=\"ERROR\"",
            "polar.attempt http.response.status_code=200",
            "polar.call http.response.status_code=200",
            "polar.attempt error.type=\"connection_lost\"",
            "polar.attempt otel.status_code=\"ERROR\"",
            "polar.call error.type=\"connection_lost\"",
            "polar.call otel.status_code=\"ERROR\"",
        ]
    );
    for told in ["polar.call attempts=1", "polar.call attempts=2", "polar.call elapsed_ms="] {
        assert!(records.iter().any(|line| line.starts_with(told)), "{told}: {all}");
    }
    for told in
        ["event message=refused attempt=1", "event message=answered attempt=1", "event message=no answer attempt=1"]
    {
        assert!(lines.iter().any(|line| line.starts_with(told)), "{told}: {all}");
    }
}
