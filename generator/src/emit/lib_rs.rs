//! The crate's root, and the names that all generated modules share.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::{attribute_text, plain};
use super::{Context, features, ident};
use crate::config::Config;
use crate::contract;

/// `lib.rs`
pub(super) fn lib(context: &Context<'_>) -> TokenStream {
    let api = context.api;
    let title = format!("Client of the {} (version {}).", plain(&api.title), plain(&api.version));
    let title = attribute_text(&title);
    let scopes = api.scopes.map(|id| {
        let name = ident(&api.get(id).name);
        (
            quote!(
                mod scopes;
            ),
            quote!(pub use scopes::{#name, ScopeSet, required_scopes};),
        )
    });
    let errors = api.errors.map(|id| {
        let name = ident(&api.get(id).name);
        (
            quote!(
                mod errors;
            ),
            quote!(pub use errors::#name;),
        )
    });
    let (scopes, use_scopes) = scopes.unzip();
    let (errors, use_errors) = errors.unzip();
    let rows = api
        .feature_list()
        .into_iter()
        .map(|feature| format!(" | `{}` | {} | {} |", feature.name, feature.operations, feature.types));
    let head = [" | feature | operations | types compiled with it alone |", " |---|---|---|"];
    let features = head.into_iter().map(str::to_owned).chain(rows);
    let webhooks = api.webhooks_feature.as_deref().map(|feature| {
        let cfg = features::cfg_feature(feature);
        quote! {
            #cfg
            pub mod webhooks;
        }
    });
    let about_webhooks = webhooks.as_ref().map(|_| {
        quote! {
            //!
            //! `webhooks` verifies what the server sends, and `axum` adds an endpoint for it.
        }
    });
    let about_oauth2 = api.oauth2_feature.as_ref().map(|_| {
        quote! {
            //!
            //! `oauth2` brings, besides its resource, what signs users in and refreshes their tokens.
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
    let about_guide = has_guide.then(|| {
        quote! {
            //!
            //! | task | start here |
            //! |---|---|
            //! | charge | [`checkouts`](resources::checkouts::Checkouts), [`products`](resources::products::Products) |
            //! | gate a feature | [`customers().get_state_external`](resources::customers::Customers::get_state_external) |
            //! | meter usage | [`guide::usage`], [`events().ingest`](resources::events::Events::ingest) |
            //! | open the customer portal | [`customer_sessions`](resources::customer_sessions::CustomerSessions) |
            //! | react to payments | [`guide::webhooks`] |
            //! | sign users in | [`guide::oauth`] |
            //! | authenticate | [`guide::authentication`] |
            //! | handle errors, retries and timeouts | [`guide::errors`] |
            //! | test | [`guide::testing`] |
            //! | choose features | [`guide::platforms`] |
            //! | follow the API's versions | [`guide::versions`] |
            //! | come from another client | [`guide::migration`] |
        }
    });
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
        //! [`Polar`] is where calls begin: each resource of the API is a method of it, each operation a method of its
        //! resource. A call is a value with setters for what is optional, and `.await` sends it.
        //!
        //! ```no_run
        //! # async fn run() -> Result<(), polar_client::Error> {
        //! let polar = polar_client::Polar::builder().access_token("polar_oat_...").build()?;
        //! # let _ = polar;
        //! # Ok(())
        //! # }
        //! ```
        #about_guide
        //!
        //! # Tokens
        //!
        //! A token's prefix tells its [`TokenKind`], and an [`Operation`] knows which kinds it takes: one that can never
        //! work is refused before it is sent. [`Polar::with_access_token`] is the same client acting with another token.
        //!
        //! # What stays true when the API grows
        //!
        //! A server may add fields, enumerated values, kinds of objects and events at any time. None of them fails a
        //! decode: fields go to `extra`, values and kinds to `Unknown`, and all of them serialize back as they came.
        //!
        //! # Errors
        //!
        //! Every call fails with [`Error`], which says what happened where and answers questions such as
        //! `is_not_found()`; its `body()` is the typed body, if the API documents it.
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

        #![allow(deprecated, reason = "what is deprecated still has its place")]

        #![allow(clippy::should_implement_trait, reason = "setters are named as the members of the document are")]

        mod client;
        #guide
        #errors
        pub mod models;
        mod prelude;
        pub mod resources;
        #scopes
        #webhooks

        pub use client::{API_VERSION, ApiRequest, Builder, Error, Polar};
        #oauth2
        #use_errors
        #use_scopes
        #[doc(inline)]
        pub use polar_client_runtime::codegen::codec::{#(#values),*};
        #[doc(inline)]
        pub use polar_client_runtime::codegen::{#(#root),*};
        #(#with_features)*
        #[doc(no_inline)]
        pub use polar_client_runtime::codegen::{#(#crates),*};
        /// The crate that sends requests: what custom transports, mocks and rate limits need.
        pub use polar_client_runtime as runtime;
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
        //! The guide: one page for each task. It is only in the documentation.
        #(#pages)*
    }
}

/// `prelude.rs`
pub(super) fn prelude() -> TokenStream {
    let (values, items) = (idents(contract::VALUES), idents(contract::PRELUDE));
    let types = contract::CRATE_TYPES.iter().map(|(name, types)| {
        let (name, types) = (ident(name), idents(types));
        quote!(pub(crate) use polar_client_runtime::codegen::#name::{#(#types),*};)
    });
    quote! {
        //! Names that the generated modules share. Which of them a build needs depends on its features.
        #![allow(unused_imports, reason = "depends on the features")]

        pub(crate) use std::collections::BTreeMap;

        #(#types)*
        pub(crate) use polar_client_runtime::codegen::codec::{self, #(#values),*};
        pub(crate) use polar_client_runtime::codegen::{#(#items,)* serde_json};

        pub(crate) use crate::models::*;
        pub(crate) use crate::*;
    }
}

fn idents(names: &[&str]) -> Vec<Ident> {
    names.iter().map(|name| ident(name)).collect()
}
