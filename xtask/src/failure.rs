//! What a command says when it fails.

use std::fmt;
use std::io;
use std::path::Path;

use polar_codegen::{Diagnostics, Severity};

use crate::generation::shown;

/// Why a command failed, in words for the person who called it.
#[derive(Clone, Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// One sentence, and what to do about it.
    pub(crate) fn new(message: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self(format!("error: {message}\n  hint: {hint}"))
    }

    /// One sentence about a file or directory, and what to do about it.
    pub(crate) fn at(message: impl fmt::Display, path: &Path, hint: impl fmt::Display) -> Self {
        Self(format!("error: {message}\n  at {}\n  hint: {hint}", shown(path)))
    }

    /// What can't be done with a file or directory.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error, hint: &str) -> Self {
        Self::at(format!("can't {action}: {error}"), path, hint)
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        let lines = diagnostics.report();
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let plural = if errors == 1 { "" } else { "s" };
        Self(format!("{lines}\n{errors} error{plural}; nothing was written"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
