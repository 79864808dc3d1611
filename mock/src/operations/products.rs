//! Products and their prices.

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, impossible, not_found, page, refusal, shown, views};
use crate::server::Told;
use crate::shape::shape;
use crate::world::{World, given, merge};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("products:list", list),
    ("products:create", create),
    ("products:get", get),
    ("products:update", update),
    ("products:delete", delete),
    ("products:update_benefits", update_benefits),
];

/// Properties that are copied from a request.
const SETTABLE: [&str; 10] = [
    "name",
    "description",
    "visibility",
    "metadata",
    "is_archived",
    "trial_interval",
    "trial_interval_count",
    "recurring_interval_count",
    "meter_interval",
    "meter_interval_count",
];

fn list(world: &mut World, call: &Call) -> Outcome {
    let query = call.one("query").unwrap_or_default().to_lowercase();
    let benefits = call.all("benefit_id");
    let keeps = |row: &&Value| {
        let has = |id: &str| row["benefit_ids"].as_array().is_some_and(|ids| ids.iter().any(|other| other == id));
        call.keeps(world, row, &["id", "organization_id", "is_archived", "is_recurring", "visibility"])
            && row["name"].as_str().unwrap_or_default().to_lowercase().contains(&query)
            && (benefits.is_empty() || benefits.iter().any(|id| has(id)))
    };
    let products = world.rows("products").filter(keeps).map(|row| views::product(world, &row["id"])).collect();
    page(call, "Product", products)
}

fn create(world: &mut World, call: &Call) -> Outcome {
    let interval = call.body["recurring_interval"].clone();
    let id = world.new_id();
    let prices = prices(world, &id, &interval, &call.body["prices"])?;
    let mut row = json!({
        "id": id, "description": null, "visibility": "public", "metadata": {}, "is_archived": false,
        "recurring_interval": interval, "recurring_interval_count": if interval.is_null() { Value::Null } else { json!(1) },
        "is_recurring": !interval.is_null(), "organization_id": world.organization, "prices": prices, "medias": [],
        "attached_custom_fields": [], "benefit_ids": [],
    });
    merge(&mut row, &given(&call.body, &SETTABLE));
    world.insert("products", row);
    changed(world, &id, "product.created", 201)
}

/// Returns the new prices of a product. A price that is only an id is unchanged.
fn prices(world: &mut World, product: &str, interval: &Value, bodies: &Value) -> Result<Vec<Value>, Told> {
    let mut prices = Vec::new();
    let present = world.get("products", product).map(|row| row["prices"].clone()).unwrap_or_default();
    for body in bodies.as_array().into_iter().flatten() {
        let kept = present.as_array().into_iter().flatten().find(|price| price["id"] == body["id"]);
        if let Some(kept) = kept {
            prices.push(kept.clone());
            continue;
        }
        if body["meter_id"].is_string() && world.row("meters", &body["meter_id"]).is_null() {
            return Err(impossible(&[json!("prices")], "Meter does not exist.", &body["meter_id"]));
        }
        let mut price = json!({
            "created_at": world.timestamp(), "modified_at": null, "id": world.new_id(), "source": "catalog",
            "price_currency": "usd", "tax_behavior": null, "is_archived": false, "product_id": product,
            "type": if interval.is_null() { "one_time" } else { "recurring" }, "recurring_interval": interval,
        });
        merge(&mut price, body);
        prices.push(price);
    }
    Ok(prices)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id")).and_then(|product| shown(200, "Product", &product))
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    Some(views::product(world, &json!(id))).filter(|product| product["id"].is_string()).ok_or_else(not_found)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    let product = found(world, call.path("id"))?;
    let mut changes = given(&call.body, &SETTABLE);
    if call.body["prices"].is_array() {
        changes["prices"] =
            prices(world, call.path("id"), &product["recurring_interval"], &call.body["prices"])?.into();
    }
    world.update("products", call.path("id"), &changes);
    changed(world, call.path("id"), "product.updated", 200)
}

fn delete(world: &mut World, call: &Call) -> Outcome {
    if found(world, call.path("id"))?["is_deletable"] != true {
        return Err(refusal(409, "ProductNotDeletable", "The product was sold. Archive it instead."));
    }
    world.remove("products", call.path("id"));
    Ok(Told::empty(204))
}

fn update_benefits(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    for (index, id) in call.body["benefits"].as_array().into_iter().flatten().enumerate() {
        if world.row("benefits", id).is_null() {
            return Err(impossible(&[json!("benefits"), json!(index)], "Benefit does not exist.", id));
        }
    }
    world.update("products", call.path("id"), &json!({"benefit_ids": call.body["benefits"]}));
    changed(world, call.path("id"), "product.updated", 200)
}

fn changed(world: &mut World, id: &str, event: &str, status: u16) -> Outcome {
    let product = views::product(world, &json!(id));
    world.emit(event, shape("Product", &product));
    shown(status, "Product", &product)
}
