//! Modules of models, and the few definitions that stand elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::deprecated;
use super::{Context, Edition, features, ident, imports};
use crate::ir::{FeatureSet, ListInfo, Module, Page, PageSource, Shape, TypeId};

/// The file beside that of a module for one part of what belongs to its types: `models/orders/codec.rs`.
pub(super) fn part_path(module: &Module, part: &str) -> String {
    format!("{}/{part}.rs", path(module).trim_end_matches(".rs"))
}

/// The file of a module.
pub(super) fn path(module: &Module) -> String {
    match module {
        Module::Models(module) => format!("models/{module}.rs"),
        Module::Scopes => "scopes.rs".to_owned(),
        Module::Errors => "errors.rs".to_owned(),
        Module::Webhooks => "webhooks.rs".to_owned(),
    }
}

/// All definitions of a module.
pub(super) fn definitions(context: &Context<'_>, module: &Module) -> TokenStream {
    match module {
        Module::Models(name) => context.definitions(module, &about(name)),
        Module::Scopes => {
            let definitions = context.definitions(module, "What tokens may do.");
            let set = context.api.scopes.map(|id| {
                let name = ident(&context.api.get(id).name);
                quote! {
                    /// A set of scopes: those of a token, or those that operations need.
                    pub type ScopeSet = polar_client_runtime::codegen::ScopeSet<#name>;

                    impl #name {
                        /// Returns the scope in words, for people who grant it: `Read products` for `products:read`.
                        #[must_use]
                        #[inline]
                        pub fn display_name(&self) -> String {
                            polar_client_runtime::codegen::scope_name(self.as_str())
                        }
                    }

                    /// Returns the least set of scopes with which a token can call all of these operations.
                    ///
                    /// A write scope that one of them needs also serves the others if it is enough for them. Of two sets
                    /// of one size, the one that allows less is returned. [`token_kinds`] tells which kinds of tokens can
                    /// call all operations.
                    #[must_use]
                    #[inline]
                    pub fn required_scopes(
                        operations: impl IntoIterator<Item = &'static polar_client_runtime::codegen::Operation>,
                    ) -> ScopeSet {
                        polar_client_runtime::codegen::required_scopes(operations)
                    }
                }
            });
            quote!(#definitions #set)
        }
        Module::Errors => context.definitions(module, "Bodies of error responses."),
        Module::Webhooks => {
            let path = context.base_text().replacen("crate", "polar_client", 1);
            let definitions = context.definitions(module, &ABOUT_WEBHOOKS.replace("polar_client", &path));
            let any_version = context.versions_with_webhooks().map(|_| {
                quote! {
                    mod any_version;
                    pub use any_version::AnyVersionPayload;
                }
            });
            quote! {
                #definitions
                #any_version

                #[doc(no_inline)]
                pub use polar_client_runtime::codegen::webhooks::{
                    Claim, Lease, MemoryReplayGuard, ReplayGuard, UndecodableWebhook, Verified, WebhookBody,
                    WebhookError, WebhookSigner, WebhookVerifier,
                };
                #[cfg(feature = "axum")]
                #[doc(no_inline)]
                pub use polar_client_runtime::codegen::webhooks::{
                    Webhook, WebhookEndpoint, WebhookOutcome, WebhookReceiver, WebhookRejection,
                };
            }
        }
    }
}

/// The first line of a file of models.
fn about(module: &str) -> String {
    match module {
        "errors" => "Bodies of error responses.".to_owned(),
        "codes" => "Enumerations with many values.".to_owned(),
        "shared" => "Types of several resources.".to_owned(),
        name => format!("Types of `{name}`."),
    }
}

/// Head of the file with the union of all payloads.
const ABOUT_WEBHOOKS: &str = r##"What the API sends to webhook endpoints, and how a receiver knows that it was the API.

```
# fn main() -> Result<(), Box<dyn std::error::Error>> {
use polar_client::webhooks::{WebhookPayload, WebhookSigner, WebhookVerifier};

# let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
let verifier = WebhookVerifier::new(secret)?;

// What the server sends; a test makes its own.
let body = br#"{"type": "an event of tomorrow"}"#;
let headers = WebhookSigner::new(secret)?.sign("msg_1", std::time::SystemTime::now(), body)?;

let event: WebhookPayload = verifier.verify(body, &headers)?.event()?;
assert!(matches!(event, WebhookPayload::Unknown(_)));
# Ok(())
# }
```

A body that is verified and can't be decoded is an error that still has the event: see [`UndecodableWebhook`].

With the feature `axum`, a `WebhookEndpoint` calls your handler with each event, at least once."##;

/// `models/mod.rs`
pub(super) fn index(context: &Context<'_>) -> TokenStream {
    let modules = context.index.modules.iter().filter_map(|(module, ids)| match module {
        Module::Models(name) => Some((name, ids)),
        _ => None,
    });
    let parts = modules.map(|(name, ids)| {
        let name = ident(name);
        let cfg = features::cfg_module(ids.iter().map(|id| &context.api.get(*id).feature_set));
        quote! {
            #cfg
            mod #name;
            #cfg
            pub use #name::*;
        }
    });
    let shared = shared_models(context);
    quote! {
        //! Types of request and response bodies.
        //!
        //! All of them can be named from here; the files follow the resources that need them.
        #(#parts)*
        #shared
    }
}

/// The models that a version shares with the default one, under the conditions of the version.
fn shared_models(context: &Context<'_>) -> TokenStream {
    let types = context.shared().into_iter().flat_map(|shared| shared.types.keys());
    let mut by_condition: BTreeMap<&FeatureSet, Vec<&str>> = BTreeMap::new();
    for def in types.map(|id| context.api.get(*id)).filter(|def| matches!(def.module, Module::Models(_))) {
        by_condition.entry(&def.feature_set).or_default().push(&def.name);
    }
    let export = |(set, mut names): (&FeatureSet, Vec<&str>)| {
        names.sort_unstable();
        let (cfg, names) = (features::cfg(set), imports(names.into_iter().map(ident)));
        quote! {
            #cfg
            #[doc(no_inline)]
            pub use crate::models::#names;
        }
    };
    by_condition.into_iter().map(export).collect()
}

/// What makes the union of all error bodies one that errors read.
fn error_body(name: &str) -> TokenStream {
    let name = ident(name);
    quote! {
        impl polar_client_runtime::codegen::ApiErrorBody for #name {
            fn is_documented(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            fn decode(body: &[u8]) -> Option<Self> {
                codec::decode(body).ok()
            }
        }
    }
}

impl Context<'_> {
    /// What makes payloads ones that a verified webhook is decoded as: for each list of versions that have the same
    /// payloads. The first version is their own one.
    pub(super) fn webhook_bodies(&self) -> Option<TokenStream> {
        let api = self.api;
        let is_own = |id: &TypeId| self.shared().is_none_or(|shared| !shared.types.contains_key(id));
        let payloads = api.webhooks.iter().map(|webhook| webhook.payload);
        let bodies: BTreeSet<_> = payloads.chain(api.webhook_union).filter(is_own).collect();
        let mut by_versions: BTreeMap<Vec<&str>, Vec<_>> = BTreeMap::new();
        for id in bodies {
            let others = match self.edition {
                Edition::Root(versions) => versions.sharing(id),
                Edition::Module(_) | Edition::Alone => Vec::new(),
            };
            by_versions.entry(others).or_default().push(ident(&api.get(id).name));
        }
        let bodies = by_versions.into_iter().map(|(others, names)| {
            quote!(polar_client_runtime::codegen::webhook_bodies!([API_VERSION #(, #others)*]; #(#names),*);)
        });
        let bodies: TokenStream = bodies.collect();
        (!bodies.is_empty()).then_some(bodies)
    }

    fn definitions(&self, module: &Module, about: &str) -> TokenStream {
        let base = self.base();
        let about = about.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
        let types = self.types_in(module);
        let codec = types.iter().any(|id| !self.is_alias(*id)).then(|| {
            quote!(
                mod codec;
            )
        });
        let with_methods: Vec<_> = types.iter().filter(|id| self.methods(**id).is_some()).collect();
        let methods = (!with_methods.is_empty()).then(|| {
            let cfg = features::cfg_module(with_methods.iter().map(|id| &self.api.get(**id).feature_set));
            quote!(#cfg mod methods;)
        });
        let definitions = types.iter().map(|&id| match (&self.api.get(id).shape, self.index.pages.get(&id)) {
            (Shape::Struct(_), Some(page)) if page.is_plain => self.list_page(page),
            (Shape::Struct(object), _) => self.object(id, object),
            (Shape::Enum(listed), _) => self.enumeration(id, listed),
            (Shape::Union(union), _) => self.union(id, union),
        });
        quote! {
            #(#![doc = #about])*
            #codec
            #methods
            use #base::prelude::*;
            #(#definitions)*
        }
    }

    /// The file beside the definitions of a module with the methods of its types.
    pub(super) fn methods_file(&self, module: &Module) -> Option<TokenStream> {
        let methods: Vec<_> = self.types_in(module).iter().filter_map(|id| self.methods(*id)).collect();
        let (base, own) = (self.base(), self.own_names(module));
        (!methods.is_empty()).then(|| {
            quote! {
                //! Constructors, setters and other methods of these types.
                use #base::prelude::*;
                #own
                #(#methods)*
            }
        })
    }

    /// Brings types into scope that the prelude does not have.
    pub(super) fn own_names(&self, module: &Module) -> TokenStream {
        let names = self.types_in(module).iter().map(|id| ident(&self.api.get(*id).name));
        if *module == Module::Webhooks { quote!(#(use super::#names;)*) } else { TokenStream::new() }
    }

    /// The methods of a type, if it has any.
    fn methods(&self, id: TypeId) -> Option<TokenStream> {
        let def = self.api.get(id);
        let methods = match &def.shape {
            Shape::Struct(object) => {
                let own = def.usage.input.then(|| self.object_methods(object));
                let session = self.session(id);
                quote!(#own #session)
            }
            Shape::Enum(_) => TokenStream::new(),
            Shape::Union(union) => self.union_methods(union),
        };
        let (cfg, name) = (features::cfg(&def.feature_set), ident(&def.name));
        (!methods.is_empty()).then(|| {
            quote! {
                #cfg
                impl #name { #methods }
            }
        })
    }

    /// Traits that follow from the shape of a type.
    pub(super) fn traits(&self, id: TypeId) -> TokenStream {
        let def = self.api.get(id);
        let own = match &def.shape {
            Shape::Struct(object) => {
                let (default, meta) = (self.object_default(def, object), self.page_meta(id));
                quote!(#default #meta)
            }
            Shape::Union(union) => self.conversions(def, union),
            Shape::Enum(_) => TokenStream::new(),
        };
        let page = self.index.pages.get(&id).map(|page| self.page(page));
        let errors = (self.api.errors == Some(id)).then(|| error_body(&def.name));
        quote!(#own #page #errors)
    }

    /// Whether a type is another name for one of the runtime's.
    pub(super) fn is_alias(&self, id: TypeId) -> bool {
        self.index.pages.get(&id).is_some_and(|page| page.is_plain)
    }

    /// Another name for the runtime's page.
    fn list_page(&self, page: &Page) -> TokenStream {
        let PageSource::Object(pagination, _) = page.source else { return TokenStream::new() };
        let def = self.api.get(page.ty);
        let (docs, old, cfg) = (self.type_docs(page.ty, &[]), deprecated(&def.docs), features::cfg(&def.feature_set));
        let (name, item, pagination) = (ident(&def.name), self.ty(&page.item), ident(&self.api.get(pagination).name));
        quote! {
            #docs
            #old
            #cfg
            pub type #name = ListPage<#item, #pagination>;
        }
    }

    /// What makes an answer a page of a list.
    fn page(&self, page: &Page) -> TokenStream {
        let def = self.api.get(page.ty);
        let (name, item) = (ident(&def.name), self.ty(&page.item));
        let (about, items) = match (page.source, &def.shape) {
            (PageSource::Union, Shape::Union(union)) => {
                let variants: Vec<_> = union.variants.iter().map(|variant| ident(&variant.name)).collect();
                let about = quote! {
                    match self {
                        #(Self::#variants(page) => page.page_info(),)*
                        Self::Unknown(_) => PageInfo::default(),
                    }
                };
                let items = quote! {
                    match self {
                        #(Self::#variants(page) => page.into_items(),)*
                        Self::Unknown(_) => None,
                    }
                };
                (about, items)
            }
            _ => (quote!(self.pagination.page_info(self.items.len())), quote!(Some(self.items))),
        };
        quote! {
            impl Page for #name {
                type Item = #item;

                fn page_info(&self) -> PageInfo {
                    #about
                }

                fn into_items(self) -> Option<Vec<#item>> {
                    #items
                }
            }
        }
    }

    /// What makes an object the `pagination` of pages.
    fn page_meta(&self, id: TypeId) -> Option<TokenStream> {
        let pagination = self.index.paginations.get(&id)?;
        let def = self.api.get(id);
        let name = ident(&def.name);
        let info = match pagination {
            ListInfo::Counted => quote!(PageInfo::counted(count, self.total_count, self.max_page)),
            ListInfo::HasNext => quote!(PageInfo::cursor(count, self.has_next_page)),
        };
        Some(quote! {
            impl PageMeta for #name {
                fn page_info(&self, count: usize) -> PageInfo {
                    #info
                }
            }
        })
    }

    /// What makes an answer a session.
    fn session(&self, id: TypeId) -> Option<TokenStream> {
        let base = self.base();
        let session = self.api.sessions.iter().find(|session| session.ty == id)?;
        let resource = &self.api.resources[session.resource];
        let feature = features::cfg_feature(&resource.feature);
        let (accessor, module, handle) = (ident(&resource.accessor), ident(&resource.module), ident(&resource.name));
        Some(quote! {
            /// Returns the operations of the session's holder, with the token of the session. Connections and settings
            /// are those of `polar`.
            #feature
            #[must_use]
            pub fn #accessor(&self, polar: &Polar) -> #base::resources::#module::#handle {
                polar.with_access_token(&self.token).#accessor()
            }

            /// Returns whether the session has ended at this time, a `SystemTime` or a `DateTime<Utc>`. A token of a
            /// session that has ended is rejected (401).
            #[must_use]
            pub fn is_expired(&self, now: impl Into<DateTime<Utc>>) -> bool {
                self.expires_at <= now.into()
            }
        })
    }

    /// The path below the crate's root under which a definition is named.
    pub(super) fn public_path(&self, id: TypeId) -> String {
        let name = &self.api.get(id).name;
        match self.api.get(id).module {
            Module::Models(_) => format!("models::{name}"),
            Module::Scopes | Module::Errors => name.clone(),
            Module::Webhooks => format!("webhooks::{name}"),
        }
    }
}
