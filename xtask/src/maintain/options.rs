//! Options of the maintainer's commands.

use std::path::PathBuf;

use clap::Args;

/// Options of `import`.
#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Import {
    /// Official OpenAPI document, JSON or YAML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// API version such as `2026-10` [default: the version that the document states].
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// File to write [default: spec/polar-VERSION.yaml in the repository].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing; fail if the file would change.
    #[arg(long)]
    pub(crate) check: bool,
}
