//! Orders and refunds.

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, not_found, page, refusal, shown, subscriptions, views};
use crate::server::Told;
use crate::shape::shape;
use crate::world::{World, given, id_of, merge};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("orders:list", list),
    ("orders:get", get),
    ("orders:update", update),
    ("orders:generate_invoice", generate_invoice),
    ("orders:invoice", invoice),
    ("refunds:list", list_refunds),
    ("refunds:create", refund),
];

fn list(world: &mut World, call: &Call) -> Outcome {
    let names =
        ["organization_id", "product_id", "customer_id", "checkout_id", "subscription_id", "discount_id", "status"];
    let billing = call.all("product_billing_type");
    let kind = |row: &Value| if row["subscription_id"].is_null() { "one_time" } else { "recurring" };
    let keeps = |row: &&Value| call.keeps(world, row, &names) && (billing.is_empty() || billing.contains(&kind(row)));
    let orders = world.rows("orders").filter(keeps).map(|row| views::order(world, row)).collect();
    page(call, "Order", orders)
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("orders", id).map(|row| views::order(world, row)).ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "Order", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    world.update("orders", call.path("id"), &given(&call.body, &["billing_name", "billing_address"]));
    tell(world, call.path("id"), "order.updated");
    shown(200, "Order", &found(world, call.path("id"))?)
}

fn generate_invoice(world: &mut World, call: &Call) -> Outcome {
    let order = found(world, call.path("id"))?;
    if order["is_invoice_generated"] != true {
        world.update("orders", call.path("id"), &json!({"is_invoice_generated": true}));
        tell(world, call.path("id"), "order.updated");
    }
    Ok(Told::empty(202))
}

fn invoice(world: &mut World, call: &Call) -> Outcome {
    let id = call.path("id");
    if found(world, id)?["is_invoice_generated"] != true {
        return Err(refusal(404, "InvoiceDoesNotExist", &format!("The order {id} has no invoice.")));
    }
    shown(200, "OrderInvoice", &json!({"url": format!("{}/invoices/{id}.pdf", world.url)}))
}

/// Adds a paid order for the charge of a checkout or a subscription, and sends the webhooks.
pub(crate) fn insert(
    world: &mut World,
    customer: &str,
    product: &Value,
    charged: &Value,
    reason: &str,
    subscription: Option<&str>,
) -> String {
    let amount = charged["amount"].as_i64().unwrap_or_default();
    let (customer_row, product_row) = (views::customer(world, &json!(customer)), views::product(world, product));
    let number = world.rows("orders").count() + 1;
    let slug = views::organization(world)["slug"].as_str().unwrap_or_default().to_uppercase();
    let item = json!({
        "created_at": world.timestamp(), "modified_at": null, "id": world.new_id(), "label": product_row["name"],
        "amount": amount, "tax_amount": 0, "proration": false, "product_price_id": charged["product_price_id"],
        "start_timestamp": null, "end_timestamp": null,
    });
    let from_checkout = charged["client_secret"].is_string();
    let row = json!({
        "status": "paid", "paid": true, "subtotal_amount": amount, "discount_amount": 0, "net_amount": amount,
        "tax_amount": 0, "total_amount": amount, "applied_balance_amount": 0, "due_amount": amount,
        "refunded_amount": 0, "refunded_tax_amount": 0, "currency": charged["currency"], "billing_reason": reason,
        "billing_name": customer_row["billing_name"], "billing_address": customer_row["billing_address"],
        "invoice_number": format!("{slug}-{number:04}"), "is_invoice_generated": false, "receipt_number": null,
        "seats": charged["seats"], "units": charged["units"], "customer_id": customer, "product_id": product,
        "subscription_id": subscription, "checkout_id": if from_checkout { charged["id"].clone() } else { Value::Null },
        "metadata": charged["metadata"], "custom_field_data": {}, "platform_fee_amount": 0,
        "platform_fee_currency": null, "items": [item], "description": product_row["name"],
        "organization_id": world.organization,
    });
    let id = world.insert("orders", row);
    ["order.created", "order.updated", "order.paid"].into_iter().for_each(|event| tell(world, &id, event));
    id
}

fn tell(world: &mut World, id: &str, event: &str) {
    if let Ok(order) = found(world, id) {
        world.emit(event, shape("Order", &order));
    }
}

fn list_refunds(world: &mut World, call: &Call) -> Outcome {
    let names = ["id", "organization_id", "order_id", "subscription_id", "customer_id"];
    let refunds = world.rows("refunds").filter(|row| call.keeps(world, row, &names)).cloned().collect();
    page(call, "Refund", refunds)
}

fn refund(world: &mut World, call: &Call) -> Outcome {
    let body = &call.body;
    let order = world.row("orders", &body["order_id"]);
    if order.is_null() {
        return Err(not_found());
    }
    let (id, amount) = (id_of(&order), body["amount"].as_i64().unwrap_or_default());
    let refundable = found(world, &id)?["refundable_amount"].as_i64().unwrap_or_default();
    if refundable == 0 {
        return Err(refusal(403, "RefundedAlready", &format!("The order {id} is refunded completely.")));
    }
    if body["revoke_benefits"] == true && order["subscription_id"].is_string() {
        let detail = "Benefits of a subscription end with the subscription, and not with a refund.";
        return Err(refusal(400, "RevokeSubscriptionBenefitsProhibited", detail));
    }
    if amount > refundable {
        let message = "The amount is more than the order has left.";
        return Err(super::impossible(&[json!("amount")], message, &body["amount"]));
    }
    let mut row = json!({
        "metadata": {}, "status": "succeeded", "amount": amount, "tax_amount": 0, "currency": order["currency"],
        "organization_id": world.organization, "subscription_id": order["subscription_id"],
        "customer_id": order["customer_id"], "revoke_benefits": false, "dispute": null,
    });
    merge(&mut row, &given(body, &["order_id", "reason", "metadata", "revoke_benefits"]));
    let refund = world.insert("refunds", row);
    let refund = world.row("refunds", &json!(refund));
    world.emit("refund.created", shape("Refund", &refund));
    let status = if amount == refundable { "refunded" } else { "partially_refunded" };
    let refunded = order["refunded_amount"].as_i64().unwrap_or_default() + amount;
    world.update("orders", &id, &json!({"status": status, "refunded_amount": refunded}));
    ["order.updated", "order.refunded"].into_iter().for_each(|event| tell(world, &id, event));
    if body["revoke_benefits"] == true {
        subscriptions::revoke_grants(world, "order_id", &id);
    }
    shown(201, "Refund", &refund)
}
