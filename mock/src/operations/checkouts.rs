//! Checkouts, and the effects of a payment.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, customers, impossible, invalid, not_found, orders, page, refusal, shown};
use super::{subscriptions, views};
use crate::server::Told;
use crate::shape::shape;
use crate::validate::problem;
use crate::world::{World, given, id_of, merge, time, timestamp};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("checkouts:list", list),
    ("checkouts:create", create),
    ("checkouts:get", get),
    ("checkouts:update", update),
    ("checkouts:client_get", client_get),
    ("checkouts:client_update", client_update),
    ("checkouts:client_confirm", client_confirm),
];

/// How long a checkout stays open.
const OPEN: Duration = Duration::from_secs(24 * 60 * 60);

/// Properties that are copied from a request.
const SETTABLE: [&str; 20] = [
    "metadata",
    "custom_field_data",
    "allow_discount_codes",
    "require_billing_address",
    "amount",
    "seats",
    "units",
    "allow_trial",
    "is_business_customer",
    "external_customer_id",
    "customer_name",
    "customer_email",
    "customer_ip_address",
    "customer_billing_name",
    "customer_billing_address",
    "customer_metadata",
    "return_url",
    "embed_origin",
    "locale",
    "currency",
];

fn list(world: &mut World, call: &Call) -> Outcome {
    let names = ["organization_id", "product_id", "customer_id", "status"];
    let keeps = |row: &&Value| call.keeps(world, row, &names);
    let checkouts = world.rows("checkouts").filter(keeps).map(|row| views::checkout(world, row)).collect();
    page(call, "Checkout", checkouts)
}

fn create(world: &mut World, call: &Call) -> Outcome {
    let products = call.body["products"].as_array().cloned().unwrap_or_default();
    for (index, id) in products.iter().enumerate() {
        let product = views::product(world, id);
        if product.is_null() || product["is_archived"] == true {
            return Err(impossible(&[json!("products"), json!(index)], "Product does not exist.", id));
        }
    }
    let customer = &call.body["customer_id"];
    if customer.is_string() && world.row("customers", customer).is_null() {
        return Err(impossible(&[json!("customer_id")], "Customer does not exist.", customer));
    }
    let known = customers::by_external_id(world, &call.body["external_customer_id"]);
    let customer = customer.as_str().map(str::to_owned).or(known);
    let secret = world.new_token("polar_c_");
    let url = format!("{}/checkout/{secret}", world.url);
    let id = world.new_id();
    let success_url = call.body["success_url"].as_str().map(|url| url.replace("{CHECKOUT_ID}", &id));
    let mut row = json!({
        "id": id, "custom_field_data": {}, "payment_processor": "stripe", "status": "open", "client_secret": secret,
        "url": url, "expires_at": timestamp(world.after(OPEN)),
        "success_url": success_url.unwrap_or_else(|| format!("{url}/confirmation")), "discount_amount": 0,
        "currency": "usd", "allow_trial": true, "organization_id": world.organization, "allow_discount_codes": true,
        "require_billing_address": false, "is_discount_applicable": false, "is_business_customer": false,
        "customer_id": customer, "locale": "en", "payment_processor_metadata": {"publishable_key": "pk_test_mock"},
        "billing_address_fields": {
            "country": "required", "state": "disabled", "city": "disabled", "postal_code": "disabled",
            "line1": "disabled", "line2": "disabled",
        },
        "metadata": {}, "customer_metadata": {}, "product_ids": products, "product_id": products.first(),
    });
    let prefilled = customer.map(|id| views::customer(world, &json!(id))).unwrap_or_default();
    merge(&mut row, &json!({"customer_email": prefilled["email"], "customer_name": prefilled["name"]}));
    merge(&mut row, &given(&call.body, &SETTABLE));
    world.insert("checkouts", row);
    priced(world, &id, &call.body);
    tell(world, &id, "checkout.created");
    shown(201, "Checkout", &found(world, &id)?)
}

/// Sets the price of the chosen product.
fn priced(world: &mut World, id: &str, body: &Value) {
    let row = world.row("checkouts", &json!(id));
    let product = views::product(world, &row["product_id"]);
    let prices = product["prices"].as_array().cloned().unwrap_or_default();
    let wanted = |price: &&Value| body["product_price_id"].is_null() || price["id"] == body["product_price_id"];
    let is_static = |price: &&Value| price["meter_id"].is_null();
    let price = prices.iter().filter(is_static).find(wanted).or(prices.first()).cloned().unwrap_or_default();
    let amount = amount(&price, &row);
    let is_free = amount == 0 && price["amount_type"] != "custom";
    let changes = json!({
        "product_price_id": price["id"], "amount": amount, "net_amount": amount, "tax_amount": 0,
        "total_amount": amount, "is_free_product_price": is_free, "is_payment_required": amount > 0,
        "is_payment_setup_required": product["is_recurring"] == true && !prices.iter().all(|price| is_static(&price)),
        "is_payment_form_required": amount > 0,
    });
    world.update("checkouts", id, &changes);
}

/// Returns the charge of a price at checkout, in the smallest unit of the currency. Metered prices charge later.
fn amount(price: &Value, checkout: &Value) -> i64 {
    let number = |value: &Value| value.as_i64();
    match price["amount_type"].as_str() {
        Some("fixed") => number(&price["price_amount"]).unwrap_or_default(),
        Some("custom") => {
            let preset = number(&price["preset_amount"]).or(number(&price["minimum_amount"]));
            number(&checkout["amount"]).or(preset).unwrap_or_default()
        }
        Some("seat_based") => {
            let seats = number(&checkout["seats"]).unwrap_or(1);
            let holds = |tier: &&Value| number(&tier["max_seats"]).is_none_or(|most| seats <= most);
            let tier = price["seat_tiers"]["tiers"].as_array().and_then(|tiers| tiers.iter().find(holds));
            tier.and_then(|tier| number(&tier["price_per_seat"])).unwrap_or_default() * seats
        }
        _ => 0,
    }
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("checkouts", id).map(|row| views::checkout(world, row)).ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "Checkout", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    changed(world, call.path("id"), &call.body)?;
    shown(200, "Checkout", &found(world, call.path("id"))?)
}

/// Returns the id of the checkout whose client secret is in the path.
fn by_secret(world: &World, call: &Call) -> Result<String, Told> {
    let secret = call.path("client_secret");
    world.rows("checkouts").find(|row| row["client_secret"] == secret).map(id_of).ok_or_else(not_found)
}

fn client_get(world: &mut World, call: &Call) -> Outcome {
    let id = by_secret(world, call)?;
    shown(200, "CheckoutPublic", &found(world, &id)?)
}

fn client_update(world: &mut World, call: &Call) -> Outcome {
    let id = by_secret(world, call)?;
    changed(world, &id, &call.body)?;
    shown(200, "CheckoutPublic", &found(world, &id)?)
}

fn changed(world: &mut World, id: &str, body: &Value) -> Result<(), Told> {
    must_be_open(world, id)?;
    apply(world, id, body);
    tell(world, id, "checkout.updated");
    Ok(())
}

fn apply(world: &mut World, id: &str, body: &Value) {
    let mut changes = given(body, &SETTABLE);
    if body["product_id"].is_string() {
        merge(&mut changes, &json!({"product_id": body["product_id"]}));
    }
    world.update("checkouts", id, &changes);
    priced(world, id, body);
}

fn must_be_open(world: &World, id: &str) -> Result<(), Told> {
    match found(world, id)?["status"].as_str() {
        Some("open") => Ok(()),
        Some("expired") => Err(refusal(410, "ExpiredCheckoutError", "The checkout is expired.")),
        status => {
            let status = status.unwrap_or_default();
            Err(refusal(403, "NotOpenCheckout", &format!("The checkout {id} is {status}, and not open.")))
        }
    }
}

fn client_confirm(world: &mut World, call: &Call) -> Outcome {
    let id = by_secret(world, call)?;
    let (confirmed, token) = confirm(world, &id, &call.body)?;
    let mut confirmed = confirmed;
    merge(&mut confirmed, &json!({"customer_session_token": token}));
    shown(200, "CheckoutPublicConfirmed", &confirmed)
}

/// Confirms a checkout and applies the effects of the payment. Returns the confirmed checkout, and the token of a
/// session of its customer.
pub(crate) fn confirm(world: &mut World, id: &str, body: &Value) -> Result<(Value, String), Told> {
    must_be_open(world, id)?;
    apply(world, id, body);
    let checkout = found(world, id)?;
    let email = &checkout["customer_email"];
    let customer = match checkout["customer_id"].as_str().map(str::to_owned).or(customers::by_email(world, email)) {
        Some(customer) => customer,
        None if email.is_string() => {
            let properties = json!({
                "email": email, "name": checkout["customer_name"], "external_id": checkout["external_customer_id"],
                "metadata": checkout["customer_metadata"], "billing_address": checkout["customer_billing_address"],
                "locale": checkout["locale"],
            });
            customers::insert(world, &properties)
        }
        None => {
            let place = [json!("body"), json!("customer_email")];
            return Err(invalid(&[problem("missing", &place, "Field required", body.clone(), None)]));
        }
    };
    world.update("checkouts", id, &json!({"status": "confirmed", "customer_id": customer}));
    tell(world, id, "checkout.updated");
    let confirmed = found(world, id)?;
    let (_, token) = customers::session(world, &customer, &Value::Null);
    succeed(world, &confirmed, &customer);
    Ok((confirmed, token))
}

/// Applies the effects of the payment of a confirmed checkout.
fn succeed(world: &mut World, checkout: &Value, customer: &str) {
    let id = id_of(checkout);
    let subscription = (checkout["product"]["is_recurring"] == true)
        .then(|| subscriptions::start(world, customer, &checkout["product_id"], checkout));
    let reason = if subscription.is_some() { "subscription_create" } else { "purchase" };
    let order = orders::insert(world, customer, &checkout["product_id"], checkout, reason, subscription.as_deref());
    world.update("checkouts", &id, &json!({"status": "succeeded", "subscription_id": subscription}));
    tell(world, &id, "checkout.updated");
    subscriptions::grant(world, customer, &checkout["product_id"], subscription.as_deref(), &order);
}

/// Sends the event that a checkout changed.
fn tell(world: &mut World, id: &str, event: &str) {
    if let Ok(checkout) = found(world, id) {
        world.emit(event, shape("Checkout", &checkout));
    }
}

/// Expires open checkouts after their time.
pub(crate) fn expire(world: &mut World) {
    let now = world.clock.now();
    let is_over = |row: &&Value| row["status"] == "open" && time(&row["expires_at"]).is_some_and(|end| end <= now);
    let ids: Vec<String> = world.rows("checkouts").filter(is_over).map(id_of).collect();
    for id in ids {
        world.update("checkouts", &id, &json!({"status": "expired"}));
        tell(world, &id, "checkout.expired");
    }
}
