//! Finds everything that is wrong with a document or unsupported, before anything else is done with it, in one run.

mod bounds;
mod keywords;
mod operations;
mod refs;

use indexmap::IndexSet;
use serde_json::Value;

use super::overlay::Overlay;
use super::walk::{DocumentObject, walk};
use crate::diagnostics::Diagnostic;
use crate::pointer;

pub(super) use keywords::value_errors;

/// The hint for each unsupported construct.
pub const UNSUPPORTED_HINT: &str = "extend the generator, or accept this pointer in the overlay under x-accept";

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// All messages, in the order of the document.
    pub diagnostics: Vec<Diagnostic>,
    /// Pointers of unsupported constructs that the overlay accepts; normalization continues without them.
    pub accepted: IndexSet<String>,
}

/// Checks a document after the overlay was applied. Of the overlay, only `x-accept` is used here.
#[must_use]
pub fn check(document: &Value, overlay: Option<&Overlay>) -> Checked {
    let mut findings = Findings { overlay, checked: Checked::default() };
    if !version(document, &mut findings) {
        return findings.checked;
    }
    anything_described(document, &mut findings);
    let mut operations = operations::Operations::new(document);
    let mut components = Vec::new();
    walk(document, &mut |object| {
        if refs::is_component(object) {
            components.push(object.pointer.clone());
        }
        keywords::check(object, &mut findings);
        refs::check(document, object, &mut findings);
        bounds::check(object, &mut findings);
        operations.check(object, &mut findings);
    });
    refs::cycles(document, &components, &mut findings);
    findings.checked
}

/// Collects messages, and looks up whether the overlay accepts unsupported constructs.
struct Findings<'a> {
    overlay: Option<&'a Overlay>,
    checked: Checked,
}

impl Findings<'_> {
    fn push(&mut self, object: &DocumentObject<'_>, diagnostic: Diagnostic) {
        if self.is_left_out(&diagnostic.pointer) {
            return;
        }
        self.checked.diagnostics.push(Diagnostic { operation: object.operation.map(str::to_owned), ..diagnostic });
    }

    fn error(&mut self, object: &DocumentObject<'_>, pointer: String, message: String, hint: &str) {
        self.push(object, Diagnostic::error(pointer, message).hint(hint));
    }

    /// Reports a construct without which the code would not work.
    fn binding(&mut self, object: &DocumentObject<'_>, pointer: String, message: String, hint: &str) {
        let is_accepted = self.overlay.is_some_and(|overlay| overlay.accepts(&pointer));
        let diagnostic = Diagnostic::error(pointer, message).hint(hint).binding();
        self.push(object, if is_accepted { diagnostic.not_acceptable() } else { diagnostic });
    }

    fn note(&mut self, object: &DocumentObject<'_>, pointer: String, message: String) {
        self.push(object, Diagnostic::note(pointer, message));
    }

    /// Returns whether the object is inside of something that the overlay accepts to leave out.
    fn is_left_out(&self, pointer: &str) -> bool {
        let mut inner = pointer;
        while let Some((outer, _)) = inner.rsplit_once('/') {
            if self.checked.accepted.contains(outer) {
                return true;
            }
            inner = outer;
        }
        false
    }

    /// Reports a valid construct that the generator does not support.
    fn unsupported(&mut self, object: &DocumentObject<'_>, pointer: String, message: String) {
        self.unsupported_but(object, pointer, message, UNSUPPORTED_HINT);
    }

    /// The same as [`Self::unsupported`], with its own hint.
    fn unsupported_but(&mut self, object: &DocumentObject<'_>, pointer: String, message: String, hint: &str) {
        if self.is_left_out(&pointer) {
            return;
        }
        if self.overlay.is_some_and(|overlay| overlay.accepts(&pointer)) {
            self.note(object, pointer.clone(), format!("{message}; left out, because the overlay accepts it"));
            self.checked.accepted.insert(pointer);
        } else {
            self.error(object, pointer, message, hint);
        }
    }
}

/// Checks that the version of the document is one that the other checks are made for.
fn version(document: &Value, findings: &mut Findings<'_>) -> bool {
    let diagnostic = match (document.get("openapi"), document.get("swagger")) {
        (Some(Value::String(version)), _) if is_supported(version) => return true,
        (Some(Value::String(version)), _) => {
            Diagnostic::error("#/openapi", format!("OpenAPI {version} is not supported"))
                .hint("use OpenAPI 3.0.x or 3.1.x")
        }
        (Some(other), _) => {
            let message = format!("`openapi` is {}, not a string", super::read::describe(other));
            Diagnostic::error("#/openapi", message).hint("put the version in quotes, as in \"3.1.0\"")
        }
        (None, Some(_)) => Diagnostic::error("#/swagger", "this is a Swagger 2 document, not an OpenAPI 3 one")
            .hint("convert it to OpenAPI 3.0 or 3.1"),
        (None, None) => Diagnostic::error(pointer::ROOT, "the document does not state its OpenAPI version")
            .hint("use an OpenAPI document, which starts with a line such as `openapi: 3.1.0`"),
    };
    findings.checked.diagnostics.push(diagnostic);
    false
}

fn is_supported(version: &str) -> bool {
    let is_patch = |patch: &str| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
    ["3.0.", "3.1."].iter().any(|minor| version.strip_prefix(minor).is_some_and(is_patch))
}

fn anything_described(document: &Value, findings: &mut Findings<'_>) {
    let is_empty = |name: &str| match document.get(name) {
        Some(Value::Object(entries)) => entries.keys().all(|key| key.starts_with("x-")),
        Some(_) => false,
        None => true,
    };
    if is_empty("paths") && is_empty("webhooks") {
        let pointer = if document.get("paths").is_some() { pointer::PATHS } else { pointer::ROOT };
        let diagnostic = Diagnostic::error(pointer, "the document has neither paths nor webhooks");
        findings.checked.diagnostics.push(diagnostic.hint("check that the document is complete"));
    }
}
