//! Modules of models, and the few definitions that stand elsewhere.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::deprecated;
use super::{Context, features, ident};
use crate::ir::{ListInfo, Module, Page, PageSource, Shape, TypeId};

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
        Module::Models(name) => context.definitions(module, &format!("Types around `{name}`.")),
        Module::Scopes => {
            let definitions = context.definitions(module, "What tokens may do.");
            let set = context.api.scopes.map(|id| {
                let name = ident(&context.api.get(id).name);
                quote! {
                    /// Scopes that go together: what a token has, or what operations need.
                    pub type ScopeSet = polar_client_runtime::codegen::ScopeSet<#name>;

                    impl #name {
                        /// The scope in words, for people who are to grant it: `Read products` for `products:read`.
                        #[must_use]
                        #[inline]
                        pub fn display_name(&self) -> String {
                            polar_client_runtime::codegen::scope_name(self.as_str())
                        }
                    }

                    /// The least set of scopes with which a token can call all of these operations.
                    ///
                    /// A scope to write that one of them needs is used for reading too, where it is enough for that; of
                    /// sets of one size, it is the one that allows less. [`token_kinds`] says what kinds of tokens can
                    /// call them all.
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
        Module::Errors => {
            let definitions = context.definitions(module, "What the API answers when a call fails.");
            let body = context.api.errors.map(|id| {
                let name = ident(&context.api.get(id).name);
                quote! {
                    impl polar_client_runtime::codegen::ApiErrorBody for #name {
                        #[inline]
                        fn is_documented(&self) -> bool {
                            !matches!(self, Self::Unknown(_))
                        }
                    }
                }
            });
            quote!(#definitions #body)
        }
        Module::Webhooks => {
            let definitions = context.definitions(module, ABOUT_WEBHOOKS);
            let payloads = context.api.webhooks.iter().map(|webhook| webhook.payload);
            let bodies: BTreeSet<_> = payloads.chain(context.api.webhook_union).collect();
            let names = bodies.into_iter().map(|id| ident(&context.api.get(id).name));
            let bodies = quote!(polar_client_runtime::codegen::webhook_bodies!(API_VERSION; #(#names),*););
            quote! {
                #definitions
                #bodies

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
    quote! {
        //! Types that requests and answers are made of.
        //!
        //! All of them can be named from here; the files follow the resources that need them.
        #(#parts)*
    }
}

impl Context<'_> {
    fn definitions(&self, module: &Module, about: &str) -> TokenStream {
        let about = about.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
        let definitions = self.types_in(module).iter().map(|&id| {
            let page = self.index.pages.get(&id).copied();
            let definition = match (&self.api.get(id).shape, page) {
                (Shape::Struct(_), Some(page)) if page.is_plain => return self.list_page(page),
                (Shape::Struct(object), _) => {
                    let (object, about, session) = (self.object(id, object), self.page_meta(id), self.session(id));
                    quote!(#object #about #session)
                }
                (Shape::Enum(listed), _) => self.enumeration(id, listed),
                (Shape::Union(union), _) => self.union(id, union),
            };
            let page = page.map(|page| self.page(page));
            quote!(#definition #page)
        });
        quote! {
            #(#![doc = #about])*
            use crate::prelude::*;
            #(#definitions)*
        }
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
        let (name, item, cfg) = (ident(&def.name), self.ty(&page.item), features::cfg(&def.feature_set));
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
            _ => (quote!(self.pagination.about(self.items.len())), quote!(Some(self.items))),
        };
        quote! {
            #cfg
            impl Page for #name {
                type Item = #item;

                #[inline]
                fn page_info(&self) -> PageInfo {
                    #about
                }

                #[inline]
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
        let (name, cfg) = (ident(&def.name), features::cfg(&def.feature_set));
        let info = match pagination {
            ListInfo::Counted => quote!(PageInfo::counted(count, self.total_count, self.max_page)),
            ListInfo::HasNext => quote!(PageInfo::cursor(count, self.has_next_page)),
        };
        Some(quote! {
            #cfg
            impl PageMeta for #name {
                #[inline]
                fn page_info(&self, count: usize) -> PageInfo {
                    #info
                }
            }
        })
    }

    /// What makes an answer a session.
    fn session(&self, id: TypeId) -> Option<TokenStream> {
        let session = self.api.sessions.iter().find(|session| session.ty == id)?;
        let resource = &self.api.resources[session.resource];
        let cfg = features::cfg(&self.api.get(id).feature_set);
        let name = ident(&self.api.get(id).name);
        let feature = features::cfg_feature(&resource.feature);
        let (accessor, module, handle) = (ident(&resource.accessor), ident(&resource.module), ident(&resource.name));
        Some(quote! {
            #cfg
            impl #name {
                /// Acts as the holder of the session, whose token takes the place of the client's. Connections and
                /// settings are those of `polar`.
                #feature
                #[must_use]
                #[inline]
                pub fn #accessor(&self, polar: &Polar) -> crate::resources::#module::#handle {
                    polar.with_access_token(&self.token).#accessor()
                }

                /// Whether the session has ended by then, after which its token is refused (401): a `SystemTime`, or a
                /// `DateTime<Utc>`.
                #[must_use]
                #[inline]
                pub fn is_expired(&self, now: impl Into<DateTime<Utc>>) -> bool {
                    self.expires_at <= now.into()
                }
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
