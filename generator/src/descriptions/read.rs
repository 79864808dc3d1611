//! Reads files of descriptions into texts by their paths.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value};

use crate::diagnostics::Diagnostic;
use crate::document::position::position;
use crate::document::{Source, read as data};
use crate::pointer;

/// The sections: their names, the texts of an entry, and the groups of texts in it.
const SECTIONS: &[(&str, &[&str], &[&str])] = &[
    ("operations", &["summary", "description"], &["parameters"]),
    ("types", &["description"], &["properties", "values"]),
    ("webhooks", &["description"], &[]),
];

/// Sections whose entries are texts.
const GLOSSARY: &[&str] = &["properties", "parameters"];

/// A text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Position of the file in the list that was read.
    pub file: usize,
    /// The text: paragraphs separated by empty lines, each on one line.
    pub text: String,
}

/// The texts of all files by their path of keys: `types`, `Product`, `properties`, `name`.
#[derive(Clone, Debug, Default)]
pub struct Descriptions<'a> {
    /// The files.
    pub sources: &'a [Source<'a>],
    /// The texts.
    pub texts: BTreeMap<Vec<String>, Text>,
}

impl Descriptions<'_> {
    /// Returns an error at the key of a path.
    #[must_use]
    pub fn error(&self, file: usize, path: &[String], message: impl Into<String>) -> Diagnostic {
        error(self.sources, file, path, message)
    }
}

fn error(sources: &[Source<'_>], file: usize, path: &[String], message: impl Into<String>) -> Diagnostic {
    let at = path.iter().fold(pointer::ROOT.to_owned(), |at, key| pointer::child(&at, key));
    let Some(source) = sources.get(file) else { return Diagnostic::error(at, message) };
    let position = position(source.bytes, &at);
    Diagnostic { position, ..Diagnostic::error(at, message).in_file(source.file) }
}

/// Reads files of descriptions.
///
/// # Errors
/// Everything that is wrong with their format: an unknown section or keyword, a value that is not a text, or a text
/// that two files have.
pub fn read<'a>(sources: &'a [Source<'a>]) -> Result<Descriptions<'a>, Vec<Diagnostic>> {
    let mut reader = Reader { found: Descriptions { sources, texts: BTreeMap::new() }, file: 0, errors: Vec::new() };
    for (file, source) in sources.iter().enumerate() {
        reader.file = file;
        match data::read(source.file, source.bytes) {
            Ok(Value::Object(root)) => reader.root(root),
            Ok(_) => {}
            Err(error) => reader.errors.push(error),
        }
    }
    if reader.errors.is_empty() { Ok(reader.found) } else { Err(reader.errors) }
}

struct Reader<'a> {
    found: Descriptions<'a>,
    file: usize,
    errors: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn error(&mut self, path: &[String], message: String, hint: &str) {
        self.errors.push(self.found.error(self.file, path, message).hint(hint));
    }

    fn root(&mut self, root: Map<String, Value>) {
        for (section, value) in root {
            let path = vec![section.clone()];
            if GLOSSARY.contains(&section.as_str()) {
                self.texts(path, value);
            } else if let Some((_, texts, groups)) = SECTIONS.iter().find(|(name, ..)| *name == section) {
                for (name, entry) in self.object(&path, value) {
                    self.entry(below(&path, &name), entry, texts, groups);
                }
            } else {
                let known: Vec<_> = SECTIONS.iter().map(|(name, ..)| *name).chain(GLOSSARY.iter().copied()).collect();
                let message = format!("unknown section `{section}`");
                self.error(&path, message, &format!("known are: {}", known.join(", ")));
            }
        }
    }

    fn entry(&mut self, path: Vec<String>, entry: Value, texts: &[&str], groups: &[&str]) {
        for (keyword, value) in self.object(&path, entry) {
            let at = below(&path, &keyword);
            if texts.contains(&keyword.as_str()) {
                self.text(at, value);
            } else if groups.contains(&keyword.as_str()) {
                self.texts(at, value);
            } else {
                let known: Vec<_> = texts.iter().chain(groups).copied().collect();
                let message = format!("unknown keyword `{keyword}`");
                self.error(&at, message, &format!("known are: {}", known.join(", ")));
            }
        }
    }

    fn texts(&mut self, path: Vec<String>, group: Value) {
        for (name, value) in self.object(&path, group) {
            self.text(below(&path, &name), value);
        }
    }

    fn object(&mut self, path: &[String], value: Value) -> Map<String, Value> {
        match value {
            Value::Object(properties) => properties,
            other => {
                let name = path.last().map_or("", String::as_str);
                let message = format!("`{name}` is {}, not an object", data::describe(&other));
                self.error(path, message, "add entries below it, or remove it");
                Map::new()
            }
        }
    }

    fn text(&mut self, path: Vec<String>, value: Value) {
        let name = path.last().cloned().unwrap_or_default();
        let text = match &value {
            Value::String(text) if !text.trim().is_empty() => flowing(text),
            Value::String(_) => {
                return self.error(&path, format!("the text of `{name}` is empty"), "write it, or remove the entry");
            }
            other => {
                let message = format!("`{name}` is {}, not a text", data::describe(other));
                return self.error(&path, message, "write a text; one that contains `: ` or ` #` needs quotes");
            }
        };
        match self.found.texts.entry(path) {
            Entry::Vacant(place) => {
                place.insert(Text { file: self.file, text });
            }
            Entry::Occupied(known) => {
                let (path, other) = (known.key().clone(), known.get().file);
                let other = self.found.sources.get(other).map_or("", |source| source.file);
                let message = format!("`{name}` is described twice, also in {other}");
                self.error(&path, message, "keep one of the two texts");
            }
        }
    }
}

fn below(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// Joins the lines of each paragraph. Items of a list keep their own lines.
fn flowing(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.trim().lines().map(str::trim) {
        let begins_item = line.starts_with("- ");
        match lines.last_mut() {
            Some(last) if is_open && !line.is_empty() && !begins_item => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
        is_open = !line.is_empty();
    }
    lines.join("\n")
}
