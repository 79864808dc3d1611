//! The document: [`read`] as data, corrected by the [`overlay`], checked ([`check`]), and typed ([`normalize`]).
//!
//! Bytes go in. Out comes a [`TypedDocument`] that holds everything the generator supports, and a diagnostic for
//! everything else. Nothing here touches a disk, and nothing panics on any input.
//!
//! # Why documents are normalized
//!
//! The typed document is that of the crate `openapiv3`. It knows OpenAPI 3.0, and its types silently ignore most of what
//! 3.1 adds. Polar's document is written in 3.1, so that it is brought into the terms of 3.0 first:
//!
//! | 3.1 | what the typed document has |
//! |---|---|
//! | `type: [string, 'null']`, `{type: 'null'}` in a union, null in `enum` | `nullable: true` |
//! | a schema that admits nothing but null | [`x-null-only`](preserved::NULL_ONLY) |
//! | `type: [string, integer]` | `anyOf` with a schema for each type |
//! | `const` | [`x-const`](preserved::CONST), and `enum` with one value |
//! | `$ref` beside other keywords | `allOf` with the `$ref` |
//! | several of `type`, `allOf`, `anyOf` and `oneOf` in one schema | one `allOf` |
//! | `exclusiveMinimum: 3` | `minimum: 3` with `exclusiveMinimum: true` |
//! | `patternProperties` | `additionalProperties` |
//! | `prefixItems`, `propertyNames`, `contentEncoding`, `contentMediaType` | [preserved keywords](preserved) |
//! | `webhooks` | a list beside the typed document |
//!
//! A schema that ends up at another place says where it was ([`x-pointer`](preserved::POINTER)), so that diagnostics name
//! the place in the file. At the end the typed document is written back and compared with the normalized one: a keyword
//! that was lost is an error, which makes the detour safe. Everything after this layer reads 3.0 terms and preserved
//! keywords only.

pub mod blame;
pub mod check;
mod model;
pub mod normalize;
pub mod overlay;
pub mod position;
pub mod preserved;
pub mod read;
pub mod server;
mod sound;
mod walk;

use indexmap::IndexSet;

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};

pub use normalize::TypedDocument;
pub use overlay::Overlay;

/// A file, as the caller names it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name for messages.
    pub file: &'a str,
    /// What the file holds.
    pub bytes: &'a [u8],
}

/// A document that passed, and what later layers need to know of its making.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The typed document.
    pub typed: TypedDocument,
    /// Warnings and notes.
    pub diagnostics: Vec<Diagnostic>,
    overlay: Option<Overlay>,
    /// Pointers of `x-accept` that were of use so far.
    accepted: IndexSet<String>,
}

impl Loaded {
    /// Makes a note of each error that the overlay accepts and can accept, and an error of each entry of `x-accept` without a use.
    #[must_use]
    pub fn accept(&self, found: Diagnostics) -> Diagnostics {
        let (accepted, stale) = self.accepted_in(found);
        accepted.and(stale)
    }

    /// As [`Self::accept`], of a part of a document: what has no use there may have one elsewhere.
    #[must_use]
    pub fn accept_in_part(&self, found: Diagnostics) -> Diagnostics {
        self.accepted_in(found).0
    }

    fn accepted_in(&self, found: Diagnostics) -> (Diagnostics, Vec<Diagnostic>) {
        let Some(overlay) = &self.overlay else { return (found, Vec::new()) };
        let mut used = self.accepted.clone();
        let mut accepted = Diagnostics::default();
        for diagnostic in &found {
            let mut diagnostic = diagnostic.clone();
            if diagnostic.severity == Severity::Error && overlay.accepts(&diagnostic.pointer) {
                used.insert(diagnostic.pointer.clone());
                if diagnostic.binding {
                    diagnostic = diagnostic.not_acceptable();
                } else {
                    diagnostic.severity = Severity::Note;
                    diagnostic.message.push_str("; left out, because the overlay accepts it");
                    diagnostic.hint = None;
                }
            }
            accepted.push(diagnostic);
        }
        (accepted, overlay.stale(&used))
    }
}

/// A document with faults.
#[derive(Clone, Debug)]
pub struct Refused {
    /// All messages of the first step that fails, with those of the others that could still be taken.
    pub diagnostics: Vec<Diagnostic>,
    /// The part of the document that has no fault and refers to none, if there is one.
    pub rest: Option<Box<Loaded>>,
}

impl From<Vec<Diagnostic>> for Refused {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, rest: None }
    }
}

/// Reads a document, applies the overlay, or so many of its actions, checks and normalizes.
///
/// # Errors
/// Something is wrong with one of them.
pub fn load(document: Source<'_>, overlay: Option<Source<'_>>, actions: Option<usize>) -> Result<Loaded, Box<Refused>> {
    let mut errors = Vec::new();
    let value = read::read(document.file, document.bytes).map_err(|error| errors.push(error)).ok();
    let overlay = overlay.map(read_overlay).transpose().map_err(|more| errors.extend(more)).ok().flatten();
    let Some(mut value) = value.filter(|_| errors.is_empty()) else {
        return Err(Box::new(errors.into()));
    };
    if let Some(overlay) = &overlay {
        errors.extend(overlay::apply_some(&mut value, overlay, actions.unwrap_or(usize::MAX)).0);
    }
    let check::Checked { diagnostics, accepted } = check::check(&value, overlay.as_ref());
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    let faults: Vec<_> = diagnostics.iter().filter(is_error).map(|error| error.pointer.clone()).collect();
    normalize::without(&mut value, &accepted);
    if faults.is_empty() && errors.is_empty() {
        let typed = normalize::normalize(value).map_err(Refused::from)?;
        return Ok(Loaded { typed, diagnostics, overlay, accepted });
    }
    errors.extend(diagnostics);
    let part = sound::sound_part(&value, faults.iter().map(String::as_str));
    let typed = part.and_then(|part| normalize::normalize(part).ok());
    let rest = typed.map(|typed| Box::new(Loaded { typed, diagnostics: Vec::new(), overlay, accepted }));
    Err(Box::new(Refused { diagnostics: errors, rest }))
}

fn read_overlay(source: Source<'_>) -> Result<Overlay, Vec<Diagnostic>> {
    let value = read::read(source.file, source.bytes).map_err(|error| vec![error])?;
    overlay::parse(source.file, value)
}
