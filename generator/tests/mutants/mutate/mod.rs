//! Documents with faults: a document of `tests/golden/` with one to four changes, always the same for each number.

mod pieces;

use std::fs;
use std::path::Path;

use polar_codegen::document::read::read;
use polar_codegen::{Config, Diagnostics, Input, Output, Severity, Source, generate};
use serde_json::{Map, Value, json};

use pieces::{MEDIA_TYPES, ODD_NAMES, STATUSES, keyword, odd_values, parameter, wrapped};

/// Random numbers from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `count`, which is not zero.
    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap()
    }

    fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A document with changes.
pub(crate) struct Mutant {
    /// The golden case that was changed.
    pub(crate) case: String,
    /// A description of the changes.
    pub(crate) changes: Vec<String>,
    /// The document.
    pub(crate) document: Value,
}

/// The golden documents, which are changed.
pub(crate) struct Mutants {
    documents: Vec<(String, Value)>,
}

impl Mutants {
    /// Reads the documents of all golden cases.
    pub(crate) fn load(golden: &Path) -> Self {
        let mut cases: Vec<_> = fs::read_dir(golden).unwrap().map(|entry| entry.unwrap().path()).collect();
        cases.sort();
        let document = |case: &Path| {
            let path = ["document.yaml", "document.json"].map(|name| case.join(name)).into_iter().find(|p| p.exists());
            let bytes = fs::read(path.unwrap()).unwrap();
            (case.file_name().unwrap().to_str().unwrap().to_owned(), read("document", &bytes).unwrap())
        };
        Self { documents: cases.iter().map(|case| document(case)).collect() }
    }

    /// The mutant with this number.
    pub(crate) fn mutant(&self, number: u64) -> Mutant {
        let mut random = Random(number);
        let (case, document) = random.one(&self.documents).clone();
        let mut mutant = Mutant { case, changes: Vec::new(), document };
        for _ in 0..=random.below(4) {
            let change = self.change(&mut mutant.document, &mut random);
            mutant.changes.extend(change);
        }
        mutant
    }

    /// Makes a change and returns its description. `None` if there was nothing to change.
    fn change(&self, document: &mut Value, random: &mut Random) -> Option<String> {
        let paths = paths(document);
        let any = |random: &mut Random| random.one(&paths).clone();
        let schemas: Vec<_> = paths.iter().filter(|path| is_schema(path)).cloned().collect();
        let schema = |random: &mut Random| (!schemas.is_empty()).then(|| random.one(&schemas).clone());
        match random.below(20) {
            0 => {
                let path = any(random);
                remove(document, &path)?;
                Some(format!("remove {}", shown(&path)))
            }
            1 => {
                let (from, to) = (any(random), any(random));
                let value = at(document, &from)?.clone();
                *at(document, &to)? = value;
                Some(format!("copy {} to {}", shown(&from), shown(&to)))
            }
            2 => {
                let path = any(random);
                let value = random.one(&odd_values()).clone();
                let text = format!("set {} to {value}", shown(&path));
                *at(document, &path)? = value;
                Some(text)
            }
            3 => rename(document, &any(random), random),
            4 | 5 => {
                let path = schema(random)?;
                let inner = at(document, &path)?.clone();
                let outer = wrapped(inner, random);
                let text = format!("wrap {} as {outer}", shown(&path));
                *at(document, &path)? = outer;
                Some(text)
            }
            6 | 7 => {
                let path = schema(random)?;
                let (name, value) = keyword(random, &names(document));
                let text = format!("set {name} of {} to {value}", shown(&path));
                at(document, &path)?.as_object_mut()?.insert(name.to_owned(), value);
                Some(text)
            }
            8 => {
                let references: Vec<_> =
                    paths.iter().filter(|path| path.last().is_some_and(|name| name == "$ref")).cloned().collect();
                let path = if references.is_empty() { schema(random)? } else { random.one(&references).clone() };
                let target = reference(random, &names(document))?;
                let text = format!("refer from {} to {target}", shown(&path));
                *at(document, &path)? = if references.is_empty() { json!({"$ref": target}) } else { target.into() };
                Some(text)
            }
            9 => rename_key(document, &paths, "content", MEDIA_TYPES, random),
            10 => rename_key(document, &paths, "responses", STATUSES, random),
            11 => {
                let path = inside(&paths, "parameters", random)?;
                let (name, value) = parameter(random);
                let text = format!("set {name} of {} to {value}", shown(&path));
                at(document, &path)?.as_object_mut()?.insert(name.to_owned(), value);
                Some(text)
            }
            12 => {
                let length = [3, 20, 60][random.below(3)];
                chain(document, length, random)
            }
            13 => {
                let (name, other) = random.one(&self.documents);
                let (name, other) = (name.clone(), other.pointer("/components/schemas")?.clone());
                let (_, wanted) = random.one(&other.as_object()?.iter().collect::<Vec<_>>()).to_owned();
                let to = schema(random)?;
                let text = format!("put {wanted} of {name} at {}", shown(&to));
                *at(document, &to)? = wanted.clone();
                for (name, schema) in other.as_object()? {
                    let schemas = document.pointer_mut("/components/schemas")?.as_object_mut()?;
                    schemas.entry(name.clone()).or_insert(schema.clone());
                }
                Some(text)
            }
            14 => {
                let path = schema(random)?;
                let name = random.one(ODD_NAMES);
                let value = at(document, &path)?.clone();
                let object = json!({"type": "object", "required": [name], "properties": {*name: value, "a": {}}});
                *at(document, &path)? = object;
                Some(format!("put {} below a property {name:?}", shown(&path)))
            }
            15 => {
                let texts: Vec<_> = paths.iter().filter(|path| is_text(document, path)).cloned().collect();
                let path = (!texts.is_empty()).then(|| random.one(&texts).clone())?;
                let text = random.one(ODD_NAMES);
                *at(document, &path)? = (*text).into();
                Some(format!("set {} to {text:?}", shown(&path)))
            }
            16 => {
                let path = schema(random)?;
                let names = names(document);
                let variants: Vec<Value> =
                    (0..=random.below(4)).filter_map(|_| Some(json!({"$ref": reference(random, &names)?}))).collect();
                let keyword = *random.one(&["oneOf", "anyOf", "allOf"]);
                let text = format!("{keyword} at {}: {}", shown(&path), json!(variants));
                *at(document, &path)? = json!({keyword: variants});
                Some(text)
            }
            17 => {
                let items: Vec<_> =
                    paths.iter().filter(|path| path.len() == 2 && path[0] == "paths").cloned().collect();
                let path = (!items.is_empty()).then(|| random.one(&items).clone())?;
                let item = at(document, &path)?.clone();
                let name = (*random.one(&["/v1/a/{id}", "/{a}/{b}", "/con", "/v1/self/{self}", "/ü", "//", "/{id}"]))
                    .to_owned();
                document.get_mut("paths")?.as_object_mut()?.insert(name.clone(), item);
                Some(format!("copy {} to {name}", shown(&path)))
            }
            18 => {
                let schemes = json!({"type": *random.one(&["http", "apiKey", "oauth2", "openIdConnect", "mutualTLS"]), "scheme": "basic", "in": "header", "name": "K", "flows": {}, "openIdConnectUrl": "x"});
                let name = *random.one(ODD_NAMES);
                let components = document.as_object_mut()?.entry("components").or_insert_with(|| json!({}));
                let all = components.as_object_mut()?.entry("securitySchemes").or_insert_with(|| json!({}));
                all.as_object_mut()?.insert(name.to_owned(), schemes);
                document.as_object_mut()?.insert("security".to_owned(), json!([{name: ["a b", name]}]));
                Some(format!("ask for the scheme {name:?}"))
            }
            _ => {
                let path = schema(random)?;
                let number = [0, 1, 13, 40][random.below(4)];
                let property =
                    |index: usize| (format!("p{index}"), json!({"type": *random.one(&["string", "integer", "null"])}));
                let properties: Map<String, Value> = (0..number).map(property).collect();
                *at(document, &path)? = json!({"type": "object", "properties": properties});
                Some(format!("{number} properties at {}", shown(&path)))
            }
        }
    }
}

/// How often the errors of a document are accepted: each time others can appear.
const ROUNDS: usize = 3;

/// Generates a document. If it is rejected, the overlay accepts all errors that it can, and the document is tried
/// again.
pub(crate) fn generated(document: &Value, mut refused: impl FnMut(&Diagnostics)) -> Option<Output> {
    let bytes = document.to_string().into_bytes();
    let (mut accepted, mut overlay) = (Vec::<String>::new(), None);
    for _ in 0..ROUNDS {
        let problems = match run(&bytes, overlay.as_deref()) {
            Ok(output) => return Some(output),
            Err(problems) => problems,
        };
        refused(&problems);
        for problem in problems.iter().filter(|problem| problem.severity == Severity::Error) {
            if problem.file == "document.json" && !problem.binding && !accepted.contains(&problem.pointer) {
                accepted.push(problem.pointer.clone());
            }
            // An entry that is no longer needed.
            let is_named = |pointer: &String| problem.message.contains(&format!("`{pointer}`"));
            accepted.retain(|pointer| !(problem.file == "overlay.json" && is_named(pointer)));
        }
        overlay = Some(accepting(&accepted));
    }
    None
}

fn run(document: &[u8], overlay: Option<&[u8]>) -> Result<Output, Diagnostics> {
    generate(&Input {
        document: Source { file: "document.json", bytes: document },
        overlay: overlay.map(|bytes| Source { file: "overlay.json", bytes }),
        names: None,
        docs: &[],
        config: Config { source: "document.json".to_owned(), agent: "mutant/1.0".to_owned(), ..Config::default() },
    })
}

/// An overlay that accepts these pointers.
fn accepting(pointers: &[String]) -> Vec<u8> {
    let entries: Vec<Value> = pointers.iter().map(|pointer| json!({"pointer": pointer, "reason": "a test"})).collect();
    let info = json!({"title": "Accepts", "version": "1"});
    json!({"overlay": "1.0.0", "info": info, "actions": [], "x-accept": entries}).to_string().into_bytes()
}

/// Sections and names of all components.
type Names = Vec<(String, String)>;

fn names(document: &Value) -> Names {
    let sections = document.get("components").and_then(Value::as_object).into_iter().flatten();
    let entries = sections.filter_map(|(section, entries)| Some((section, entries.as_object()?)));
    entries.flat_map(|(section, entries)| entries.keys().map(|name| (section.clone(), name.clone()))).collect()
}

fn reference(random: &mut Random, names: &Names) -> Option<String> {
    if names.is_empty() || random.below(20) == 0 {
        return Some((*random.one(&["#/components/schemas/Gone", "other.yaml#/A", "#", "", "#/paths"])).to_owned());
    }
    let (section, name) = random.one(names);
    Some(format!("#/components/{section}/{}", name.replace('~', "~0").replace('/', "~1")))
}

/// A chain of schemas in front of an existing one.
fn chain(document: &mut Value, length: usize, random: &mut Random) -> Option<String> {
    let kind = random.below(4);
    let first = reference(random, &names(document))?;
    let schemas = document.pointer_mut("/components/schemas")?.as_object_mut()?;
    for index in 0..length {
        let next = if index + 1 == length { first.clone() } else { format!("#/components/schemas/Chain{}", index + 1) };
        let next = json!({"$ref": next});
        let schema = match kind {
            0 => next,
            1 => json!({"type": "object", "properties": {"next": next}}),
            2 => json!({"allOf": [next, {"type": "object", "properties": {format!("p{index}"): {"type": "string"}}}]}),
            _ => json!({"anyOf": [next, {"type": "array", "items": {"type": "string"}}]}),
        };
        schemas.insert(format!("Chain{index}"), schema);
    }
    let target = schemas.keys().nth(random.below(schemas.len()))?.clone();
    schemas.insert(target.clone(), json!({"$ref": "#/components/schemas/Chain0"}));
    Some(format!("a chain of {length}, kind {kind}, from {target} to {first}"))
}

/// Renames the key of an entry, to one of these names or an unusual one.
fn rename_key(
    document: &mut Value,
    paths: &[Vec<String>],
    below: &str,
    names: &[&str],
    random: &mut Random,
) -> Option<String> {
    let path = inside(paths, below, random)?;
    let (last, above) = path.split_last()?;
    let entries = at(document, above)?.as_object_mut()?;
    let value = entries.get(last)?.clone();
    let name = *random.one(names);
    if random.below(2) == 0 {
        entries.shift_remove(last);
    }
    entries.insert(name.to_owned(), value);
    Some(format!("call {} {name:?}", shown(&path)))
}

fn rename(document: &mut Value, path: &[String], random: &mut Random) -> Option<String> {
    let (last, above) = path.split_last()?;
    let entries = at(document, above)?.as_object_mut()?;
    let name = *random.one(ODD_NAMES);
    let renamed =
        entries.iter().map(|(key, value)| (if key == last { name.to_owned() } else { key.clone() }, value.clone()));
    *entries = renamed.collect();
    Some(format!("call {} {name:?}", shown(path)))
}

/// A path to an entry directly below a key.
fn inside(paths: &[Vec<String>], key: &str, random: &mut Random) -> Option<Vec<String>> {
    let found: Vec<_> = paths.iter().filter(|path| path.len() > 1 && path[path.len() - 2] == key).collect();
    (!found.is_empty()).then(|| (*random.one(&found)).clone())
}

/// The paths of all values below the root.
fn paths(document: &Value) -> Vec<Vec<String>> {
    fn collect(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let entries: Vec<(String, &Value)> = match value {
            Value::Object(entries) => entries.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
            _ => Vec::new(),
        };
        for (name, value) in entries {
            path.push(name);
            found.push(path.clone());
            collect(value, path, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    collect(document, &mut Vec::new(), &mut found);
    found
}

/// Returns whether a path refers to a schema, judging by its names.
fn is_schema(path: &[String]) -> bool {
    let name = |back: usize| path.len().checked_sub(back).and_then(|index| path.get(index)).map(String::as_str);
    matches!(name(1), Some("schema" | "items" | "additionalProperties"))
        || matches!(name(2), Some("properties" | "schemas" | "anyOf" | "oneOf" | "allOf" | "prefixItems"))
}

fn is_text(document: &mut Value, path: &[String]) -> bool {
    at(document, path).is_some_and(|value| value.is_string())
}

fn at<'a>(document: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(document, |value, name| match value {
        Value::Object(entries) => entries.get_mut(name),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    })
}

fn remove(document: &mut Value, path: &[String]) -> Option<()> {
    let (last, above) = path.split_last()?;
    match at(document, above)? {
        Value::Object(entries) => entries.shift_remove(last).map(drop),
        Value::Array(items) => {
            let index = last.parse::<usize>().ok().filter(|index| *index < items.len())?;
            items.remove(index);
            Some(())
        }
        _ => None,
    }
}

fn shown(path: &[String]) -> String {
    format!("#/{}", path.join("/"))
}
