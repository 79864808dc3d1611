//! The error of a command.

use std::fmt;
use std::io;
use std::path::Path;

use polar_codegen::{Diagnostics, Severity};

use crate::generation::shown;

/// Why a command failed and what to do next, as text for the person who ran it.
#[derive(Clone, Debug)]
pub(crate) struct CommandError(String);

impl CommandError {
    /// Creates an error from a sentence and what to do next.
    pub(crate) fn new(message: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self(format!("error: {message}\n  hint: {hint}"))
    }

    /// Creates an error about a file or directory.
    pub(crate) fn at(message: impl fmt::Display, path: &Path, hint: impl fmt::Display) -> Self {
        Self(format!("error: {message}\n  at {}\n  hint: {hint}", shown(path)))
    }

    /// Creates an error about an action on a file or directory that failed.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error, hint: &str) -> Self {
        Self::at(format!("can't {action}: {error}"), path, hint)
    }

    /// Creates an error about cargo, which could not be started.
    pub(crate) fn cargo(error: io::Error) -> Self {
        Self::new(
            format!("can't run cargo: {error}"),
            "run this command as `cargo xtask`, or set CARGO to cargo's path",
        )
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        let lines = diagnostics.report();
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let plural = if errors == 1 { "" } else { "s" };
        Self(format!("{lines}\n{errors} error{plural}; nothing was written"))
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
