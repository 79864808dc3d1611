//! Finds the errors that the overlay caused, and the action that caused each.
//!
//! An error inside of what an action wrote belongs to that action. Another error that the document does not have
//! without the overlay belongs to the first action that causes it.

use std::collections::{BTreeMap, HashSet};

use super::overlay::{self, Overlay, Written};
use super::{Source, check, read, read_overlay};
use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::pointer;

/// Maximum number of runs with a part of the overlay.
const MOST_RUNS: usize = 24;

/// The context of the messages of a run.
pub type Stage<'a> = &'a mut dyn FnMut(usize) -> Option<Diagnostics>;

/// Moves the errors that the overlay caused to its actions. `checked` are the errors of the check of the document,
/// `others` those that were found later.
///
/// `run` returns the later messages about the document with so many actions of the overlay; `None` if the check finds
/// errors then, so that some might be missing.
#[must_use]
pub fn blame(
    checked: &Diagnostics,
    others: &Diagnostics,
    document: Source<'_>,
    overlay: Source<'_>,
    run: Stage<'_>,
) -> Diagnostics {
    let all = Diagnostics::default().and(checked.iter().chain(others).cloned());
    let (Ok(value), Ok(parsed)) = (read::read(document.file, document.bytes), read_overlay(overlay)) else {
        return all;
    };
    let (_, written) = overlay::apply_some(&mut value.clone(), &parsed, usize::MAX);
    let mut check = |actions| {
        let mut value = value.clone();
        overlay::apply_some(&mut value, &parsed, actions);
        let found = check::check(&value, Some(&parsed)).diagnostics;
        Some(Diagnostics::default().and(found).in_file(document.file))
    };
    let moved = |found: &Diagnostics, stage: Stage<'_>| -> Vec<Diagnostic> {
        let mut runs = Runs { stage, known: BTreeMap::new() };
        let mut move_one = |diagnostic: &Diagnostic| {
            let is_candidate = diagnostic.severity == Severity::Error && diagnostic.file == document.file;
            match is_candidate.then(|| source(diagnostic, &parsed, &written, &mut runs)).flatten() {
                Some(source) => Diagnostic {
                    file: overlay.file.to_owned(),
                    message: format!("{} (in the document at {})", diagnostic.message, diagnostic.pointer),
                    pointer: source,
                    ..diagnostic.clone()
                },
                None => diagnostic.clone(),
            }
        };
        found.iter().map(&mut move_one).collect()
    };
    let checked = moved(checked, &mut check);
    Diagnostics::default().and(checked).and(moved(others, run))
}

/// Returns the pointer into the overlay of the cause of an error.
fn source(error: &Diagnostic, overlay: &Overlay, written: &Written, runs: &mut Runs<'_>) -> Option<String> {
    if let Some(source) = written.source(&error.pointer) {
        return Some(source);
    }
    let (mut without, mut with) = (0, overlay.len());
    if with == 0 || runs.has(without, error)? {
        return None;
    }
    while with - without > 1 {
        let middle = without.midpoint(with);
        match runs.has(middle, error)? {
            true => with = middle,
            false => without = middle,
        }
    }
    Some(pointer::element(overlay::ACTIONS, with - 1))
}

/// Returns the messages about the document with so many actions.
struct Runs<'a> {
    stage: Stage<'a>,
    known: BTreeMap<usize, Option<HashSet<Diagnostic>>>,
}

impl Runs<'_> {
    /// Returns whether the document has an error with so many actions. `None` if that is unknown, or the maximum number
    /// of runs is reached.
    fn has(&mut self, actions: usize, error: &Diagnostic) -> Option<bool> {
        if !self.known.contains_key(&actions) {
            if self.known.len() >= MOST_RUNS {
                return None;
            }
            let found = (self.stage)(actions);
            self.known.insert(actions, found.map(|found| found.iter().cloned().collect()));
        }
        Some(self.known.get(&actions)?.as_ref()?.contains(error))
    }
}
