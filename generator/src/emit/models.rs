//! Modules of models, and the few definitions that stand elsewhere.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, Home, features, ident};
use crate::ir::{PageShape, Shape, TypeId, Union};

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

                    impl #name {
                        /// The scope in words, for people who are to grant it: `Read products` for `products:read`.
                        #[must_use]
                        pub fn display_name(&self) -> String {
                            polar_client_runtime::scope_name(self.as_str())
                        }
                    }

                    /// The least set of scopes with which a token can call all of these operations.
                    ///
                    /// A scope to write that one of them needs is used for reading too, where it is enough for that; of
                    /// sets of one size, it is the one that allows less. [`token_kinds`] says what kinds of tokens can
                    /// call them all.
                    #[must_use]
                    pub fn required_scopes(
                        operations: impl IntoIterator<Item = &'static polar_client_runtime::Operation>,
                    ) -> ScopeSet {
                        polar_client_runtime::required_scopes(operations)
                    }
                }
            });
            quote!(#definitions #set)
        }
        Home::Errors => context.definitions(home, "What the API answers when a call fails."),
        Home::Webhooks => {
            let definitions = context.definitions(home, ABOUT_WEBHOOKS);
            quote! {
                #definitions

                #[doc(no_inline)]
                pub use polar_client_runtime::webhooks::{
                    ReplayGuard, SeenWebhooks, Verified, WebhookError, WebhookSigner, WebhookVerifier,
                };
                #[cfg(feature = "axum")]
                #[doc(no_inline)]
                pub use polar_client_runtime::webhooks::{Webhook, WebhookReceiver, WebhookRejection};
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

With the feature `axum`, a handler takes `Webhook<WebhookPayload>` as an argument."##;

/// `models/mod.rs`
pub(super) fn index(context: &Context<'_>) -> TokenStream {
    let modules: BTreeSet<&str> = context
        .used()
        .filter_map(|id| match context.home(id) {
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
        let about = about.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
        let definitions = self.types_at(home).into_iter().map(|id| match &self.api.get(id).shape {
            Shape::Struct(object) => {
                let (object, page, session) = (self.object(id, object), self.page(id, None), self.session(id));
                quote!(#object #page #session)
            }
            Shape::Enum(listed) => self.enumeration(id, listed),
            Shape::Union(union) => {
                let page = self.page(id, Some(union));
                let union = self.union(id, union);
                quote!(#union #page)
            }
        });
        quote! {
            #(#![doc = #about])*
            use crate::prelude::*;
            #(#definitions)*
        }
    }

    /// What makes an answer a page of a list.
    fn page(&self, id: TypeId, union: Option<&Union>) -> Option<TokenStream> {
        let page = self.api.pages.iter().find(|page| page.ty == id)?;
        let cfg = features::cfg(&self.api.get(id).reach);
        let (name, item) = (ident(&self.api.get(id).name), self.ty(&page.item));
        let variants = union.iter().flat_map(|union| &union.members).map(|member| ident(&member.name));
        let variants: Vec<_> = variants.collect();
        let counts = quote!(self.pagination.total_count, self.pagination.max_page);
        let (about, items) = match page.shape {
            PageShape::Counted => (quote!(PageInfo::counted(self.items.len(), #counts)), quote!(Some(self.items))),
            PageShape::Cursor => {
                (quote!(PageInfo::cursor(self.items.len(), self.pagination.has_next_page)), quote!(Some(self.items)))
            }
            PageShape::Union => (
                quote! {
                    match self {
                        #(Self::#variants(page) => page.about(),)*
                        Self::Unknown(_) => PageInfo::default(),
                    }
                },
                quote! {
                    match self {
                        #(Self::#variants(page) => page.into_items(),)*
                        Self::Unknown(_) => None,
                    }
                },
            ),
        };
        Some(quote! {
            #cfg
            impl Page for #name {
                type Item = #item;

                #[inline]
                fn about(&self) -> PageInfo {
                    #about
                }

                #[inline]
                fn into_items(self) -> Option<Vec<#item>> {
                    #items
                }
            }
        })
    }

    /// What makes an answer a session.
    fn session(&self, id: TypeId) -> Option<TokenStream> {
        let session = self.api.sessions.iter().find(|session| session.ty == id)?;
        let resource = &self.api.resources[session.resource];
        let cfg = features::cfg(&self.api.get(id).reach);
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
                pub fn #accessor(&self, polar: &Polar) -> crate::resources::#module::#handle {
                    polar.with_access_token(&self.token).#accessor()
                }

                /// Whether the session has ended by then, after which its token is refused (401): a `SystemTime`, or a
                /// `DateTime<Utc>`.
                #[must_use]
                pub fn is_expired(&self, now: impl Into<DateTime<Utc>>) -> bool {
                    self.expires_at <= now.into()
                }
            }
        })
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
