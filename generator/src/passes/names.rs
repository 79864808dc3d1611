//! Names that are pinned: a new document can't rename what people use.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Diagnostic;
use crate::words::is_identifier;

/// Names by what they stand for.
///
/// The file form has one line each, `KIND KEY NAME` with a tab in between, sorted. A name can be changed there by
/// hand; the generator uses it unchanged. A name that is new to a file ends with a fourth part, `new`, until a
/// person takes that away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pinned: BTreeMap<(String, String), String>,
    used: BTreeMap<(String, String), String>,
    /// Names that earlier versions of the API have, also those that follow from the wire alone: this version gets the same.
    earlier: BTreeMap<(String, String), String>,
    /// Such names of this version.
    given: BTreeMap<(String, String), String>,
    /// Names that nobody has approved yet.
    unapproved: BTreeSet<(String, String)>,
}

/// The fourth part of a line with a name that nobody has approved yet.
const NEW: &str = "new";

const HEADER: &str = "# Public names of the generated crate, each pinned to its place in the document.\n\
                      # `cargo xtask regenerate` adds names and ends their lines with `new`; `cargo xtask names --approve` takes that away.\n\
                      # Change a name here by hand. A line whose place is gone is an error.\n";

impl Names {
    /// Reads the file form.
    ///
    /// # Errors
    /// A line is not `KIND KEY NAME`, or a key stands twice.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut names = Self::default();
        let mut problems = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts: Vec<_> = line.split('\t').collect();
            let is_new = parts.len() == 4 && parts.pop_if(|last| *last == NEW).is_some();
            let problem = match parts[..] {
                [kind, key, name] if is_identifier(name) => {
                    let place = (kind.to_owned(), key.to_owned());
                    if is_new {
                        names.unapproved.insert(place.clone());
                    }
                    let before = names.pinned.insert(place, name.to_owned());
                    before.map(|_| (format!("{kind} {key} is pinned twice"), "keep one of the lines"))
                }
                [_, _, name] => {
                    let hint = "a name is made of letters, digits and `_`; a keyword takes `r#` in front";
                    Some((format!("`{name}` is not a Rust identifier"), hint))
                }
                _ => Some((
                    "the line is not of three parts".to_owned(),
                    "a line holds kind, key and name, with a tab in between",
                )),
            };
            if let Some((message, hint)) = problem {
                problems.push(Diagnostic::error("", message).in_file(file).at(index + 1, 1).hint(hint));
            }
        }
        if problems.is_empty() { Ok(names) } else { Err(problems) }
    }

    /// The file form of all names that were used.
    #[must_use]
    pub fn render(&self) -> String {
        let mark =
            |place: &(String, String)| if self.unapproved.contains(place) { format!("\t{NEW}") } else { String::new() };
        let lines = self.used.iter().map(|(place, name)| format!("{}\t{}\t{name}{}\n", place.0, place.1, mark(place)));
        lines.fold(HEADER.to_owned(), |text, line| text + &line)
    }

    /// Begins the next version of the API, which gets the names of those before it.
    pub fn begin_version(&mut self) {
        self.earlier.append(&mut self.given);
    }

    /// The pinned name, or that of an earlier version of the API, or else the computed one, which is pinned from now on.
    pub(super) fn pick(&mut self, kind: &str, key: &str, computed: String) -> String {
        let place = (kind.to_owned(), key.to_owned());
        let pinned = self.pinned.get(&place);
        // The first file has nothing but new names.
        if pinned.is_none() && !self.pinned.is_empty() {
            self.unapproved.insert(place.clone());
        }
        let name = pinned.or_else(|| self.earlier.get(&place)).cloned().unwrap_or(computed);
        self.given.insert(place.clone(), name.clone());
        self.used.insert(place, name.clone());
        name
    }

    /// As [`Names::pick`], but leaves names that follow from the wire alone out of the file.
    pub(super) fn pick_irregular(&mut self, kind: &str, key: &str, computed: String, regular: &str) -> String {
        let place = (kind.to_owned(), key.to_owned());
        let name = match self.earlier.get(&place) {
            Some(given) => given.clone(),
            None => computed,
        };
        if self.pinned.contains_key(&place) || name != regular {
            return self.pick(kind, key, name);
        }
        self.given.insert(place, name.clone());
        name
    }

    /// Whether a name is pinned, or given to an earlier version of the API.
    pub(super) fn is_pinned(&self, kind: &str, key: &str) -> bool {
        let place = (kind.to_owned(), key.to_owned());
        self.pinned.contains_key(&place) || self.earlier.contains_key(&place)
    }

    /// All names that were used: kind, key and name, sorted.
    pub fn used(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.used.iter().map(|((kind, key), name)| (kind.as_str(), key.as_str(), name.as_str()))
    }

    /// Pinned names without a place: kind, key and name, sorted.
    pub fn unused(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let unused = self.pinned.iter().filter(|(place, _)| !self.used.contains_key(*place));
        unused.map(|((kind, key), name)| (kind.as_str(), key.as_str(), name.as_str()))
    }

    /// Names that are new to the file, or that nobody has approved since they were: kind, key and name, sorted.
    pub fn unapproved(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.used().filter(|(kind, key, _)| self.unapproved.contains(&((*kind).to_owned(), (*key).to_owned())))
    }

    /// Names that the file marks as new: kind, key and name, sorted.
    pub fn marked_new(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let pinned = self.pinned.iter().filter(|(place, _)| self.unapproved.contains(*place));
        pinned.map(|((kind, key), name)| (kind.as_str(), key.as_str(), name.as_str()))
    }
}
