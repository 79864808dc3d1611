//! Benefits and their grants.

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, not_found, page, shown, subscriptions, views};
use crate::server::Told;
use crate::shape::shape;
use crate::world::{World, given, id_of, merge};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("benefits:list", list),
    ("benefits:create", create),
    ("benefits:get", get),
    ("benefits:update", update),
    ("benefits:delete", delete),
    ("benefits:grants", grants),
    ("benefit-grants:list", list_grants),
];

fn list(world: &mut World, call: &Call) -> Outcome {
    let query = call.one("query").unwrap_or_default().to_lowercase();
    let types = call.all("type");
    let keeps = |row: &&Value| {
        row["is_deleted"] != true
            && call.keeps(world, row, &["organization_id"])
            && row["description"].as_str().unwrap_or_default().to_lowercase().contains(&query)
            && (types.is_empty() || types.iter().any(|kind| row["type"] == *kind))
    };
    let benefits = world.rows("benefits").filter(keeps).cloned().collect();
    page(call, "Benefit", benefits)
}

fn create(world: &mut World, call: &Call) -> Outcome {
    // Feature flags are for programs, and are not shown to customers.
    let visibility = if call.body["type"] == "feature_flag" { "private" } else { "public" };
    let mut row = json!({
        "selectable": true, "deletable": true, "is_deleted": false, "organization_id": world.organization,
        "metadata": {}, "visibility": visibility, "visibility_configurable": true,
    });
    merge(&mut row, &given(&call.body, &["type", "description", "properties", "metadata"]));
    if call.body["visibility"].is_string() {
        merge(&mut row, &json!({"visibility": call.body["visibility"]}));
    }
    let id = world.insert("benefits", row);
    changed(world, &id, "benefit.created", 201)
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("benefits", id).filter(|row| row["is_deleted"] != true).cloned().ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "Benefit", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    let changes = given(&call.body, &["description", "properties", "metadata", "visibility"]);
    world.update("benefits", call.path("id"), &changes);
    changed(world, call.path("id"), "benefit.updated", 200)
}

fn changed(world: &mut World, id: &str, event: &str, status: u16) -> Outcome {
    let benefit = found(world, id)?;
    world.emit(event, shape("Benefit", &benefit));
    shown(status, "Benefit", &benefit)
}

fn delete(world: &mut World, call: &Call) -> Outcome {
    let id = call.path("id");
    found(world, id)?;
    subscriptions::revoke_grants(world, "benefit_id", id);
    world.update("benefits", id, &json!({"is_deleted": true}));
    let has = |row: &&Value| row["benefit_ids"].as_array().is_some_and(|ids| ids.contains(&json!(id)));
    let products: Vec<Value> = world.rows("products").filter(has).cloned().collect();
    for product in products {
        let ids = product["benefit_ids"].as_array().into_iter().flatten().filter(|other| **other != id);
        let ids: Vec<&Value> = ids.collect();
        world.update("products", &id_of(&product), &json!({"benefit_ids": ids}));
    }
    Ok(Told::empty(204))
}

fn grants(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    granted(world, call, |grant| grant["benefit_id"] == call.path("id"))
}

fn list_grants(world: &mut World, call: &Call) -> Outcome {
    granted(world, call, |_| true)
}

fn granted(world: &World, call: &Call, is_wanted: impl Fn(&Value) -> bool) -> Outcome {
    let keeps =
        |row: &&Value| call.keeps(world, row, &["organization_id", "customer_id", "is_granted"]) && is_wanted(row);
    let grants = world.rows("grants").filter(keeps).map(|row| views::grant(world, row)).collect();
    page(call, "BenefitGrant", grants)
}
