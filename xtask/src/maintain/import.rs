//! `cargo xtask import`: takes an official document into `spec/`.

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::Source;
use polar_codegen::document::position::locate;
use polar_maintain::import::{self, Imported, Reason, Summary};
use polar_maintain::yaml;

use super::options;
use crate::error::CommandError;
use crate::generation::{read, root, shown};
use crate::staging::{DirectoryLock, Staging};
use crate::table::limited;

pub(crate) fn run(options: &options::Import) -> Result<String, CommandError> {
    let imported = read_official(&options.file, options.version.as_deref())?;
    let out = options.out.clone().unwrap_or_else(|| spec_file(&imported.version));
    let text = yaml::write(&imported.document);
    let is_new = fs::read(&out).ok().as_deref() != Some(text.as_bytes());
    if options.check && is_new {
        let named = options.out.as_ref().map(|out| format!(" --out {}", shown(out))).unwrap_or_default();
        let version = options.version.as_ref().map(|version| format!(" --version {version}")).unwrap_or_default();
        let command = format!("cargo xtask import {}{version}{named}", shown(&options.file));
        return Err(CommandError::new(
            format!("{} is not what {} gives", shown(&out), shown(&options.file)),
            format!("run `{command}`"),
        ));
    }
    if is_new {
        write(&out, &text)?;
    }
    let state = if is_new { "" } else { "  nothing changed\n" };
    Ok(format!("{}{state}", report(&options.file, &out, &imported)))
}

/// Reads and imports an official document.
pub(crate) fn read_official(path: &Path, version: Option<&str>) -> Result<Imported, CommandError> {
    let bytes = read(path, "name an OpenAPI document")?;
    let name = shown(path);
    let source = Source { file: &name, bytes: &bytes };
    import::import(source, version).map_err(|error| {
        let errors = polar_codegen::Diagnostics::default().and([error]);
        CommandError::from(locate(&errors, &[source]))
    })
}

/// The file of an API version.
pub(crate) fn spec_file(version: &str) -> PathBuf {
    root().join(format!("spec/polar-{version}.yaml"))
}

/// Writes a file completely or not at all.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let hint = "name another file with --out FILE";
    let name = path.file_name().ok_or_else(|| CommandError::at("this is not the path of a file", path, hint))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _lock = DirectoryLock::acquire(directory)?;
    let staging = Staging::new(directory)?;
    let name = name.to_string_lossy();
    staging.add(&name, text)?;
    staging.place(&name)
}

/// What was imported, and what was left out.
pub(crate) fn report(from: &Path, to: &Path, imported: &Imported) -> String {
    let Imported { document, version, summary } = imported;
    let count = |path: &[&str]| {
        let first = path.first().and_then(|name| document.get(*name));
        let value = path.iter().skip(1).fold(first, |value, name| value.and_then(|value| value.get(*name)));
        value.and_then(serde_json::Value::as_object).map_or(0, serde_json::Map::len)
    };
    let mut text = format!(
        "{} -> {}\n  version {version}: {} paths, {} webhooks, {} schemas\n",
        shown(from),
        shown(to),
        count(&["paths"]),
        count(&["webhooks"]),
        count(&["components", "schemas"]),
    );
    for (reason, label) in [
        (Reason::Prose, "prose"),
        (Reason::Sample, "samples"),
        (Reason::Presentation, "presentation"),
        (Reason::UnknownExtension, "unknown extensions; check whether they contain facts"),
    ] {
        let members: Vec<_> = summary
            .dropped
            .iter()
            .filter(|((found, _), _)| *found == reason)
            .map(|((_, name), count)| format!("{name} ({count})"))
            .collect();
        if !members.is_empty() {
            text.push_str(&format!("  dropped {label}: {}\n", members.join(", ")));
        }
    }
    text.push_str(&changes(summary));
    text
}

fn changes(summary: &Summary) -> String {
    let mut text = String::new();
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let lines: Vec<_> = lines.iter().map(|line| format!("    {line}")).collect();
            text.push_str(&format!("  {title}: {}\n{}", lines.len(), limited(&lines)));
        }
    };
    list("dropped internal operations", summary.internal_operations.clone());
    list("names that are kept, because another schema has the converted name", summary.kept_names.clone());
    for (title, names) in [
        ("dropped schemas that nothing uses", summary.unused_schemas.len()),
        ("schemas renamed", summary.renamed.len()),
        ("schemas that took the place of their alias", summary.aliases.len()),
        ("inline schemas named by their title", summary.hoisted.len()),
    ] {
        if names > 0 {
            text.push_str(&format!("  {title}: {names}\n"));
        }
    }
    text
}
