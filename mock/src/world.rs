//! The state of the server: rows of JSON in tables, a clock, and a source of ids.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::authorization;
use crate::clock::{Clock, Ids};
use crate::delivery::Outbox;
use crate::document::document;
use crate::fault::Faults;

/// Whose token a request has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The organization, or a user who acts for it.
    Organization,
    /// A customer, by id, until the session expires.
    Customer(String, DateTime<Utc>),
}

/// The state of the server.
pub(crate) struct World {
    /// Base URL of the server.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    ids: Ids,
    tables: BTreeMap<&'static str, Map<String, Value>>,
    /// Valid tokens.
    pub(crate) tokens: HashMap<String, Subject>,
    pub(crate) faults: Faults,
    pub(crate) outbox: Outbox,
    /// New endpoints, to which no task delivers yet.
    pub(crate) new_endpoints: Vec<String>,
    /// Logins with Polar.
    pub(crate) login: authorization::State,
    /// Id of the organization.
    pub(crate) organization: String,
}

impl World {
    pub(crate) fn new(url: String, clock: Clock, mut ids: Ids, login: authorization::State) -> Self {
        let organization = ids.next_id();
        let mut world = Self {
            url,
            clock,
            ids,
            tables: BTreeMap::new(),
            tokens: HashMap::new(),
            faults: Faults::default(),
            outbox: Outbox::default(),
            new_endpoints: Vec::new(),
            login,
            organization: organization.clone(),
        };
        let row = json!({
            "id": organization, "name": "Acme", "slug": "acme", "proration_behavior": "prorate",
            "allow_customer_updates": true, "email": "hello@example.com", "website": "https://example.com",
            "socials": [], "status": "active", "default_presentment_currency": "usd",
            "default_tax_behavior": "exclusive", "country": "US",
        });
        world.insert("organizations", row);
        world
    }

    /// Returns the time in the format of the API.
    pub(crate) fn timestamp(&self) -> String {
        timestamp(self.clock.now())
    }

    /// Returns a new id.
    pub(crate) fn new_id(&mut self) -> String {
        self.ids.next_id()
    }

    /// Returns a new token with a prefix.
    pub(crate) fn new_token(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.ids.next_id().replace('-', ""))
    }

    /// Adds a row and returns its id. A row without an id gets one.
    pub(crate) fn insert(&mut self, table: &'static str, row: Value) -> String {
        let id = row["id"].as_str().map_or_else(|| self.new_id(), str::to_owned);
        let mut whole = json!({"id": id, "created_at": self.timestamp(), "modified_at": null});
        merge(&mut whole, &row);
        self.tables.entry(table).or_default().insert(id.clone(), whole);
        id
    }

    /// Returns a row.
    pub(crate) fn get(&self, table: &str, id: &str) -> Option<&Value> {
        self.tables.get(table)?.get(id)
    }

    /// Returns a row, or null.
    pub(crate) fn row(&self, table: &str, id: &Value) -> Value {
        id.as_str().and_then(|id| self.get(table, id)).cloned().unwrap_or_default()
    }

    /// Changes properties of a row, and its time of modification.
    pub(crate) fn update(&mut self, table: &'static str, id: &str, changes: &Value) {
        let modified = self.timestamp();
        if let Some(row) = self.tables.get_mut(table).and_then(|rows| rows.get_mut(id)) {
            merge(row, changes);
            row["modified_at"] = modified.into();
        }
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, table: &str, id: &str) -> Option<Value> {
        self.tables.get_mut(table)?.shift_remove(id)
    }

    /// All rows, oldest first.
    pub(crate) fn rows(&self, table: &str) -> impl DoubleEndedIterator<Item = &Value> + use<'_> {
        self.tables.get(table).into_iter().flat_map(|rows| rows.values())
    }

    /// The rows with a value in a property, oldest first.
    pub(crate) fn rows_with(&self, table: &str, property: &str, value: &str) -> Vec<Value> {
        self.rows(table).filter(|row| row[property] == value).cloned().collect()
    }

    /// Ids of the rows with a value in a property, oldest first.
    pub(crate) fn ids_with(&self, table: &str, property: &str, value: &str) -> Vec<String> {
        self.rows(table).filter(|row| row[property] == value).map(id_of).collect()
    }

    /// Queues a webhook event for each enabled endpoint that is subscribed to it.
    pub(crate) fn emit(&mut self, event: &str, data: Value) {
        let timestamp = self.timestamp();
        let wants = |endpoint: &&Value| {
            endpoint["enabled"] == true
                && endpoint["events"].as_array().is_some_and(|events| events.iter().any(|other| other == event))
        };
        let endpoints: Vec<(String, Value)> = self
            .rows("endpoints")
            .filter(wants)
            .map(|endpoint| (id_of(endpoint), endpoint["api_version"].clone()))
            .collect();
        self.outbox.record(event, &data);
        for (endpoint, api_version) in endpoints {
            let payload =
                json!({"type": event, "timestamp": timestamp, "data": data, "api_version": api_version}).to_string();
            let row = json!({
                "endpoint_id": endpoint, "type": event, "api_version": api_version, "payload": payload,
                "last_http_code": null, "succeeded": null, "skipped": false, "is_archived": false,
            });
            let id = self.insert("webhook_events", row);
            self.outbox.queue(&endpoint, &id);
        }
    }

    /// Returns the current time plus a duration.
    pub(crate) fn after(&self, duration: Duration) -> DateTime<Utc> {
        self.clock.now() + duration
    }
}

/// The version of an endpoint whose creator sets none.
pub(crate) fn current_version() -> &'static str {
    document().version()
}

/// Returns a time in the format of the API.
pub(crate) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Parses a time in any format that the API accepts.
pub(crate) fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|time| time.to_utc())
}

/// Copies the properties of one object to another.
pub(crate) fn merge(into: &mut Value, from: &Value) {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) {
        into.extend(from.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// The id of a row.
pub(crate) fn id_of(row: &Value) -> String {
    row["id"].as_str().unwrap_or_default().to_owned()
}

/// Returns the listed properties of an object that are present.
pub(crate) fn given(body: &Value, names: &[&str]) -> Value {
    let given = names.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    Value::Object(given.collect())
}
