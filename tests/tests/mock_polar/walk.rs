//! Every supported operation, called once.

use std::collections::BTreeSet;

use polar_mock::MockPolar;
use serde_json::{Value, json};

use super::{Caller, paid, product};

fn none() -> Value {
    json!({})
}

#[tokio::test]
async fn every_operation_responds_as_documented() {
    let caller = Caller::start().await;
    let call = async |id: &str, parameters: Value, body: Value| caller.call(id, parameters, body).await;

    // Products.
    let filter = json!({"conjunction": "and", "clauses": [{"property": "name", "operator": "eq", "value": "job"}]});
    let aggregation = json!({"func": "sum", "property": "pages"});
    let meter =
        call("meters:create", none(), json!({"name": "Pages", "filter": filter, "aggregation": aggregation})).await;
    call("meters:update", json!({"id": meter["id"]}), json!({"name": "Pages printed"})).await;
    call("meters:get", json!({"id": meter["id"]}), Value::Null).await;
    assert_eq!(call("meters:list", none(), Value::Null).await["items"][0]["name"], "Pages printed");
    let mut benefits = Vec::new();
    for body in [
        json!({"type": "custom", "description": "Support", "properties": {"note": "call us"}}),
        json!({"type": "feature_flag", "description": "Beta", "properties": {}}),
        json!({
            "type": "meter_credit", "description": "Ten pages",
            "properties": {"units": 10, "rollover": true, "meter_id": meter["id"]},
        }),
    ] {
        benefits.push(call("benefits:create", none(), body).await["id"].clone());
    }
    call("benefits:update", json!({"id": benefits[0]}), json!({"type": "custom", "description": "Good support"})).await;
    call("benefits:get", json!({"id": benefits[0]}), Value::Null).await;
    assert_eq!(call("benefits:list", none(), Value::Null).await["pagination"]["total_count"], 3);
    let pro = product(&caller, Some("month"), 2900).await;
    call("products:update_benefits", json!({"id": pro}), json!({"benefits": benefits})).await;
    call("products:update", json!({"id": pro}), json!({"name": "Pro plan"})).await;
    let metered = json!({
        "name": "Metered", "recurring_interval": "month", "prices": [
            {"amount_type": "metered_unit", "meter_id": meter["id"], "unit_amount": "0.5"},
            {"amount_type": "fixed", "price_amount": 100},
        ],
    });
    call("products:create", none(), metered).await;
    let custom = json!({"name": "Tip", "prices": [{"amount_type": "custom", "minimum_amount": 100}]});
    let tip = call("products:create", none(), custom).await;
    call("products:delete", json!({"id": tip["id"]}), Value::Null).await;
    assert_eq!(call("products:list", json!({"query": "pro"}), Value::Null).await["items"][0]["id"], pro);
    assert_eq!(call("products:get", json!({"id": pro}), Value::Null).await["benefits"].as_array().unwrap().len(), 3);

    // A sale.
    let checkout = paid(&caller, &pro, "ada@example.com").await;
    assert_eq!(checkout["status"], "succeeded");
    let customer = json!({"id": checkout["customer_id"]});
    let external = json!({"external_id": "ada@example.com"});
    let open = call("checkouts:create", none(), json!({"products": [pro]})).await;
    call("checkouts:update", json!({"id": open["id"]}), json!({"customer_email": "bob@example.com"})).await;
    let secret = json!({"client_secret": open["client_secret"]});
    call("checkouts:client_update", secret.clone(), json!({"customer_name": "Bob"})).await;
    assert_eq!(call("checkouts:client_get", secret, Value::Null).await["customer_name"], "Bob");
    assert_eq!(call("checkouts:list", none(), Value::Null).await["pagination"]["total_count"], 2);

    // Customers.
    call("customers:get", customer.clone(), Value::Null).await;
    call("customers:get_external", external.clone(), Value::Null).await;
    call("customers:update", customer.clone(), json!({"name": "Ada L"})).await;
    assert_eq!(call("customers:update_external", external.clone(), json!({"locale": "de"})).await["name"], "Ada L");
    let state = call("customers:get_state", customer.clone(), Value::Null).await;
    assert_eq!(state["granted_benefits"].as_array().unwrap().len(), 3);
    assert_eq!(state["active_meters"][0]["balance"], 10);
    call("customers:get_state_external", external, Value::Null).await;
    call("benefits:grants", json!({"id": benefits[0]}), Value::Null).await;
    call("benefit-grants:list", json!({"customer_id": checkout["customer_id"]}), Value::Null).await;

    // Usage.
    let event =
        json!({"name": "job", "external_customer_id": "ada@example.com", "external_id": "1", "metadata": {"pages": 4}});
    let ingest = json!({"events": [event, event]});
    assert_eq!(call("events:ingest", none(), ingest).await, json!({"inserted": 1, "duplicates": 1}));
    let events = call("events:list", none(), Value::Null).await;
    call("events:get", json!({"id": events["items"][0]["id"]}), Value::Null).await;
    call("events:list_names", none(), Value::Null).await;
    let meters = call("customer_meters:list", none(), Value::Null).await;
    assert_eq!((&meters["items"][0]["consumed_units"], &meters["items"][0]["balance"]), (&json!(4), &json!(6)));
    call("customer_meters:get", json!({"id": meters["items"][0]["id"]}), Value::Null).await;
    let (day, now) = (chrono_text(&caller, -1), chrono_text(&caller, 1));
    let span = json!({"id": meter["id"], "start_timestamp": day, "end_timestamp": now, "interval": "day"});
    assert_eq!(call("meters:quantities", span, Value::Null).await["total"], 4);

    // Orders and refunds.
    let orders = call("orders:list", json!({"customer_id": checkout["customer_id"]}), Value::Null).await;
    let order = json!({"id": orders["items"][0]["id"]});
    call("orders:update", order.clone(), json!({"billing_name": "Ada Lovelace"})).await;
    call("orders:generate_invoice", order.clone(), Value::Null).await;
    call("orders:invoice", order.clone(), Value::Null).await;
    call("refunds:create", none(), json!({"order_id": order["id"], "reason": "customer_request", "amount": 900})).await;
    call("refunds:list", none(), Value::Null).await;
    let refunded = call("orders:get", order, Value::Null).await;
    assert_eq!((&refunded["status"], &refunded["refundable_amount"]), (&json!("partially_refunded"), &json!(2000)));

    // The customer portal.
    let session = call("customer-sessions:create", none(), json!({"customer_id": checkout["customer_id"]})).await;
    let token = session["token"].as_str().unwrap();
    let portal = async |id: &str, parameters: Value, body: Value| caller.call_as(token, id, parameters, body).await;
    portal("customer_portal:customer-session:introspect", none(), Value::Null).await;
    portal("customer_portal:customer-session:get_authenticated_user", none(), Value::Null).await;
    portal("customer_portal:customers:get", none(), Value::Null).await;
    portal("customer_portal:customers:update", none(), json!({"billing_name": "A. L."})).await;
    portal("customer_portal:customers:list_payment_methods", none(), Value::Null).await;
    let orders = portal("customer_portal:orders:list", none(), Value::Null).await;
    portal("customer_portal:orders:get", json!({"id": orders["items"][0]["id"]}), Value::Null).await;
    let grants = portal("customer_portal:benefit-grants:list", none(), Value::Null).await;
    assert_eq!(grants["pagination"]["total_count"], 2, "a private benefit is not shown");
    portal("customer_portal:customer_meters:list", none(), Value::Null).await;
    let subscriptions = portal("customer_portal:subscriptions:list", none(), Value::Null).await;
    let subscription = json!({"id": subscriptions["items"][0]["id"]});
    portal("customer_portal:subscriptions:get", subscription.clone(), Value::Null).await;
    portal("customer_portal:subscriptions:cancel", subscription.clone(), Value::Null).await;

    // Subscriptions.
    call("subscriptions:update", subscription.clone(), json!({"cancel_at_period_end": false})).await;
    call("subscriptions:get", subscription.clone(), Value::Null).await;
    assert_eq!(call("subscriptions:list", json!({"active": true}), Value::Null).await["pagination"]["total_count"], 1);
    assert_eq!(call("subscriptions:revoke", subscription, Value::Null).await["status"], "canceled");
    let free = product(&caller, Some("year"), 0).await;
    let bob = call("customers:create", none(), json!({"email": "bob@example.com", "external_id": "bob"})).await;
    call("subscriptions:create", none(), json!({"product_id": free, "external_customer_id": "bob"})).await;
    assert_eq!(
        call("customers:list", json!({"email": "bob@example.com"}), Value::Null).await["items"][0]["id"],
        bob["id"]
    );

    // Endpoints. Nothing listens on this one.
    let endpoint = json!({"url": "http://127.0.0.1:9/", "format": "raw", "events": ["order.paid"]});
    let endpoint = call("webhooks:create_webhook_endpoint", none(), endpoint).await;
    let id = json!({"id": endpoint["id"]});
    paid(&caller, &pro, "eve@example.com").await;
    caller.mock.webhooks_delivered().await;
    let deliveries = call("webhooks:list_webhook_deliveries", none(), Value::Null).await;
    assert_eq!(deliveries["pagination"]["total_count"], 10);
    let event = json!({"id": deliveries["items"][0]["webhook_event"]["id"]});
    call("webhooks:redeliver_webhook_event", event, Value::Null).await;
    call("webhooks:list_webhook_endpoints", none(), Value::Null).await;
    call("webhooks:get_webhook_endpoint", id.clone(), Value::Null).await;
    let reset = call("webhooks:reset_webhook_endpoint_secret", id.clone(), Value::Null).await;
    assert_ne!(reset["secret"], endpoint["secret"]);
    call("webhooks:update_webhook_endpoint", id.clone(), json!({"name": "Nobody"})).await;
    call("webhooks:delete_webhook_endpoint", id, Value::Null).await;

    // The organization, and deletions.
    let organization = json!({"id": caller.mock.organization_id()});
    call("organizations:list", none(), Value::Null).await;
    call("organizations:get", organization.clone(), Value::Null).await;
    call("organizations:update", organization, json!({"name": "Acme Inc"})).await;
    call("benefits:delete", json!({"id": benefits[0]}), Value::Null).await;
    call("customers:delete", customer, Value::Null).await;
    call("customers:delete_external", json!({"external_id": "bob"}), Value::Null).await;
    assert_eq!(call("customers:list", none(), Value::Null).await["pagination"]["total_count"], 1);

    let served: BTreeSet<String> = MockPolar::operations().map(str::to_owned).collect();
    assert_eq!(served.difference(&caller.seen.borrow()).collect::<Vec<_>>(), Vec::<&String>::new());
    for (name, schema) in caller.document.webhooks() {
        if let Some(data) = caller.mock.latest_event(name) {
            caller.check(name, &caller.document.resolve(schema)["properties"]["data"], &data);
        }
    }
}

/// A time so many days from that of the server.
fn chrono_text(caller: &Caller, days: i64) -> String {
    let day = polar_client::runtime::chrono::TimeDelta::days(days);
    (caller.mock.now() + day).to_rfc3339_opts(polar_client::runtime::chrono::SecondsFormat::Secs, true)
}

#[tokio::test]
async fn lists_are_paged_sorted_and_filtered() {
    let caller = Caller::start().await;
    for number in 0..12 {
        let body = json!({"email": format!("c{number:02}@example.com"), "metadata": {"even": number % 2 == 0}});
        caller.call("customers:create", json!({}), body).await;
    }
    let emails = async |parameters: Value| {
        let page = caller.call("customers:list", parameters, Value::Null).await;
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["email"].as_str().unwrap()[1..3].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(emails(json!({})).await, "11 10 09 08 07 06 05 04 03 02", "ten, the newest first");
    assert_eq!(emails(json!({"page": 2})).await, "01 00");
    assert_eq!(emails(json!({"sorting": "email", "limit": 3})).await, "00 01 02");
    assert_eq!(emails(json!({"sorting": "-email", "limit": 2, "page": 2})).await, "09 08");
    assert_eq!(emails(json!({"metadata[even]": "true", "limit": 2})).await, "10 08");
    let empty = caller.call("orders:list", json!({}), Value::Null).await;
    assert_eq!(empty, json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}}));
}

#[tokio::test]
async fn the_same_seed_and_clock_give_the_same_responses() {
    let now = "2026-10-01T12:00:00Z".parse().unwrap();
    let mut responses = Vec::new();
    for _ in 0..2 {
        let mock = MockPolar::builder().seed(7).clock(now).start().await.unwrap();
        let caller = Caller::with(mock);
        let pro = product(&caller, None, 500).await;
        responses.push(caller.call("products:get", json!({"id": pro}), Value::Null).await);
    }
    assert_eq!(responses[0], responses[1]);
    assert_eq!(responses[0]["created_at"], "2026-10-01T12:00:00.000000Z");
}

#[tokio::test]
async fn what_the_state_does_not_allow_is_refused_by_name() {
    let caller = Caller::start().await;
    let pro = product(&caller, Some("month"), 900).await;
    let checkout = paid(&caller, &pro, "ada@example.com").await;
    let order = caller.call("orders:list", json!({}), Value::Null).await["items"][0]["id"].clone();
    let path =
        |checkout: &Value| format!("/v1/checkouts/client/{}/confirm", checkout["client_secret"].as_str().unwrap());
    let refund = json!({"order_id": order, "reason": "other", "amount": 900});
    caller.call("refunds:create", json!({}), refund.clone()).await;
    let pro_path = format!("/v1/products/{}", pro.as_str().unwrap());
    let email = json!({"email": "ADA@example.com"});
    for (method, path, body, status, error) in [
        ("POST", path(&checkout), json!({}), 403, "NotOpenCheckout"),
        ("POST", "/v1/refunds/".to_owned(), refund, 403, "RefundedAlready"),
        ("DELETE", pro_path, Value::Null, 409, "ProductNotDeletable"),
        ("POST", "/v1/customers/".to_owned(), email, 422, "PolarRequestValidationError"),
        ("GET", "/v1/discounts/".to_owned(), Value::Null, 501, "NotImplemented"),
    ] {
        let body = Some(body).filter(|body| !body.is_null());
        let response = caller.send(method, &path, Some(caller.mock.access_token()), body.as_ref()).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(super::body(response).await["error"], error, "{path}");
    }
}
