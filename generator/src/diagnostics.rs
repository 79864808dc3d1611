//! What the generator has to say about a document: each message with its place and a way out.

use std::collections::HashSet;
use std::fmt;

use indexmap::IndexSet;

/// How much a [`Diagnostic`] weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The run fails: no file is written.
    Error,
    /// The run goes on; a person should look.
    Warning,
    /// A decision that the generator took and that a review may want to see.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// One message about one place of the input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// The file as the caller named it; empty where the pipeline's only document is meant.
    pub file: String,
    /// JSON pointer as a URI fragment (`#/components/schemas/Order`); empty where a whole file is meant.
    pub pointer: String,
    /// One-based line and column, where the file could not be read as data.
    pub position: Option<(usize, usize)>,
    /// `operationId` of the operation that the place belongs to.
    pub operation: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether no code that works could be written in spite of it, so that the overlay can't accept it.
    pub binding: bool,
}

impl Diagnostic {
    /// An error at a JSON pointer.
    #[must_use]
    pub fn error(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, pointer.into(), message.into())
    }

    /// A warning at a JSON pointer.
    #[must_use]
    pub fn warning(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, pointer.into(), message.into())
    }

    /// A note at a JSON pointer.
    #[must_use]
    pub fn note(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, pointer.into(), message.into())
    }

    fn new(severity: Severity, pointer: String, message: String) -> Self {
        Self {
            severity,
            file: String::new(),
            pointer,
            position: None,
            operation: None,
            message,
            hint: None,
            binding: false,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that the overlay can't accept it.
    #[must_use]
    pub fn binding(mut self) -> Self {
        self.binding = true;
        self
    }

    /// Says why an overlay that accepts it is of no use.
    #[must_use]
    pub fn not_acceptable(mut self) -> Self {
        self.message.push_str("; this can't be accepted, as no code that works could be written");
        self
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = file.into();
        self
    }

    /// Names the operation.
    #[must_use]
    pub fn in_operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Names line and column, both from one.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.position = Some((line, column));
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.severity, self.message)?;
        let position = self.position.map(|(line, column)| format!(":{line}:{column}"));
        let place = format!("{}{}{}", self.file, position.unwrap_or_default(), self.pointer);
        if !place.is_empty() {
            write!(f, "\n  at {place}")?;
        }
        if let Some(operation) = &self.operation {
            write!(f, "\n  in operation {operation}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// How many errors, and how many warnings, a report shows.
const SHOWN: usize = 20;

/// All messages of a run, each once, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(IndexSet<Diagnostic>);

impl Diagnostics {
    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.insert(diagnostic);
    }

    /// Adds messages.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(diagnostics);
    }

    /// Adds the messages about the document of another version, but for those that are there about the same place of an
    /// earlier version. Those in files that all versions have name the document.
    pub fn extend_with_version(&mut self, diagnostics: Self, document: &str) {
        let place = |diagnostic: &Diagnostic| (diagnostic.pointer.clone(), diagnostic.message.clone());
        let known: HashSet<_> = self.0.iter().map(place).collect();
        let new = diagnostics.0.into_iter().filter(|diagnostic| !known.contains(&place(diagnostic)));
        self.0.extend(new.map(|mut diagnostic| {
            if diagnostic.file != document {
                diagnostic.message.push_str(&format!(", in {document}"));
            }
            diagnostic
        }));
    }

    /// With more messages.
    #[must_use]
    pub fn and(mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) -> Self {
        self.extend(diagnostics);
        self
    }

    /// With the messages that the overlay can't accept.
    #[must_use]
    pub fn and_binding(self, diagnostics: Self) -> Self {
        self.and(diagnostics.0.into_iter().map(Diagnostic::binding))
    }

    /// With the file named in each message that does not name one.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        let name = |diagnostic: Diagnostic| match diagnostic.file.is_empty() {
            true => diagnostic.in_file(file),
            false => diagnostic,
        };
        Self(self.0.into_iter().map(name).collect())
    }

    /// Whether one of the messages is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Errors and warnings for a person to read: the first twenty of each, and how many others there are.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = String::new();
        for severity in [Severity::Error, Severity::Warning] {
            let alike = || self.0.iter().filter(|diagnostic| diagnostic.severity == severity);
            report.extend(alike().take(SHOWN).map(|diagnostic| format!("{diagnostic}\n")));
            let others = alike().count().saturating_sub(SHOWN);
            if others > 0 {
                report.push_str(&format!("{severity}: and {others} more of them\n"));
            }
        }
        report
    }

    /// All messages.
    pub fn iter(&self) -> indexmap::set::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{diagnostic}")?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = indexmap::set::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
