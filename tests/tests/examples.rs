//! The programs under `generated/examples`, run against a server on the loopback interface.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/quick_start.rs"]
mod quick_start;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/testing.rs"]
mod testing;

use polar_client::Polar;
use polar_tests::document::Document;
use polar_tests::instance::{Extent, instance};
use polar_tests::server::{Asked, Server, Told};
use serde_json::{Value, json};

/// A fake of the API: what the document says about an answer, with members that the test cares for.
fn answer(document: &Document, schema: &str, members: Value) -> Value {
    let mut answer = instance(document, &json!({"$ref": format!("#/components/schemas/{schema}")}), Extent::Most);
    let (Value::Object(answer_members), Value::Object(members)) = (&mut answer, members) else { return answer };
    answer_members.extend(members);
    answer
}

#[tokio::test]
async fn quick_start() {
    let document = Document::load().unwrap();
    let server = Server::start(move |asked: &Asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/v1/products/") => {
            let product = answer(&document, "Product", json!({"name": "Pro"}));
            Told::json(200, &answer(&document, "ListResourceProduct", json!({"items": [product]})))
        }
        ("POST", "/v1/checkouts/") => Told::json(
            201,
            &answer(&document, "Checkout", json!({"url": "https://sandbox.polar.sh/checkout/polar_c_1"})),
        ),
        ("GET", "/v1/customers/external/user_1842/state") => {
            let state = json!({"email": "ada@example.com", "active_subscriptions": [], "type": "individual"});
            Told::json(200, &answer(&document, "CustomerStateIndividual", state))
        }
        _ => Told::json(404, &json!({"error": "ResourceNotFound", "detail": "Not found"})),
    })
    .await
    .unwrap();
    let polar = Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap();
    let report = quick_start::run(&polar).await.unwrap();
    assert_eq!(
        report,
        "6ba7b810-9dad-41d1-80b4-00c04fd430c8 Pro\n\
         pay at https://sandbox.polar.sh/checkout/polar_c_1\n\
         ada@example.com has 0 subscriptions\n"
    );
    let asked = server.asked();
    assert_eq!(asked[0].query, "is_archived=false&limit=100");
    let sent: Value = serde_json::from_slice(&asked[1].body).unwrap();
    assert_eq!(
        sent,
        json!({
            "products": ["6ba7b810-9dad-41d1-80b4-00c04fd430c8"],
            "external_customer_id": "user_1842",
            "success_url": "https://example.com/thanks?checkout_id={CHECKOUT_ID}",
        })
    );
}

#[tokio::test]
async fn testing_without_the_network() {
    assert_eq!(testing::run().await.unwrap(), "sent 2 times, with 1 wait in between");
}
