//! Operations and webhooks of a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::schemas::{Reader, Schema};
use crate::import::METHODS;

/// An operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// In upper case.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) deprecated: bool,
    pub(crate) security: Vec<Requirement>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// By status, such as `200`, `4XX` or `default`.
    pub(crate) responses: BTreeMap<String, Response>,
    /// Its pagination, if it returns a list in pages.
    pub(crate) pagination: Option<String>,
    pub(crate) text: String,
}

/// A kind of token, and the scopes of which it needs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) schemes: BTreeSet<String>,
    pub(crate) scopes: BTreeSet<String>,
}

/// A parameter in the path, the query or a header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub(crate) place: String,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    /// How lists and objects are encoded, and whether lists repeat the key.
    pub(crate) style: (String, bool),
    pub(crate) schema: Schema,
}

/// The body that a client sends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Body {
    pub(crate) required: bool,
    /// By media type.
    pub(crate) contents: BTreeMap<String, Schema>,
}

/// The response that a client receives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Response {
    /// By media type.
    pub(crate) contents: BTreeMap<String, Schema>,
}

impl Operation {
    /// The path with numbered parameters: their names do not matter to a caller.
    pub(crate) fn route(&self) -> String {
        let parts =
            self.path.split('/').map(|part| if part.starts_with('{') && part.ends_with('}') { "{}" } else { part });
        format!("{} {}", self.method, parts.collect::<Vec<_>>().join("/"))
    }
}

/// The operations by their ids.
pub(super) fn read(document: &Map<String, Value>, reader: &Reader<'_>) -> BTreeMap<String, Operation> {
    let mut operations = BTreeMap::new();
    let default_security = document.get("security");
    for (path, item) in entries(document.get("paths")) {
        let Some(item) = reader.resolve(item).as_object() else { continue };
        for method in METHODS {
            let Some(operation) = item.get(*method).and_then(Value::as_object) else { continue };
            let upper = method.to_uppercase();
            let id = operation.get("operationId").and_then(Value::as_str);
            let id = id.map_or_else(|| format!("{upper} {path}"), str::to_owned);
            let security = operation.get("security").or(default_security);
            let shared = item.get("parameters");
            let read = Operation {
                method: upper,
                path: path.clone(),
                deprecated: is_true(operation.get("deprecated")),
                security: requirements(security),
                parameters: parameters(shared, operation.get("parameters"), reader),
                body: operation.get("requestBody").map(|body| self::body(body, reader)),
                responses: responses(operation.get("responses"), reader),
                pagination: pagination(operation),
                text: text(operation),
            };
            operations.insert(id, read);
        }
    }
    operations
}

/// The payloads of webhooks by event.
pub(super) fn webhooks(document: &Map<String, Value>, reader: &Reader<'_>) -> BTreeMap<String, Schema> {
    let mut webhooks = BTreeMap::new();
    for (event, item) in entries(document.get("webhooks")) {
        let Some(item) = reader.resolve(item).as_object() else { continue };
        let operations = METHODS.iter().filter_map(|method| item.get(*method)?.as_object());
        let bodies = operations.filter_map(|operation| operation.get("requestBody"));
        let payload = bodies.map(|body| self::body(body, reader)).find_map(|body| body.contents.into_values().next());
        webhooks.insert(event.clone(), payload.unwrap_or_default());
    }
    webhooks
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten().filter(|(name, _)| !name.starts_with("x-"))
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool).unwrap_or_default()
}

/// The texts of an object, to detect whether they changed.
pub(super) fn text(members: &Map<String, Value>) -> String {
    let texts = ["summary", "description"].iter().filter_map(|name| members.get(*name)?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn requirements(security: Option<&Value>) -> Vec<Requirement> {
    let ways = security.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let requirement = |way: &Map<String, Value>| {
        let scopes = way.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        Requirement { schemes: way.keys().cloned().collect(), scopes: scopes.map(str::to_owned).collect() }
    };
    ways.map(requirement).collect()
}

/// The parameters of the path item, and those of the operation, which replace them.
fn parameters(shared: Option<&Value>, own: Option<&Value>, reader: &Reader<'_>) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let lists = [shared, own].into_iter().flatten().filter_map(Value::as_array);
    for members in lists.flatten().filter_map(|parameter| reader.resolve(parameter).as_object()) {
        let string = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let schema = members.get("schema").or_else(|| {
            let contents = members.get("content").and_then(Value::as_object)?;
            contents.values().next()?.get("schema")
        });
        let mut schema = schema.map(|schema| reader.schema(schema)).unwrap_or_default();
        if schema.text.is_empty() {
            schema.text = text(members);
        }
        let place = string("in");
        let style = members.get("style").and_then(Value::as_str);
        let style = style.unwrap_or(if ["query", "cookie"].contains(&place.as_str()) { "form" } else { "simple" });
        let explode = members.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        let parameter = Parameter {
            name: string("name"),
            place,
            required: is_true(members.get("required")),
            deprecated: is_true(members.get("deprecated")),
            style: (style.to_owned(), explode),
            schema,
        };
        parameters.retain(|other| (&other.name, &other.place) != (&parameter.name, &parameter.place));
        parameters.push(parameter);
    }
    parameters
}

fn body(body: &Value, reader: &Reader<'_>) -> Body {
    let body = reader.resolve(body);
    Body { required: is_true(body.get("required")), contents: contents(body.get("content"), reader) }
}

fn responses(responses: Option<&Value>, reader: &Reader<'_>) -> BTreeMap<String, Response> {
    let read = |response: &Value| Response { contents: contents(reader.resolve(response).get("content"), reader) };
    entries(responses).map(|(status, response)| (status.clone(), read(response))).collect()
}

fn contents(contents: Option<&Value>, reader: &Reader<'_>) -> BTreeMap<String, Schema> {
    let schema = |media: &Value| media.get("schema").map(|schema| reader.schema(schema)).unwrap_or_default();
    // Parameters of a media type, such as the character set, do not change its meaning.
    let name = |media: &String| media.split(';').next().unwrap_or_default().trim().to_lowercase();
    entries(contents).map(|(media, content)| (name(media), schema(content))).collect()
}

fn pagination(operation: &Map<String, Value>) -> Option<String> {
    let own = operation.get("x-polar-pagination").and_then(|pagination| pagination.get("type"));
    let own = own.and_then(Value::as_str).map(str::to_owned);
    own.or_else(|| operation.contains_key("x-speakeasy-pagination").then(|| "page_limit".to_owned()))
}
