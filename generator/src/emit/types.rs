//! Uses of types, and how arguments take their values.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, ident};
use crate::ir::{Argument, Type};

impl Context<'_> {
    /// The Rust type.
    pub(super) fn ty(&self, ty: &Type) -> TokenStream {
        match ty {
            Type::Any => quote!(serde_json::Value),
            Type::String => quote!(String),
            Type::Secret => quote!(Secret),
            Type::Uuid => quote!(Uuid),
            Type::DateTime => quote!(DateTime<Utc>),
            Type::Date => quote!(NaiveDate),
            Type::Integer => quote!(i64),
            Type::Number => quote!(f64),
            Type::IntegerOrNumber => quote!(Number),
            Type::Boolean => quote!(bool),
            Type::List(inner) => {
                let inner = self.ty(inner);
                quote!(Vec<#inner>)
            }
            Type::Tuple(items) => {
                let items = items.iter().map(|item| self.ty(item));
                quote!((#(#items,)*))
            }
            Type::Map(key, value) => {
                let (key, value) = (self.ty(key), self.ty(value));
                quote!(BTreeMap<#key, #value>)
            }
            Type::OneOrMany(inner) => {
                let inner = self.ty(inner);
                quote!(OneOrMany<#inner>)
            }
            Type::Nullable(inner) => {
                let inner = self.ty(inner);
                quote!(Option<#inner>)
            }
            Type::Named(id) => {
                let name = ident(&self.api.get(*id).name);
                quote!(#name)
            }
        }
    }

    /// Returns the type of an argument, and the expression for its value.
    pub(super) fn argument(&self, ty: &Type, argument: &Argument, name: &TokenStream) -> (TokenStream, TokenStream) {
        let own = self.ty(ty);
        match (argument, ty) {
            (Argument::Items(items), Type::List(inner)) => {
                let (item, value) = self.argument(inner, items, &quote!(item));
                let collect = match **items {
                    Argument::Into | Argument::Value | Argument::Text(_) => quote!(codec::list(#name)),
                    _ => quote!(#name.into_iter().map(|item| #value).collect()),
                };
                (quote!(impl IntoIterator<Item = #item>), collect)
            }
            (Argument::Entries(keys, values), Type::Map(key, value)) => {
                let is_collected =
                    [keys, values].iter().any(|part| !matches!(***part, Argument::Value | Argument::Into));
                let (key, made_key) = self.argument(key, keys, &quote!(key));
                let (value, made_value) = self.argument(value, values, &quote!(value));
                let collect = if is_collected {
                    quote!(#name.into_iter().map(|(key, value)| (#made_key, #made_value)).collect())
                } else {
                    quote!(codec::map(#name))
                };
                (quote!(impl IntoIterator<Item = (#key, #value)>), collect)
            }
            (Argument::Optional, _) => {
                let own = self.ty(ty.without_null());
                (quote!(impl Into<Optional<#own>>), quote!(codec::optional(#name)))
            }
            (Argument::OneOrMany, Type::List(inner)) => {
                let inner = self.ty(inner);
                (quote!(impl Into<OneOrMany<#inner>>), quote!(#name.into()))
            }
            (Argument::Into, _) => (quote!(impl Into<#own>), quote!(#name.into())),
            _ => (own, quote!(#name)),
        }
    }
}
