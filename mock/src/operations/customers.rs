//! Customers, their entitlements, and their sessions.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Call, Handler, Outcome, impossible, not_found, page, shown, views};
use crate::server::Told;
use crate::shape::shape;
use crate::world::{Subject, World, given, id_of, merge, timestamp};

pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("customers:list", list),
    ("customers:create", create),
    ("customers:get", get),
    ("customers:get_external", get),
    ("customers:update", update),
    ("customers:update_external", update),
    ("customers:delete", delete),
    ("customers:delete_external", delete),
    ("customers:get_state", get_state),
    ("customers:get_state_external", get_state),
    ("customer-sessions:create", create_session),
];

/// Life of a customer session.
const SESSION: Duration = Duration::from_secs(60 * 60);

/// Properties that are copied from a request.
const SETTABLE: [&str; 7] = ["name", "email", "external_id", "billing_address", "locale", "metadata", "type"];

fn list(world: &mut World, call: &Call) -> Outcome {
    let query = call.one("query").unwrap_or_default().to_lowercase();
    let text = |row: &Value| format!("{} {} {}", row["email"], row["name"], row["external_id"]).to_lowercase();
    let keeps = |row: &&Value| call.keeps(world, row, &["organization_id", "email"]) && text(row).contains(&query);
    let customers = world.rows("customers").filter(keeps).map(|row| views::customer(world, &row["id"])).collect();
    page(call, "Customer", customers)
}

fn create(world: &mut World, call: &Call) -> Outcome {
    let email = &call.body["email"];
    if by_email(world, email).is_some() {
        return Err(impossible(&[json!("email")], "A customer with this email address already exists.", email));
    }
    let id = insert(world, &given(&call.body, &SETTABLE));
    shown(201, "Customer", &views::customer(world, &json!(id)))
}

/// Adds a customer and sends the webhook.
pub(crate) fn insert(world: &mut World, properties: &Value) -> String {
    let mut row = json!({
        "metadata": {}, "external_id": null, "email_verified": false, "type": "individual", "name": null,
        "billing_address": null, "tax_id": null, "locale": null, "organization_id": world.organization,
        "default_payment_method_id": null, "deleted_at": null, "first_user_event_at": null, "avatar_url": null,
    });
    merge(&mut row, properties);
    let name = row["name"].clone();
    merge(&mut row, &json!({"billing_name": name}));
    let id = world.insert("customers", row);
    super::attribute_events(world, &id);
    changed(world, &id, "customer.created");
    id
}

/// Sends the events that a customer changed, and with it the customer's state.
fn changed(world: &mut World, id: &str, event: &str) {
    let customer = views::customer(world, &json!(id));
    world.emit(event, shape("Customer", &customer));
    state_changed(world, id);
}

/// Sends the state of a customer.
pub(crate) fn state_changed(world: &mut World, id: &str) {
    let state = views::customer_state(world, &json!(id));
    world.emit("customer.state_changed", shape("CustomerState", &state));
}

/// Returns the customer with an e-mail address; the case does not matter.
pub(crate) fn by_email(world: &World, email: &Value) -> Option<String> {
    let email = email.as_str()?;
    let has = |row: &&Value| row["email"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(email));
    world.rows("customers").find(has).map(id_of)
}

/// Returns the customer with an id of the merchant.
pub(crate) fn by_external_id(world: &World, external_id: &Value) -> Option<String> {
    external_id.as_str()?;
    world.rows("customers").find(|row| row["external_id"] == *external_id).map(id_of)
}

/// Returns the customer in the path, by either id.
fn in_path(world: &World, call: &Call) -> Result<String, Told> {
    let id = match call.path("external_id") {
        "" => Some(call.path("id").to_owned()).filter(|id| world.get("customers", id).is_some()),
        external_id => by_external_id(world, &json!(external_id)),
    };
    id.ok_or_else(not_found)
}

fn get(world: &mut World, call: &Call) -> Outcome {
    let id = in_path(world, call)?;
    shown(200, "Customer", &views::customer(world, &json!(id)))
}

fn update(world: &mut World, call: &Call) -> Outcome {
    let id = in_path(world, call)?;
    let mut changes = given(&call.body, &SETTABLE);
    let present = world.row("customers", &json!(id))["external_id"].clone();
    if let Some(external_id) = call.body.get("external_id")
        && !present.is_null()
        && *external_id != present
    {
        return Err(impossible(&[json!("external_id")], "Customer external ID cannot be updated.", external_id));
    }
    if by_email(world, &call.body["email"]).is_some_and(|other| other != id) {
        return Err(impossible(
            &[json!("email")],
            "A customer with this email address already exists.",
            &call.body["email"],
        ));
    }
    if let Some(members) = changes.as_object_mut() {
        // Null does not change a property that can't be null.
        members.retain(|name, value| !value.is_null() || !["email", "type"].contains(&name.as_str()));
    }
    world.update("customers", &id, &changes);
    changed(world, &id, "customer.updated");
    shown(200, "Customer", &views::customer(world, &json!(id)))
}

fn delete(world: &mut World, call: &Call) -> Outcome {
    let id = in_path(world, call)?;
    let now = world.clock.now();
    world.update("customers", &id, &json!({"deleted_at": timestamp(now)}));
    for subscription in world.ids_with("subscriptions", "customer_id", &id) {
        super::end(world, &subscription);
    }
    changed(world, &id, "customer.deleted");
    // Orders still show the customer, so the row stays; it can't be found any more.
    let mut row = world.row("customers", &json!(id));
    merge(&mut row, &json!({"external_id": null, "email": format!("{id}@deleted.example.com")}));
    world.remove("customers", &id);
    world.insert("deleted_customers", row);
    Ok(Told::empty(204))
}

fn get_state(world: &mut World, call: &Call) -> Outcome {
    let id = in_path(world, call)?;
    shown(200, "CustomerState", &views::customer_state(world, &json!(id)))
}

fn create_session(world: &mut World, call: &Call) -> Outcome {
    let (name, id) = match call.body.get("external_customer_id") {
        Some(external_id) => ("external_customer_id", by_external_id(world, external_id)),
        None => ("customer_id", call.body["customer_id"].as_str().map(str::to_owned)),
    };
    let Some(id) = id.filter(|id| world.get("customers", id).is_some()) else {
        return Err(impossible(&[json!(name)], "Customer does not exist.", &call.body[name]));
    };
    let (row, token) = session(world, &id, &call.body["return_url"]);
    let slug = views::organization(world)["slug"].as_str().unwrap_or_default().to_owned();
    let mut session = views::session(world, &row);
    let url = format!("{}/{slug}/portal?customer_session_token={token}", world.url);
    merge(&mut session, &json!({"token": token, "customer_portal_url": url}));
    shown(201, "CustomerSession", &session)
}

/// Creates a session of a customer: its row, and its token.
pub(crate) fn session(world: &mut World, customer: &str, return_url: &Value) -> (Value, String) {
    let token = world.new_token("polar_cst_");
    let expires = world.after(SESSION);
    world.tokens.insert(token.clone(), Subject::Customer(customer.to_owned(), expires));
    let row = json!({"customer_id": customer, "expires_at": timestamp(expires), "return_url": return_url});
    let id = world.insert("sessions", row);
    (world.row("sessions", &json!(id)), token)
}
