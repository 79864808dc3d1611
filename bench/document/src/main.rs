//! `bench-document DOCUMENT TIMES DIRECTORY`: writes a document that is as large as several of it, its paths, webhooks and
//! schemas again under new names, and prints where it is.
//!
//! A program of its own: the generator wants objects of `serde_json` to keep their order, which would change what other
//! measurements compare with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use polar_codegen::document::{overlay, read};
use serde_json::{Map, Value};

/// What a reference to a schema begins with.
const SCHEMAS: &str = "#/components/schemas/";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<PathBuf, String> {
    let [document, times, directory] = arguments else { return Err("say DOCUMENT TIMES DIRECTORY".to_owned()) };
    let times = times.parse().map_err(|error| format!("TIMES: {error}"))?;
    write(&corrected(Path::new(document))?, times, Path::new(directory))
}

/// A document with its overlay, if it has one beside it, applied.
fn corrected(document: &Path) -> Result<Value, String> {
    let mut value = parsed(document)?;
    let beside = document.with_file_name("overlay.yaml");
    if beside.is_file() {
        let parsed = overlay::parse(&beside.display().to_string(), parsed(&beside)?).map_err(|found| all(&found))?;
        let found = overlay::apply(&mut value, &parsed);
        if !found.is_empty() {
            return Err(all(&found));
        }
    }
    remove_keys(&mut value);
    Ok(value)
}

/// Takes out security schemes with a key of their own, which the overlay accepts and a document alone can't.
fn remove_keys(document: &mut Value) {
    let Some(schemes) = document["components"]["securitySchemes"].as_object_mut() else { return };
    let is_key = |scheme: &Value| scheme["type"] == "apiKey";
    let keys: Vec<String> = schemes.iter().filter(|(_, s)| is_key(s)).map(|(name, _)| name.clone()).collect();
    schemes.retain(|_, scheme| !is_key(scheme));
    for path in document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut()) {
        for operation in path.as_object_mut().into_iter().flat_map(|operations| operations.values_mut()) {
            if let Some(security) = operation.get_mut("security").and_then(Value::as_array_mut) {
                security.retain(|way| keys.iter().all(|key| way.get(key).is_none()));
            }
        }
    }
}

/// Writes the document, `times` as large, in compact JSON. Gives the place.
fn write(document: &Value, times: usize, directory: &Path) -> Result<PathBuf, String> {
    let path = directory.join(format!("{times}.json"));
    let text = scaled(document, times).to_string();
    fs::write(&path, text).map_err(|error| format!("can't write {}: {error}", path.display()))?;
    Ok(path)
}

fn parsed(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|error| format!("can't read {}: {error}", path.display()))?;
    read::read(&path.display().to_string(), &bytes).map_err(|found| found.to_string())
}

fn all<T: std::fmt::Display>(found: &[T]) -> String {
    found.iter().map(|one| format!("{one}\n")).collect()
}

fn scaled(document: &Value, times: usize) -> Value {
    let mut scaled = document.clone();
    let (errors, payloads) = (errors(document), payloads(document));
    for number in 1..times {
        let copy = Copy { number, errors: &errors };
        for part in ["paths", "webhooks"] {
            let renamed = members(&document[part]).map(|(name, value)| (copy.place(part, name), copy.copied(value)));
            extend(&mut scaled[part], renamed);
        }
        let schemas = members(&document["components"]["schemas"]).filter(|(name, _)| !errors.contains(name.as_str()));
        let renamed = schemas.map(|(name, value)| {
            let mut value = copy.copied(value);
            if payloads.contains(name.as_str()) {
                copy.rename_event(&mut value);
            }
            (copy.schema(name), value)
        });
        extend(&mut scaled["components"]["schemas"], renamed);
    }
    scaled
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The schemas of errors. All of them are told apart wherever one may come, so that there must be no second one of the
/// same shape.
fn errors(document: &Value) -> BTreeSet<&str> {
    let operations = members(&document["paths"]).flat_map(|(_, path)| members(path));
    let answers = operations.flat_map(|(_, operation)| members(&operation["responses"]));
    answers.filter(|(status, _)| !status.starts_with('2')).flat_map(|(_, answer)| references(answer)).collect()
}

/// The schemas of what webhooks deliver. They are told apart by the name of the event.
fn payloads(document: &Value) -> BTreeSet<&str> {
    members(&document["webhooks"]).flat_map(|(_, webhook)| references(&webhook["post"]["requestBody"])).collect()
}

/// The schemas that a value refers to itself.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members.values().flat_map(references).collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::String(text) => text.strip_prefix(SCHEMAS).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn extend(into: &mut Value, members: impl Iterator<Item = (String, Value)>) {
    if let Value::Object(all) = into {
        all.extend(members);
    }
}

/// One more of everything but errors.
struct Copy<'a> {
    number: usize,
    errors: &'a BTreeSet<&'a str>,
}

impl Copy<'_> {
    fn schema(&self, name: &str) -> String {
        // Behind a letter, so that the name of a copy is no other schema's name.
        format!("{name}N{}", self.number)
    }

    fn place(&self, part: &str, name: &str) -> String {
        let Self { number, .. } = self;
        if part == "paths" { format!("/n{number}{name}") } else { format!("{name}.n{number}") }
    }

    fn rename_event(&self, payload: &mut Value) {
        if let Some(Value::String(event)) = payload.pointer_mut("/properties/type/const") {
            event.push_str(&format!(".n{}", self.number));
        }
    }

    /// The value with everything renamed that has to differ from copy to copy.
    fn copied(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(self.members(members)),
            Value::Array(items) => items.iter().map(|item| self.copied(item)).collect(),
            Value::String(text) => match text.strip_prefix(SCHEMAS) {
                Some(name) if !self.errors.contains(name) => Value::String(self.schema(text)),
                _ => value.clone(),
            },
            scalar => scalar.clone(),
        }
    }

    fn members(&self, members: &Map<String, Value>) -> Map<String, Value> {
        let renamed = members.iter().map(|(name, value)| {
            let value = match value {
                Value::String(id) if name == "operationId" => Value::String(self.operation(id)),
                other => self.copied(other),
            };
            (name.clone(), value)
        });
        renamed.collect()
    }

    /// Operations are grouped by what their ids begin with.
    fn operation(&self, id: &str) -> String {
        format!("n{}-{id}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::scaled;
    use serde_json::json;

    #[test]
    fn each_copy_refers_to_itself() {
        let document = json!({
            "paths": {"/a/": {"get": {"operationId": "a:list", "responses": {
                "200": {"$ref": "#/components/schemas/A"},
                "404": {"$ref": "#/components/schemas/Gone"},
            }}}},
            "webhooks": {"a.made": {"post": {"requestBody": {"$ref": "#/components/schemas/Made"}}}},
            "components": {"schemas": {
                "A": {"items": {"$ref": "#/components/schemas/A"}},
                "Gone": {},
                "Made": {"properties": {"type": {"const": "a.made"}}},
            }},
        });
        let twice = scaled(&document, 2);
        assert_eq!(twice["paths"]["/a/"], document["paths"]["/a/"]);
        assert_eq!(twice["paths"]["/n1/a/"]["get"]["operationId"], "n1-a:list");
        let answers = &twice["paths"]["/n1/a/"]["get"]["responses"];
        assert_eq!(answers["200"]["$ref"], "#/components/schemas/AN1");
        assert_eq!(answers["404"]["$ref"], "#/components/schemas/Gone");
        let schemas = &twice["components"]["schemas"];
        assert_eq!(schemas["AN1"]["items"]["$ref"], "#/components/schemas/AN1");
        assert_eq!(schemas["MadeN1"]["properties"]["type"]["const"], "a.made.n1");
        assert_eq!(schemas.get("GoneN1"), None);
    }
}
