//! Modules of models, and the few definitions that stand elsewhere.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, Home, features, ident};
use crate::ir::{Shape, TypeId};

/// Where definitions go.
pub(super) fn path(home: &Home<'_>) -> String {
    match home {
        Home::Model(module) => format!("models/{module}.rs"),
        Home::Scopes => "scopes.rs".to_owned(),
        Home::Errors => "errors.rs".to_owned(),
        Home::Webhooks => "webhooks.rs".to_owned(),
    }
}

/// All definitions of a file.
pub(super) fn definitions(context: &Context<'_>, home: &Home<'_>) -> TokenStream {
    match home {
        Home::Model(module) => context.definitions(home, &format!("Types around `{module}`.")),
        Home::Scopes => {
            let definitions = context.definitions(home, "What tokens may do.");
            let set = context.api.scopes.map(|id| {
                let name = ident(&context.api.get(id).name);
                quote! {
                    /// Scopes that go together: what a token has, or what operations need.
                    pub type ScopeSet = polar_client_runtime::ScopeSet<#name>;
                }
            });
            quote!(#definitions #set)
        }
        Home::Errors => context.definitions(home, "What the API answers when a call fails."),
        Home::Webhooks => context.definitions(home, "What the API sends to webhook endpoints."),
    }
}

/// `models/mod.rs`
pub(super) fn index(context: &Context<'_>) -> TokenStream {
    let modules: BTreeSet<&str> = (0..context.api.types.len())
        .filter_map(|index| match context.home(TypeId(index)) {
            Home::Model(module) => Some(module),
            _ => None,
        })
        .collect();
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
