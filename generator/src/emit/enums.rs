//! Open enumerations.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{comment, plain};
use super::{Context, features, ident};
use crate::ir::{Enum, EnumValue, TypeId};

/// What a value means, and its text on the wire.
fn value_docs(value: &EnumValue) -> TokenStream {
    let wire = format!("`{}`", value.wire.replace('`', "'"));
    let description = value.description.as_deref().map(plain);
    comment(&description.into_iter().chain([wire]).collect::<Vec<_>>())
}

impl Context<'_> {
    pub(super) fn enumeration(&self, id: TypeId, listed: &Enum) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg(&def.feature_set);
        let name = ident(&def.name);
        let variants: Vec<_> = listed.values.iter().map(|value| ident(&value.name)).collect();
        let texts: Vec<_> = listed.values.iter().map(|value| value.wire.as_str()).collect();
        let comments = listed.values.iter().map(value_docs);
        let example = listed.values.first().map(|value| {
            let crate_name = "polar_client";
            let path = self.public_path(id);
            format!(
                "The server may add values. A match names those it cares for and takes the rest as text:\n\n\
                 ```\nuse {crate_name}::{path};\n\nlet value = {name}::from(\"{wire}\");\nmatch value {{\n    {name}::{variant} => {{}}\n    other => println!(\"{{other}}\"),\n}}\n```",
                name = def.name,
                wire = value.wire,
                variant = value.name,
            )
        });
        let docs = self.type_docs(id, &[]);
        let example: TokenStream = example
            .filter(|_| self.api.scopes == Some(id))
            .map(|text| {
                let lines = text.lines().map(|line| format!(" {line}"));
                quote!(#[doc = ""] #(#[doc = #lines])*)
            })
            .unwrap_or_default();
        quote! {
            #docs
            #example
            #cfg
            #[derive(Clone, PartialEq, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#comments #variants,)*
                /// A value that this version of the crate does not know.
                Unknown(UnknownValue),
            }
            #cfg
            impl #name {
                /// All values that this version of the crate knows.
                pub const VARIANTS: &'static [Self] = &[#(Self::#variants),*];

                /// The value as it stands on the wire.
                #[must_use]
                #[inline]
                pub fn as_str(&self) -> &str {
                    match self {
                        #(Self::#variants => #texts,)*
                        Self::Unknown(value) => value.as_str(),
                    }
                }
            }
            #cfg
            polar_client_runtime::codegen::open_enum!(#name);
        }
    }
}
