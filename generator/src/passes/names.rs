//! Names that are pinned: a new document can't rename what people use.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostic;
use crate::words::is_identifier;

/// Names by what they stand for.
///
/// The file form has one line each, `KIND KEY NAME` with a tab in between, sorted. A name can be changed there by
/// hand; the generator takes it as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pinned: BTreeMap<(String, String), String>,
    used: BTreeMap<(String, String), String>,
}

const HEADER: &str = "# Public names of the generated crate, each pinned to its place in the document.\n\
                      # `cargo xtask regenerate` adds new ones and takes out those whose place is gone; change a name here by hand.\n";

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
            let parts: Vec<_> = line.split('\t').collect();
            let problem = match parts[..] {
                [kind, key, name] if is_identifier(name) => {
                    let before = names.pinned.insert((kind.to_owned(), key.to_owned()), name.to_owned());
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
        let lines = self.used.iter().map(|((kind, key), name)| format!("{kind}\t{key}\t{name}\n"));
        lines.fold(HEADER.to_owned(), |text, line| text + &line)
    }

    /// The pinned name, or else the given one, which is pinned from now on.
    pub(super) fn pick(&mut self, kind: &str, key: &str, computed: String) -> String {
        let place = (kind.to_owned(), key.to_owned());
        let name = self.pinned.get(&place).cloned().unwrap_or(computed);
        self.used.insert(place, name.clone());
        name
    }

    /// As [`Names::pick`], but leaves names that follow from the wire alone out of the file.
    pub(super) fn pick_irregular(&mut self, kind: &str, key: &str, computed: String, regular: &str) -> String {
        let pinned = self.pinned.contains_key(&(kind.to_owned(), key.to_owned()));
        if pinned || computed != regular { self.pick(kind, key, computed) } else { computed }
    }

    /// Whether a name is pinned.
    pub(super) fn is_pinned(&self, kind: &str, key: &str) -> bool {
        self.pinned.contains_key(&(kind.to_owned(), key.to_owned()))
    }

    /// All names that were used: kind, key and name, sorted.
    pub fn used(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.used.iter().map(|((kind, key), name)| (kind.as_str(), key.as_str(), name.as_str()))
    }
}
