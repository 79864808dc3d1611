//! The crate's root, and the names that all generated modules share.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::{attribute_text, plain};
use super::{Context, Edition, features, ident};
use crate::config::Config;
use crate::contract;
use crate::ir::{OtherVersion, Place, Versions};

/// `lib.rs`
pub(super) fn lib(context: &Context<'_>) -> TokenStream {
    let api = context.api;
    let title = format!("Client of the {} (version {}).", plain(&api.title), plain(&api.version));
    let title = attribute_text(&title);
    let Definitions { errors, scopes, exports: own_exports } = own_definitions(context);
    let features = match context.edition {
        Edition::Root(versions) => versions.features.clone(),
        Edition::Module(_) | Edition::Alone => api.feature_list(),
    };
    let rows = features
        .into_iter()
        .map(|feature| format!(" | `{}` | {} | {} |", feature.name, feature.operations, feature.types));
    let head = [" | feature | operations | types compiled with it alone |", " |---|---|---|"];
    let features = head.into_iter().map(str::to_owned).chain(rows);
    let webhooks = webhooks_module(context);
    let about_webhooks = webhooks.as_ref().map(|_| {
        quote! {
            //!
            //! `webhooks` verifies webhooks, and `axum` adds an endpoint for them.
        }
    });
    let about_oauth2 = api.oauth2_feature.as_ref().map(|_| {
        quote! {
            //!
            //! `oauth2` adds logins and the refresh of tokens to its resource.
        }
    });
    let oauth2 = api.oauth2_feature.as_deref().map(|feature| {
        let cfg = features::cfg_feature(feature);
        quote! {
            #cfg
            #[doc(inline)]
            pub use polar_client_runtime::codegen::oauth2;
        }
    });
    let has_guide = !context.config.guides.is_empty();
    let guide = has_guide.then(|| {
        quote! {
            #[cfg(any(doc, doctest))]
            pub mod guide;
        }
    });
    let introduction = context.config.introduction.lines();
    let introduction = introduction.map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let introduction: Vec<_> = introduction.collect();
    let (about_versions, version_modules) = match context.edition {
        Edition::Root(versions) => (about_versions(versions), version_modules(versions)),
        Edition::Module(_) | Edition::Alone => Default::default(),
    };
    let with_features = contract::ROOT_FEATURES.iter().map(|(feature, item)| {
        let (cfg, item) = (features::cfg_feature(feature), ident(item));
        quote! {
            #cfg
            #[doc(inline)]
            pub use polar_client_runtime::codegen::#item;
        }
    });
    let (values, root, crates) = (idents(contract::VALUES), idents(contract::ROOT), idents(contract::CRATES));
    quote! {
        #![doc = #title]
        //!
        //! [`Polar`] is the client: each resource of the API is a method of it, and each operation a method of its
        //! resource. A request has setters for optional values, and `.await` sends it.
        //!
        #(#![doc = #introduction])*
        //!
        //! # Tokens
        //!
        //! The prefix of a token determines its [`TokenKind`]. An [`Operation`] knows the kinds that it accepts: a
        //! token that can never work is rejected before the request is sent. [`Polar::with_access_token`] returns a
        //! client with another token.
        //!
        //! # What happens when the API grows
        //!
        //! A server may add properties, enumeration values, variants and events at any time. They never fail a call:
        //! properties are kept in `extra`, values and variants in `Unknown`, and all of them are written back
        //! unchanged.
        //!
        //! # Errors
        //!
        //! Every call can fail with [`Error`], which contains the operation and the cause. Methods such as
        //! `is_not_found()` return the kind of error, and `body()` returns the typed body, if the API documents it.
        //!
        //! # Features
        //!
        //! Each resource is a feature, all of them are on by default, and a type is compiled only with the resources
        //! that reach it. `rustls` (on by default) brings HTTPS, `reqwest` the transport over a client of your own;
        //! `blocking`, `mock`, `rate-limit` and `tracing` bring what they say.
        #about_webhooks
        #about_oauth2
        //!
        #(#![doc = #features])*
        #about_versions

        #![cfg_attr(docsrs, feature(doc_cfg))]

        #![allow(deprecated, reason = "deprecated items are still generated")]

        #![allow(clippy::should_implement_trait, reason = "setters have the names of properties")]

        mod client;
        #guide
        #errors
        pub mod models;
        mod prelude;
        pub mod resources;
        #scopes
        #version_modules
        #webhooks

        pub use client::{API_VERSION, ApiRequest, Builder, Error, Polar};
        #oauth2
        #own_exports
        #[doc(inline)]
        pub use polar_client_runtime::codegen::codec::{#(#values),*};
        #[doc(inline)]
        pub use polar_client_runtime::codegen::{#(#root),*};
        #(#with_features)*
        #[doc(no_inline)]
        pub use polar_client_runtime::codegen::{#(#crates),*};
        /// The crate that sends requests: types for custom transports, mocks and rate limits.
        #[doc(inline)]
        pub use polar_client_runtime as runtime;
    }
}

/// The modules of scopes and errors, and their exports.
#[derive(Default)]
struct Definitions {
    errors: TokenStream,
    scopes: TokenStream,
    exports: TokenStream,
}

/// Scopes and errors of the version: its own, or those of the default version.
fn own_definitions(context: &Context<'_>) -> Definitions {
    let api = context.api;
    let is_shared = |id| context.shared().is_some_and(|shared| shared.types.contains_key(&id));
    let mut found = Definitions::default();
    if let Some(id) = api.errors {
        let name = ident(&api.get(id).name);
        if is_shared(id) {
            found.exports.extend(quote!(#[doc(no_inline)] pub use crate::#name;));
        } else {
            found.errors = quote!(
                mod errors;
            );
            found.exports.extend(quote!(pub use errors::#name;));
        }
    }
    if let Some(id) = api.scopes {
        let name = ident(&api.get(id).name);
        if is_shared(id) {
            found.exports.extend(quote!(#[doc(no_inline)] pub use crate::{#name, ScopeSet, required_scopes};));
        } else {
            found.scopes = quote!(
                mod scopes;
            );
            found.exports.extend(quote!(pub use scopes::{#name, ScopeSet, required_scopes};));
        }
    }
    found
}

fn webhooks_module(context: &Context<'_>) -> Option<TokenStream> {
    let cfg = features::cfg_feature(context.api.webhooks_feature.as_deref()?);
    Some(quote!(#cfg pub mod webhooks;))
}

/// The modules of other versions.
fn version_modules(versions: &Versions) -> TokenStream {
    let module = |other: &OtherVersion| {
        let (cfg, module) = (features::cfg_feature(&other.place.feature), ident(&other.place.module));
        let old = other.is_deprecated.then(|| {
            let (version, default) = (&other.api.version, &versions.default.version);
            let note = format!("a later release will not have version {version} of the API: move to {default}");
            quote!(#[deprecated = #note])
        });
        quote!(#cfg #old pub mod #module;)
    };
    versions.others.iter().map(module).collect()
}

/// The section on other versions, if there are any.
fn about_versions(versions: &Versions) -> TokenStream {
    if versions.others.is_empty() {
        return TokenStream::new();
    }
    let row = |other: &OtherVersion| {
        let (own, Place { feature, module, .. }) = (other.own_items(), &other.place);
        format!(" | {} | `{feature}` | [`{module}`] | {} | {} |", other.api.version, own.operations, own.types)
    };
    let own = &versions.default;
    let types = own.types.iter().filter(|def| def.is_used()).count();
    let first = format!(" | {} | | the root of the crate | {} | {types} |", own.version, own.operations.len());
    let rows = [first].into_iter().chain(versions.others.iter().map(row));
    quote! {
        //!
        //! # Versions of the API
        //!
        //! Each version has a client that sends its own `Polar-Version`. An item that is the same as in the default
        //! version is the same Rust item. `all` enables no version.
        //!
        //! | version | feature | module | own operations | own types |
        //! |---|---|---|---|---|
        #(#![doc = #rows])*
    }
}

/// `mod.rs` of another version than the default one.
pub(super) fn version(context: &Context<'_>, other: &OtherVersion) -> TokenStream {
    let (api, own) = (context.api, other.own_items());
    let about = [
        format!(" Version {} of the {}.", plain(&api.version), plain(&api.title)),
        String::new(),
        " [`Polar`] is the client of this version. Items that are the same at the root of the crate are re-exported from".to_owned(),
        " there, and work with the clients of both versions.".to_owned(),
        String::new(),
        format!(" {} and {} belong only to this version.", count(own.operations, "operation"), count(own.types, "type")),
    ];
    let Definitions { errors, scopes, exports } = own_definitions(context);
    let webhooks = webhooks_module(context);
    let requests = match other.shared.requests {
        true => quote! {
            pub use client::{API_VERSION, Builder, Polar};
            #[doc(no_inline)]
            pub use crate::{ApiRequest, Error};
        },
        false => quote!(
            pub use client::{API_VERSION, ApiRequest, Builder, Error, Polar};
        ),
    };
    quote! {
        #(#![doc = #about])*
        mod client;
        pub mod models;
        mod prelude;
        pub mod resources;
        #errors
        #scopes
        #webhooks
        #requests
        #exports
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("No {what}s"),
        1 => format!("One {what}"),
        number => format!("{number} {what}s"),
    }
}

/// `guide.rs`
pub(super) fn guide(config: &Config) -> TokenStream {
    let pages = config.guides.iter().map(|page| {
        let (name, path) = (ident(page), format!("../guide/{page}.md"));
        quote! {
            #[doc = include_str!(#path)]
            pub mod #name {}
        }
    });
    quote! {
        //! The guide: one page for each task. It is part of the documentation only.
        #(#pages)*
    }
}

/// `prelude.rs`
pub(super) fn prelude(context: &Context<'_>) -> TokenStream {
    let base = context.base();
    let (values, items) = (idents(contract::VALUES), idents(contract::PRELUDE));
    // The root of the crate has these in addition to its own items.
    let root = context.other().map(|_| {
        let root = idents(contract::ROOT);
        quote!(pub(crate) use polar_client_runtime::codegen::{#(#root),*};)
    });
    let types = contract::CRATE_TYPES.iter().map(|(name, types)| {
        let (name, types) = (ident(name), idents(types));
        quote!(pub(crate) use polar_client_runtime::codegen::#name::{#(#types),*};)
    });
    quote! {
        //! Names that the generated modules share. A build uses some of them, depending on its features.
        #![allow(unused_imports, reason = "depends on the features")]

        pub(crate) use std::collections::BTreeMap;

        #(#types)*
        pub(crate) use polar_client_runtime::codegen::codec::{self, #(#values),*};
        pub(crate) use polar_client_runtime::codegen::{#(#items,)* serde_json};
        #root

        pub(crate) use #base::models::*;
        pub(crate) use #base::*;
    }
}

fn idents(names: &[&str]) -> Vec<Ident> {
    names.iter().map(|name| ident(name)).collect()
}
