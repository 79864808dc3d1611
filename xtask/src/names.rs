//! `cargo xtask names`: the public names and their places in the document.

use std::collections::BTreeMap;
use std::fs;

use polar_codegen::Names;
use polar_maintain::names::{LostName, lost};

use crate::cli;
use crate::error::CommandError;
use crate::generation::{Inputs, shown};
use crate::maintain::import::write;
use crate::table::{columns, limited};

pub(crate) fn run(options: &cli::Names) -> Result<String, CommandError> {
    let inputs = Inputs::find(&options.input);
    if options.approve {
        return approve(&inputs);
    }
    let output = inputs.generate()?;
    let rows: Vec<_> = output.names.used().map(|(kind, key, name)| [kind, name, key].map(str::to_owned)).collect();
    Ok(columns(&rows))
}

/// Takes the mark of new names out of the file.
fn approve(inputs: &Inputs) -> Result<String, CommandError> {
    let text = fs::read_to_string(&inputs.lock).map_err(|error| {
        CommandError::file("read the file", &inputs.lock, &error, "run `cargo xtask regenerate` first")
    })?;
    let approved = |line: &str| match line.strip_suffix("\tnew") {
        Some(rest) if !line.starts_with('#') => (rest.to_owned(), true),
        _ => (line.to_owned(), false),
    };
    let lines: Vec<_> = text.lines().map(approved).collect();
    let names: Vec<_> = lines.iter().filter(|(_, is_new)| *is_new).map(|(line, _)| format!("    {line}")).collect();
    if names.is_empty() {
        return Ok(format!("{} has no new names\n", shown(&inputs.lock)));
    }
    write(&inputs.lock, &lines.iter().map(|(line, _)| format!("{line}\n")).collect::<String>())?;
    Ok(format!("{}: {} names approved\n{}", shown(&inputs.lock), names.len(), limited(&names)))
}

/// Returns an error if a pinned name has no place: it is mistyped, or its place was removed.
pub(crate) fn refuse_lost(names: &Names, inputs: &Inputs) -> Result<(), CommandError> {
    let lost = lost(names, &BTreeMap::new());
    if lost.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = lost.iter().map(describe).collect();
    let message = format!(
        "{} has names without a place in the document ({}):\n{}",
        shown(&inputs.lock),
        lost.len(),
        limited(&lines).trim_end()
    );
    let hint = "correct the place of a name that you have made; `cargo xtask regenerate --drop-names` takes all of \
                them out";
    Err(CommandError::new(message, hint))
}

/// A line about a lost name.
pub(crate) fn describe(lost: &LostName) -> String {
    let LostName { kind, key, name, nearest } = lost;
    let nearest = nearest.as_ref().map(|nearest| format!(", did you mean `{nearest}`?")).unwrap_or_default();
    format!("    {name}: the {kind} `{key}`{nearest}")
}
