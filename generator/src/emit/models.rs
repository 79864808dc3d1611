//! Modules of models, and the few definitions that stand elsewhere.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, Home, features, ident};
use crate::ir::{Shape, TypeId};

/// All files that hold definitions.
pub(super) fn models(context: &Context<'_>) -> Vec<(String, TokenStream)> {
    let modules: BTreeSet<&str> = (0..context.api.types.len())
        .filter_map(|index| match context.home(TypeId(index)) {
            Home::Model(module) => Some(module),
            _ => None,
        })
        .collect();
    let mut files = vec![("models/mod.rs".to_owned(), index(context, &modules))];
    for module in &modules {
        let about = format!("Types around `{module}`.");
        files.push((format!("models/{module}.rs"), context.definitions(&Home::Model(module), &about)));
    }
    if context.api.scopes.is_some() {
        let set = context.api.scopes.map(|id| {
            let name = ident(&context.api.get(id).name);
            quote! {
                /// Scopes that go together: what a token has, or what operations need.
                pub type ScopeSet = polar_client_runtime::ScopeSet<#name>;
            }
        });
        let definitions = context.definitions(&Home::Scopes, "What tokens may do.");
        files.push(("scopes.rs".to_owned(), quote!(#definitions #set)));
    }
    if context.api.errors.is_some() {
        files.push((
            "errors.rs".to_owned(),
            context.definitions(&Home::Errors, "What the API answers when a call fails."),
        ));
    }
    if context.api.webhook_union.is_some() {
        files.push((
            "webhooks.rs".to_owned(),
            context.definitions(&Home::Webhooks, "What the API sends to webhook endpoints."),
        ));
    }
    files
}

fn index(context: &Context<'_>, modules: &BTreeSet<&str>) -> TokenStream {
    let parts = modules.iter().map(|module| {
        let name = ident(module);
        let ids = context.types_at(&Home::Model(module));
        let cfg = features::cfg_module(ids.iter().map(|id| &context.api.get(*id).reach));
        quote! {
            #cfg
            mod #name;
            #cfg
            pub use #name::*;
        }
    });
    quote! {
        //! Types that requests and answers are made of.
        //!
        //! All of them can be named from here; the files follow the resources that need them.
        #(#parts)*
    }
}

impl Context<'_> {
    fn definitions(&self, home: &Home<'_>, about: &str) -> TokenStream {
        let about = format!(" {about}");
        let definitions = self.types_at(home).into_iter().map(|id| match &self.api.get(id).shape {
            Shape::Struct(object) => self.object(id, object),
            Shape::Enum(listed) => self.enumeration(id, listed),
            Shape::Union(union) => self.union(id, union),
        });
        quote! {
            #![doc = #about]
            use crate::prelude::*;
            #(#definitions)*
        }
    }

    /// The path below the crate's root under which a definition is named.
    pub(super) fn public_path(&self, id: TypeId) -> String {
        let name = &self.api.get(id).name;
        match self.home(id) {
            Home::Model(_) => format!("models::{name}"),
            Home::Scopes | Home::Errors => name.clone(),
            Home::Webhooks => format!("webhooks::{name}"),
        }
    }
}
