//! `polar-mock`: the responses of its server are checked against the document and the recordings of the real server,
//! and its webhooks by a receiver.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test may panic, and one without data says so"
)]

mod client;
mod faults;
mod official;
mod recordings;
mod time;
mod walk;
mod webhooks;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use polar_mock::MockPolar;
use polar_testkit::document::Document;
use polar_testkit::policy;
use polar_testkit::unions::Unions;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

/// A caller that checks every response against the document.
struct Caller {
    mock: MockPolar,
    http: Client,
    document: &'static Document,
    seen: RefCell<BTreeSet<String>>,
}

impl Caller {
    async fn start() -> Self {
        Self::with(MockPolar::start().await.unwrap())
    }

    fn with(mock: MockPolar) -> Self {
        // Parsing it takes longer than a test.
        static DOCUMENT: OnceLock<Document> = OnceLock::new();
        let document = DOCUMENT.get_or_init(|| Document::load().unwrap());
        Self { mock, http: Client::new(), document, seen: RefCell::default() }
    }

    /// Sends a request. `target` is path and query.
    async fn send(&self, method: &str, target: &str, token: Option<&str>, body: Option<&Value>) -> Response {
        let url = format!("{}{target}", self.mock.url());
        let request = self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None if method == "GET" || method == "DELETE" => request,
            None => request.header("content-length", "0"),
        }
        .send()
        .await
        .unwrap()
    }

    /// Calls an operation for the organization. Path parameters are taken from `parameters`, the others are the query.
    async fn call(&self, id: &str, parameters: Value, body: Value) -> Value {
        self.call_as(self.mock.access_token(), id, parameters, body).await
    }

    async fn call_as(&self, token: &str, id: &str, parameters: Value, body: Value) -> Value {
        let operation = self.document.operations().find(|operation| operation.id == id).unwrap();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut path = operation.path.to_owned();
        for (name, value) in parameters.as_object().into_iter().flatten() {
            let slot = format!("{{{name}}}");
            if path.contains(&slot) {
                path = path.replace(&slot, &text(value));
            } else {
                query.append_pair(name, &text(value));
            }
        }
        let target = format!("{path}?{}", query.finish());
        let body = Some(body).filter(|body| !body.is_null());
        let response = self.send(operation.method, &target, Some(token), body.as_ref()).await;
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let schema = operation.successes().iter().find(|(listed, _)| *listed == status).map(|(_, body)| *body);
        let Some(schema) = schema else { panic!("{id} is answered with {status}: {text}") };
        self.seen.borrow_mut().insert(id.to_owned());
        let Some((_, schema)) = schema else {
            assert_eq!(text, "", "{id} has a body");
            return Value::Null;
        };
        let value: Value = serde_json::from_str(&text).unwrap();
        self.check(id, schema, &value);
        value
    }

    /// Fails if a value does not match a schema, or has a property that the document does not list.
    fn check<'a>(&'a self, what: &str, schema: &'a Value, value: &Value) {
        let unions = Unions::new(self.document);
        let reading = policy::read(&unions, schema, value);
        let reading = reading.unwrap_or_else(|refusal| panic!("{what}: {refusal:?} in {value}"));
        assert_eq!(reading.unknown, Vec::<String>::new(), "{what}: {value}");
    }
}

/// The body of a response; null if it is not JSON.
async fn body(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default()
}

/// A response of each operation in the recordings that has content.
async fn responses(caller: &Caller) -> Vec<(&'static str, Value)> {
    let none = || json!({});
    let pro = product(caller, Some("month"), 900).await;
    let support = json!({"type": "custom", "description": "Support", "properties": {"note": null}});
    let benefit = caller.call("benefits:create", none(), support).await;
    caller.call("products:update_benefits", json!({"id": pro}), json!({"benefits": [benefit["id"]]})).await;
    let checkout = paid(caller, &pro, "ada@example.com").await;
    let customer = json!({"id": checkout["customer_id"]});
    let event = json!({"name": "job", "customer_id": customer["id"]});
    caller.call("events:ingest", none(), json!({"events": [event]})).await;
    let order = caller.call("orders:list", none(), Value::Null).await["items"][0]["id"].clone();
    let refund = json!({"order_id": order, "reason": "other", "amount": 1});
    let session = json!({"customer_id": customer["id"]});
    let endpoint = json!({"url": "http://127.0.0.1:9/", "format": "raw", "events": []});
    let mut responses = vec![
        ("benefits:create", benefit),
        ("refunds:create", caller.call("refunds:create", none(), refund).await),
        ("customer-sessions:create", caller.call("customer-sessions:create", none(), session.clone()).await),
        ("webhooks:create_webhook_endpoint", caller.call("webhooks:create_webhook_endpoint", none(), endpoint).await),
        ("checkouts:create", caller.call("checkouts:create", none(), json!({"products": [pro]})).await),
    ];
    for (id, parameters) in [
        ("products:get", json!({"id": pro})),
        ("customers:get", customer.clone()),
        ("customers:get_state", customer),
        ("orders:get", json!({"id": order})),
        ("subscriptions:get", json!({"id": checkout["subscription_id"]})),
        ("checkouts:get", json!({"id": checkout["id"]})),
        ("events:list", json!({})),
        ("benefit-grants:list", json!({})),
        ("organizations:list", json!({})),
    ] {
        responses.push((id, caller.call(id, parameters, Value::Null).await));
    }
    let token = caller.mock.call("customer-sessions:create", &session)["token"].as_str().unwrap().to_owned();
    for id in ["customer_portal:customers:get", "customer_portal:benefit-grants:list"] {
        responses.push((id, caller.call_as(&token, id, json!({}), Value::Null).await));
    }
    responses
}

/// A product with one price, and its id.
async fn product(caller: &Caller, interval: Option<&str>, amount: i64) -> Value {
    let mut body = json!({"name": "Pro", "prices": [{"amount_type": "fixed", "price_amount": amount}]});
    if let Some(interval) = interval {
        body["recurring_interval"] = interval.into();
    }
    caller.call("products:create", json!({}), body).await["id"].clone()
}

/// A paid checkout for a product.
async fn paid(caller: &Caller, product: &Value, email: &str) -> Value {
    let body = json!({"products": [product], "customer_email": email, "external_customer_id": email});
    let checkout = caller.call("checkouts:create", json!({}), body).await;
    let secret = json!({"client_secret": checkout["client_secret"]});
    caller.call("checkouts:client_confirm", secret, json!({"customer_name": "Ada"})).await;
    caller.call("checkouts:get", json!({"id": checkout["id"]}), Value::Null).await
}
