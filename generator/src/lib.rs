//! Turns an OpenAPI document into the source of a typed Rust client crate.
//!
//! The data goes one way, and each layer looks only at those below it:
//!
//! ```text
//! bytes -> document -> ir -> descriptions -> passes -> emit -> Output { files, names, coverage, diagnostics }
//! ```
//!
//! Nothing here touches a disk, a clock or the environment: the same input gives the same output.
//!
//! ```
//! use polar_codegen::{Config, Input, Source, generate};
//!
//! let document = br##"{
//!     "openapi": "3.1.0",
//!     "info": {"title": "Shop", "version": "2026-10"},
//!     "paths": {"/v1/products/{id}": {"get": {
//!         "operationId": "products:get",
//!         "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
//!         "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Product"}}}}}
//!     }}},
//!     "components": {"schemas": {"Product": {
//!         "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}
//!     }}}
//! }"##;
//! let input = Input {
//!     document: Source { file: "shop.json", bytes: document },
//!     overlay: None,
//!     names: None,
//!     docs: &[],
//!     config: Config { source: "shop.json".to_owned(), agent: "shop/1.0".to_owned(), ..Config::default() },
//! };
//! let output = generate(&input).map_err(|diagnostics| diagnostics.to_string())?;
//! let models = output.files.iter().find(|file| file.path == "models/products.rs");
//! assert!(models.is_some_and(|file| file.text.contains("pub struct Product {")));
//! # Ok::<(), String>(())
//! ```

pub mod config;
pub mod contract;
pub mod coverage;
pub mod descriptions;
pub mod diagnostics;
pub mod document;
pub mod emit;
pub mod http;
pub mod ir;
pub mod lower;
pub mod passes;
pub mod pointer;
mod public_api;
pub mod repository;
mod stack;
pub mod words;

pub use config::Config;
pub use coverage::Coverage;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use document::Source;
use document::TypedDocument;
pub use emit::File;
use ir::Api;
pub use ir::Feature;
pub use passes::names::Names;
pub use public_api::public_api;

/// What a run needs.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The OpenAPI document.
    pub document: Source<'a>,
    /// Corrections to it.
    pub overlay: Option<Source<'a>>,
    /// Pinned names.
    pub names: Option<Source<'a>>,
    /// Descriptions of the API, see [`descriptions`].
    pub docs: &'a [Source<'a>],
    /// What the caller decides.
    pub config: Config,
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct Output {
    /// The files below the crate's `src`, sorted by path.
    pub files: Vec<File>,
    /// Names, pinned for the next run.
    pub names: Names,
    /// What the document uses, and what became of it.
    pub coverage: Coverage,
    /// Cargo features of the generated crate, sorted by name.
    pub features: Vec<Feature>,
    /// Warnings and notes.
    pub diagnostics: Diagnostics,
}

/// Runs the whole pipeline.
///
/// # Errors
/// Everything that stands in the way, as far as it could be found in one run.
pub fn generate(input: &Input<'_>) -> Result<Output, Diagnostics> {
    stack::with_deep_stack(|| pipeline(input))?
}

/// The text of a program part that calls every operation of the generated crate by its id, with arguments as JSON, and
/// reads and writes values of every type by its name.
///
/// It is made for tests, which `include!` it; the text says what it expects in scope.
///
/// # Errors
/// As [`generate`].
pub fn dispatch(input: &Input<'_>) -> Result<String, Diagnostics> {
    stack::with_deep_stack(|| Ok(emit::dispatch(&model(input)?.api, &input.config)?.text))?
}

/// The operations of the document, with names and with who may call them.
///
/// # Errors
/// As [`generate`], but for those of writing.
pub fn operations(input: &Input<'_>) -> Result<Vec<ir::Operation>, Diagnostics> {
    stack::with_deep_stack(|| Ok(model(input)?.api.operations))?
}

/// The public names of the crate.
///
/// # Errors
/// As [`generate`], but for those of writing.
pub fn names(input: &Input<'_>) -> Result<Names, Diagnostics> {
    stack::with_deep_stack(|| Ok(model(input)?.names))?
}

/// What of the API has a description, and which descriptions are of no use.
///
/// # Errors
/// As [`generate`], but for descriptions of what the API does not have: they are in the report.
pub fn described(input: &Input<'_>) -> Result<descriptions::Report, Diagnostics> {
    stack::with_deep_stack(|| {
        let (model, stale) = undisputed(input)?;
        Ok(descriptions::Report { entries: descriptions::report(&model.api), stale })
    })?
}

/// What stands between reading and writing.
struct Model {
    document: TypedDocument,
    api: Api,
    names: Names,
    diagnostics: Diagnostics,
}

fn model(input: &Input<'_>) -> Result<Model, Diagnostics> {
    let (model, stale) = undisputed(input)?;
    if stale.has_errors() {
        return Err(model.diagnostics.and(stale.iter().cloned()));
    }
    Ok(model)
}

/// The model, and apart from it the errors about descriptions of what the API does not have.
fn undisputed(input: &Input<'_>) -> Result<(Model, Diagnostics), Diagnostics> {
    attempt(input, None).map_err(|Trouble { checked, others }| match input.overlay {
        Some(overlay) => {
            document::blame::blame(&checked, &others, input.document, overlay, &mut |actions| match attempt(
                input,
                Some(actions),
            ) {
                Ok((model, _)) => Some(model.diagnostics),
                Err(trouble) => (!trouble.checked.has_errors()).then_some(trouble.others),
            })
        }
        None => checked.and(others.iter().cloned()),
    })
}

/// What is wrong with a document.
struct Trouble {
    /// What the check of the document says.
    checked: Diagnostics,
    /// What was found later. If the check found errors, it is about the part of the document without them.
    others: Diagnostics,
}

/// As [`undisputed`], with all actions of the overlay or so many of them.
fn attempt(input: &Input<'_>, actions: Option<usize>) -> Result<(Model, Diagnostics), Trouble> {
    let file = input.document.file;
    let mut diagnostics = Diagnostics::default();
    let mut names = pinned(input, &mut diagnostics);
    let loaded = document::load(input.document, input.overlay, actions);
    let descriptions = descriptions::read(input.docs);
    let (loaded, descriptions) = match (loaded, descriptions) {
        (Ok(loaded), Ok(descriptions)) => (loaded, descriptions),
        (loaded, descriptions) => {
            let others = diagnostics.and(descriptions.err().into_iter().flatten());
            let refused = match loaded {
                Ok(loaded) => document::Refused { diagnostics: Vec::new(), rest: Some(Box::new(loaded)) },
                Err(refused) => *refused,
            };
            let in_rest = refused.rest.map(|rest| errors_in_part(&rest, &mut names)).unwrap_or_default();
            let others = others.and(in_rest).in_file(file);
            return Err(Trouble { checked: Diagnostics::default().and(refused.diagnostics).in_file(file), others });
        }
    };
    diagnostics.extend(loaded.diagnostics.iter().cloned());
    let mut api = lower::lower(&loaded.typed, &mut diagnostics);
    let stale = Diagnostics::default().and(descriptions::apply(&mut api, &descriptions));
    let mut binding = Diagnostics::default();
    passes::run(&mut api, &mut names, &mut binding);
    diagnostics = loaded.accept(diagnostics.and_binding(binding)).in_file(file);
    if diagnostics.has_errors() {
        return Err(Trouble { checked: Diagnostics::default(), others: diagnostics });
    }
    Ok((Model { document: loaded.typed, api, names, diagnostics }, stale))
}

/// Errors of lowering in the part of a document that its check has nothing against.
fn errors_in_part(part: &document::Loaded, names: &mut Names) -> Vec<Diagnostic> {
    let mut found = Diagnostics::default();
    let mut api = lower::lower(&part.typed, &mut found);
    let mut binding = Diagnostics::default();
    passes::run_on_part(&mut api, names, &mut binding);
    let found = part.accept_in_part(found.and_binding(binding));
    found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect()
}

fn pipeline(input: &Input<'_>) -> Result<Output, Diagnostics> {
    let Model { document, api, names, diagnostics } = model(input)?;
    let files = emit::emit(&api, &input.config)?;
    let coverage = coverage::coverage(&document, &api, &diagnostics);
    let features = api.feature_list();
    Ok(Output { files, names, coverage, features, diagnostics })
}

fn pinned(input: &Input<'_>, diagnostics: &mut Diagnostics) -> Names {
    let Some(source) = input.names else {
        return Names::default();
    };
    let text = String::from_utf8_lossy(source.bytes);
    Names::parse(source.file, &text).unwrap_or_else(|found| {
        diagnostics.extend(found);
        Names::default()
    })
}
