//! The programs under `generated/examples`, run with a server on the loopback interface.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/checkout.rs"]
mod checkout;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/customer_portal.rs"]
mod customer_portal;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/customer_state.rs"]
mod customer_state;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/least_privilege.rs"]
mod least_privilege;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/license_key.rs"]
mod license_key;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/quick_start.rs"]
mod quick_start;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/testing.rs"]
mod testing;

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../../generated/examples/usage_ingestion.rs"]
mod usage_ingestion;

use std::collections::BTreeSet;
use std::sync::Mutex;

use polar_client::Polar;
use polar_client::uuid::Uuid;
use polar_testkit::sample::sample;
use polar_testkit::server::{Asked, Server, Told};
use serde_json::{Value, json};

const ID: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);
const OTHER: Uuid = Uuid::from_u128(0x2222_2222_2222_2222_2222_2222_2222_2222);

/// A fake of the API: its responses by method and path; all others are 404.
async fn fake(answer: impl Fn(&str, &Asked) -> Option<Told> + Send + Sync + 'static) -> Server {
    Server::start(move |asked| {
        let place = format!("{} {}", asked.method, asked.path);
        let nothing = || Told::json(404, &json!({"error": "ResourceNotFound", "detail": "Not found"}));
        answer(&place, asked).unwrap_or_else(nothing)
    })
    .await
    .unwrap()
}

fn polar(server: &Server) -> Polar {
    Polar::builder().base_url(&server.url).access_token("polar_oat_test").build().unwrap()
}

fn sent(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap()
}

fn list(items: &[Value]) -> Told {
    Told::json(200, &json!({"items": items, "pagination": {"total_count": items.len(), "max_page": 1}}))
}

#[tokio::test]
async fn quick_start() {
    let server = fake(|place, _| match place {
        "GET /v1/products/" => {
            let product = sample("Product", json!({"name": "Pro"}));
            Some(Told::json(200, &sample("ListResourceProduct", json!({"items": [product]}))))
        }
        "POST /v1/checkouts/" => {
            let url = json!({"url": "https://sandbox.polar.sh/checkout/polar_c_1"});
            Some(Told::json(201, &sample("Checkout", url)))
        }
        "GET /v1/customers/external/user_1842/state" => {
            let state = json!({"email": "ada@example.com", "active_subscriptions": [], "type": "individual"});
            Some(Told::json(200, &sample("CustomerStateIndividual", state)))
        }
        _ => None,
    })
    .await;
    let report = quick_start::run(&polar(&server)).await.unwrap();
    assert_eq!(
        report,
        "6ba7b810-9dad-41d1-80b4-00c04fd430c8 Pro\n\
         pay at https://sandbox.polar.sh/checkout/polar_c_1\n\
         ada@example.com has 0 subscriptions\n"
    );
    let asked = server.asked();
    assert_eq!(asked[0].query, "is_archived=false&limit=100");
    assert_eq!(
        sent(&asked[1]),
        json!({
            "products": ["6ba7b810-9dad-41d1-80b4-00c04fd430c8"],
            "external_customer_id": "user_1842",
            "success_url": "https://example.com/thanks?checkout_id={CHECKOUT_ID}",
        })
    );
}

#[tokio::test]
async fn checkout() {
    let server = fake(|place, _| {
        let paid = json!({"status": "succeeded", "total_amount": 1999, "currency": "eur"});
        match place {
            "POST /v1/checkouts/" => {
                Some(Told::json(201, &sample("Checkout", json!({"id": ID, "url": "https://pay.example"}))))
            }
            "GET /v1/checkouts/11111111-1111-1111-1111-111111111111" => {
                Some(Told::json(200, &sample("Checkout", paid)))
            }
            _ => None,
        }
    })
    .await;
    let polar = polar(&server);
    let (id, url) = checkout::open(&polar, OTHER, "user_1842").await.unwrap();
    assert_eq!((id, url.as_str()), (ID, "https://pay.example"));
    let body = sent(&server.asked()[0]);
    assert_eq!((&body["products"], &body["metadata"]), (&json!([OTHER]), &json!({"cart": "c_77"})));
    assert_eq!(checkout::report(&polar, id).await.unwrap(), "paid 1999 eur");
    assert_eq!(checkout::report(&polar, OTHER).await.unwrap(), "there is no such checkout");
}

#[tokio::test]
async fn a_checkout_of_each_state_is_reported() {
    for (status, words) in [
        ("open", "pay at https://pay.example"),
        ("confirmed", "the payment is on its way"),
        ("expired", "not paid: open another checkout"),
        ("of_tomorrow", "the checkout is of_tomorrow"),
    ] {
        let answer = sample("Checkout", json!({"status": status, "url": "https://pay.example"}));
        let server = fake(move |_, _| Some(Told::json(200, &answer))).await;
        assert_eq!(checkout::report(&polar(&server), ID).await.unwrap(), words);
    }
}

#[tokio::test]
async fn customer_state() {
    let server = fake(|place, _| match place {
        "GET /v1/customers/external/user_1842/state" => {
            let grant = sample("CustomerStateBenefitGrant", json!({"benefit_id": ID}));
            let meter = sample("CustomerStateMeter", json!({"meter_id": ID, "balance": 12.5}));
            let state = json!({"type": "individual", "granted_benefits": [grant], "active_meters": [meter]});
            Some(Told::json(200, &sample("CustomerStateIndividual", state)))
        }
        "GET /v1/customers/external/user_broken/state" => Some(Told::empty(500)),
        _ => None,
    })
    .await;
    let polar = polar(&server);
    let state = customer_state::state(&polar, "user_1842").await.unwrap();
    assert!(customer_state::may_use(state.as_ref(), ID) && !customer_state::may_use(state.as_ref(), OTHER));
    assert_eq!(customer_state::units_left(state.as_ref(), ID), 12.5);
    assert_eq!(customer_state::units_left(state.as_ref(), OTHER), 0.0);
    let stranger = customer_state::state(&polar, "stranger").await.unwrap();
    assert!(stranger.is_none() && !customer_state::may_use(stranger.as_ref(), ID));
    assert!(
        customer_state::state(&polar, "user_broken").await.unwrap_err().is_server_error(),
        "no gate opens or shuts"
    );
}

#[tokio::test]
async fn usage_ingestion() {
    // Counts events like the API: once for each external id. The first response gets lost.
    let known = Mutex::new((BTreeSet::new(), false));
    let server = fake(move |_, asked| {
        let (known, lost) = &mut *known.lock().unwrap();
        let events = sent(asked)["events"].as_array().unwrap().clone();
        let new = events.iter().filter(|event| known.insert(event["external_id"].to_string())).count();
        if !std::mem::replace(lost, true) {
            return Some(Told::empty(502));
        }
        Some(Told::json(200, &json!({"inserted": new, "duplicates": events.len() - new})))
    })
    .await;
    let polar = polar(&server);
    let job = |number| usage_ingestion::Job { id: format!("job_{number}"), user: "user_1842".to_owned(), pages: 3 };
    assert_eq!(usage_ingestion::report(&polar, (0..250).map(job)).await.unwrap(), "150 are new, 100 were known");
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "three batches, one of them sent again");
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(
        sent(&asked[3])["events"][49],
        json!({
            "name": "job.finished",
            "external_customer_id": "user_1842",
            "external_id": "job_249",
            "metadata": {"pages": 3},
        })
    );
    assert_eq!(usage_ingestion::report(&polar, (0..250).map(job)).await.unwrap(), "0 are new, 250 were known");
}

#[tokio::test]
async fn customer_portal() {
    let server = fake(|place, asked| {
        let token = asked.headers["authorization"].to_str().unwrap();
        match (place, token) {
            ("POST /v1/customer-sessions/", "Bearer polar_oat_test") => {
                let session = json!({"token": "polar_cst_1", "expires_at": "2999-01-01T00:00:00Z"});
                Some(Told::json(201, &sample("CustomerSession", session)))
            }
            ("GET /v1/customer-portal/subscriptions/", "Bearer polar_cst_1") => {
                let product = sample("CustomerSubscriptionProduct", json!({"name": "Pro"}));
                let subscription = json!({"status": "active", "product": product});
                Some(list(&[sample("CustomerSubscription", subscription)]))
            }
            ("GET /v1/customer-portal/orders/", "Bearer polar_cst_1") => {
                let order = json!({"description": "Pro, October", "total_amount": 1999, "currency": "eur"});
                Some(list(&[sample("CustomerOrder", order)]))
            }
            _ => None,
        }
    })
    .await;
    let polar = polar(&server);
    let mut session = customer_portal::sign_in(&polar, "user_1842").await.unwrap();
    assert_eq!(sent(&server.asked()[0]), json!({"external_customer_id": "user_1842"}));
    let account = customer_portal::account(&polar, &session).await.unwrap();
    assert_eq!(account, "Pro is active\nPro, October: 1999 eur\n");
    session.expires_at = "2026-01-01T00:00:00Z".parse().unwrap();
    let error = customer_portal::account(&polar, &session).await.unwrap_err();
    assert_eq!(error.to_string(), "the session has ended: create another one");
}

#[tokio::test]
async fn license_key() {
    let server = fake(|place, asked| {
        assert!(!asked.headers.contains_key("authorization"), "no program of a customer holds a token");
        let body = sent(asked);
        let full = json!({"error": "NotPermitted", "detail": "License key activation limit already reached"});
        match (place, body["key"].as_str().unwrap()) {
            ("POST /v1/customer-portal/license-keys/activate", "full") => Some(Told::json(403, &full)),
            ("POST /v1/customer-portal/license-keys/activate", "good") => {
                Some(Told::json(200, &sample("LicenseKeyActivationCreated", json!({"id": OTHER}))))
            }
            ("POST /v1/customer-portal/license-keys/validate", "good") if body["activation_id"] == json!(OTHER) => {
                Some(Told::json(200, &sample("ValidatedLicenseKey", json!({}))))
            }
            _ => None,
        }
    })
    .await;
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let activation = license_key::activate(&polar, ID, "good", "desk").await.unwrap();
    assert_eq!(sent(&server.asked()[0]), json!({"key": "good", "organization_id": ID, "label": "desk"}));
    assert!(license_key::is_good(&polar, ID, "good", activation).await.unwrap());
    assert!(!license_key::is_good(&polar, ID, "good", ID).await.unwrap(), "of another device");
    assert!(!license_key::is_good(&polar, ID, "none", activation).await.unwrap());
    let refused = license_key::activate(&polar, ID, "full", "desk").await.unwrap_err();
    assert_eq!(refused.to_string(), "the key is in use on as many devices as it allows");
    let refused = license_key::activate(&polar, ID, "none", "desk").await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no such key");
}

#[tokio::test]
async fn least_privilege() {
    assert_eq!(
        least_privilege::needs(),
        "scope=checkouts:write products:read\n\
         - Create and change checkouts (checkouts:write)\n\
         - Read products (products:read)\n\
         + a personal access token: create one in the account settings\n\
         + an organization access token: create one in the settings of the organization\n\
         + an OAuth access token of a user: obtained by an OAuth login\n\
         + an OAuth access token of an organization: OAuth logins now return a token of the user instead\n"
    );
    assert_eq!(least_privilege::missing("openid products:read").to_string(), "checkouts:write");
    assert!(least_privilege::missing("products:read checkouts:write").is_empty());
    let server = fake(|_, _| Some(Told::json(403, &json!({"error": "insufficient_scope"})))).await;
    assert_eq!(
        least_privilege::try_it(&polar(&server)).await.unwrap(),
        r#"the token needs one of ["products:read", "products:write"]"#
    );
}

#[tokio::test]
async fn testing_without_the_network() {
    assert_eq!(testing::run().await.unwrap(), "sent 2 times, with 1 wait in between");
}
