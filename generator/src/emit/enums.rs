//! Open enumerations.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{aliases, attribute_text, comment, plain};
use super::{Context, features, ident};
use crate::ir::{Enum, EnumValue, TypeId};

/// The description of a value, and its text.
fn value_docs(value: &EnumValue) -> TokenStream {
    let wire = format!("`{}`", value.wire.replace('`', "'"));
    let description = value.description.as_deref().map(plain);
    comment(&description.into_iter().chain([wire]).collect::<Vec<_>>())
}

impl Context<'_> {
    pub(super) fn enumeration(&self, id: TypeId, listed: &Enum) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg_shown(&def.feature_set);
        let name = ident(&def.name);
        let variants = listed.values.iter().map(|value| ident(&value.name));
        let others = listed.values.iter().map(|value| aliases(&value.aliases));
        let aliases = aliases(&def.aliases);
        let comments = listed.values.iter().map(value_docs);
        let example = listed.values.first().map(|value| {
            let crate_name = self.base_text().replacen("crate", "polar_client", 1);
            let path = self.public_path(id);
            format!(
                "The server may add values. A match names those it cares for and takes the rest as text:\n\n\
                 ```\nuse {crate_name}::{path};\n\nlet value = {name}::from({wire:?});\nmatch value {{\n    {name}::{variant} => {{}}\n    other => println!(\"{{other}}\"),\n}}\n```",
                name = def.name,
                wire = value.wire,
                variant = value.name,
            )
        });
        let docs = self.type_docs(id, &[]);
        let example: TokenStream = example
            .filter(|_| self.api.scopes == Some(id))
            .map(|text| {
                let lines = text.lines().map(attribute_text);
                quote!(#[doc = ""] #(#[doc = #lines])*)
            })
            .unwrap_or_default();
        quote! {
            #docs
            #example
            #aliases
            #cfg
            #[non_exhaustive]
            pub enum #name {
                #(#comments #others #variants,)*
                /// A value that this version of the crate does not know.
                Unknown(UnknownValue),
            }
        }
    }
}
