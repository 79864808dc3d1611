//! The document as plain data, overlay applied: what the generated crate is checked against.

use std::path::Path;

use polar_codegen::document::{overlay, read};
use serde_json::Value;

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

const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

impl Document {
    /// Reads `spec/`.
    ///
    /// # Errors
    /// A file is missing or does not pass.
    pub fn load() -> Result<Self, String> {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
        let data = |name: &str| -> Result<Value, String> {
            let bytes = std::fs::read(spec.join(name)).map_err(|error| format!("{name}: {error}"))?;
            read::read(name, &bytes).map_err(|error| error.to_string())
        };
        let mut document = data("polar-2026-10.yaml")?;
        let text = |problems: Vec<polar_codegen::Diagnostic>| {
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let actions = overlay::parse("overlay.yaml", data("overlay.yaml")?).map_err(text)?;
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

    /// Status of a success, with the media type and the schema of its body where it has one.
    #[must_use]
    pub fn success(&self) -> (u16, Option<(&'a str, &'a Value)>) {
        let responses = self.data.get("responses").and_then(Value::as_object).into_iter().flatten();
        let success = responses.filter_map(|(status, response)| Some((status.parse::<u16>().ok()?, response)));
        let Some((status, response)) = success.into_iter().find(|(status, _)| (200..300).contains(status)) else {
            return (204, None);
        };
        let content = response.get("content").and_then(Value::as_object).into_iter().flatten();
        // An export is described as text and as JSON of anything; the text is what it is.
        let mut content: Vec<_> = content.collect();
        content.sort_by_key(|(media, _)| !media.starts_with("text/"));
        (status, content.first().and_then(|(media, content)| Some((media.as_str(), content.get("schema")?))))
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
