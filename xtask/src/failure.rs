//! What a command says when it fails.

use std::fmt;
use std::io;
use std::path::Path;

use polar_codegen::Diagnostics;

/// Why a command failed, in words for the person who called it.
#[derive(Clone, Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// One sentence, and what to do about it.
    pub(crate) fn new(message: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self(format!("error: {message}\n  hint: {hint}"))
    }

    /// A file that can't be read, written or removed.
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error, hint: &str) -> Self {
        Self(format!("error: can't {action} {}: {error}\n  at {}\n  hint: {hint}", kind(path), path.display()))
    }
}

fn kind(path: &Path) -> &'static str {
    if path.is_dir() { "the directory" } else { "the file" }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        let errors = diagnostics.iter().filter(|d| d.severity == polar_codegen::Severity::Error).count();
        let plural = if errors == 1 { "" } else { "s" };
        Self(format!("{diagnostics}\n\n{errors} error{plural}; nothing was written"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
