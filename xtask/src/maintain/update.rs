//! `cargo xtask update`: takes a new document and reports what a person has to decide.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;

use polar_codegen::document::position::locate;
use polar_codegen::repository::{DOCS, DOCUMENT, NAMES, OVERLAY};
use polar_codegen::{Diagnostic, Diagnostics, Names, Output, Source, generate, names as names_of};
use polar_maintain::names::{loss, lost};
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
use crate::generation::{is_same, read_docs, root, shown};

pub(crate) fn run(options: &options::Update) -> Result<String, CommandError> {
    let imported = read_official(&options.file, options.version.as_deref())?;
    let spec = options.out.clone().unwrap_or_else(|| spec_file(&imported.version));
    let base = options.base.clone().unwrap_or_else(|| root().join(DOCUMENT));
    // Before it is written, because it may be the same file.
    let former = document(&base)?;
    let text = yaml::write(&imported.document);
    let is_new = fs::read(&spec).ok().as_deref() != Some(text.as_bytes());
    if is_new && !options.dry_run {
        write(&spec, &text)?;
    }
    let files = Files::read(&base)?;
    let mut round = files.round(&former, &imported.document, &shown(&spec))?;
    round.spec = shown(&spec);
    round.base = shown(&base);
    round.is_default = is_same(&base, &spec) || spec == base;
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

/// The files of the repository that a document is generated with.
struct Files {
    companions: Companions,
    overlay_text: Vec<u8>,
    docs: Vec<(String, Vec<u8>)>,
    lock: String,
}

/// The result of the generator for a document.
struct Generated {
    output: Result<Output, Diagnostics>,
    /// Items without a description, and descriptions without a place.
    docs: (Vec<String>, Vec<String>),
}

impl Files {
    /// Reads the descriptions of the repository; a document elsewhere has none.
    fn read(base: &Path) -> Result<Self, CommandError> {
        let overlay = root().join(OVERLAY);
        let companions = match overlay.exists() {
            true => Companions::find(base, Some(&overlay))?,
            false => Companions::find(&root().join(DOCUMENT), None)?,
        };
        let docs = root().join(DOCS);
        Ok(Self {
            companions,
            overlay_text: fs::read(&overlay).unwrap_or_default(),
            docs: if docs.is_dir() { read_docs(&docs)? } else { Vec::new() },
            lock: shown(&root().join(NAMES)),
        })
    }

    fn round(&self, former: &Map<String, Value>, new: &Map<String, Value>, file: &str) -> Result<Round, CommandError> {
        let changes = changes::compare(former, new);
        let (former, new) = (Value::Object(former.clone()), Value::Object(new.clone()));
        let (before, _) = self.fitting(&former, &BTreeMap::new())?;
        let (after, fit) = self.fitting(&new, &changes.renamed_types)?;
        let (generated, former_output, chosen) = thread::scope(|scope| {
            let generated = scope.spawn(|| self.generated(&after, &new, file));
            let former_output = before.run("former", &former, &[], generate);
            let without_names = Companions { names: None, ..before.clone() };
            let chosen = without_names.run("former", &former, &[], names_of);
            (generated.join(), former_output, chosen)
        });
        let generated =
            generated.map_err(|_| CommandError::new("the generator panicked", "this is a bug in the generator"))?;
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
        (round.undescribed, round.stale_docs) = generated.docs;
        match generated.output {
            Ok(output) => {
                self.names(&mut round, &output, former_output.as_ref().ok(), chosen.as_ref().ok(), &changes);
                let before = former_output.map(|output| items_of(&output)).unwrap_or_default();
                round.items = Some(items::compare(&before, &items_of(&output)));
            }
            Err(errors) => round.errors = Some(errors.report()),
        }
        round.changes = changes;
        Ok(round)
    }

    /// The files with those overlay actions that match a document.
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

    fn generated(&self, companions: &Companions, document: &Value, file: &str) -> Generated {
        let sources: Vec<_> = self.docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
        let output = companions.run(file, document, &[], generate);
        if output.is_err() {
            return Generated { output, docs: Default::default() };
        }
        let docs = match companions.run(file, document, &sources, polar_codegen::described) {
            Ok(report) => {
                let entries = report.entries.iter().filter(|entry| entry.text.is_none());
                let undescribed = entries.map(|entry| missing(entry).trim().to_owned()).collect();
                (undescribed, report.stale.iter().map(|stale| located(stale).trim().to_owned()).collect())
            }
            Err(errors) => (Vec::new(), errors.iter().map(ToString::to_string).collect()),
        };
        Generated { output, docs }
    }

    fn names(
        &self,
        round: &mut Round,
        output: &Output,
        former: Option<&Output>,
        chosen: Option<&Names>,
        changes: &changes::Changes,
    ) {
        round.new_names = output.names.unapproved().map(|(kind, key, name)| format!("{kind} {key} {name}")).collect();
        let empty = Names::default();
        let former = former.map_or(&empty, |output| &output.names);
        let lost = lost(&output.names, &changes.renamed_types).into_iter();
        round.lost_names = lost
            .map(|name| {
                let loss = loss(&name, former, chosen.unwrap_or(&empty));
                (name, loss)
            })
            .collect();
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
