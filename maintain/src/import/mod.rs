//! Turns an official document into the form of the files in `spec/`.
//!
//! The facts stay: structure, types, formats, bounds, values, defaults, discriminators, scopes, security. Prose, samples
//! and schemas that no operation or webhook uses are dropped. Names take our form: `ListResource_Order_` becomes
//! `ListResourceOrder`, an inline enumeration with a title becomes a component. What is imported again does not change.

mod aliases;
mod clean;
mod hoist;
mod idioms;
mod names;
mod objects;
mod reach;
mod version;

use std::collections::BTreeMap;

use polar_codegen::Diagnostic;
use polar_codegen::document::Source;
use polar_codegen::document::read;
use serde_json::{Map, Value};

pub(crate) use objects::METHODS;
pub use objects::Reason;

/// An imported document.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The document in our form.
    pub document: Map<String, Value>,
    /// The API version, such as `2026-10`.
    pub version: String,
    /// What became of the rest.
    pub summary: Summary,
}

/// What an import dropped and changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Dropped members by reason and name, with the number of places.
    pub dropped: BTreeMap<(Reason, String), usize>,
    /// Operations that are marked as internal, by method and path.
    pub internal_operations: Vec<String>,
    /// Names of schemas that no operation or webhook uses.
    pub unused_schemas: Vec<String>,
    /// Schemas with another name than before: the former and the new one.
    pub renamed: Vec<(String, String)>,
    /// Schemas that only named another one, and took its place: the name and the former name.
    pub aliases: Vec<(String, String)>,
    /// Names of components that were inline schemas with a title.
    pub hoisted: Vec<String>,
    /// Schemas whose name in our form another schema has already; they keep their own.
    pub kept_names: Vec<String>,
}

/// Imports a document. `version` replaces the version that the document states.
///
/// # Errors
/// The first thing that makes the document unusable, with its place: not JSON or YAML, not OpenAPI 3, a value of the wrong
/// kind, a reference without a target, no version.
pub fn import(source: Source<'_>, version: Option<&str>) -> Result<Imported, Diagnostic> {
    let value = read::read(source.file, source.bytes)?;
    from_value(value, version).map_err(|error| error.in_file(source.file))
}

/// Checks that this is an OpenAPI 3 document that describes something.
///
/// # Errors
/// Why it is not, with the place.
pub fn check_format(document: &Map<String, Value>) -> Result<(), Diagnostic> {
    version::check_format(document)
}

fn from_value(value: Value, version: Option<&str>) -> Result<Imported, Diagnostic> {
    let Value::Object(document) = value else {
        return Err(Diagnostic::error("", "the document is not an object").hint(version::HINT_DOCUMENT));
    };
    version::check_format(&document)?;
    let version = version::of(&document, version)?;
    let mut summary = Summary::default();
    let mut document = idioms::adapt(document, &mut summary);
    hoist::run(&mut document, &mut summary);
    let mut document = clean::document(document, &mut summary)?;
    idioms::flatten(&mut document);
    names::run(&mut document, &mut summary)?;
    aliases::collapse(&mut document, &mut summary);
    reach::drop_unused(&mut document, &mut summary);
    idioms::sort(&mut document);
    version::set(&mut document, &version);
    Ok(Imported { document, version, summary })
}
