//! Changes between two versions of the API, in the words of its users.

mod change;
mod fits;
mod operations;
mod renames;
mod render;
mod schemas;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use change::{Bump, Change, ChangeKind, Class, Section};
pub use render::{changelog, json, table};

use crate::api::{Api, Directions};
use change::{Effect, classes};

/// The changes between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The former version.
    pub from: String,
    /// The new version.
    pub to: String,
    /// All changes, the most severe first.
    pub list: Vec<Change>,
    /// New names of types by the former ones.
    pub renamed_types: BTreeMap<String, String>,
}

impl Changes {
    /// Returns the release of the crate that all changes together require.
    #[must_use]
    pub fn bump(&self) -> Bump {
        self.list.iter().map(|change| change.bump).max().unwrap_or_default()
    }
}

/// Compares two documents.
#[must_use]
pub fn compare(old: &Map<String, Value>, new: &Map<String, Value>) -> Changes {
    let (old, new) = (Api::read(old), Api::read(new));
    let renamed_operations = renames::operations(&old, &new);
    let renames = renames::types(&old, &new, &renamed_operations);
    let mut comparison = Comparison { old: &old, new: &new, renames: &renames, list: Vec::new() };
    comparison.servers();
    comparison.operations(&renamed_operations);
    comparison.webhooks();
    comparison.types();
    let mut list = comparison.list;
    list.sort_by(|a, b| {
        let key =
            |change: &Change| (change.classes.iter().min().copied(), change.kind.section(), change.subject.clone());
        key(a).cmp(&key(b)).then(a.text.cmp(&b.text))
    });
    list.dedup();
    Changes { from: old.version.clone(), to: new.version.clone(), list, renamed_types: renames }
}

struct Comparison<'a> {
    old: &'a Api,
    new: &'a Api,
    /// New names of types by the former ones.
    renames: &'a BTreeMap<String, String>,
    list: Vec<Change>,
}

impl Comparison<'_> {
    fn push(&mut self, kind: ChangeKind, subject: &str, text: String, classes: Vec<Class>, bump: Bump) {
        // A program that runs against the former version can break even if it compiles.
        let bump = if classes.iter().any(|class| class.is_breaking()) { Bump::Major } else { bump };
        self.list.push(Change { kind, subject: subject.to_owned(), text, classes, bump });
    }

    fn renamed<'b>(&'b self, name: &'b str) -> &'b str {
        self.renames.get(name).map_or(name, String::as_str)
    }

    fn servers(&mut self) {
        let (old, new) = (self.old, self.new);
        for url in old.servers.iter().filter(|url| !new.servers.contains(url)) {
            let text = format!("the API is no longer at {url}");
            self.push(ChangeKind::ServerRemoved, "", text, vec![Class::BreakingForRequests], Bump::Major);
        }
        for url in new.servers.iter().filter(|url| !old.servers.contains(url)) {
            let text = format!("the API is at {url}");
            self.push(ChangeKind::ServerAdded, "", text, vec![Class::Additive], Bump::Patch);
        }
    }

    fn webhooks(&mut self) {
        let (old, new) = (self.old, self.new);
        for (event, payload) in &old.webhooks {
            match new.webhooks.get(event) {
                Some(other) => {
                    let at = schemas::At::whole(event, format!("the payload of the webhook `{event}`"));
                    self.schema(&at, payload, other, Directions::RESPONSES);
                }
                None => {
                    let text = format!("the webhook `{event}` was removed");
                    self.push(ChangeKind::WebhookRemoved, event, text, vec![Class::BreakingForResponses], Bump::Major);
                }
            }
        }
        for event in new.webhooks.keys().filter(|event| !old.webhooks.contains_key(*event)) {
            let text = format!("the webhook `{event}` was added");
            self.push(ChangeKind::WebhookAdded, event, text, vec![Class::Additive], Bump::Minor);
        }
    }

    fn types(&mut self) {
        let (old, new) = (self.old, self.new);
        for (name, directions) in &old.uses {
            let Some(schema) = old.types.get(name) else { continue };
            let other = self.renamed(name).to_owned();
            if other != *name {
                let text = format!("the type `{name}` is now called `{other}`");
                self.push(ChangeKind::TypeRenamed, &other, text, vec![Class::Docs], Bump::Major);
            }
            match (new.types.get(&other), new.uses.get(&other)) {
                (Some(schema_now), Some(directions_now)) => {
                    let both = directions.and(*directions_now);
                    let directions = if both.is_empty() { directions.or(*directions_now) } else { both };
                    self.schema(&schemas::At::of_type(&other), schema, schema_now, directions);
                }
                _ => {
                    let classes = classes(*directions, Effect::Breaking, Effect::Breaking);
                    self.push(
                        ChangeKind::TypeRemoved,
                        name,
                        format!("the type `{name}` was removed"),
                        classes,
                        Bump::Major,
                    );
                }
            }
        }
        for name in new.uses.keys().filter(|name| new.types.contains_key(*name)) {
            let is_renamed = self.renames.values().any(|other| other == name);
            if !is_renamed && !old.uses.contains_key(name) {
                self.push(
                    ChangeKind::TypeAdded,
                    name,
                    format!("the type `{name}` was added"),
                    vec![Class::Additive],
                    Bump::Minor,
                );
            }
        }
    }
}
