//! Operations for customers.

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, customers, not_found, page, shown, subscriptions, views};
use crate::server::Told;
use crate::world::{Subject, World, given, timestamp};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("customer_portal:customer-session:introspect", introspect),
    ("customer_portal:customer-session:get_authenticated_user", get_authenticated_user),
    ("customer_portal:customers:get", get),
    ("customer_portal:customers:update", update),
    ("customer_portal:customers:list_payment_methods", list_payment_methods),
    ("customer_portal:orders:list", list_orders),
    ("customer_portal:orders:get", get_order),
    ("customer_portal:subscriptions:list", list_subscriptions),
    ("customer_portal:subscriptions:get", get_subscription),
    ("customer_portal:subscriptions:cancel", cancel),
    ("customer_portal:benefit-grants:list", list_grants),
    ("customer_portal:customer_meters:list", list_meters),
];

fn introspect(_: &mut World, call: &Call) -> Outcome {
    match &call.subject {
        Some(Subject::Customer(_, expires)) => {
            Ok(Told::json(200, &json!({"expires_at": timestamp(*expires), "return_url": null})))
        }
        _ => Err(not_found()),
    }
}

fn get_authenticated_user(world: &mut World, call: &Call) -> Outcome {
    let customer = views::customer(world, &json!(call.customer()));
    let user = json!({
        "type": "customer", "name": customer["name"], "email": customer["email"], "customer_id": customer["id"],
        "member_id": null, "role": null,
    });
    shown(200, "PortalAuthenticatedUser", &user)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "CustomerPortalCustomer", &views::customer(world, &json!(call.customer())))
}

fn update(world: &mut World, call: &Call) -> Outcome {
    let changes = given(&call.body, &["billing_name", "billing_address", "name", "locale"]);
    world.update("customers", call.customer(), &changes);
    customers::state_changed(world, call.customer());
    get(world, call)
}

fn list_payment_methods(_: &mut World, call: &Call) -> Outcome {
    page(call, "PaymentMethod", Vec::new())
}

/// The rows of a table that belong to the customer.
fn own<'a>(world: &'a World, call: &Call, table: &str) -> impl Iterator<Item = &'a Value> {
    let customer = call.customer().to_owned();
    world.rows(table).filter(move |row| row["customer_id"] == customer.as_str())
}

fn one(world: &World, call: &Call, table: &str) -> Result<Value, Told> {
    own(world, call, table).find(|row| row["id"] == call.path("id")).cloned().ok_or_else(not_found)
}

fn list_orders(world: &mut World, call: &Call) -> Outcome {
    let names = ["product_id", "subscription_id"];
    let orders = own(world, call, "orders").filter(|row| call.keeps(world, row, &names));
    page(call, "CustomerOrder", orders.map(|row| views::order(world, row)).collect())
}

fn get_order(world: &mut World, call: &Call) -> Outcome {
    shown(200, "CustomerOrder", &views::order(world, &one(world, call, "orders")?))
}

fn list_subscriptions(world: &mut World, call: &Call) -> Outcome {
    let active = call.one("active");
    let is_active = |row: &Value| row["status"] == "active" || row["status"] == "trialing";
    let keeps = |row: &&Value| {
        call.keeps(world, row, &["product_id"]) && active.is_none_or(|active| (active == "true") == is_active(row))
    };
    let subscriptions = own(world, call, "subscriptions").filter(keeps);
    page(call, "CustomerSubscription", subscriptions.map(|row| views::subscription(world, row)).collect())
}

fn get_subscription(world: &mut World, call: &Call) -> Outcome {
    shown(200, "CustomerSubscription", &views::subscription(world, &one(world, call, "subscriptions")?))
}

fn cancel(world: &mut World, call: &Call) -> Outcome {
    one(world, call, "subscriptions")?;
    subscriptions::set_cancellation(world, call.path("id"), true, &call.body)?;
    get_subscription(world, call)
}

fn list_grants(world: &mut World, call: &Call) -> Outcome {
    let is_shown = |row: &&Value| {
        let benefit = world.row("benefits", &row["benefit_id"]);
        benefit["visibility"] != "private" && call.keeps(world, row, &["benefit_id", "subscription_id", "order_id"])
    };
    let grants = own(world, call, "grants").filter(is_shown);
    page(call, "CustomerBenefitGrant", grants.map(|row| views::grant(world, row)).collect())
}

fn list_meters(world: &mut World, call: &Call) -> Outcome {
    let meters = own(world, call, "customer_meters").filter(|row| call.keeps(world, row, &["meter_id"]));
    page(call, "CustomerCustomerMeter", meters.map(|row| views::customer_meter(world, row)).collect())
}
