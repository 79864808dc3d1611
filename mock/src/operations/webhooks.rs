//! Endpoints for webhooks, and deliveries to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Call, Handler, Outcome, not_found, page, shown, views};
use crate::server::Told;
use crate::world::{World, current_version, given, merge, time};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("webhooks:list_webhook_endpoints", list),
    ("webhooks:create_webhook_endpoint", create),
    ("webhooks:get_webhook_endpoint", get),
    ("webhooks:update_webhook_endpoint", update),
    ("webhooks:delete_webhook_endpoint", delete),
    ("webhooks:reset_webhook_endpoint_secret", reset_secret),
    ("webhooks:list_webhook_deliveries", list_deliveries),
    ("webhooks:redeliver_webhook_event", redeliver),
];

const SETTABLE: [&str; 6] = ["url", "name", "format", "events", "api_version", "enabled"];

fn list(world: &mut World, call: &Call) -> Outcome {
    let endpoints =
        world.rows("endpoints").filter(|row| call.keeps(world, row, &["organization_id"])).cloned().collect();
    page(call, "WebhookEndpoint", endpoints)
}

fn create(world: &mut World, call: &Call) -> Outcome {
    let mut row = json!({
        "name": null, "api_version": current_version(), "secret": new_secret(world),
        "organization_id": world.organization, "enabled": true, "uses_standard_webhook_signature": true,
    });
    merge(&mut row, &given(&call.body, &SETTABLE));
    let id = world.insert("endpoints", row);
    world.new_endpoints.push(id.clone());
    shown(201, "WebhookEndpoint", &found(world, &id)?)
}

/// Returns a secret in the format that the server uses since September 2026.
fn new_secret(world: &mut World) -> String {
    let key = world.new_token("");
    format!("whsec_{}", STANDARD.encode(&key[..24]))
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("endpoints", id).cloned().ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "WebhookEndpoint", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    let mut changes = given(&call.body, &SETTABLE);
    if let Some(members) = changes.as_object_mut() {
        members.retain(|name, value| name == "name" || !value.is_null());
    }
    world.update("endpoints", call.path("id"), &changes);
    get(world, call)
}

fn delete(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    world.remove("endpoints", call.path("id"));
    world.outbox.forget(call.path("id"));
    Ok(Told::empty(204))
}

fn reset_secret(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    let secret = new_secret(world);
    world.update("endpoints", call.path("id"), &json!({"secret": secret, "uses_standard_webhook_signature": true}));
    get(world, call)
}

fn list_deliveries(world: &mut World, call: &Call) -> Outcome {
    let bound = |name: &str| call.one(name).and_then(|text| time(&json!(text)));
    let (types, class) = (call.all("event_type"), call.one("http_code_class"));
    let keeps = |row: &&Value| {
        let made = time(&row["created_at"]);
        let event = world.row("webhook_events", &row["event_id"]);
        let code = row["http_code"].to_string();
        call.keeps(world, row, &["endpoint_id", "succeeded"])
            && bound("start_timestamp").is_none_or(|start| made >= Some(start))
            && bound("end_timestamp").is_none_or(|end| made <= Some(end))
            && (types.is_empty() || types.iter().any(|kind| event["type"] == *kind))
            && class.is_none_or(|class| code.chars().next() == class.chars().next())
    };
    let deliveries = world.rows("deliveries").filter(keeps).map(|row| views::delivery(world, row)).collect();
    page(call, "WebhookDelivery", deliveries)
}

fn redeliver(world: &mut World, call: &Call) -> Outcome {
    let event = world.get("webhook_events", call.path("id")).cloned().ok_or_else(not_found)?;
    world.update("webhook_events", call.path("id"), &json!({"skipped": false}));
    world.outbox.queue(event["endpoint_id"].as_str().unwrap_or_default(), call.path("id"));
    Ok(Told::empty(202))
}
