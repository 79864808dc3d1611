//! Converts an official document to the form of the files in `spec/`.
//!
//! It keeps facts: structure, types, formats, bounds, values, defaults, discriminators, scopes and security. It removes
//! prose, samples, and schemas that no operation or webhook uses. It converts names to our form: `ListResource_Order_`
//! becomes `ListResourceOrder`, and an inline enumeration with a title becomes a component. A second import changes
//! nothing.

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
    /// What was removed and changed.
    pub summary: Summary,
}

/// What an import removed and changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of removed keywords by reason and name.
    pub dropped: BTreeMap<(Reason, String), usize>,
    /// Operations that are marked as internal, by method and path.
    pub internal_operations: Vec<String>,
    /// Names of schemas that no operation or webhook uses.
    pub unused_schemas: Vec<String>,
    /// Schemas with another name than before: the former and the new one.
    pub renamed: Vec<(String, String)>,
    /// Schemas that replaced an alias: the name and the former name.
    pub aliases: Vec<(String, String)>,
    /// Names of components that were inline schemas with a title.
    pub hoisted: Vec<String>,
    /// Schemas that keep their name, because another schema already has it in our form.
    pub kept_names: Vec<String>,
}

/// Imports a document. `version` replaces the version that the document states.
///
/// # Errors
/// The first problem that makes the document unusable, with its place: it is not JSON or YAML, not OpenAPI 3, a value
/// has the wrong type, a reference has no target, or there is no version.
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
