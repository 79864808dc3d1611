//! `cargo xtask coverage`: which parts of the document became code, and how.

use polar_codegen::{Coverage, Output, VersionOutput};

use crate::cli::{self, Format};
use crate::error::CommandError;
use crate::generation::Inputs;
use crate::table::columns;

pub(crate) fn run(options: &cli::Coverage) -> Result<String, CommandError> {
    let output = Inputs::find(&options.input).generate()?;
    match options.format {
        Format::Json => json(&output),
        Format::Table => Ok(format!("{}{}", table(&output.coverage), versions(&output.versions))),
    }
}

/// The default version, and under `versions` the others, each with the number of operations and types of its own.
fn json(output: &Output) -> Result<String, CommandError> {
    let failed = |error| CommandError::new(error, "this is a bug in xtask");
    let mut json = serde_json::to_value(&output.coverage).map_err(failed)?;
    let other = |version: &VersionOutput| {
        let mut other = serde_json::to_value(&version.coverage)?;
        other["own_operations"] = version.own.operations.into();
        other["own_types"] = version.own.types.into();
        Ok(other)
    };
    if !output.versions.is_empty() {
        json["versions"] = output.versions.iter().map(other).collect::<serde_json::Result<_>>().map_err(failed)?;
    }
    serde_json::to_string_pretty(&json).map(|text| text + "\n").map_err(failed)
}

/// What other versions have, and how much of it differs from the default one.
fn versions(versions: &[VersionOutput]) -> String {
    if versions.is_empty() {
        return String::new();
    }
    let head = ["version", "operations", "of its own", "types", "of its own", "unaccounted"].map(str::to_owned);
    let row = |version: &VersionOutput| {
        let VersionOutput { coverage, own, .. } = version;
        let types = coverage.structs + coverage.enums + coverage.unions;
        let figures = [coverage.operations, own.operations, types, own.types, coverage.unaccounted.len()];
        let [operations, own_operations, types, own_types, unaccounted] = figures.map(|figure| figure.to_string());
        [version.version.clone(), operations, own_operations, types, own_types, unaccounted]
    };
    let rows: Vec<_> = [head].into_iter().chain(versions.iter().map(row)).collect();
    format!("\nOther versions\n{}", columns(&rows))
}

fn table(coverage: &Coverage) -> String {
    let row = |what: &str, count: usize, how: &str| [what.to_owned(), count.to_string(), how.to_owned()];
    let decisions = coverage.decisions;
    let rows = [
        row("operations", coverage.operations, "a request type and a method each"),
        row("webhooks", coverage.webhooks, "a variant of the event union each"),
        row("schemas", coverage.schemas, "in the document's components; of these:"),
        row("  supported", coverage.supported, "a type of their own"),
        row("  aliases", coverage.aliases.len(), "replaced by another type wherever they are used"),
        row("  merged", coverage.merged.len(), "part of other schemas only, by allOf"),
        row("  unreferenced", coverage.unreferenced.len(), "left out, because no operation or webhook uses them"),
        row("  unaccounted", coverage.unaccounted.len(), "lost: if not 0, a bug in the generator"),
        row("types", coverage.structs + coverage.enums + coverage.unions, "in the crate; of these:"),
        row("  structs", coverage.structs, "objects with declared properties"),
        row("  enums", coverage.enums, "open: unknown values are kept"),
        row("  unions", coverage.unions, "open: unknown variants are kept"),
        row("  inline", coverage.inline, "from schemas without a name in the document"),
        row("variants chosen by", coverage.unions, "unions; of these, by:"),
        row("  tag", decisions.tag, "the value of a property"),
        row("  nested tag", decisions.nested_tag, "the value of a property of a property"),
        row("  kind", decisions.kind, "the kind of JSON value"),
        row("  properties", decisions.properties, "which properties are present, and their values"),
        row("untyped places", coverage.untyped.len(), "the document allows any JSON there"),
    ];
    let mut text = format!("Document version {}\n\n{}", coverage.version, columns(&rows));
    let pairs = |list: Vec<(&str, &str)>| -> Vec<[String; 2]> {
        list.into_iter().map(|(a, b)| [format!("  {a}"), b.to_owned()]).collect()
    };
    let mut section = |title: &str, rows: Vec<(&str, &str)>| {
        if !rows.is_empty() {
            text.push_str(&format!("\n{title}\n{}", columns(&pairs(rows))));
        }
    };
    section("Aliases", coverage.aliases.iter().map(|a| (a.schema.as_str(), a.stands_for.as_str())).collect());
    section("Merged", coverage.merged.iter().map(|name| (name.as_str(), "")).collect());
    section("Unreferenced", coverage.unreferenced.iter().map(|name| (name.as_str(), "")).collect());
    section("Unaccounted", coverage.unaccounted.iter().map(|name| (name.as_str(), "")).collect());
    section("Untyped", coverage.untyped.iter().map(|u| (u.place.as_str(), u.pointer.as_str())).collect());
    section("Notes", coverage.notes.iter().map(|n| (n.pointer.as_str(), n.message.as_str())).collect());
    text
}
