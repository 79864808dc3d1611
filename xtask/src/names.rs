//! `cargo xtask names`: the public names and their places in the document.

use crate::cli;
use crate::error::CommandError;
use crate::generation::Inputs;
use crate::table::columns;

pub(crate) fn run(options: &cli::Input) -> Result<String, CommandError> {
    let output = Inputs::find(options).generate()?;
    let rows: Vec<_> = output.names.used().map(|(kind, key, name)| [kind, name, key].map(str::to_owned)).collect();
    Ok(columns(&rows))
}
