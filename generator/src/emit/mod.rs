//! The API becomes source text. Nothing is decided here: names, modules, boxes, conversions, the forms of
//! arguments and how unions are read come as data.

mod any_version;
mod client;
mod codec;
mod dispatch;
mod docs;
mod enums;
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

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, ListInfo, Module, Operation, OtherVersion, Page, PageSource, Shape, Shared, TypeId, Versions};
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
    edition: Edition<'a>,
    /// The document's path for the header of files.
    source: &'a str,
}

/// Which version of the API is written.
#[derive(Clone, Copy)]
enum Edition<'a> {
    /// The default version, beside others.
    Root(&'a Versions),
    /// Another version.
    Module(&'a OtherVersion),
    /// The default version, as if it were the only one.
    Alone,
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
    /// Ids of the operations that are those of the default version.
    shared_operations: BTreeSet<&'a str>,
    /// The operations of each resource.
    operations: BTreeMap<usize, Vec<&'a Operation>>,
    /// The variants of the enumeration of scopes.
    scopes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Index<'a> {
    fn new(api: &'a Api, shared: &Shared) -> Self {
        let mut ids: Vec<_> = used(api).filter(|id| !shared.types.contains_key(id)).collect();
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
        let shared_operations = shared.operations.iter().map(|index| api.operations[*index].id.as_str()).collect();
        let uses = docs::uses(&api.operations);
        Self { modules, pages, paginations, uses, resources, children, shared_operations, operations, scopes }
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

    /// The definitions that are written in a module.
    fn types_in(&self, module: &Module) -> &[TypeId] {
        self.index.modules.get(module).map(Vec::as_slice).unwrap_or_default()
    }

    /// The version, if it is not the default one.
    fn other(&self) -> Option<&'a OtherVersion> {
        match self.edition {
            Edition::Module(other) => Some(other),
            Edition::Root(_) | Edition::Alone => None,
        }
    }

    /// All versions, if several of them have webhooks and the default one is written.
    fn versions_with_webhooks(&self) -> Option<&'a Versions> {
        let Edition::Root(versions) = self.edition else { return None };
        let others = versions.others.iter().filter(|other| other.api.webhook_union.is_some());
        (versions.default.webhook_union.is_some() && others.count() > 0).then_some(versions)
    }

    /// What the version shares with the default one.
    fn shared(&self) -> Option<&'a Shared> {
        self.other().map(|other| &other.shared)
    }

    /// The path of the version in the crate.
    fn base(&self) -> TokenStream {
        match self.other() {
            Some(other) => {
                let module = ident(&other.place.module);
                quote!(crate::#module)
            }
            None => quote!(crate),
        }
    }

    /// The same as text, for documentation and texts that are not tokens.
    fn base_text(&self) -> String {
        self.other().map_or_else(|| "crate".to_owned(), |other| format!("crate::{}", other.place.module))
    }
}

/// Writes all files, sorted by path. `sources` are the paths of the documents of other versions.
///
/// # Errors
/// A name that is no Rust identifier got as far as the text of a file.
pub fn emit(versions: &Versions, sources: &[&str], config: &Config) -> Result<Vec<File>, Diagnostics> {
    let mut files = vec![file::format(&config.source)];
    let mut problems = Diagnostics::default();
    let nothing = Shared::default();
    let index = Index::new(&versions.default, &nothing);
    let edition = Edition::Root(versions);
    let root = Context { api: &versions.default, config, index: &index, edition, source: &config.source };
    root.files(&mut files, &mut problems);
    for (other, source) in versions.others.iter().zip(sources) {
        let index = Index::new(&other.api, &other.shared);
        let context = Context { api: &other.api, config, index: &index, edition: Edition::Module(other), source };
        context.files(&mut files, &mut problems);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if problems.has_errors() { Err(problems) } else { Ok(files) }
}

/// The text of a program part that calls every operation; see [`crate::dispatch`].
pub(crate) fn dispatch(api: &Api, config: &Config) -> Result<File, Diagnostics> {
    let index = Index::new(api, &Shared::default());
    let context = Context { api, config, index: &index, edition: Edition::Alone, source: &config.source };
    let file = file::render(context.source, "dispatch.rs".to_owned(), dispatch::dispatch(&context));
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
    AnyVersion,
}

/// The files to be written, besides rustfmt.toml.
fn parts<'a>(context: &Context<'a>) -> Vec<Part<'a>> {
    let mut parts = vec![Part::Lib, Part::Prelude, Part::Client, Part::ModelIndex, Part::ResourceIndex];
    if !context.config.guides.is_empty() && context.other().is_none() {
        parts.push(Part::Guide);
    }
    if context.versions_with_webhooks().is_some() {
        parts.push(Part::AnyVersion);
    }
    for module in context.index.modules.keys().copied() {
        parts.extend([Part::Definitions(module), Part::Methods(module), Part::Codec(module)]);
    }
    let is_shared = |module: &&str| context.shared().is_some_and(|shared| shared.modules.contains(*module));
    parts.extend(context.index.resources.keys().copied().filter(|module| !is_shared(module)).map(Part::Resource));
    parts
}

impl<'a> Context<'a> {
    /// Adds all files of the version.
    fn files(&self, files: &mut Vec<File>, problems: &mut Diagnostics) {
        for part in parts(self) {
            match self.file(&part) {
                Ok(file) => files.extend(file),
                Err(problem) => problems.push(problem),
            }
        }
    }

    /// The path of a file of the version.
    fn path(&self, path: String) -> String {
        match self.other() {
            Some(other) => format!("{}/{path}", other.place.module),
            None => path,
        }
    }

    /// A file, unless it would be empty.
    fn file(&self, part: &Part<'a>) -> Result<Option<File>, Diagnostic> {
        let (path, tokens) = match part {
            Part::Lib => match self.other() {
                Some(other) => ("mod.rs".to_owned(), lib_rs::version(self, other)),
                None => ("lib.rs".to_owned(), lib_rs::lib(self)),
            },
            Part::Guide => ("guide.rs".to_owned(), lib_rs::guide(self.config)),
            Part::Prelude => ("prelude.rs".to_owned(), lib_rs::prelude(self)),
            Part::Client => ("client.rs".to_owned(), client::client(self)),
            Part::ModelIndex => ("models/mod.rs".to_owned(), models::index(self)),
            Part::Definitions(module) => (models::path(module), models::definitions(self, module)),
            Part::Methods(module) => match self.methods_file(module) {
                Some(tokens) => (models::part_path(module, "methods"), tokens),
                None => return Ok(None),
            },
            Part::Codec(module) => {
                let (path, text) = (models::part_path(module, "codec"), self.codec_file(module));
                return text.map(|text| file::written(self.source, self.path(path), &text)).transpose();
            }
            Part::ResourceIndex => ("resources/mod.rs".to_owned(), operations::index(self)),
            Part::Resource(module) => (format!("resources/{module}.rs"), self.resource_module(module)),
            Part::AnyVersion => match self.versions_with_webhooks() {
                Some(versions) => ("webhooks/any_version.rs".to_owned(), any_version::payload(versions)),
                None => return Ok(None),
            },
        };
        file::render(self.source, self.path(path), tokens).map(Some)
    }
}

/// The names of a `use`: braces are only around several.
fn imports(names: impl IntoIterator<Item = Ident>) -> TokenStream {
    let names: Vec<_> = names.into_iter().collect();
    if let [only] = names.as_slice() { quote!(#only) } else { quote!({#(#names),*}) }
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
