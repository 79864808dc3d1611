//! Pinned names whose place was removed, and the places that they may be meant for.

use std::collections::BTreeMap;

use polar_codegen::Names;

/// Minimum similarity of a proposed key, from 0 to 1.
const SIMILAR: f64 = 0.92;

/// A pinned name without a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostName {
    /// What is named, such as `type` or `method`.
    pub kind: String,
    /// The place in the document.
    pub key: String,
    /// The name.
    pub name: String,
    /// A similar place that exists.
    pub nearest: Option<String>,
}

/// Why a pinned name has no place in a new document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// The generator chose the name, and its place was removed.
    Gone,
    /// A person chose the name, and its place was removed.
    HandMade,
    /// Its place was not in the former document either.
    Mistyped,
}

/// Returns why a name is lost: `former` are the names of the former document, `chosen` those that the generator chooses
/// for it.
#[must_use]
pub fn loss(lost: &LostName, former: &Names, chosen: &Names) -> Loss {
    let find = |names: &Names| {
        let found = names.used().find(|(kind, key, _)| (*kind, *key) == (lost.kind.as_str(), lost.key.as_str()));
        found.map(|(.., name)| name.to_owned())
    };
    match (find(former), find(chosen)) {
        (None, _) => Loss::Mistyped,
        (Some(_), Some(chosen)) if chosen == lost.name => Loss::Gone,
        _ => Loss::HandMade,
    }
}

/// The pinned names without a place. `renames` are new names of types by the former ones.
#[must_use]
pub fn lost(names: &Names, renames: &BTreeMap<String, String>) -> Vec<LostName> {
    let describe = |(kind, key, name): (&str, &str, &str)| LostName {
        kind: kind.to_owned(),
        key: key.to_owned(),
        name: name.to_owned(),
        nearest: nearest(names, kind, key, renames),
    };
    names.unused().map(describe).collect()
}

/// The key with the new name of its type, else the most similar key.
fn nearest(names: &Names, kind: &str, key: &str, renames: &BTreeMap<String, String>) -> Option<String> {
    let keys = || names.used().filter(|(other, ..)| *other == kind).map(|(_, key, _)| key);
    let parts = key.split('/').map(|part| renames.get(part).map_or(part, String::as_str));
    let renamed = parts.collect::<Vec<_>>().join("/");
    if renamed != key && keys().any(|other| other == renamed) {
        return Some(renamed);
    }
    let similar = keys().map(|other| (strsim::jaro_winkler(key, other), other));
    let best = similar.filter(|(similarity, _)| *similarity >= SIMILAR).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, key)| key.to_owned())
}
