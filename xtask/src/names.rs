//! `cargo xtask names`

use crate::cli;
use crate::failure::Failure;
use crate::generation::Inputs;
use crate::table::columns;

pub(crate) fn run(options: &cli::Input) -> Result<String, Failure> {
    let output = Inputs::find(options).generate()?;
    let rows: Vec<_> = output.names.used().map(|(kind, key, name)| [kind, name, key].map(str::to_owned)).collect();
    Ok(columns(&rows))
}
