//! The operations. Each is a function of the state and a call; their common parts are here.

mod benefits;
mod checkouts;
mod customers;
mod events;
mod meters;
mod orders;
mod organizations;
mod portal;
mod products;
mod subscriptions;
mod views;
mod webhooks;

use serde_json::{Value, json};

use crate::server::Told;
use crate::shape::shape;
use crate::validate::problem;
use crate::world::{Subject, World};

/// A request to an operation.
pub(crate) struct Call {
    /// Path parameters.
    pub(crate) path: Vec<(&'static str, String)>,
    /// Query.
    pub(crate) query: Vec<(String, String)>,
    /// Body; null if there is none.
    pub(crate) body: Value,
    /// Whose token it has. `None` without a token.
    pub(crate) subject: Option<Subject>,
}

/// The response of an operation, or its error.
pub(crate) type Outcome = Result<Told, Told>;

/// The function of an operation.
pub(crate) type Handler = fn(&mut World, &Call) -> Outcome;

/// Returns the function of an operation. `None` if the server does not support it.
pub(crate) fn handler(id: &str) -> Option<Handler> {
    let all = [
        benefits::OPERATIONS,
        checkouts::OPERATIONS,
        customers::OPERATIONS,
        events::OPERATIONS,
        meters::OPERATIONS,
        orders::OPERATIONS,
        organizations::OPERATIONS,
        portal::OPERATIONS,
        products::OPERATIONS,
        subscriptions::OPERATIONS,
        webhooks::OPERATIONS,
    ];
    all.into_iter().flatten().find(|(known, _)| *known == id).map(|(_, handler)| *handler)
}

pub(crate) use checkouts::{confirm, expire};
pub(crate) use events::{attribute_events, refresh_meters};
pub(crate) use subscriptions::{cycle, end};

impl Call {
    /// A path parameter.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// All values of a query parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a query parameter.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Returns the id of the customer whose session it is. Empty for the organization, which the portal rejects before.
    pub(crate) fn customer(&self) -> &str {
        match &self.subject {
            Some(Subject::Customer(id, _)) => id,
            _ => "",
        }
    }

    /// Returns whether a row has the values in the query: of the properties with these names, of `metadata`, and of the
    /// customer by its external id.
    pub(crate) fn keeps(&self, world: &World, row: &Value, names: &[&str]) -> bool {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fits = |name: &&str| {
            let wanted = self.all(name);
            wanted.is_empty() || wanted.contains(&text(&row[*name]).as_str())
        };
        let metadata = self
            .query
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("metadata[")?.strip_suffix(']')?, value)));
        let external = self.all("external_customer_id");
        let customer = || world.row("customers", &row["customer_id"])["external_id"].clone();
        names.iter().all(fits)
            && metadata.into_iter().all(|(key, value)| text(&row["metadata"][key]) == *value)
            && (external.is_empty() || external.contains(&customer().as_str().unwrap_or_default()))
    }
}

/// The server's 404 response for anything that it can't find.
pub(crate) fn not_found() -> Told {
    refusal(404, "ResourceNotFound", "Not found")
}

/// An error of the API.
pub(crate) fn refusal(status: u16, error: &str, detail: &str) -> Told {
    Told::json(status, &json!({"error": error, "detail": detail}))
}

/// 422 with what is wrong.
pub(crate) fn invalid(problems: &[Value]) -> Told {
    Told::json(422, &json!({"error": "RequestValidationError", "detail": problems}))
}

/// 422 about a value of the body that the schema allows and the state does not.
pub(crate) fn impossible(place: &[Value], message: &str, input: &Value) -> Told {
    let problems = [problem("value_error", &[&[json!("body")], place].concat(), message, input.clone(), None)];
    Told::json(422, &json!({"error": "PolarRequestValidationError", "detail": problems}))
}

/// Returns a response with the part of a value that a component schema shows.
pub(crate) fn shown(status: u16, name: &str, value: &Value) -> Outcome {
    Ok(Told::json(status, &shape(name, value)))
}

/// Returns a page of a list, in the order of the query; by default, the newest come first. The items are shown as a
/// component schema.
pub(crate) fn page(call: &Call, name: &str, mut items: Vec<Value>) -> Outcome {
    items.reverse();
    for sorting in call.all("sorting").into_iter().rev() {
        let (property, descending) = sorting.strip_prefix('-').map_or((sorting, false), |property| (property, true));
        // Equal ones keep their order in both directions.
        items.sort_by(|left, right| {
            let order = compare(&left[property], &right[property]);
            if descending { order.reverse() } else { order }
        });
    }
    let number = |name: &str, usual: usize| call.one(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (page, limit) = (number("page", 1).max(1), number("limit", 10).clamp(1, 100));
    let count = items.len();
    let shown: Vec<Value> = items.iter().skip((page - 1) * limit).take(limit).map(|item| shape(name, item)).collect();
    let pagination = json!({"total_count": count, "max_page": count.div_ceil(limit)});
    Ok(Told::json(200, &json!({"items": shown, "pagination": pagination})))
}

fn compare(left: &Value, right: &Value) -> std::cmp::Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.as_str().unwrap_or_default().cmp(right.as_str().unwrap_or_default()),
    }
}
