//! `cargo xtask diff`: what changed between two versions of the API, and in the crate.

use std::path::Path;
use std::thread;

use polar_codegen::document::read;
use polar_codegen::{Diagnostics, generate};
use polar_maintain::changes::{self, Changes};
use polar_maintain::items::{self, FileItems, ItemChanges};
use polar_maintain::overlay;
use serde_json::{Map, Value};

use super::generate::{Companions, items as items_of, items_of_directory};
use super::options::{self, Format};
use crate::error::CommandError;
use crate::generation::{Inputs, read as read_file, root, shown};

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
    let rust = if options.api_only { None } else { Some(rust(options, &old, &new, &changes)) };
    Ok(match options.format {
        Format::Json => {
            let mut json = changes::json(&changes, CURRENT);
            if let (Some(rust), Some(object)) = (&rust, json.as_object_mut()) {
                let value = match rust {
                    Ok(items) => items.json(),
                    Err(reason) => Value::String(format!("skipped: {reason}")),
                };
                object.insert("rust".to_owned(), value);
            }
            format!("{json:#}\n")
        }
        Format::Table | Format::Changelog => {
            let rust = rust.map(|rust| match rust {
                Ok(items) => format!("\n{}", rust_table(&items)),
                Err(reason) => format!("\nskipped: the items of the crate: {reason}\n"),
            });
            changes::table(&changes, CURRENT) + &rust.unwrap_or_default()
        }
    })
}

/// Reads a document as data.
pub(crate) fn document(path: &Path) -> Result<Map<String, Value>, CommandError> {
    let bytes = read_file(path, "name an OpenAPI document")?;
    match read::read(&shown(path), &bytes) {
        Ok(Value::Object(document)) => Ok(document),
        Ok(_) => Err(CommandError::at("the document is not an object", path, "name an OpenAPI document")),
        Err(error) => Err(Diagnostics::default().and([error]).into()),
    }
}

/// The items that come and go. `Err` is the reason why one of the documents gives no crate.
fn rust(
    options: &options::Diff,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    changes: &Changes,
) -> Result<ItemChanges, String> {
    let companions = repository_companions().map_err(|error| error.to_string())?;
    let (old, new) = thread::scope(|scope| {
        let old = scope.spawn(|| generated(&companions, &options.old, old, &Changes::default()));
        let new = generated(&companions, &options.new, new, changes);
        (old.join(), new)
    });
    let old = old.unwrap_or_else(|_| Err("the generator failed".to_owned()))?;
    Ok(items::compare(&old, &new?))
}

/// The overlay and the names of the repository.
pub(crate) fn repository_companions() -> Result<Companions, CommandError> {
    let inputs = Inputs::find(&crate::cli::Input::default());
    let overlay = root().join("spec/overlay.yaml");
    let overlay = match overlay.exists() {
        true => Some((shown(&overlay), Value::Object(document(&overlay)?))),
        false => None,
    };
    let names = match inputs.lock.exists() {
        true => Some((shown(&inputs.lock), read_file(&inputs.lock, "make the file readable, or remove it")?)),
        false => None,
    };
    Ok(Companions { overlay, names })
}

/// The items of the crate that a document gives, with the actions of the overlay that fit it.
fn generated(
    companions: &Companions,
    path: &Path,
    document: &Map<String, Value>,
    changes: &Changes,
) -> Result<Vec<FileItems>, String> {
    let document = Value::Object(document.clone());
    let mut companions = companions.clone();
    if let Some((name, value)) = &mut companions.overlay {
        let fit = overlay::fit(name, value, &document, &changes.renamed_types);
        *value = fit.map_err(|errors| Diagnostics::default().and(errors).report())?.overlay;
    }
    let output = companions.run(&shown(path), &document, &[], generate);
    output.map(|output| items_of(&output)).map_err(|errors| format!("{} gives none:\n{}", shown(path), errors.report()))
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
