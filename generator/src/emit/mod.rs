//! The API becomes source text. Nothing is decided here: all names, boxes and unions come as data.

mod client;
mod docs;
mod enums;
mod features;
mod file;
mod lib_rs;
mod models;
mod operations;
mod structs;
mod types;
mod unions;

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

impl Context<'_> {
    fn home(&self, id: TypeId) -> Home<'_> {
        match Some(id) {
            id if id == self.api.scopes => Home::Scopes,
            id if id == self.api.errors => Home::Errors,
            id if id == self.api.webhook_union => Home::Webhooks,
            _ => Home::Model(&self.api.get(id).module),
        }
    }

    fn types_at(&self, home: &Home<'_>) -> Vec<TypeId> {
        let mut ids: Vec<_> = (0..self.api.types.len()).map(TypeId).filter(|id| self.home(*id) == *home).collect();
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
    let mut parts = vec![lib_rs::lib(&context), lib_rs::prelude(), client::client(&context)];
    parts.extend(models::models(&context));
    parts.extend(operations::resources(&context));
    let (path, text) = file::format(config);
    let mut files = vec![File { path, text }];
    let mut problems: Vec<Diagnostic> = Vec::new();
    for (path, tokens) in parts {
        match file::render(config, &path, tokens) {
            Ok(text) => files.push(File { path, text }),
            Err(problem) => problems.push(problem),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if problems.is_empty() { Ok(files) } else { Err(Diagnostics::default().and(problems)) }
}

/// An identifier from a name that a pass made.
fn ident(name: &str) -> Ident {
    let span = proc_macro2::Span::call_site();
    match name.strip_prefix("r#") {
        Some(keyword) => Ident::new_raw(keyword, span),
        None => Ident::new(name, span),
    }
}
