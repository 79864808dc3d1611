//! The API becomes source text. Nothing is decided here: names, modules, boxes, conversions, the forms of
//! arguments and how unions are read come as data.

mod client;
mod codec;
mod dispatch;
mod docs;
mod enums;
mod examples;
mod features;
mod file;
mod items;
mod lib_rs;
mod models;
mod operations;
mod outputs;
mod structs;
mod text;
mod types;
mod unions;

use std::collections::BTreeMap;

use proc_macro2::Ident;

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, ListInfo, Module, Operation, Page, PageSource, Shape, TypeId};
use crate::words::{is_identifier, is_word};

pub(crate) use items::items;

/// A file of the generated crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path below the crate's `src`, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
    /// Its public items, as [`crate::public_api`] lists them.
    pub items: Vec<String>,
}

/// What every emitter looks at.
#[derive(Clone, Copy)]
struct Context<'a> {
    api: &'a Api,
    config: &'a Config,
    index: &'a Index<'a>,
}

/// What many emitters ask for, found once.
struct Index<'a> {
    /// The definitions of each module, by name.
    modules: BTreeMap<&'a Module, Vec<TypeId>>,
    /// Answers that are pages.
    pages: BTreeMap<TypeId, &'a Page>,
    /// What stands as `pagination` in pages, and how it tells of more.
    paginations: BTreeMap<TypeId, ListInfo>,
    uses: docs::Uses<'a>,
    /// Positions of resources by module.
    resources: BTreeMap<&'a str, Vec<usize>>,
    /// Positions of resources below each resource.
    children: BTreeMap<usize, Vec<usize>>,
    /// The operations of each resource.
    operations: BTreeMap<usize, Vec<&'a Operation>>,
    /// The variants of the enumeration of scopes.
    scopes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Index<'a> {
    fn new(api: &'a Api) -> Self {
        let mut ids: Vec<_> = used(api).collect();
        ids.sort_by_key(|id| &api.get(*id).name);
        let mut modules: BTreeMap<&Module, Vec<TypeId>> = BTreeMap::new();
        for id in ids {
            modules.entry(&api.get(id).module).or_default().push(id);
        }
        let pages = api.pages.iter().map(|page| (page.ty, page)).collect();
        let pagination = |page: &Page| match page.source {
            PageSource::Object(ty, info) => Some((ty, info)),
            PageSource::Union => None,
        };
        let paginations = api.pages.iter().filter_map(pagination).collect();
        let (mut resources, mut children) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for (index, resource) in api.resources.iter().enumerate() {
            resources.entry(resource.module.as_str()).or_default().push(index);
            resource.parent.iter().for_each(|parent| children.entry(*parent).or_default().push(index));
        }
        let mut operations = BTreeMap::<_, Vec<_>>::new();
        api.operations.iter().for_each(|operation| operations.entry(operation.resource).or_default().push(operation));
        let listed = api.scopes.map(|id| &api.get(id).shape);
        let values = listed.into_iter().flat_map(|shape| match shape {
            Shape::Enum(listed) => listed.values.as_slice(),
            _ => &[],
        });
        let scopes = values.map(|value| (value.wire.as_str(), value.name.as_str())).collect();
        Self { modules, pages, paginations, uses: docs::uses(&api.operations), resources, children, operations, scopes }
    }
}

/// Definitions that need text.
fn used(api: &Api) -> impl Iterator<Item = TypeId> {
    (0..api.types.len()).map(TypeId).filter(|id| api.get(*id).is_used())
}

impl<'a> Context<'a> {
    fn used(&self) -> impl Iterator<Item = TypeId> {
        used(self.api)
    }

    fn types_in(&self, module: &Module) -> &[TypeId] {
        self.index.modules.get(module).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Writes all files, sorted by path.
///
/// # Errors
/// A name that is no Rust identifier got as far as the text of a file.
pub fn emit(api: &Api, config: &Config) -> Result<Vec<File>, Diagnostics> {
    let index = Index::new(api);
    let context = Context { api, config, index: &index };
    let mut files = vec![file::format(config)];
    let mut problems = Diagnostics::default();
    for part in parts(&context) {
        match context.file(&part) {
            Ok(file) => files.extend(file),
            Err(problem) => problems.push(problem),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if problems.has_errors() { Err(problems) } else { Ok(files) }
}

/// The text of a program part that calls every operation; see [`crate::dispatch`].
pub(crate) fn dispatch(api: &Api, config: &Config) -> Result<File, Diagnostics> {
    let index = Index::new(api);
    let context = Context { api, config, index: &index };
    let file = file::render(config, "dispatch.rs".to_owned(), dispatch::dispatch(&context));
    file.map_err(|problem| Diagnostics::default().and([problem]))
}

/// A file to be written.
enum Part<'a> {
    Lib,
    Guide,
    Prelude,
    Client,
    ModelIndex,
    Definitions(&'a Module),
    Methods(&'a Module),
    Codec(&'a Module),
    ResourceIndex,
    Resource(&'a str),
}

/// The files to be written, besides rustfmt.toml.
fn parts<'a>(context: &Context<'a>) -> Vec<Part<'a>> {
    let mut parts = vec![Part::Lib, Part::Prelude, Part::Client, Part::ModelIndex, Part::ResourceIndex];
    if !context.config.guides.is_empty() {
        parts.push(Part::Guide);
    }
    for module in context.index.modules.keys().copied() {
        parts.extend([Part::Definitions(module), Part::Methods(module), Part::Codec(module)]);
    }
    parts.extend(context.index.resources.keys().copied().map(Part::Resource));
    parts
}

impl<'a> Context<'a> {
    /// A file, unless it would be empty.
    fn file(&self, part: &Part<'a>) -> Result<Option<File>, Diagnostic> {
        let (path, tokens) = match part {
            Part::Lib => ("lib.rs".to_owned(), lib_rs::lib(self)),
            Part::Guide => ("guide.rs".to_owned(), lib_rs::guide(self.config)),
            Part::Prelude => ("prelude.rs".to_owned(), lib_rs::prelude()),
            Part::Client => ("client.rs".to_owned(), client::client(self)),
            Part::ModelIndex => ("models/mod.rs".to_owned(), models::index(self)),
            Part::Definitions(module) => (models::path(module), models::definitions(self, module)),
            Part::Methods(module) => match self.methods_file(module) {
                Some(tokens) => (models::part_path(module, "methods"), tokens),
                None => return Ok(None),
            },
            Part::Codec(module) => {
                let (path, text) = (models::part_path(module, "codec"), self.codec_file(module));
                return text.map(|text| file::written(self.config, path, &text)).transpose();
            }
            Part::ResourceIndex => ("resources/mod.rs".to_owned(), operations::index(self)),
            Part::Resource(module) => (format!("resources/{module}.rs"), self.resource_module(module)),
        };
        file::render(self.config, path, tokens).map(Some)
    }
}

/// An identifier from a name that a pass made. Another text becomes `_`, which no item can be called: the text of the file
/// is an error then.
fn ident(name: &str) -> Ident {
    let span = proc_macro2::Span::call_site();
    match name.strip_prefix("r#") {
        Some(keyword) if is_identifier(name) => Ident::new_raw(keyword, span),
        None if is_word(name) => Ident::new(name, span),
        _ => Ident::new("_", span),
    }
}
