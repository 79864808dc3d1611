//! `cargo xtask update`: takes a new document and reports what a person has to decide.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use polar_codegen::document::position::locate;
use polar_codegen::repository::{DOCS, DOCUMENT, NAMES, OVERLAY, Role, VERSIONS, Version};
use polar_codegen::{Diagnostic, Diagnostics, Names, Source, generate, names as names_of};
use polar_maintain::names::{Loss, LostName, loss, lost};
use polar_maintain::overlay::{self, StaleAction};
use polar_maintain::update::Round;
use polar_maintain::{changes, items, yaml};
use serde_json::{Map, Value};

use super::diff::{CURRENT, document};
use super::generate::{Companions, items as items_of};
use super::import::{read_official, report as import_report, spec_file, write};
use super::options;
use crate::docs::{located, missing};
use crate::error::CommandError;
use crate::generation::{Other, is_same, read_docs, root, shown};

pub(crate) fn run(options: &options::Update) -> Result<String, CommandError> {
    let imported = read_official(&options.file, options.version.as_deref())?;
    let spec = options.out.clone().unwrap_or_else(|| spec_file(&imported.version));
    let base = options.base.clone().unwrap_or_else(|| base_of(&imported.version));
    // Before it is written, because it may be the same file.
    let former = document(&base)?;
    let text = yaml::write(&imported.document);
    let is_new = fs::read(&spec).ok().as_deref() != Some(text.as_bytes());
    if is_new && !options.dry_run {
        write(&spec, &text)?;
    }
    let files = Files::read(&base, &imported.version)?;
    let mut round = files.round(&former, &imported.document, &shown(&spec))?;
    round.spec = shown(&spec);
    round.base = shown(&base);
    let own = spec_file(&imported.version);
    let configured = VERSIONS.iter().find(|version| root().join(version.document) == own);
    round.is_configured = configured.is_some();
    let is_same_version = is_same(&base, &spec) || spec == base;
    round.is_default = is_same_version && configured.is_some_and(|version| version.role == Role::Default);
    let mut text = import_report(&options.file, &spec, &imported);
    match (options.dry_run, is_new) {
        (true, _) => text.push_str("  not written, because of --dry-run\n"),
        (false, false) => text.push_str("  nothing changed\n"),
        (false, true) => {}
    }
    text.push_str(&round.report());
    if round.has_errors() {
        let hint = "correct what begins with `error`, then run the command again";
        return Err(CommandError::new(format!("the round is not complete\n\n{}", text.trim_end()), hint));
    }
    Ok(text)
}

/// The document that a version is compared with: the same version, else the newest one before it, else the default one.
fn base_of(version: &str) -> PathBuf {
    let own = spec_file(version);
    let before = |configured: &&Version| root().join(configured.document) <= own;
    // Names of files have the order of the versions in them.
    let nearest = VERSIONS.iter().filter(before).max_by_key(|configured| configured.document);
    root().join(nearest.map_or(DOCUMENT, |configured| configured.document))
}

/// The files of the repository that a document is generated with.
struct Files {
    companions: Companions,
    overlay_text: Vec<u8>,
    docs: Vec<(String, Vec<u8>)>,
    lock: String,
    /// The other versions of the crate.
    others: Vec<Other>,
}

/// What the new version and the others of the crate have together.
#[derive(Default)]
struct Reviewed {
    names: Names,
    /// What has no description.
    undescribed: Vec<String>,
    /// Descriptions without a place in any version.
    stale_docs: Vec<String>,
}

impl Files {
    /// Reads those of the repository; a document elsewhere has none of its own.
    fn read(base: &Path, version: &str) -> Result<Self, CommandError> {
        let overlay = root().join(OVERLAY);
        let companions = match overlay.exists() {
            true => Companions::find(base, Some(&overlay))?,
            false => Companions::find(&root().join(DOCUMENT), None)?,
        };
        let docs = root().join(DOCS);
        let own = spec_file(version);
        let others = VERSIONS.iter().filter(|version| {
            let path = root().join(version.document);
            path != own && path.exists()
        });
        Ok(Self {
            others: others.map(Other::read).collect::<Result<_, _>>()?,
            companions,
            overlay_text: fs::read(&overlay).unwrap_or_default(),
            docs: if docs.is_dir() { read_docs(&docs)? } else { Vec::new() },
            lock: shown(&root().join(NAMES)),
        })
    }

    fn round(&self, former: &Map<String, Value>, new: &Map<String, Value>, file: &str) -> Result<Round, CommandError> {
        let changes = changes::compare(former, new);
        let (former, new) = (Value::Object(former.clone()), Value::Object(new.clone()));
        let (before, former_fit) = self.fitting(&former, &BTreeMap::new())?;
        let (after, mut fit) = self.fitting(&new, &changes.renamed_types)?;
        if let (Some(fit), Some(former)) = (&mut fit, &former_fit) {
            fit.mark_former(former);
        }
        let (reviewed, former_output, output) = thread::scope(|scope| {
            let reviewed = scope.spawn(|| self.reviewed(&before, &after, &new, file));
            let former_output = scope.spawn(|| before.run("former", &former, &[], &[], generate));
            let output = after.run(file, &new, &[], &[], generate);
            (reviewed.join(), former_output.join(), output)
        });
        let panicked = |_| CommandError::new("the generator panicked", "this is a bug in the generator");
        let (reviewed, former_output) = (reviewed.map_err(panicked)?, former_output.map_err(panicked)?);
        let mut round = Round {
            overlay: self.companions.overlay.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
            lock: self.lock.clone(),
            current: CURRENT.to_owned(),
            ..Round::default()
        };
        if let Some(fit) = fit {
            round.stale = self.with_lines(fit.stale);
            round.partly_stale = self.with_lines(fit.partly_stale);
        }
        match (output, reviewed) {
            (Ok(output), Ok(reviewed)) => {
                let unapproved = output.names.unapproved();
                round.new_names = unapproved.map(|(kind, key, name)| format!("{kind} {key} {name}")).collect();
                let former_names = former_output.as_ref().map(|output| &output.names).ok();
                round.lost_names = self.lost_names(&reviewed.names, former_names, &before, &former, &changes);
                (round.undescribed, round.stale_docs) = (reviewed.undescribed, reviewed.stale_docs);
                let before = former_output.map(|output| items_of(&output)).unwrap_or_default();
                round.items = Some(items::compare(&before, &items_of(&output)));
            }
            (Err(errors), _) | (Ok(_), Err(errors)) => round.errors = Some(errors.report()),
        }
        round.changes = changes;
        Ok(round)
    }

    /// The files with those actions of the overlay that fit a document.
    fn fitting(
        &self,
        document: &Value,
        renames: &BTreeMap<String, String>,
    ) -> Result<(Companions, Option<overlay::Fit>), CommandError> {
        let mut companions = self.companions.clone();
        let Some((name, value)) = &mut companions.overlay else { return Ok((companions, None)) };
        let fit = overlay::fit(name, value, document, renames)
            .map_err(|errors| CommandError::from(Diagnostics::default().and(errors)))?;
        *value = fit.overlay.clone();
        Ok((companions, Some(fit)))
    }

    /// The new version, corrected as far as the overlay fits, together with the others of the crate.
    fn reviewed(
        &self,
        before: &Companions,
        companions: &Companions,
        document: &Value,
        file: &str,
    ) -> Result<Reviewed, Diagnostics> {
        let docs: Vec<_> = self.docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
        // What does not fit the former document is reported elsewhere.
        let overlay = before.overlay.as_ref().map(|(file, overlay)| (file, overlay.to_string()));
        let overlay = overlay.as_ref().map(|(file, text)| Source { file, bytes: text.as_bytes() });
        let others: Vec<_> = self.others.iter().map(|other| other.with(overlay)).collect();
        let (report, names) = companions.run(file, document, &docs, &others, polar_codegen::reviewed)?;
        let entries = report.entries.iter().filter(|entry| entry.text.is_none());
        Ok(Reviewed {
            names,
            undescribed: entries.map(|entry| missing(entry).trim().to_owned()).collect(),
            stale_docs: report.stale.iter().map(|stale| located(stale).trim().to_owned()).collect(),
        })
    }

    /// Pinned names that no version has.
    fn lost_names(
        &self,
        names: &Names,
        former_names: Option<&Names>,
        before: &Companions,
        former: &Value,
        changes: &changes::Changes,
    ) -> Vec<(LostName, Loss)> {
        let lost = lost(names, &changes.renamed_types);
        if lost.is_empty() {
            return Vec::new();
        }
        // What the generator would choose: a name that differs was chosen by a person.
        let without_names = Companions { names: None, ..before.clone() };
        let chosen = without_names.run("former", former, &[], &[], names_of).unwrap_or_default();
        let empty = Names::default();
        let with_loss = |name: LostName| {
            let loss = loss(&name, former_names.unwrap_or(&empty), &chosen);
            (name, loss)
        };
        lost.into_iter().map(with_loss).collect()
    }

    /// Actions with their lines in the file.
    fn with_lines(&self, actions: Vec<StaleAction>) -> Vec<(StaleAction, Option<usize>)> {
        let file = self.companions.overlay.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let line = |action: &StaleAction| {
            let error = Diagnostic::error(action.pointer.clone(), "").in_file(file.clone());
            let source = Source { file: &file, bytes: &self.overlay_text };
            let located = locate(&Diagnostics::default().and([error]), &[source]);
            located.iter().next().and_then(|found| found.position).map(|(line, _)| line)
        };
        actions.into_iter().map(|action| (action.clone(), line(&action))).collect()
    }
}
