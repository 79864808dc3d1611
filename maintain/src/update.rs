//! The report of a maintainer's round: what a new document changes, what a person has to decide, what comes next.

use std::fmt::Write as _;

use crate::changes::{Bump, Changes, changelog};
use crate::items::ItemChanges;
use crate::names::{Loss, LostName};
use crate::overlay::StaleAction;

/// Most lines of a list.
const LISTED: usize = 20;

/// Everything that a round found.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The new file, as it is shown.
    pub spec: String,
    /// The file that it is compared with.
    pub base: String,
    /// The overlay.
    pub overlay: String,
    /// The pinned names.
    pub lock: String,
    /// The current version of the crate.
    pub current: String,
    /// Whether the document is another one of the crate's default version.
    pub is_default: bool,
    /// Whether the crate has the version.
    pub is_configured: bool,
    /// Changes of the API.
    pub changes: Changes,
    /// Changes of the crate; nothing if the document gives no crate.
    pub items: Option<ItemChanges>,
    /// Why the document gives no crate.
    pub errors: Option<String>,
    /// Actions of the overlay that no longer fit, each with its line.
    pub stale: Vec<(StaleAction, Option<usize>)>,
    /// Actions of which a part no longer fits.
    pub partly_stale: Vec<(StaleAction, Option<usize>)>,
    /// New names, `KIND KEY NAME`.
    pub new_names: Vec<String>,
    /// Pinned names without a place.
    pub lost_names: Vec<(LostName, Loss)>,
    /// What has no description, a line each.
    pub undescribed: Vec<String>,
    /// Descriptions without a place, a line each.
    pub stale_docs: Vec<String>,
}

impl Round {
    /// Whether the round cannot go on without a correction.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors.is_some() || self.lost_names.iter().any(|(_, loss)| *loss != Loss::Gone)
    }

    /// The release that the changes need if the document becomes the default version.
    #[must_use]
    pub fn bump(&self) -> Bump {
        let items = self.items.as_ref().map(ItemChanges::bump).unwrap_or_default();
        self.changes.bump().max(items)
    }

    /// The whole report.
    #[must_use]
    pub fn report(&self) -> String {
        let mut out = String::new();
        self.api(&mut out);
        self.decisions(&mut out);
        self.release(&mut out);
        self.next(&mut out);
        out
    }

    fn api(&self, out: &mut String) {
        let breaking = self.changes.list.iter().filter(|change| change.classes.iter().any(|class| class.is_breaking()));
        let _ = writeln!(
            out,
            "\nChanges\n  API {} -> {}: {} changes, {} of them breaking",
            self.changes.from,
            self.changes.to,
            self.changes.list.len(),
            breaking.count(),
        );
        if let Some(items) = &self.items {
            let _ = writeln!(
                out,
                "  public items of the crate: {} added, {} changed, {} removed",
                items.added.len(),
                items.changed.len() + items.features.len(),
                items.removed.len(),
            );
        }
    }

    fn decisions(&self, out: &mut String) {
        out.push_str("\nDecide\n");
        let before = out.len();
        self.overlay_decisions(out);
        self.name_decisions(out);
        list(out, "descriptions are missing", &self.undescribed);
        list(out, "descriptions have no place any more", &self.stale_docs);
        if let Some(errors) = &self.errors {
            let _ = writeln!(out, "  the document gives no crate:");
            for line in errors.trim_end().lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
        if out.len() == before {
            out.push_str("  nothing\n");
        }
    }

    fn overlay_decisions(&self, out: &mut String) {
        for (title, actions) in [
            ("actions of the overlay no longer fit", &self.stale),
            ("actions of the overlay fit only in part", &self.partly_stale),
        ] {
            let lines: Vec<_> = actions.iter().map(|(action, line)| self.action(action, *line)).collect();
            list(out, title, &lines);
        }
    }

    fn action(&self, action: &StaleAction, line: Option<usize>) -> String {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let mut nearest = match &action.nearest {
            Some(nearest) => format!("nearest: {nearest}"),
            None => format!("nothing is similar; {} exists", action.existing),
        };
        if action.fits_former && self.changes.from < self.changes.to {
            let former = &self.changes.from;
            nearest.push_str(&format!(
                "\n      it fits {former}: `x-versions: {{to: {former}}}` leaves it to older versions"
            ));
        }
        format!("{}{line}: {}\n      {}\n      {nearest}", self.overlay, action.target, action.message)
    }

    fn name_decisions(&self, out: &mut String) {
        list(out, "new names to approve", &self.new_names);
        let renamed = self.changes.renamed_types.iter();
        let lines: Vec<_> = renamed.map(|(old, new)| format!("type\t#/components/schemas/{new}\t{old}")).collect();
        list(out, &format!("renamed types; a line in {} keeps the former name", self.lock), &lines);
        for (loss, title) in [
            (Loss::Mistyped, "error: pinned names have a place that the former document did not have either"),
            (Loss::HandMade, "error: pinned names that were chosen by hand have no place any more"),
            (Loss::Gone, "pinned names go with their places"),
        ] {
            let lost = self.lost_names.iter().filter(|(_, found)| *found == loss);
            let line = |(lost, _): &(LostName, Loss)| {
                let nearest = lost.nearest.as_ref().filter(|_| loss != Loss::Gone);
                let nearest = nearest.map(|nearest| format!("\n      nearest: {nearest}"));
                format!("{}: {} {} {}{}", self.lock, lost.kind, lost.key, lost.name, nearest.unwrap_or_default())
            };
            list(out, title, &lost.map(line).collect::<Vec<_>>());
        }
    }

    fn release(&self, out: &mut String) {
        let next = |bump: Bump| bump.apply(&self.current).unwrap_or_else(|| self.current.clone());
        out.push_str("\nRelease\n");
        let whole = self.bump();
        if self.is_default {
            let _ = writeln!(out, "  {} -> {} ({whole})", self.current, next(whole));
        } else {
            let _ = writeln!(out, "  {} -> {} as a version next to the default one", self.current, next(Bump::Minor));
            let _ = writeln!(out, "  {} -> {} as the default version ({whole})", self.current, next(whole));
        }
        let release = next(if self.is_default { whole } else { Bump::Minor });
        let _ = writeln!(
            out,
            "\nEntry for CHANGELOG.md: API version {} compared with {}\n\n## [{release}] - unreleased\n",
            self.changes.to, self.changes.from
        );
        out.push_str(changelog(&self.changes).trim_end());
        out.push('\n');
    }

    fn next(&self, out: &mut String) {
        let mut steps = Vec::new();
        if !self.stale.is_empty() || !self.partly_stale.is_empty() || self.errors.is_some() {
            steps.push(format!("edit {}", self.overlay));
        }
        if self.lost_names.iter().any(|(_, loss)| *loss != Loss::Gone) {
            steps.push(format!("edit {}", self.lock));
        }
        if !self.is_configured {
            let line = format!("Version {{ document: \"{}\", role: Role::Module }},", self.spec);
            steps.push(format!("add one line to VERSIONS in generator/src/repository.rs: {line}"));
        }
        let drop = if self.lost_names.is_empty() { "" } else { " --drop-names" };
        steps.push(format!("cargo xtask regenerate{drop}"));
        if !self.new_names.is_empty() {
            steps.push("cargo xtask names --approve".to_owned());
        }
        if !self.undescribed.is_empty() || !self.stale_docs.is_empty() {
            steps.push("edit spec/docs, then cargo xtask docs".to_owned());
        }
        steps.push("INSTA_UPDATE=always cargo test --workspace".to_owned());
        steps.push("edit CHANGELOG.md, then cargo xtask release --check".to_owned());
        out.push_str("\nNext\n");
        for (index, step) in steps.iter().enumerate() {
            let _ = writeln!(out, "  {}. {step}", index + 1);
        }
        let _ = writeln!(out, "  All changes: cargo xtask diff {} {}", self.base, self.spec);
    }
}

/// A title with the number of lines, and the first ones of them.
fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {title}: {}", lines.len());
    for line in lines.iter().take(LISTED) {
        let _ = writeln!(out, "    {line}");
    }
    if lines.len() > LISTED {
        let _ = writeln!(out, "    and {} more", lines.len() - LISTED);
    }
}
