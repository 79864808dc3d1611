//! The API becomes source text. Nothing is decided here: all names, boxes and unions come as data.

mod client;
mod docs;
mod driver;
mod enums;
mod features;
mod file;
mod lib_rs;
mod models;
mod operations;
mod structs;
mod types;
mod unions;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proc_macro2::Ident;

use crate::config::Config;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, TypeId};

/// A file of the generated crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path below the crate's `src`, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
}

/// What every emitter looks at.
#[derive(Clone, Copy)]
struct Context<'a> {
    api: &'a Api,
    config: &'a Config,
}

/// Where a definition's text goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home<'a> {
    Model(&'a str),
    Scopes,
    Errors,
    Webhooks,
}

impl<'a> Context<'a> {
    fn home(&self, id: TypeId) -> Home<'a> {
        match Some(id) {
            id if id == self.api.scopes => Home::Scopes,
            id if id == self.api.errors => Home::Errors,
            id if id == self.api.webhook_union => Home::Webhooks,
            _ => Home::Model(&self.api.get(id).module),
        }
    }

    /// Definitions that need text.
    fn used(&self) -> impl Iterator<Item = TypeId> {
        (0..self.api.types.len()).map(TypeId).filter(|id| self.api.get(*id).is_used())
    }

    fn types_at(&self, home: &Home<'_>) -> Vec<TypeId> {
        let mut ids: Vec<_> = self.used().filter(|id| self.home(*id) == *home).collect();
        ids.sort_by(|a, b| self.api.get(*a).name.cmp(&self.api.get(*b).name));
        ids
    }
}

/// Writes all files, sorted by path.
///
/// # Errors
/// A name that is no Rust identifier got as far as the text of a file.
pub fn emit(api: &Api, config: &Config) -> Result<Vec<File>, Diagnostics> {
    let context = Context { api, config };
    let parts = parts(&context);
    let next = AtomicUsize::new(0);
    // Most of a run is spent here, and the parts know nothing of each other.
    let work = || -> Vec<Result<File, Diagnostic>> {
        let own = std::iter::from_fn(|| parts.get(next.fetch_add(1, Ordering::Relaxed)));
        own.map(|part| context.file(part)).collect()
    };
    let written = crate::threads::on_threads(thread::available_parallelism().map_or(1, usize::from), &work)?;
    let mut files = vec![file::format(config)];
    let mut problems = Diagnostics::default();
    for result in written.into_iter().flatten() {
        match result {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if problems.has_errors() { Err(problems) } else { Ok(files) }
}

/// The text of a program part that calls every operation; see [`crate::driver`].
pub(crate) fn driver(api: &Api, config: &Config) -> Result<File, Diagnostics> {
    let context = Context { api, config };
    let file = file::render(config, "driver.rs".to_owned(), driver::driver(&context));
    file.map_err(|problem| Diagnostics::default().and([problem]))
}

/// A file to be written.
enum Part<'a> {
    Lib,
    Prelude,
    Client,
    ModelIndex,
    Definitions(Home<'a>),
    ResourceIndex,
    Resource(&'a str),
}

/// All parts, the largest kinds first.
fn parts<'a>(context: &Context<'a>) -> Vec<Part<'a>> {
    let mut homes: Vec<_> = context.used().map(|id| context.home(id)).collect();
    homes.sort();
    homes.dedup();
    let modules: BTreeSet<&str> = context.api.resources.iter().map(|resource| resource.module.as_str()).collect();
    let mut parts: Vec<_> = homes.into_iter().map(Part::Definitions).collect();
    parts.extend(modules.into_iter().map(Part::Resource));
    parts.extend([Part::Lib, Part::Prelude, Part::Client, Part::ModelIndex, Part::ResourceIndex]);
    parts
}

impl<'a> Context<'a> {
    fn file(&self, part: &Part<'a>) -> Result<File, Diagnostic> {
        let (path, tokens) = match part {
            Part::Lib => ("lib.rs".to_owned(), lib_rs::lib(self)),
            Part::Prelude => ("prelude.rs".to_owned(), lib_rs::prelude()),
            Part::Client => ("client.rs".to_owned(), client::client(self)),
            Part::ModelIndex => ("models/mod.rs".to_owned(), models::index(self)),
            Part::Definitions(home) => (models::path(home), models::definitions(self, home)),
            Part::ResourceIndex => ("resources/mod.rs".to_owned(), operations::index(self)),
            Part::Resource(module) => (format!("resources/{module}.rs"), self.resource_module(module)),
        };
        file::render(self.config, path, tokens)
    }
}

/// An identifier from a name that a pass made.
fn ident(name: &str) -> Ident {
    let span = proc_macro2::Span::call_site();
    match name.strip_prefix("r#") {
        Some(keyword) => Ident::new_raw(keyword, span),
        None => Ident::new(name, span),
    }
}
