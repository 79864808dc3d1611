//! The document that is compiled in: operations, and the schemas of their requests and responses.
//!
//! `document.json` is the document of the client after its corrections, without prose. A test of the workspace compares
//! them.

use std::sync::OnceLock;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The document.
pub(crate) struct Document(Value);

/// An operation of the document.
#[derive(Clone, Copy)]
pub(crate) struct Operation(&'static Value);

/// The operation of a method and a path.
pub(crate) enum Route {
    /// An operation, with the values of its path parameters.
    Found(Operation, Vec<(&'static str, String)>),
    /// A path with other methods.
    MethodNotAllowed,
    /// An unknown path.
    NotFound,
}

/// The document.
pub(crate) fn document() -> &'static Document {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    // If it is not JSON, that is a fault of this crate, which its tests find.
    DOCUMENT.get_or_init(|| Document(serde_json::from_str(include_str!("document.json")).unwrap_or_default()))
}

impl Document {
    /// The API version.
    pub(crate) fn version(&self) -> &str {
        self.0["version"].as_str().unwrap_or_default()
    }

    /// All operations.
    pub(crate) fn operations(&'static self) -> impl Iterator<Item = Operation> {
        self.0["operations"].as_array().into_iter().flatten().map(Operation)
    }

    /// The operation with an id.
    pub(crate) fn operation(&'static self, id: &str) -> Option<Operation> {
        self.operations().find(|operation| operation.id() == id)
    }

    /// Names of all webhook events.
    pub(crate) fn webhooks(&'static self) -> impl Iterator<Item = &'static str> {
        self.0["webhooks"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The schema of the payload of a webhook event.
    pub(crate) fn webhook(&self, name: &str) -> Option<&Value> {
        self.0["webhooks"].get(name)
    }

    /// Returns a component schema. Null if none has this name.
    pub(crate) fn schema(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// Returns a schema, or the target of its `$ref`.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            Some(name) => self.resolve(self.schema(name)),
            None => schema,
        }
    }

    /// The variants of a schema, nested ones and references resolved; the schema itself if it is not a union.
    pub(crate) fn variants<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        match ["oneOf", "anyOf"].iter().find_map(|keyword| schema[*keyword].as_array()) {
            Some(variants) => variants.iter().flat_map(|variant| self.variants(variant)).collect(),
            None => vec![schema],
        }
    }

    /// Returns the operation of a request. The path is decoded before it is split, as the server does: an encoded slash
    /// separates segments.
    pub(crate) fn route(&'static self, method: &str, path: &str) -> Route {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<&str> = path.split('/').collect();
        let mut candidates: Vec<_> =
            self.operations().filter_map(|operation| Some((operation, operation.parameters_of(&segments)?))).collect();
        // `/events/names` is a separate operation, and not an event with the id `names`.
        candidates.sort_by_key(|(_, parameters)| parameters.len());
        let least = candidates.first().map(|(_, parameters)| parameters.len());
        candidates.retain(|(_, parameters)| Some(parameters.len()) == least);
        let is_known = !candidates.is_empty();
        match candidates.into_iter().find(|(operation, _)| operation.method() == method) {
            Some((operation, parameters)) => Route::Found(operation, parameters),
            None if is_known => Route::MethodNotAllowed,
            None => Route::NotFound,
        }
    }
}

impl Operation {
    fn text(self, key: &str) -> &'static str {
        self.0[key].as_str().unwrap_or_default()
    }

    /// Operation id.
    pub(crate) fn id(self) -> &'static str {
        self.text("id")
    }

    /// HTTP method in upper case.
    pub(crate) fn method(self) -> &'static str {
        self.text("method")
    }

    /// Path template.
    pub(crate) fn path(self) -> &'static str {
        self.text("path")
    }

    /// Names of the accepted security schemes. Empty if it needs no token.
    pub(crate) fn schemes(self) -> impl Iterator<Item = &'static str> {
        self.0["schemes"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// Parameters in `path_parameters` or `query`: name, schema, and whether it is required.
    pub(crate) fn parameters(self, place: &str) -> impl Iterator<Item = (&'static str, &'static Value, bool)> {
        let parameters = self.0.get(place).and_then(Value::as_array).into_iter().flatten();
        parameters.map(|parameter| {
            (parameter["name"].as_str().unwrap_or_default(), &parameter["schema"], parameter["required"] == true)
        })
    }

    /// Media type and schema of the request body, and whether it is required.
    pub(crate) fn body(self) -> Option<(&'static str, &'static Value, bool)> {
        let body = self.0.get("body")?;
        Some((body["media"].as_str()?, &body["schema"], body["required"] == true))
    }

    /// Status and schema of each documented response: successes, then errors. A body that is not JSON has no schema.
    pub(crate) fn responses(self) -> impl Iterator<Item = (u16, Option<&'static Value>)> {
        let list = |key: &str| self.0[key].as_array().into_iter().flatten();
        list("successes").chain(list("errors")).filter_map(|response| {
            let is_json = response["media"].as_str().is_none_or(|media| media == "application/json");
            let schema = response.get("schema").filter(|_| is_json);
            Some((u16::try_from(response["status"].as_u64()?).ok()?, schema))
        })
    }

    /// Returns the path parameters, if the path belongs to this operation.
    fn parameters_of(self, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
        let template: Vec<&str> = self.path().split('/').collect();
        if template.len() != segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (name, value) in template.into_iter().zip(segments) {
            match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if value.is_empty() => return None,
                Some(name) => parameters.push((name, (*value).to_owned())),
                None if name == *value => {}
                None => return None,
            }
        }
        Some(parameters)
    }
}
