//! The public items of two outputs of the generator: the added, removed and changed ones.
//!
//! An item is named as in a user's program: a type of a private module by the module that exports it. A type that moves
//! between private modules is therefore unchanged, and so is one whose features change.

mod line;
mod modules;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::changes::Bump;
use line::Item;
use modules::Modules;

/// The public items of one file, as the generator lists them.
#[derive(Clone, Debug)]
pub struct FileItems {
    /// The path below `src`.
    pub path: String,
    /// A line for each item.
    pub lines: Vec<String>,
}

/// The difference between two outputs. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemChanges {
    /// New items.
    pub added: Vec<String>,
    /// Removed items.
    pub removed: Vec<String>,
    /// Items with another type, signature or value.
    pub changed: Vec<ChangedItem>,
    /// Items that need other features.
    pub features: Vec<ChangedItem>,
    /// Whether one of these existed with features that are not enough now.
    pub loses_features: bool,
}

/// An item before and after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedItem {
    /// Its path.
    pub item: String,
    /// Its definition before.
    pub before: String,
    /// Its definition now.
    pub after: String,
}

impl ItemChanges {
    /// Returns whether the items are the same, with the same features.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the release that the difference requires.
    #[must_use]
    pub fn bump(&self) -> Bump {
        if !self.removed.is_empty() || !self.changed.is_empty() || self.loses_features {
            Bump::Major
        } else if !self.added.is_empty() || !self.features.is_empty() {
            Bump::Minor
        } else {
            Bump::Patch
        }
    }

    /// One JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let changed = |list: &[ChangedItem]| -> Vec<Value> {
            list.iter().map(|one| json!({"item": one.item, "before": one.before, "after": one.after})).collect()
        };
        json!({
            "semver": self.bump().to_string(),
            "added": self.added,
            "removed": self.removed,
            "changed": changed(&self.changed),
            "features": changed(&self.features),
        })
    }

    /// Lines for people: `-` for removed items, `~` for changed ones, `+` for added ones.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let plain = |detail: &str| detail.trim_start_matches(": ").trim().to_owned();
        let removed = self.removed.iter().map(|item| format!("- {item}"));
        let changed =
            self.changed.iter().map(|one| format!("~ {}{} (was {})", one.item, one.after, plain(&one.before)));
        let features =
            self.features.iter().map(|one| format!("~ {} needs {} (needed {})", one.item, one.after, one.before));
        let added = self.added.iter().map(|item| format!("+ {item}"));
        removed.chain(changed).chain(features).chain(added).collect()
    }
}

/// Compares the public items of two outputs.
#[must_use]
pub fn compare(old: &[FileItems], new: &[FileItems]) -> ItemChanges {
    let (old, new) = (public(old), public(new));
    let mut changes = ItemChanges::default();
    for (path, item) in &old {
        let Some(now) = new.get(path) else { continue };
        let change = |before: &str, after: &str| ChangedItem {
            item: path.clone(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        if item.detail != now.detail {
            changes.changed.push(change(&item.detail, &now.detail));
        }
        if item.features != now.features {
            changes.features.push(change(&item.features.to_string(), &now.features.to_string()));
            changes.loses_features |= !now.features.include(&item.features);
        }
    }
    changes.removed = only_in(&old, &new);
    changes.added = only_in(&new, &old);
    changes
}

/// Items of one output that the other lacks. The traits of a type that is added or removed as a whole are left out.
fn only_in(items: &BTreeMap<String, Item>, others: &BTreeMap<String, Item>) -> Vec<String> {
    let is_missing = |path: &str| !others.contains_key(path);
    let follows =
        |path: &str| path.split_once(": ").is_some_and(|(owner, _)| items.contains_key(owner) && is_missing(owner));
    let missing = items.iter().filter(|(path, _)| is_missing(path) && !follows(path));
    missing.map(|(path, item)| format!("{path}{}", item.detail)).collect()
}

/// The items that a program can name, by path.
fn public(files: &[FileItems]) -> BTreeMap<String, Item> {
    let mut by_module: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for file in files {
        let of_file = modules::of_path(&file.path);
        // A file without lines is a module, too.
        by_module.entry(of_file.clone()).or_default();
        for line in &file.lines {
            let module = modules::of_line(&of_file, line);
            let items = line::parse(line, &module);
            by_module.entry(module).or_default().extend(items);
        }
    }
    let parsed: Vec<(String, Vec<Item>)> = by_module.into_iter().collect();
    let modules = Modules::new(&parsed);
    let mut found = BTreeMap::new();
    for (module, items) in &parsed {
        for item in items {
            for path in modules.paths(module, item) {
                found.insert(path, item.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{FileItems, compare};

    fn file(path: &str, lines: &[&str]) -> FileItems {
        FileItems { path: path.to_owned(), lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    /// A crate whose type `Order` is in a private module, with its methods in another file.
    fn files(home: &str, methods: &str) -> Vec<FileItems> {
        vec![
            file("lib.rs", &["crate::models mod", "crate::use client::{ Polar }"]),
            file("client.rs", &["client::Polar struct", "client::Hidden struct"]),
            file("models/mod.rs", &["models::use orders::*", "models::use shared::*"]),
            file(
                &format!("models/{home}.rs"),
                &[&format!("models::{home}::Order struct cfg(feature = \"a\") derive(Clone)")],
            ),
            file(&format!("models/{home}/methods.rs"), &[&format!("models::{home}::Order::{methods}")]),
            file("models/hidden.rs", &["models::hidden::Secret struct"]),
        ]
    }

    #[test]
    fn a_type_that_moves_between_private_modules_does_not_change() {
        assert!(compare(&files("orders", "new() -> Self"), &files("shared", "new() -> Self")).is_empty());
    }

    #[test]
    fn methods_in_another_file_belong_to_their_type() {
        let changes = compare(&files("orders", "new() -> Self"), &files("orders", "new(id: Uuid) -> Self"));
        assert_eq!(changes.lines(), ["~ models::Order::new(id: Uuid) -> Self (was () -> Self)"]);
    }

    #[test]
    fn private_items_are_not_listed() {
        let lines = compare(&[], &files("orders", "new() -> Self")).lines();
        assert_eq!(
            lines,
            ["+ Polar struct", "+ models mod", "+ models::Order struct", "+ models::Order::new() -> Self"]
        );
    }
}
