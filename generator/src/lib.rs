//! Turns an OpenAPI document into the source of a typed Rust client crate.
//!
//! The data goes one way, and each layer looks only at those below it:
//!
//! ```text
//! bytes -> document -> ir -> descriptions -> passes -> emit -> Output { files, names, coverage, diagnostics }
//! ```
//!
//! Each version of the API goes that way until [`passes`] compares them: what another version has like the default one is
//! written once.
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
//!     others: &[],
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
use descriptions::Descriptions;
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
    /// The OpenAPI document of the default version, which becomes the root of the crate.
    pub document: Source<'a>,
    /// The other versions of the API, each of which becomes a module behind a feature. What is the same in the default
    /// version is not written again.
    pub others: &'a [OtherDocument<'a>],
    /// Corrections to the document of the default version.
    pub overlay: Option<Source<'a>>,
    /// Pinned names.
    pub names: Option<Source<'a>>,
    /// Descriptions of the API, see [`descriptions`].
    pub docs: &'a [Source<'a>],
    /// What the caller decides.
    pub config: Config,
}

/// The document of a version of the API beside the default one.
#[derive(Clone, Copy, Debug)]
pub struct OtherDocument<'a> {
    /// The OpenAPI document.
    pub document: Source<'a>,
    /// The document's path as it stands in the header of the version's files, relative to the repository.
    pub source: &'a str,
    /// Corrections to it: usually those of the default version.
    pub overlay: Option<Source<'a>>,
    /// Whether the compiler warns of the use of this version.
    pub is_deprecated: bool,
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct Output {
    /// The files below the crate's `src`, sorted by path.
    pub files: Vec<File>,
    /// Names, pinned for the next run.
    pub names: Names,
    /// What the document of the default version uses, and what became of it.
    pub coverage: Coverage,
    /// Cargo features of the generated crate for resources, sorted by name.
    pub features: Vec<Feature>,
    /// The versions of the API beside the default one, in the order in which they were given.
    pub versions: Vec<VersionOutput>,
    /// Warnings and notes. What several versions have is said once.
    pub diagnostics: Diagnostics,
}

/// What became of a version of the API beside the default one.
#[derive(Clone, Debug)]
pub struct VersionOutput {
    /// Name of the version, as in `2027-01`.
    pub version: String,
    /// Cargo feature of the generated crate.
    pub feature: String,
    /// Module at the root of the generated crate, and directory of its files.
    pub module: String,
    /// How many types and operations differ from those of the default version, and are written for this one.
    pub own: ir::OwnItems,
    /// What the document uses, and what became of it.
    pub coverage: Coverage,
}

/// Runs the whole pipeline.
///
/// # Errors
/// Everything that stands in the way, as far as it could be found in one run.
pub fn generate(input: &Input<'_>) -> Result<Output, Diagnostics> {
    stack::with_deep_stack(|| pipeline(input))?
}

/// The text of a program part that calls every operation of the default version by its id, with arguments as JSON, and
/// reads and writes values of every type by its name.
///
/// It is made for tests, which `include!` it; the text says what it expects in scope.
///
/// # Errors
/// As [`generate`].
pub fn dispatch(input: &Input<'_>) -> Result<String, Diagnostics> {
    stack::with_deep_stack(|| Ok(emit::dispatch(&model(input)?.first.api, &input.config)?.text))?
}

/// The operations of the default version, with names and with who may call them.
///
/// # Errors
/// As [`generate`], but for those of writing.
pub fn operations(input: &Input<'_>) -> Result<Vec<ir::Operation>, Diagnostics> {
    stack::with_deep_stack(|| Ok(model(input)?.first.api.operations))?
}

/// The public names of the crate.
///
/// # Errors
/// As [`generate`], but for those of writing.
pub fn names(input: &Input<'_>) -> Result<Names, Diagnostics> {
    stack::with_deep_stack(|| Ok(model(input)?.names))?
}

/// What of the API has a description in all its versions, and which descriptions are of no use.
///
/// # Errors
/// As [`generate`], but for descriptions of what the API does not have: they are in the report.
pub fn described(input: &Input<'_>) -> Result<descriptions::Report, Diagnostics> {
    Ok(reviewed(input)?.0)
}

/// What [`described`] and [`names`] return.
///
/// # Errors
/// As [`described`].
pub fn reviewed(input: &Input<'_>) -> Result<(descriptions::Report, Names), Diagnostics> {
    stack::with_deep_stack(|| {
        let (models, stale) = undisputed(input)?;
        let report = descriptions::Report { entries: descriptions::report(&models.apis()), stale };
        Ok((report, models.names))
    })?
}

/// What stands between reading and writing, of all versions.
struct Models {
    first: Model,
    others: Vec<Model>,
    names: Names,
    diagnostics: Diagnostics,
}

/// A version between reading and writing.
struct Model {
    document: TypedDocument,
    api: Api,
    diagnostics: Diagnostics,
}

impl Models {
    fn apis(&self) -> Vec<&Api> {
        [&self.first].into_iter().chain(&self.others).map(|model| &model.api).collect()
    }
}

fn model(input: &Input<'_>) -> Result<Models, Diagnostics> {
    let (models, stale) = undisputed(input)?;
    if stale.has_errors() {
        return Err(models.diagnostics.and(stale.iter().cloned()));
    }
    Ok(models)
}

/// The models, and apart from them the errors about descriptions of what no version has.
fn undisputed(input: &Input<'_>) -> Result<(Models, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut names = pinned(input, &mut diagnostics);
    let descriptions = descriptions::read(input.docs).unwrap_or_else(|errors| {
        diagnostics.extend(errors);
        Descriptions::default()
    });
    // Errors of the names and descriptions are reported with those of the documents.
    let mut is_refused = diagnostics.has_errors();
    let mut used = descriptions::Used::new();
    let (mut models, mut idle) = (Vec::new(), Vec::new());
    let others = input.others.iter().map(|other| (other.document, other.overlay));
    for (document, overlay) in [(input.document, input.overlay)].into_iter().chain(others) {
        let run = Run { document, overlay, descriptions: &descriptions };
        let mut with_names = names.clone();
        let (found, unused) = match run.attempt(&mut with_names, None) {
            Ok(attempt) => {
                names = with_names;
                names.begin_version();
                used.extend(attempt.used);
                let found = attempt.model.diagnostics.clone();
                models.push(attempt.model);
                (found, attempt.idle)
            }
            Err(trouble) => {
                is_refused = true;
                (run.blamed(&trouble, &names), trouble.idle)
            }
        };
        match idle.is_empty() {
            true => diagnostics.extend(found.iter().cloned()),
            false => diagnostics.extend_with_version(found, document.file),
        }
        idle.push(unused);
    }
    let needless = idle
        .split_first()
        .into_iter()
        .flat_map(|(first, others)| first.iter().filter(|entry| others.iter().all(|other| other.contains(entry))));
    let needless: Vec<_> = needless.cloned().chain(idle_actions(input, &models)).collect();
    is_refused |= !needless.is_empty();
    diagnostics.extend(needless);
    let mut models = models.into_iter();
    match models.next() {
        Some(first) if !is_refused => {
            let models = Models { first, others: models.collect(), names, diagnostics };
            let stale = descriptions::stale(&descriptions, &used, &models.apis());
            Ok((models, Diagnostics::default().and(stale)))
        }
        _ => Err(diagnostics),
    }
}

/// Errors about actions of the overlay that are for no version. One version alone may be any of many.
fn idle_actions(input: &Input<'_>, models: &[Model]) -> Vec<Diagnostic> {
    let versions: Vec<_> = models.iter().map(|model| model.api.version.as_str()).collect();
    match input.overlay {
        Some(overlay) if versions.len() > 1 && versions.len() == input.others.len() + 1 => {
            document::idle_actions(overlay, &versions)
        }
        _ => Vec::new(),
    }
}

/// What one version is made from.
#[derive(Clone, Copy)]
struct Run<'a> {
    document: Source<'a>,
    overlay: Option<Source<'a>>,
    descriptions: &'a Descriptions<'a>,
}

/// A version that has no errors.
struct Attempt<'a> {
    model: Model,
    /// Descriptions of what the version has.
    used: descriptions::Used<'a>,
    /// Errors about what the overlay accepts without a use in this version.
    idle: Vec<Diagnostic>,
}

/// What is wrong with a version.
struct Trouble {
    /// What the check of the document says.
    checked: Diagnostics,
    /// What was found later. If the check found errors, it is about the part of the document without them.
    others: Diagnostics,
    /// As [`Attempt::idle`].
    idle: Vec<Diagnostic>,
}

impl<'a> Run<'a> {
    /// Makes the model of the document, with all actions of the overlay or so many of them.
    fn attempt(&self, names: &mut Names, actions: Option<usize>) -> Result<Attempt<'a>, Trouble> {
        let file = self.document.file;
        let loaded = match document::load(self.document, self.overlay, actions) {
            Ok(loaded) => loaded,
            Err(refused) => {
                let in_rest = refused.rest.map(|rest| errors_in_part(&rest, names)).unwrap_or_default();
                return Err(Trouble {
                    checked: Diagnostics::default().and(refused.diagnostics).in_file(file),
                    others: Diagnostics::default().and(in_rest).in_file(file),
                    idle: Vec::new(),
                });
            }
        };
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(loaded.diagnostics.iter().cloned());
        let mut api = lower::lower(&loaded.typed, &mut diagnostics);
        let used = descriptions::apply(&mut api, self.descriptions);
        let mut binding = Diagnostics::default();
        passes::run(&mut api, names, &mut binding);
        let (diagnostics, idle) = loaded.accept(diagnostics.and_binding(binding));
        let diagnostics = diagnostics.in_file(file);
        if diagnostics.has_errors() {
            return Err(Trouble { checked: Diagnostics::default(), others: diagnostics, idle });
        }
        Ok(Attempt { model: Model { document: loaded.typed, api, diagnostics }, used, idle })
    }

    /// The messages, those of the overlay at the actions that cause them.
    fn blamed(&self, trouble: &Trouble, names: &Names) -> Diagnostics {
        let Trouble { checked, others, .. } = trouble;
        let Some(overlay) = self.overlay else { return checked.clone().and(others.iter().cloned()) };
        document::blame::blame(checked, others, self.document, overlay, &mut |actions| match self
            .attempt(&mut names.clone(), Some(actions))
        {
            Ok(attempt) => Some(attempt.model.diagnostics),
            Err(trouble) => (!trouble.checked.has_errors()).then_some(trouble.others),
        })
    }
}

/// Errors of lowering in the part of a document that its check has nothing against.
fn errors_in_part(part: &document::Loaded, names: &mut Names) -> Vec<Diagnostic> {
    let mut found = Diagnostics::default();
    let mut api = lower::lower(&part.typed, &mut found);
    let mut binding = Diagnostics::default();
    passes::run_on_part(&mut api, names, &mut binding);
    let (found, _) = part.accept(found.and_binding(binding));
    found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect()
}

fn pipeline(input: &Input<'_>) -> Result<Output, Diagnostics> {
    let Models { first, others, names, diagnostics } = model(input)?;
    let coverages: Vec<_> = [&first].into_iter().chain(&others).map(Model::coverage).collect();
    let is_deprecated = input.others.iter().map(|other| other.is_deprecated);
    let versions = passes::versions(first.api, others.into_iter().map(|model| model.api).zip(is_deprecated).collect())
        .map_err(|errors| diagnostics.clone().and(errors))?;
    let sources: Vec<_> = input.others.iter().map(|other| other.source).collect();
    let files = emit::emit(&versions, &sources, &input.config)?;
    let mut coverages = coverages.into_iter();
    let coverage = coverages.next().unwrap_or_default();
    let version = |(other, coverage): (&ir::OtherVersion, Coverage)| VersionOutput {
        version: other.api.version.clone(),
        feature: other.place.feature.clone(),
        module: other.place.module.clone(),
        own: other.own_items(),
        coverage,
    };
    let features = versions.features.clone();
    let versions = versions.others.iter().zip(coverages).map(version).collect();
    Ok(Output { files, names, coverage, features, versions, diagnostics })
}

impl Model {
    fn coverage(&self) -> Coverage {
        coverage::coverage(&self.document, &self.api, &self.diagnostics)
    }
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
