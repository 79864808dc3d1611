//! An API document as the data that a comparison needs: operations, webhooks and types, without the idioms of OpenAPI.

mod operations;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub(crate) use operations::{Body, Operation, Parameter, Requirement, Response};
pub(crate) use schemas::{Kind, Property, Schema, Shape, value_text};

/// An API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Api {
    /// `info.version`.
    pub(crate) version: String,
    /// Base URLs.
    pub(crate) servers: Vec<String>,
    /// Operations by `operationId`, or by method and path if they have none.
    pub(crate) operations: BTreeMap<String, Operation>,
    /// Payloads by event.
    pub(crate) webhooks: BTreeMap<String, Schema>,
    /// Types by their names in the document.
    pub(crate) types: BTreeMap<String, Schema>,
    /// In which directions types are used. A type without an entry is not used.
    pub(crate) uses: BTreeMap<String, Directions>,
}

/// The directions in which a value travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Directions {
    /// A client sends it.
    pub(crate) requests: bool,
    /// A client receives it in a response or a webhook.
    pub(crate) responses: bool,
}

impl Directions {
    pub(crate) const REQUESTS: Self = Self { requests: true, responses: false };
    pub(crate) const RESPONSES: Self = Self { requests: false, responses: true };

    pub(crate) fn and(self, other: Self) -> Self {
        Self { requests: self.requests && other.requests, responses: self.responses && other.responses }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self { requests: self.requests || other.requests, responses: self.responses || other.responses }
    }

    pub(crate) fn is_empty(self) -> bool {
        !self.requests && !self.responses
    }
}

impl Api {
    /// Reads a document. Anything invalid is read as "anything" or left out: the generator reports it, and a comparison
    /// of the rest is more useful than none.
    pub(crate) fn read(document: &Map<String, Value>) -> Self {
        let reader = schemas::Reader::new(document);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let servers = document.get("servers").and_then(Value::as_array).into_iter().flatten();
        let mut api = Self {
            version: text(document.get("info").and_then(|info| info.get("version"))).unwrap_or_default(),
            servers: servers.filter_map(|server| text(server.get("url"))).collect(),
            operations: operations::read(document, &reader),
            webhooks: operations::webhooks(document, &reader),
            types: reader.types(),
            uses: BTreeMap::new(),
        };
        api.uses = api.find_uses();
        api
    }

    /// Follows a chain of references to its schema.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let mut seen = BTreeSet::new();
        let mut schema = schema;
        while let Shape::Reference(name) = &schema.shape {
            match self.types.get(name).filter(|_| seen.insert(name)) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn find_uses(&self) -> BTreeMap<String, Directions> {
        let mut uses = BTreeMap::new();
        for operation in self.operations.values() {
            let bodies = operation.body.iter().flat_map(|body| body.contents.values());
            for schema in operation.parameters.iter().map(|parameter| &parameter.schema).chain(bodies) {
                self.spread(schema, Directions::REQUESTS, &mut uses);
            }
            for schema in operation.responses.values().flat_map(|response| response.contents.values()) {
                self.spread(schema, Directions::RESPONSES, &mut uses);
            }
        }
        for payload in self.webhooks.values() {
            self.spread(payload, Directions::RESPONSES, &mut uses);
        }
        uses
    }

    /// Marks all types that a schema refers to.
    fn spread(&self, schema: &Schema, directions: Directions, uses: &mut BTreeMap<String, Directions>) {
        let mut open = vec![(schema, directions)];
        while let Some((schema, directions)) = open.pop() {
            if let Shape::Reference(name) = &schema.shape {
                let known = uses.entry(name.clone()).or_default();
                let all = known.or(directions);
                if *known != all {
                    *known = all;
                    open.extend(self.types.get(name).map(|target| (target, directions)));
                }
            }
            open.extend(
                schema
                    .inner()
                    .map(|(inner, limit)| (inner, directions.and(limit)))
                    .filter(|(_, left)| !left.is_empty()),
            );
        }
    }
}
