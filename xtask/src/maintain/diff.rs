//! `cargo xtask diff`: what changed between two versions of the API, and in the crate.

use std::path::Path;
use std::thread;

use polar_codegen::document::read;
use polar_codegen::{Diagnostics, Output, generate};
use polar_maintain::changes::{self, Changes};
use polar_maintain::import::check_format;
use polar_maintain::items::{self, ItemChanges};
use polar_maintain::overlay;
use serde_json::{Map, Value};

use super::generate::{Companions, items as items_of, items_of_directory};
use super::options::{self, Format};
use super::semver_checks;
use crate::error::CommandError;
use crate::generation::{read as read_file, shown};

/// The version of the crate.
pub(crate) const CURRENT: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn run(options: &options::Diff) -> Result<String, CommandError> {
    if options.old.is_dir() && options.new.is_dir() {
        let items = items::compare(&items_of_directory(&options.old)?, &items_of_directory(&options.new)?);
        return Ok(match options.format {
            Format::Json => format!("{:#}\n", items.json()),
            Format::Table | Format::Changelog => rust_table(&items),
        });
    }
    let (old, new) = (document(&options.old)?, document(&options.new)?);
    let changes = changes::compare(&old, &new);
    if options.format == Format::Changelog {
        return Ok(changes::changelog(&changes));
    }
    let outputs = match options.api_only {
        true => None,
        false => Some(outputs(options, old, new, &changes)?),
    };
    match options.format {
        Format::Json => json(&changes, outputs.as_ref()),
        Format::Table | Format::Changelog => table(options, &changes, outputs.as_ref()),
    }
}

/// The crates of both documents, or the reason why one of them can't be generated.
type Outputs = Result<(Output, Output), String>;

fn json(changes: &Changes, outputs: Option<&Outputs>) -> Result<String, CommandError> {
    let mut json = changes::json(changes, CURRENT);
    if let (Some(outputs), Some(object)) = (outputs, json.as_object_mut()) {
        let rust = match outputs {
            Ok(outputs) => rust(outputs).json(),
            Err(reason) => Value::String(format!("skipped: {reason}")),
        };
        object.insert("rust".to_owned(), rust);
    }
    Ok(format!("{json:#}\n"))
}

fn table(options: &options::Diff, changes: &Changes, outputs: Option<&Outputs>) -> Result<String, CommandError> {
    let mut text = changes::table(changes, CURRENT);
    match outputs {
        Some(Ok(outputs)) => {
            text.push_str(&format!("\n{}", rust_table(&rust(outputs))));
            if options.semver_checks {
                text.push_str(&format!("\n{}", semver_checks::run(&outputs.0, &outputs.1)?));
            }
        }
        Some(Err(reason)) => text.push_str(&format!("\nskipped: the items of the crate: {reason}\n")),
        None => {}
    }
    Ok(text)
}

/// Reads an OpenAPI document as data.
pub(crate) fn document(path: &Path) -> Result<Map<String, Value>, CommandError> {
    let document = object(path)?;
    let checked = check_format(&document).map_err(|error| error.in_file(shown(path)));
    checked.map_err(|error| CommandError::from(Diagnostics::default().and([error])))?;
    Ok(document)
}

/// Reads a file with one object.
pub(crate) fn object(path: &Path) -> Result<Map<String, Value>, CommandError> {
    let bytes = read_file(path, "name an OpenAPI document")?;
    match read::read(&shown(path), &bytes) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(CommandError::at("the document is not an object", path, "name an OpenAPI document")),
        Err(error) => Err(Diagnostics::default().and([error]).into()),
    }
}

/// Generates both crates at the same time.
fn outputs(
    options: &options::Diff,
    old: Map<String, Value>,
    new: Map<String, Value>,
    changes: &Changes,
) -> Result<Outputs, CommandError> {
    let overlay = options.overlay.as_deref();
    let before = Companions::find(&options.old, overlay)?;
    let after = Companions::find(&options.new, overlay)?;
    let (old, new) = thread::scope(|scope| {
        let old = scope.spawn(|| generated(before, &options.old, old, &Changes::default()));
        let new = generated(after, &options.new, new, changes);
        (old.join(), new)
    });
    let old = old.unwrap_or_else(|_| Err("the generator panicked".to_owned()));
    Ok(old.and_then(|old| new.map(|new| (old, new))))
}

/// The crate of a document, with the overlay actions that match it.
fn generated(
    mut companions: Companions,
    path: &Path,
    document: Map<String, Value>,
    changes: &Changes,
) -> Result<Output, String> {
    let document = Value::Object(document);
    if let Some((name, value)) = &mut companions.overlay {
        let fit = overlay::fit(name, value, &document, &changes.renamed_types);
        *value = fit.map_err(|errors| Diagnostics::default().and(errors).report())?.overlay;
    }
    let output = companions.run(&shown(path), &document, &[], generate);
    output.map_err(|errors| format!("{} gives none:\n{}", shown(path), errors.report().trim_end()))
}

fn rust((old, new): &(Output, Output)) -> ItemChanges {
    items::compare(&items_of(old), &items_of(new))
}

/// What changes for programs that use the crate.
pub(crate) fn rust_table(items: &ItemChanges) -> String {
    if items.is_empty() {
        return "public items of the crate: no changes\n".to_owned();
    }
    let lines: String = items.lines().iter().map(|line| format!("  {line}\n")).collect();
    format!(
        "public items of the crate: {} removed, {} changed, {} added, {} with other features ({})\n{lines}",
        items.removed.len(),
        items.changed.len(),
        items.added.len(),
        items.features.len(),
        items.bump(),
    )
}
