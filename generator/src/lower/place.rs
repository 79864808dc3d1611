//! The place in the document that is being lowered.

use crate::diagnostics::Diagnostic;
use crate::pointer::{self, child};

/// A place in the document: for messages, and for the names of definitions.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) pointer: String,
    pub(super) context: Vec<String>,
    pub(super) operation: Option<String>,
}

impl Place {
    pub(super) fn component(name: &str) -> Self {
        Self { pointer: pointer::to_schema(name), context: vec![name.to_owned()], operation: None }
    }

    pub(super) fn operation(id: &str, pointer: String, context: &[&str]) -> Self {
        Self {
            pointer,
            context: context.iter().map(|word| (*word).to_owned()).collect(),
            operation: Some(id.to_owned()),
        }
    }

    /// Returns the place some steps below.
    pub(super) fn below(&self, steps: &[&str]) -> Self {
        let pointer = steps.iter().fold(self.pointer.clone(), |pointer, step| child(&pointer, step));
        Self { pointer, ..self.clone() }
    }

    /// Returns the same place with another word for names.
    pub(super) fn named(mut self, word: &str) -> Self {
        self.context.push(word.to_owned());
        self
    }

    /// Returns the place of an array's elements, whose last word is singular.
    pub(super) fn element(&self) -> Self {
        let mut place = self.below(&["items"]);
        if let Some(last) = place.context.last_mut() {
            *last = crate::words::singular(last);
        }
        place
    }

    /// Returns the original place in a preserved keyword.
    pub(super) fn moved(&self, original: Option<&str>) -> Self {
        let pointer = original.map_or_else(|| self.pointer.clone(), str::to_owned);
        Self { pointer, ..self.clone() }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Diagnostic {
        self.about(Diagnostic::error(self.pointer.clone(), message))
    }

    pub(super) fn warning(&self, message: impl Into<String>) -> Diagnostic {
        self.about(Diagnostic::warning(self.pointer.clone(), message))
    }

    pub(super) fn note(&self, message: impl Into<String>) -> Diagnostic {
        self.about(Diagnostic::note(self.pointer.clone(), message))
    }

    fn about(&self, diagnostic: Diagnostic) -> Diagnostic {
        match &self.operation {
            Some(operation) => diagnostic.in_operation(operation.clone()),
            None => diagnostic,
        }
    }
}
