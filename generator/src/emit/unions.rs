//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{aliases, comment, plain};
use super::{Context, features, ident};
use crate::ir::{Conversion, Type, TypeDef, TypeId, Union, Variant};

impl Context<'_> {
    pub(super) fn union(&self, id: TypeId, union: &Union) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg_shown(&def.feature_set);
        let name = ident(&def.name);
        let docs = self.type_docs(id, &[]);
        let variants = union.variants.iter().map(|held| {
            let (docs, aliases, name) = (self.variant_docs(held), aliases(&held.aliases), ident(&held.name));
            match &held.constant {
                Some(_) => quote!(#docs #aliases #name,),
                None => {
                    let ty = self.variant_type(held);
                    quote!(#docs #aliases #name(#ty),)
                }
            }
        });
        let aliases = aliases(&def.aliases);
        quote! {
            #docs
            #aliases
            #cfg
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// A variant that this version of the crate does not know.
                Unknown(Unknown),
            }
        }
    }

    fn variant_docs(&self, held: &Variant) -> TokenStream {
        let mut paragraphs: Vec<_> = held.description.iter().map(|text| plain(text)).collect();
        paragraphs.push(match (&held.constant, &held.ty) {
            (Some(constant), _) => format!("`{}`", constant.to_json()),
            (None, Type::Named(id)) => format!("See [`{}`].", self.api.get(*id).name),
            (None, ty) => format!("{}.", self.json_words(ty)),
        });
        comment(&paragraphs)
    }

    fn variant_type(&self, held: &Variant) -> TokenStream {
        let ty = self.ty(&held.ty);
        if held.boxed { quote!(Box<#ty>) } else { ty }
    }

    /// Access to the fields that all variants share.
    pub(super) fn union_methods(&self, union: &Union) -> TokenStream {
        let variants: Vec<_> = union.variants.iter().map(|held| ident(&held.name)).collect();
        let methods = union.shared.iter().map(|field| {
            let (method, ty) = (ident(&field.name), self.ty(&field.ty));
            let docs = format!(
                " Returns the `{}` that all variants have, or `None` for an unknown variant{}.",
                field.name.trim_start_matches("r#"),
                if field.optional { " or if it has none" } else { "" }
            );
            let found = if field.optional { quote!(value.as_ref()) } else { quote!(Some(value)) };
            quote! {
                #[doc = #docs]
                #[must_use]
                pub fn #method(&self) -> Option<&#ty> {
                    let value = match self {
                        #(Self::#variants(value) => &value.#method,)*
                        Self::Unknown(_) => return None,
                    };
                    #found
                }
            }
        });
        quote!(#(#methods)*)
    }

    /// What converts into the union.
    pub(super) fn conversions(&self, def: &TypeDef, union: &Union) -> TokenStream {
        let name = ident(&def.name);
        let mut conversions = TokenStream::new();
        for held in &union.variants {
            let variant = ident(&held.name);
            for conversion in &held.conversions {
                let (ty, value) = match conversion {
                    Conversion::Content if held.boxed => (self.ty(&held.ty), quote!(Box::new(value))),
                    Conversion::Content => (self.ty(&held.ty), quote!(value)),
                    Conversion::Str => (quote!(&str), quote!(value.to_owned())),
                    Conversion::I32 => (quote!(i32), quote!(value.into())),
                };
                conversions.extend(quote! {
                    impl From<#ty> for #name {
                        fn from(value: #ty) -> Self {
                            Self::#variant(#value)
                        }
                    }
                });
            }
        }
        conversions
    }
}
