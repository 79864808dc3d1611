//! Events, and the meters that count them.

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, customers, impossible, not_found, page, shown, views};
use crate::server::Told;
use crate::world::{World, given, id_of, merge, time};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("events:list", list),
    ("events:ingest", ingest),
    ("events:get", get),
    ("events:list_names", list_names),
    ("customer_meters:list", list_meters),
    ("customer_meters:get", get_meter),
];

fn keeps(world: &World, call: &Call, row: &Value) -> bool {
    let query = call.one("query").unwrap_or_default().to_lowercase();
    let name = row["name"].as_str().unwrap_or_default().to_lowercase();
    let names = ["organization_id", "customer_id", "name", "source", "parent_id"];
    let moment = time(&row["timestamp"]);
    let bound = |name: &str| call.one(name).and_then(|text| time(&json!(text)));
    let meter = call.one("meter_id").map(|id| world.row("meters", &json!(id)));
    call.keeps(world, row, &names)
        && name.contains(&query)
        && bound("start_timestamp").is_none_or(|start| moment >= Some(start))
        && bound("end_timestamp").is_none_or(|end| moment <= Some(end))
        && meter.is_none_or(|meter| matches(&meter["filter"], row))
}

fn list(world: &mut World, call: &Call) -> Outcome {
    let mut events: Vec<Value> =
        world.rows("events").filter(|row| keeps(world, call, row)).map(|row| views::event(world, row)).collect();
    events.sort_by_key(|event| time(&event["timestamp"]));
    page(call, "Event", events)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    let event = world.get("events", call.path("id")).map(|row| views::event(world, row)).ok_or_else(not_found)?;
    shown(200, "Event", &event)
}

fn list_names(world: &mut World, call: &Call) -> Outcome {
    let mut names: Vec<Value> = Vec::new();
    for event in world.rows("events").filter(|row| keeps(world, call, row)) {
        let moment = &event["timestamp"];
        match names.iter_mut().find(|known| known["name"] == event["name"]) {
            Some(known) => {
                known["occurrences"] = json!(known["occurrences"].as_i64().unwrap_or_default() + 1);
                known["last_seen"] = moment.clone();
            }
            None => names.push(json!({
                "name": event["name"], "label": event["label"], "source": event["source"], "occurrences": 1,
                "first_seen": moment, "last_seen": moment,
            })),
        }
    }
    page(call, "EventName", names)
}

fn ingest(world: &mut World, call: &Call) -> Outcome {
    let bodies = call.body["events"].as_array().cloned().unwrap_or_default();
    for (index, body) in bodies.iter().enumerate() {
        let customer = &body["customer_id"];
        if customer.is_string() && world.row("customers", customer).is_null() {
            let place = [json!("events"), json!(index), json!("customer_id")];
            return Err(impossible(&place, "Customer does not exist.", customer));
        }
    }
    let (mut inserted, mut duplicates) = (0, 0);
    for body in bodies {
        let external_id = &body["external_id"];
        if external_id.is_string() && world.rows("events").any(|event| event["external_id"] == *external_id) {
            duplicates += 1;
            continue;
        }
        inserted += 1;
        insert(world, &body);
    }
    Ok(Told::json(200, &json!({"inserted": inserted, "duplicates": duplicates})))
}

fn insert(world: &mut World, body: &Value) {
    let customer = match body["customer_id"].as_str() {
        Some(id) => Some(id.to_owned()),
        None => customers::by_external_id(world, &body["external_customer_id"]),
    };
    let parent = &body["parent_id"];
    let is_parent = |event: &&Value| event["id"] == *parent || event["external_id"] == *parent;
    let parent = parent.as_str().and_then(|_| world.rows("events").find(is_parent).map(id_of));
    let mut row = json!({
        "timestamp": world.timestamp(), "organization_id": world.organization, "customer_id": customer,
        "external_customer_id": null, "external_id": null, "child_count": 0, "parent_id": parent,
        "label": body["name"], "source": "user", "metadata": {},
    });
    merge(&mut row, &given(body, &["name", "timestamp", "external_customer_id", "external_id", "metadata"]));
    world.insert("events", row);
    if let Some(parent) = parent {
        let count = world.get("events", &parent).and_then(|row| row["child_count"].as_i64()).unwrap_or_default();
        world.update("events", &parent, &json!({"child_count": count + 1}));
    }
    if let Some(customer) = customer {
        if world.row("customers", &json!(customer))["first_user_event_at"].is_null() {
            let now = world.timestamp();
            world.update("customers", &customer, &json!({"first_user_event_at": now}));
        }
        refresh_meters(world, &customer);
    }
}

/// Assigns earlier events with its external id to a new customer.
pub(crate) fn attribute_events(world: &mut World, customer: &str) {
    let external_id = world.row("customers", &json!(customer))["external_id"].clone();
    if let Some(external_id) = external_id.as_str() {
        for event in world.ids_with("events", "external_customer_id", external_id) {
            world.update("events", &event, &json!({"customer_id": customer}));
        }
        refresh_meters(world, customer);
    }
}

/// Recounts the events of a customer and the credits of its benefits.
pub(crate) fn refresh_meters(world: &mut World, customer: &str) {
    let meters: Vec<Value> = world.rows("meters").cloned().collect();
    for meter in meters {
        let is_of = |row: &&Value| row["customer_id"] == customer && row["meter_id"] == meter["id"];
        let known = world.rows("customer_meters").find(is_of).cloned();
        let since = known.as_ref().and_then(|known| time(&known["since"]));
        let used = |event: &&Value| {
            event["customer_id"] == customer && matches(&meter["filter"], event) && time(&event["timestamp"]) >= since
        };
        let events: Vec<Value> = world.rows("events").filter(used).cloned().collect();
        let credited: i64 = world
            .rows("grants")
            .filter(|grant| grant["customer_id"] == customer && grant["is_granted"] == true)
            .map(|grant| world.row("benefits", &grant["benefit_id"]))
            .filter(|benefit| benefit["type"] == "meter_credit" && benefit["properties"]["meter_id"] == meter["id"])
            .filter_map(|benefit| benefit["properties"]["units"].as_i64())
            .sum();
        let consumed = aggregate(&meter["aggregation"], &events);
        let counted = json!({
            "consumed_units": whole(consumed), "credited_units": credited, "balance": whole(credited as f64 - consumed),
        });
        match known {
            Some(known) => world.update("customer_meters", &id_of(&known), &counted),
            None if events.is_empty() && credited == 0 => {}
            None => {
                let mut row = json!({"customer_id": customer, "meter_id": meter["id"], "since": null});
                merge(&mut row, &counted);
                world.insert("customer_meters", row);
            }
        }
    }
}

/// Returns an integer if the number has no fraction.
pub(super) fn whole(number: f64) -> Value {
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}

/// Returns whether a filter matches an event.
pub(super) fn matches(filter: &Value, event: &Value) -> bool {
    let Some(clauses) = filter["clauses"].as_array() else { return clause(filter, event) };
    let mut fits = clauses.iter().map(|clause| matches(clause, event));
    if filter["conjunction"] == "or" { clauses.is_empty() || fits.any(|fits| fits) } else { fits.all(|fits| fits) }
}

/// Returns a property of an event: its name, source or time, or a property of its metadata.
fn property<'a>(event: &'a Value, name: &str) -> &'a Value {
    match name {
        "name" | "source" | "timestamp" => &event[name],
        _ => name.split('.').fold(&event["metadata"], |value, part| &value[part]),
    }
}

fn clause(clause: &Value, event: &Value) -> bool {
    let (found, wanted) = (property(event, clause["property"].as_str().unwrap_or_default()), &clause["value"]);
    let order = match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => found.partial_cmp(&wanted),
        _ => found.as_str().zip(wanted.as_str()).map(|(found, wanted)| found.cmp(wanted)),
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is_equal = if found.is_number() && wanted.is_number() {
        order.is_some_and(std::cmp::Ordering::is_eq)
    } else {
        !found.is_null() && text(found) == text(wanted)
    };
    match clause["operator"].as_str() {
        Some("eq") => is_equal,
        Some("ne") => !is_equal,
        Some("gt") => order.is_some_and(std::cmp::Ordering::is_gt),
        Some("gte") => order.is_some_and(std::cmp::Ordering::is_ge),
        Some("lt") => order.is_some_and(std::cmp::Ordering::is_lt),
        Some("lte") => order.is_some_and(std::cmp::Ordering::is_le),
        Some("like") => !found.is_null() && text(found).contains(&text(wanted)),
        Some("not_like") => found.is_null() || !text(found).contains(&text(wanted)),
        _ => false,
    }
}

/// Returns the count of a meter.
pub(super) fn aggregate(aggregation: &Value, events: &[Value]) -> f64 {
    let name = aggregation["property"].as_str().unwrap_or_default();
    let values: Vec<f64> = events.iter().filter_map(|event| property(event, name).as_f64()).collect();
    match aggregation["func"].as_str() {
        Some("sum") => values.iter().sum(),
        Some("max") => values.iter().copied().reduce(f64::max).unwrap_or_default(),
        Some("min") => values.iter().copied().reduce(f64::min).unwrap_or_default(),
        Some("avg") if values.is_empty() => 0.0,
        Some("avg") => values.iter().sum::<f64>() / values.len() as f64,
        Some("unique") => {
            let mut distinct: Vec<String> = events.iter().map(|event| property(event, name).to_string()).collect();
            distinct.sort();
            distinct.dedup();
            distinct.iter().filter(|value| *value != "null").count() as f64
        }
        _ => events.len() as f64,
    }
}

fn list_meters(world: &mut World, call: &Call) -> Outcome {
    let keeps = |row: &&Value| call.keeps(world, row, &["customer_id", "meter_id"]);
    let meters = world.rows("customer_meters").filter(keeps).map(|row| views::customer_meter(world, row)).collect();
    page(call, "CustomerMeter", meters)
}

fn get_meter(world: &mut World, call: &Call) -> Outcome {
    let row = world.get("customer_meters", call.path("id")).ok_or_else(not_found)?;
    shown(200, "CustomerMeter", &views::customer_meter(world, row))
}
