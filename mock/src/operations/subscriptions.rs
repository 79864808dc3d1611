//! Subscriptions: how they start, renew and end, and the benefits of their product.

use chrono::{DateTime, Days, Months, Utc};
use serde_json::{Value, json};

use super::{
    Call, Handler, Outcome, customers, impossible, not_found, orders, page, refresh_meters, refusal, shown, views,
};
use crate::server::Told;
use crate::shape::shape;
use crate::world::{World, given, id_of, merge, time, timestamp};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("subscriptions:list", list),
    ("subscriptions:create", create),
    ("subscriptions:get", get),
    ("subscriptions:update", update),
    ("subscriptions:revoke", revoke),
];

fn list(world: &mut World, call: &Call) -> Outcome {
    let names = ["organization_id", "product_id", "customer_id", "discount_id", "status", "cancel_at_period_end"];
    let active = call.one("active");
    let keeps = |row: &&Value| {
        call.keeps(world, row, &names) && active.is_none_or(|active| (active == "true") == is_active(row))
    };
    let subscriptions = world.rows("subscriptions").filter(keeps).map(|row| views::subscription(world, row)).collect();
    page(call, "Subscription", subscriptions)
}

fn is_active(row: &Value) -> bool {
    row["status"] == "active" || row["status"] == "trialing"
}

fn create(world: &mut World, call: &Call) -> Outcome {
    let body = &call.body;
    let product = views::product(world, &body["product_id"]);
    if product["is_recurring"] != true {
        let message = if product.is_null() { "Product does not exist." } else { "Product is not recurring." };
        return Err(impossible(&[json!("product_id")], message, &body["product_id"]));
    }
    let costs = |price: &Value| price["amount_type"] != "fixed" || price["price_amount"] != 0;
    if product["prices"].as_array().into_iter().flatten().any(costs) {
        let message = "Product is not free: its subscriptions start with a checkout.";
        return Err(impossible(&[json!("product_id")], message, &body["product_id"]));
    }
    let customer = match body.get("external_customer_id") {
        Some(external_id) => customers::by_external_id(world, external_id),
        None => Some(id_of(&world.row("customers", &body["customer_id"]))).filter(|id| !id.is_empty()),
    };
    let Some(customer) = customer else {
        return Err(impossible(&[json!("customer_id")], "Customer does not exist.", &body["customer_id"]));
    };
    let charged = json!({"amount": 0, "currency": "usd", "metadata": body.get("metadata").unwrap_or(&json!({}))});
    let id = start(world, &customer, &body["product_id"], &charged);
    grant(world, &customer, &body["product_id"], Some(&id), "");
    shown(201, "Subscription", &found(world, &id)?)
}

/// Starts a subscription and sends the webhooks.
pub(crate) fn start(world: &mut World, customer: &str, product: &Value, charged: &Value) -> String {
    let (now, product_row) = (world.clock.now(), views::product(world, product));
    let end = period_end(now, &product_row);
    let from_checkout = charged["client_secret"].is_string();
    let row = json!({
        "amount": charged["amount"], "currency": charged["currency"],
        "recurring_interval": product_row["recurring_interval"],
        "recurring_interval_count": product_row["recurring_interval_count"], "status": "active",
        "current_period_start": timestamp(now), "current_period_end": timestamp(end), "cancel_at_period_end": false,
        "started_at": timestamp(now), "pause_at_period_end": false, "customer_id": customer, "product_id": product,
        "checkout_id": if from_checkout { charged["id"].clone() } else { Value::Null }, "seats": charged["seats"],
        "units": charged["units"], "metadata": charged["metadata"], "custom_field_data": {},
        "organization_id": world.organization,
    });
    let id = world.insert("subscriptions", row);
    for event in ["subscription.created", "subscription.updated", "subscription.active"] {
        tell(world, &id, event);
    }
    customers::state_changed(world, customer);
    id
}

/// Returns the end of a period that starts now.
fn period_end(start: DateTime<Utc>, product: &Value) -> DateTime<Utc> {
    let count = product["recurring_interval_count"].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or(1);
    let end = match product["recurring_interval"].as_str() {
        Some("day") => start.checked_add_days(Days::new(count.into())),
        Some("week") => start.checked_add_days(Days::new(u64::from(count) * 7)),
        Some("year") => start.checked_add_months(Months::new(count * 12)),
        _ => start.checked_add_months(Months::new(count)),
    };
    end.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn tell(world: &mut World, id: &str, event: &str) {
    if let Ok(subscription) = found(world, id) {
        world.emit(event, shape("Subscription", &subscription));
    }
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("subscriptions", id).map(|row| views::subscription(world, row)).ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "Subscription", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    let id = call.path("id");
    let (body, subscription) = (&call.body, found(world, id)?);
    if body["revoke"] == true {
        must_be_active(&subscription)?;
        end(world, id);
    } else if let Some(cancel) = body["cancel_at_period_end"].as_bool() {
        set_cancellation(world, id, cancel, body)?;
    } else if body.get("pause_at_period_end").is_some() || body.get("resume").is_some() {
        return Err(refusal(501, "NotImplemented", "MockPolar does not pause subscriptions."));
    } else {
        let mut changes = given(body, &["metadata", "product_id", "seats", "units"]);
        if let Some(end) = body.get("current_billing_period_end") {
            merge(&mut changes, &json!({"current_period_end": end}));
        }
        if body["product_id"].is_string() {
            let product = views::product(world, &body["product_id"]);
            let price = product["prices"].as_array().and_then(|prices| prices.first()).cloned().unwrap_or_default();
            let amount = price["price_amount"].as_i64().unwrap_or_default();
            if product.is_null() {
                return Err(impossible(&[json!("product_id")], "Product does not exist.", &body["product_id"]));
            }
            merge(&mut changes, &json!({"amount": amount}));
            revoke_grants(world, "subscription_id", id);
        }
        world.update("subscriptions", id, &changes);
        tell(world, id, "subscription.updated");
        let customer = subscription["customer_id"].as_str().unwrap_or_default().to_owned();
        customers::state_changed(world, &customer);
        if body["product_id"].is_string() {
            grant(world, &customer, &body["product_id"], Some(id), "");
        }
    }
    shown(200, "Subscription", &found(world, id)?)
}

fn must_be_active(subscription: &Value) -> Result<(), Told> {
    if is_active(subscription) {
        return Ok(());
    }
    Err(refusal(403, "AlreadyCanceledSubscription", "The subscription is canceled."))
}

/// Cancels a subscription at the end of its period, or revokes that.
pub(crate) fn set_cancellation(world: &mut World, id: &str, cancel: bool, reasons: &Value) -> Result<(), Told> {
    let subscription = found(world, id)?;
    must_be_active(&subscription)?;
    if cancel == (subscription["cancel_at_period_end"] == true) {
        let detail = if cancel { "The subscription is canceled." } else { "The subscription is not canceled." };
        return Err(refusal(403, "AlreadyCanceledSubscription", detail));
    }
    let now = world.timestamp();
    let mut changes = if cancel {
        json!({"cancel_at_period_end": true, "canceled_at": now, "ends_at": subscription["current_period_end"]})
    } else {
        json!({"cancel_at_period_end": false, "canceled_at": null, "ends_at": null})
    };
    for name in ["customer_cancellation_reason", "customer_cancellation_comment"] {
        let short = name.trim_start_matches("customer_");
        let reason = reasons.get(name).or(reasons.get(short)).cloned().unwrap_or_default();
        merge(&mut changes, &json!({name: if cancel { reason } else { Value::Null }}));
    }
    world.update("subscriptions", id, &changes);
    tell(world, id, "subscription.updated");
    tell(world, id, if cancel { "subscription.canceled" } else { "subscription.uncanceled" });
    customers::state_changed(world, subscription["customer_id"].as_str().unwrap_or_default());
    Ok(())
}

fn revoke(world: &mut World, call: &Call) -> Outcome {
    must_be_active(&found(world, call.path("id"))?)?;
    end(world, call.path("id"));
    shown(200, "Subscription", &found(world, call.path("id"))?)
}

/// Ends a subscription now, with the benefits of its product.
pub(crate) fn end(world: &mut World, id: &str) {
    let row = world.row("subscriptions", &json!(id));
    if !is_active(&row) {
        return;
    }
    let now = world.timestamp();
    let canceled_at = if row["canceled_at"].is_null() { json!(now) } else { row["canceled_at"].clone() };
    let changes = json!({
        "status": "canceled", "cancel_at_period_end": false, "canceled_at": canceled_at, "ends_at": now,
        "ended_at": now,
    });
    world.update("subscriptions", id, &changes);
    for event in ["subscription.updated", "subscription.canceled", "subscription.revoked"] {
        tell(world, id, event);
    }
    customers::state_changed(world, row["customer_id"].as_str().unwrap_or_default());
    revoke_grants(world, "subscription_id", id);
}

/// Renews subscriptions after their period, and ends those that are canceled.
pub(crate) fn cycle(world: &mut World) {
    loop {
        let now = world.clock.now();
        let is_over = |row: &&Value| is_active(row) && time(&row["current_period_end"]).is_some_and(|end| end <= now);
        let Some(row) = world.rows("subscriptions").find(is_over).cloned() else { return };
        let id = id_of(&row);
        if row["cancel_at_period_end"] == true {
            end(world, &id);
        } else {
            renew(world, &id, &row);
        }
    }
}

fn renew(world: &mut World, id: &str, row: &Value) {
    let product = views::product(world, &row["product_id"]);
    let start = time(&row["current_period_end"]).unwrap_or_else(|| world.clock.now());
    let end = period_end(start, &product);
    // The used units are charged with the order of the new period, and counting starts again.
    let metered: i64 = found(world, id).map_or(0, |subscription| {
        let meters = subscription["meters"].as_array().into_iter().flatten();
        meters.filter_map(|meter| meter["amount"].as_i64()).sum()
    });
    let changes = json!({"current_period_start": timestamp(start), "current_period_end": timestamp(end)});
    world.update("subscriptions", id, &changes);
    let customer = row["customer_id"].as_str().unwrap_or_default();
    for meter in world.ids_with("customer_meters", "customer_id", customer) {
        world.update("customer_meters", &meter, &json!({"since": timestamp(start)}));
    }
    refresh_meters(world, customer);
    tell(world, id, "subscription.cycled");
    let mut charged = row.clone();
    merge(&mut charged, &json!({"amount": row["amount"].as_i64().unwrap_or_default() + metered}));
    orders::insert(world, customer, &row["product_id"], &charged, "subscription_cycle", Some(id));
    tell(world, id, "subscription.updated");
    customers::state_changed(world, customer);
}

/// Grants the benefits of a product.
pub(crate) fn grant(world: &mut World, customer: &str, product: &Value, subscription: Option<&str>, order: &str) {
    let benefits = views::product(world, product)["benefit_ids"].as_array().cloned().unwrap_or_default();
    for benefit in benefits {
        let order = if subscription.is_none() { json!(order) } else { Value::Null };
        let row = json!({
            "granted_at": world.timestamp(), "is_granted": true, "revoked_at": null, "is_revoked": false,
            "subscription_id": subscription, "order_id": order, "customer_id": customer, "benefit_id": benefit,
            "properties": {}, "organization_id": world.organization,
        });
        let id = world.insert("grants", row);
        tell_grant(world, &id, "benefit_grant.created");
        refresh_meters(world, customer);
        customers::state_changed(world, customer);
    }
}

/// Revokes the grants of an order or a subscription.
pub(crate) fn revoke_grants(world: &mut World, property: &str, id: &str) {
    for grant in world.rows_with("grants", property, id) {
        if grant["is_granted"] != true {
            continue;
        }
        let now = world.timestamp();
        let changes = json!({"is_granted": false, "is_revoked": true, "revoked_at": now, "granted_at": null});
        world.update("grants", &id_of(&grant), &changes);
        tell_grant(world, &id_of(&grant), "benefit_grant.revoked");
        let customer = grant["customer_id"].as_str().unwrap_or_default();
        refresh_meters(world, customer);
        customers::state_changed(world, customer);
    }
}

fn tell_grant(world: &mut World, id: &str, event: &str) {
    let grant = views::grant(world, &world.row("grants", &json!(id)));
    world.emit(event, shape("BenefitGrantWebhook", &grant));
}
