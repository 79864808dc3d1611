//! Options of the maintainer's commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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

/// Options of `diff`.
#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Diff {
    /// Former document, or directory of a generated crate.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// New document, or directory of a generated crate.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Corrections to both documents, for the items of the crate [default: overlay.yaml next to each document].
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Run cargo-semver-checks on the crates of both documents. Compiles them.
    #[arg(long, conflicts_with = "api_only")]
    pub(crate) semver_checks: bool,
    /// Compare the API only, not the public items of the crate.
    #[arg(long)]
    pub(crate) api_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// One JSON object.
    Json,
    /// Sections of CHANGELOG.md.
    Changelog,
}

/// Options of `update`.
#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Update {
    /// Official OpenAPI document, JSON or YAML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// API version such as `2026-10` [default: the version that the document states].
    #[arg(long, value_name = "VERSION")]
    pub(crate) version: Option<String>,
    /// File to write [default: spec/polar-VERSION.yaml in the repository].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Document to compare with [default: the document that the crate is generated from].
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
    /// Write nothing, only report.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Options of `release`.
#[derive(Args, Clone, Debug)]
#[command(arg_required_else_help = true)]
pub(crate) struct Release {
    /// Check what has to be right before a release.
    #[arg(long, required_unless_present = "set_version")]
    pub(crate) check: bool,
    /// Package all published crates, and compile each from its package alone.
    #[arg(long, requires = "check")]
    pub(crate) packages: bool,
    /// Set the version of all packages [default: none, the version stays].
    #[arg(long, value_name = "VERSION", conflicts_with = "check")]
    pub(crate) set_version: Option<String>,
}
