//! Meters.

use chrono::{DateTime, Days, Months, TimeDelta, Utc};
use serde_json::{Value, json};

use super::events::{aggregate, matches, whole};
use super::{Call, Handler, Outcome, not_found, page, shown};
use crate::server::Told;
use crate::world::{World, given, id_of, merge, time, timestamp};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("meters:list", list),
    ("meters:create", create),
    ("meters:get", get),
    ("meters:update", update),
    ("meters:quantities", quantities),
];

/// Maximum number of intervals that are computed.
const INTERVALS: usize = 1000;

fn list(world: &mut World, call: &Call) -> Outcome {
    let query = call.one("query").unwrap_or_default().to_lowercase();
    let archived = call.one("is_archived");
    let keeps = |row: &&Value| {
        call.keeps(world, row, &["organization_id"])
            && row["name"].as_str().unwrap_or_default().to_lowercase().contains(&query)
            && archived.is_none_or(|archived| (archived == "true") != row["archived_at"].is_null())
    };
    let meters = world.rows("meters").filter(keeps).cloned().collect();
    page(call, "Meter", meters)
}

const SETTABLE: [&str; 7] = ["name", "unit", "custom_label", "custom_multiplier", "filter", "aggregation", "metadata"];

fn create(world: &mut World, call: &Call) -> Outcome {
    let mut row = json!({
        "metadata": {}, "unit": "scalar", "custom_label": null, "custom_multiplier": null,
        "organization_id": world.organization, "archived_at": null,
    });
    merge(&mut row, &given(&call.body, &SETTABLE));
    let id = world.insert("meters", row);
    let customers: Vec<String> = world.rows("customers").map(id_of).collect();
    customers.iter().for_each(|customer| super::refresh_meters(world, customer));
    shown(201, "Meter", &found(world, &id)?)
}

fn found(world: &World, id: &str) -> Result<Value, Told> {
    world.get("meters", id).cloned().ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    shown(200, "Meter", &found(world, call.path("id"))?)
}

fn update(world: &mut World, call: &Call) -> Outcome {
    found(world, call.path("id"))?;
    let mut changes = given(&call.body, &SETTABLE);
    if let Some(archived) = call.body["is_archived"].as_bool() {
        let now = world.timestamp();
        merge(&mut changes, &json!({"archived_at": if archived { json!(now) } else { Value::Null }}));
    }
    world.update("meters", call.path("id"), &changes);
    shown(200, "Meter", &found(world, call.path("id"))?)
}

fn quantities(world: &mut World, call: &Call) -> Outcome {
    let meter = found(world, call.path("id"))?;
    let bound = |name: &str| call.one(name).and_then(|text| time(&json!(text))).unwrap_or_else(|| world.clock.now());
    let (start, end) = (bound("start_timestamp"), bound("end_timestamp"));
    let interval = call.one("interval").unwrap_or("day");
    let is_used = |event: &&Value| {
        let at = time(&event["timestamp"]);
        call.keeps(world, event, &["customer_id"])
            && matches(&meter["filter"], event)
            && at >= Some(start)
            && at <= Some(end)
    };
    let events: Vec<Value> = world.rows("events").filter(is_used).cloned().collect();
    let (mut moment, mut quantities) = (start, Vec::new());
    while moment <= end && quantities.len() < INTERVALS {
        let next = after(moment, interval);
        let within = |event: &&Value| time(&event["timestamp"]).is_some_and(|at| at >= moment && at < next);
        let events: Vec<Value> = events.iter().filter(within).cloned().collect();
        let quantity = whole(aggregate(&meter["aggregation"], &events));
        quantities.push(json!({"timestamp": timestamp(moment), "quantity": quantity}));
        moment = next;
    }
    let total = whole(aggregate(&meter["aggregation"], &events));
    Ok(Told::json(200, &json!({"quantities": quantities, "total": total})))
}

fn after(moment: DateTime<Utc>, interval: &str) -> DateTime<Utc> {
    let next = match interval {
        "hour" => moment.checked_add_signed(TimeDelta::hours(1)),
        "week" => moment.checked_add_days(Days::new(7)),
        "month" => moment.checked_add_months(Months::new(1)),
        "year" => moment.checked_add_months(Months::new(12)),
        _ => moment.checked_add_days(Days::new(1)),
    };
    next.unwrap_or(DateTime::<Utc>::MAX_UTC)
}
