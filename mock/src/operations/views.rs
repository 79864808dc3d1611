//! Rows with their related rows: each function returns a row with everything that some response shows below it. The
//! schema of a response selects the part that is shown.

use serde_json::{Map, Value, json};

use crate::world::{World, merge};

/// A product with prices, benefits and organization.
pub(crate) fn product(world: &World, id: &Value) -> Value {
    let mut row = world.row("products", id);
    if row.is_null() {
        return row;
    }
    let benefits: Vec<Value> =
        row["benefit_ids"].as_array().into_iter().flatten().map(|id| benefit(world, id)).collect();
    let is_sold =
        ["orders", "subscriptions"].iter().any(|table| world.rows(table).any(|sold| sold["product_id"] == *id));
    let prices: Vec<Value> =
        row["prices"].as_array().into_iter().flatten().map(|price| self::price(world, price)).collect();
    let rest = json!({
        "prices": prices, "benefits": benefits, "is_deletable": !is_sold, "organization": organization(world),
    });
    merge(&mut row, &rest);
    row
}

/// A price with its meter.
fn price(world: &World, price: &Value) -> Value {
    let mut price = price.clone();
    let meter = world.row("meters", &price["meter_id"]);
    merge(&mut price, &json!({"meter": meter}));
    price
}

/// A benefit with its organization.
pub(crate) fn benefit(world: &World, id: &Value) -> Value {
    let mut row = world.row("benefits", id);
    merge(&mut row, &json!({"organization": organization(world)}));
    row
}

/// The organization.
pub(crate) fn organization(world: &World) -> Value {
    world.row("organizations", &json!(world.organization))
}

/// A customer, also as shown to the customer.
pub(crate) fn customer(world: &World, id: &Value) -> Value {
    let mut row = world.row("customers", id);
    if row.is_null() {
        row = world.row("deleted_customers", id);
    }
    merge(&mut row, &json!({"oauth_accounts": {}}));
    row
}

/// A subscription with customer, product, prices and meters.
pub(crate) fn subscription(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let product = product(world, &row["product_id"]);
    let prices = product["prices"].clone();
    let is_metered = |meter: &Value| {
        let priced = prices.as_array().into_iter().flatten().any(|price| price["meter_id"] == meter["meter_id"]);
        priced && meter["customer_id"] == row["customer_id"]
    };
    let meters: Vec<Value> = world
        .rows("customer_meters")
        .filter(|meter| is_metered(meter))
        .map(|meter| {
            let mut meter = customer_meter(world, meter);
            let amount = prices.as_array().and_then(|prices| {
                let price = prices.iter().find(|price| price["meter_id"] == meter["meter_id"])?;
                Some(metered_amount(price, &meter))
            });
            merge(&mut meter, &json!({"amount": amount.unwrap_or_default()}));
            meter
        })
        .collect();
    let rest = json!({
        "customer": customer(world, &row["customer_id"]), "product": product, "prices": prices, "meters": meters,
        "discount": null, "pending_update": null,
    });
    merge(&mut row, &rest);
    row
}

/// Returns the charge of a metered price for what a customer used beyond the credits, in the smallest unit of the
/// currency.
pub(crate) fn metered_amount(price: &Value, meter: &Value) -> i64 {
    let number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
    let units = (number(&meter["consumed_units"]) - number(&meter["credited_units"])).max(0.0);
    let amount = (units * number(&price["unit_amount"])).round() as i64;
    price["cap_amount"].as_i64().map_or(amount, |cap| amount.min(cap))
}

/// A meter of a customer.
pub(crate) fn customer_meter(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let rest =
        json!({"customer": customer(world, &row["customer_id"]), "meter": world.row("meters", &row["meter_id"])});
    merge(&mut row, &rest);
    row
}

/// An order with customer, product and subscription.
pub(crate) fn order(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let amount = |name: &str| row[name].as_i64().unwrap_or_default();
    let rest = json!({
        "customer": customer(world, &row["customer_id"]), "product": product(world, &row["product_id"]),
        "subscription": world.row("subscriptions", &row["subscription_id"]), "discount": null,
        "refundable_amount": amount("net_amount") - amount("refunded_amount"),
        "refundable_tax_amount": amount("tax_amount") - amount("refunded_tax_amount"),
    });
    merge(&mut row, &rest);
    row
}

/// A grant with customer and benefit.
pub(crate) fn grant(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let rest = json!({
        "customer": customer(world, &row["customer_id"]), "benefit": benefit(world, &row["benefit_id"]),
    });
    merge(&mut row, &rest);
    row
}

/// A checkout with products and prices.
pub(crate) fn checkout(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let products: Vec<Value> =
        row["product_ids"].as_array().into_iter().flatten().map(|id| product(world, id)).collect();
    let prices: Map<String, Value> = products
        .iter()
        .map(|product| (product["id"].as_str().unwrap_or_default().to_owned(), product["prices"].clone()))
        .collect();
    let chosen = product(world, &row["product_id"]);
    let price = chosen["prices"].as_array().into_iter().flatten().find(|price| price["id"] == row["product_price_id"]);
    let rest = json!({
        "products": products, "product_price": price, "product": chosen, "prices": prices, "discount": null,
        "organization": organization(world), "attached_custom_fields": [],
    });
    merge(&mut row, &rest);
    row
}

/// The state of a customer: active subscriptions, granted benefits, meters.
pub(crate) fn customer_state(world: &World, id: &Value) -> Value {
    let mut row = customer(world, id);
    let of_customer = |row: &&Value| row["customer_id"] == *id;
    let is_active = |row: &&Value| row["status"] == "active" || row["status"] == "trialing";
    let subscriptions: Vec<Value> =
        world.rows("subscriptions").filter(of_customer).filter(is_active).map(|row| subscription(world, row)).collect();
    let grants: Vec<Value> = world
        .rows("grants")
        .filter(of_customer)
        .filter(|grant| grant["is_granted"] == true)
        .map(|row| {
            let mut row = row.clone();
            let benefit = benefit(world, &row["benefit_id"]);
            let rest = json!({"benefit_type": benefit["type"], "benefit_metadata": benefit["metadata"]});
            merge(&mut row, &rest);
            row
        })
        .collect();
    let meters: Vec<Value> = world.rows("customer_meters").filter(of_customer).cloned().collect();
    let rest = json!({"active_subscriptions": subscriptions, "granted_benefits": grants, "active_meters": meters});
    merge(&mut row, &rest);
    row
}

/// A session of a customer.
pub(crate) fn session(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let customer = customer(world, &row["customer_id"]);
    merge(&mut row, &json!({"customer": customer}));
    row
}

/// An event that was ingested.
pub(crate) fn event(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let customer = customer_or_null(world, &row["customer_id"]);
    merge(&mut row, &json!({"customer": customer}));
    row
}

fn customer_or_null(world: &World, id: &Value) -> Value {
    if id.is_string() { customer(world, id) } else { Value::Null }
}

/// A delivery with its event.
pub(crate) fn delivery(world: &World, row: &Value) -> Value {
    let mut row = row.clone();
    let event = world.row("webhook_events", &row["event_id"]);
    merge(&mut row, &json!({"webhook_event": event}));
    row
}
