//! Changes as text: a table for people, JSON for programs, a section of a changelog.

use serde_json::{Value, json};

use super::Changes;
use super::change::{Change, Class, Section};

/// A table, grouped by class. `current` is the version of the crate.
#[must_use]
pub fn table(changes: &Changes, current: &str) -> String {
    let Changes { from, to, list, .. } = changes;
    if list.is_empty() {
        return format!("{from} -> {to}: no changes of the API\n");
    }
    let mut text = format!("{from} -> {to}: {}\n", counted(list.len(), "change"));
    let mut heads: Vec<Vec<Class>> = list.iter().map(|change| change.classes.clone()).collect();
    heads.sort();
    heads.dedup();
    for classes in heads {
        let alike: Vec<_> = list.iter().filter(|change| change.classes == classes).collect();
        text.push_str(&format!("\n{} ({})\n", title(&classes), alike.len()));
        for change in alike {
            text.push_str(&format!("  {:<5}  {}\n", change.bump.to_string(), change.text));
        }
    }
    text.push_str(&format!("\n{}\n", meaning(changes, current)));
    text
}

/// Describes the effect of the changes on the version of the crate.
fn meaning(changes: &Changes, current: &str) -> String {
    let bump = changes.bump();
    let next = bump.apply(current).map(|next| format!(": {current} -> {next}")).unwrap_or_default();
    let within = bump.within(current.starts_with("0."));
    if within == bump {
        format!("a {bump} release of the crate{next}")
    } else {
        format!("a {bump} release of the crate, before 1.0 a {within} release{next}")
    }
}

fn title(classes: &[Class]) -> String {
    match classes {
        [Class::BreakingForRequests, Class::BreakingForResponses] => "breaking for requests and responses".to_owned(),
        classes => classes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// One JSON object.
#[must_use]
pub fn json(changes: &Changes, current: &str) -> Value {
    let change = |change: &Change| {
        json!({
            "kind": change.kind.code(),
            "subject": change.subject,
            "text": change.text,
            "classes": change.classes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "semver": change.bump.to_string(),
        })
    };
    let bump = changes.bump();
    json!({
        "from": changes.from,
        "to": changes.to,
        "semver": bump.to_string(),
        "crate": {"current": current, "next": bump.apply(current)},
        "changes": changes.list.iter().map(change).collect::<Vec<_>>(),
    })
}

/// The sections of a changelog, in the form of Keep a Changelog.
#[must_use]
pub fn changelog(changes: &Changes) -> String {
    let mut text = String::new();
    for section in Section::ALL {
        let alike: Vec<_> = changes.list.iter().filter(|change| change.kind.section() == section).collect();
        if alike.is_empty() {
            continue;
        }
        text.push_str(&format!("### {section}\n\n"));
        for change in alike {
            let is_breaking = change.classes.iter().any(|class| class.is_breaking());
            let mark = if is_breaking { "**Breaking:** " } else { "" };
            text.push_str(&format!("- {mark}{}.\n", sentence(&change.text)));
        }
        text.push('\n');
    }
    text
}

/// With a capital letter, if it begins with a word.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
