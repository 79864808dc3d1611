//! The document as plain data, overlay applied: what the generated crate is checked against.

use std::collections::BTreeSet;
use std::path::Path;

use polar_codegen::document::{overlay, read};
use polar_codegen::repository::{DOCUMENT, OVERLAY};
use serde_json::{Map, Value, json};

use crate::dispatch::Definition;

/// The document.
#[derive(Clone, Debug)]
pub struct Document(Value);

/// An operation of the document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// `operationId`.
    pub id: &'a str,
    /// HTTP method in capitals.
    pub method: &'static str,
    /// Path template.
    pub path: &'a str,
    /// Everything else.
    pub data: &'a Value,
}

/// Status of a success, with the media type and the schema of its body if it has one.
pub type Success<'a> = (u16, Option<(&'a str, &'a Value)>);

const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

impl Document {
    /// A document of a test's own.
    #[must_use]
    pub fn new(document: Value) -> Self {
        Self(document)
    }

    /// Reads the document of the default version in `spec/`.
    ///
    /// # Errors
    /// A file is missing or does not pass.
    pub fn load() -> Result<Self, String> {
        Self::of(DOCUMENT)
    }

    /// Reads a document in `spec/`, by its path in the repository.
    ///
    /// # Errors
    /// A file is missing or does not pass.
    pub fn of(document: &str) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let data = |name: &str| -> Result<Value, String> {
            let bytes = std::fs::read(root.join(name)).map_err(|error| format!("{name}: {error}"))?;
            read::read(name, &bytes).map_err(|error| error.to_string())
        };
        let mut document = data(document)?;
        let text = |problems: Vec<polar_codegen::Diagnostic>| {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let actions = overlay::parse(OVERLAY, data(OVERLAY)?).map_err(text)?;
        let problems = overlay::apply(&mut document, &actions);
        if problems.is_empty() { Ok(Self(document)) } else { Err(text(problems)) }
    }

    /// What stands at a JSON pointer with or without `#`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer.trim_start_matches('#')).unwrap_or(&Value::Null)
    }

    /// A schema, or what its `$ref` leads to.
    #[must_use]
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.resolve(self.at(reference)),
            None => schema,
        }
    }

    /// The alternatives of a schema, references followed and null left out; more than one if it is a union.
    #[must_use]
    pub fn variants<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let Some(all) = alternatives(self.resolve(schema)) else { return vec![schema] };
        let mut variants = all.iter().filter(|variant| variant["type"] != "null");
        match (variants.next(), variants.next()) {
            (Some(only), None) => self.variants(only),
            _ => all.iter().filter(|variant| variant["type"] != "null").collect(),
        }
    }

    /// The values that a schema lists as text: its constant or its enumeration. What stands beside a reference narrows it.
    #[must_use]
    pub fn listed(&self, schema: &Value) -> Option<BTreeSet<String>> {
        let values = |schema: &Value| match schema.get("const") {
            Some(constant) => Some(vec![constant.clone()]),
            None => schema.get("enum").and_then(Value::as_array).cloned(),
        };
        let values = values(schema).or_else(|| values(self.resolve(schema)))?;
        Some(values.iter().map(text).collect())
    }

    /// Whether a schema allows null.
    #[must_use]
    pub fn admits_null(&self, schema: &Value) -> bool {
        let schema = self.resolve(schema);
        match alternatives(schema) {
            Some(all) => all.iter().any(|variant| self.admits_null(variant)),
            None => is_anything(schema) || schema["type"] == "null",
        }
    }

    /// The property beside a union that tells its variant, as a path, and the references to the variants by its values.
    #[must_use]
    pub fn parent_discriminator<'a>(&'a self, schema: &'a Value) -> Option<(Vec<String>, &'a Map<String, Value>)> {
        let discriminator = self.resolve(schema).get("x-parent-discriminator")?;
        let path = discriminator.get("path")?.as_array()?.iter().map(text).collect();
        Some((path, discriminator.get("mapping")?.as_object()?))
    }

    /// Names of the component schemas that a tag in the object around them tells apart.
    #[must_use]
    pub fn told_by_parent(&self) -> BTreeSet<&str> {
        let schemas = self.at("#/components/schemas").as_object().into_iter().flatten();
        let properties = schemas.filter_map(|(_, schema)| schema.get("properties")?.as_object()).flatten();
        let mappings = properties.filter_map(|(_, property)| property.pointer("/x-parent-discriminator/mapping"));
        let targets = mappings.filter_map(Value::as_object).flat_map(Map::values).filter_map(Value::as_str);
        targets.filter_map(|target| target.rsplit('/').next()).collect()
    }

    /// Properties of an object with their schemas, and whether they are required; none for anything else.
    pub fn properties<'a>(&'a self, schema: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value, bool)> {
        let schema = self.resolve(schema);
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties.map(|(name, property)| (name.as_str(), property, is_required(schema, name)))
    }

    /// The schema of a property of an object, and whether the property is required.
    #[must_use]
    pub fn property<'a>(&'a self, schema: &'a Value, name: &str) -> Option<(&'a Value, bool)> {
        let schema = self.resolve(schema);
        Some((schema.get("properties")?.get(name)?, is_required(schema, name)))
    }

    /// Whether a schema allows objects and nothing else but null.
    #[must_use]
    pub fn is_object(&self, schema: &Value) -> bool {
        match self.variants(schema)[..] {
            [only] => self.resolve(only)["type"] == "object",
            ref variants => variants.iter().all(|variant| self.is_object(variant)),
        }
    }

    /// Whether a schema allows values of the JSON kind of this one.
    #[must_use]
    pub fn admits_kind(&self, schema: &Value, value: &Value) -> bool {
        let schema = self.resolve(schema);
        if let Some(all) = alternatives(schema) {
            return all.iter().any(|variant| self.admits_kind(variant, value));
        }
        match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            Some("null") => value.is_null(),
            _ => is_anything(schema),
        }
    }

    /// The schema of a type of the crate, without null. The unions of all webhooks and of all errors have no place of
    /// their own in the document.
    #[must_use]
    pub fn definition(&self, definition: &Definition) -> Option<Value> {
        match (definition.pointer, definition.name) {
            ("#", "WebhookPayload") => {
                let payloads: Vec<&Value> = self.webhooks().map(|(_, schema)| schema).collect();
                Some(json!({"oneOf": payloads}))
            }
            ("#", "ApiError") => Some(json!({"anyOf": self.errors()})),
            ("#", _) => None,
            (pointer, _) => {
                let mut schema = self.at(pointer).clone();
                if let Some(variants) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
                    variants.retain(|variant| variant["type"] != "null");
                }
                Some(schema).filter(|schema| !schema.is_null())
            }
        }
    }

    /// All operations, in the order of the document.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.at("#/paths").as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |(key, method)| {
                let data = item.get(key)?;
                Some(Operation { id: data.get("operationId")?.as_str()?, method, path, data })
            })
        })
    }

    /// Schemas of all bodies of answers that are no success, each once.
    #[must_use]
    pub fn errors(&self) -> Vec<&Value> {
        let mut found: Vec<&Value> = Vec::new();
        for operation in self.operations() {
            let responses = operation.data.get("responses").and_then(Value::as_object).into_iter().flatten();
            let failures = responses.filter(|(status, _)| !status.starts_with('2')).map(|(_, response)| response);
            let schemas = failures.filter_map(|response| response.pointer("/content/application~1json/schema"));
            schemas.for_each(|schema| {
                if !found.contains(&schema) {
                    found.push(schema);
                }
            });
        }
        found
    }

    /// Members of component schemas that may be left out and have one value only, each once.
    #[must_use]
    pub fn optional_constants(&self) -> Vec<(&str, &Value)> {
        let schemas = self.at("#/components/schemas").as_object().into_iter().flatten();
        let mut found = Vec::new();
        for (_, schema) in schemas {
            let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|n| n == name));
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let null = (property["type"] == "null").then_some(&Value::Null);
                if let Some(value) = property.get("const").or(null).filter(|_| !required(name)) {
                    found.push((name.as_str(), value));
                }
            }
        }
        found.dedup();
        found
    }

    /// Names of all webhooks with the schemas of their payloads.
    pub fn webhooks(&self) -> impl Iterator<Item = (&str, &Value)> {
        let webhooks = self.at("#/webhooks").as_object().into_iter().flatten();
        webhooks.filter_map(|(name, item)| {
            Some((name.as_str(), item.pointer("/post/requestBody/content/application~1json/schema")?))
        })
    }
}

/// Whether a schema says nothing about its values.
#[must_use]
pub fn is_anything(schema: &Value) -> bool {
    !["type", "const", "enum", "properties", "anyOf", "oneOf", "$ref"].iter().any(|word| schema.get(word).is_some())
}

/// A string without its quotes, or any other value as JSON.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|other| other == name))
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(keyword)?.as_array())
}

impl<'a> Operation<'a> {
    /// Parameters in `path`, `query` or `header`: name, schema, and whether it must be given.
    pub fn parameters(&self, place: &str) -> Vec<(&'a str, &'a Value, bool)> {
        let list = self.data.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let here = list.filter(|parameter| parameter["in"] == *place);
        here.filter_map(|parameter| {
            let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
            Some((parameter.get("name")?.as_str()?, parameter.get("schema")?, required))
        })
        .collect()
    }

    /// Media type and schema of the request body.
    #[must_use]
    pub fn body(&self) -> Option<(&'a str, &'a Value)> {
        let (media, content) = self.data.pointer("/requestBody/content")?.as_object()?.iter().next()?;
        Some((media, content.get("schema")?))
    }

    /// The first of its [`successes`](Self::successes).
    #[must_use]
    pub fn success(&self) -> Success<'a> {
        self.successes().first().copied().unwrap_or((204, None))
    }

    /// All documented successes.
    #[must_use]
    pub fn successes(&self) -> Vec<Success<'a>> {
        let responses = self.data.get("responses").and_then(Value::as_object).into_iter().flatten();
        let listed = responses.filter_map(|(status, response)| Some((status.parse::<u16>().ok()?, response)));
        let successes = listed.filter(|(status, _)| (200..300).contains(status));
        successes
            .map(|(status, response)| {
                let content = response.get("content").and_then(Value::as_object).into_iter().flatten();
                // An export is described as text and as JSON of anything; the text is what it is.
                let mut content: Vec<_> = content.collect();
                content.sort_by_key(|(media, _)| !media.starts_with("text/"));
                (status, content.first().and_then(|(media, content)| Some((media.as_str(), content.get("schema")?))))
            })
            .collect()
    }

    /// Names of the security schemes that it takes.
    #[must_use]
    pub fn schemes(&self) -> Vec<&'a str> {
        let ways = self.data.get("security").and_then(Value::as_array).into_iter().flatten();
        ways.filter_map(Value::as_object).flatten().map(|(scheme, _)| scheme.as_str()).collect()
    }

    /// Whether a token is needed.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        self.data.get("security").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    }
}
