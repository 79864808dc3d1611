//! Uses of types, and how values of them are taken as arguments.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, ident};
use crate::ir::{Shape, Type};

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

    /// The type of an argument, and the expression that makes the value of it.
    pub(super) fn argument(&self, ty: &Type, name: &TokenStream) -> (TokenStream, TokenStream) {
        let own = self.ty(ty);
        match (self.taking(ty), ty) {
            (Taking::Collected, Type::List(inner)) => {
                let (item, value) = self.argument(inner, &quote!(item));
                let collect = match self.taking(inner) {
                    Taking::AsIs => quote!(#name.into_iter().collect()),
                    Taking::Into => quote!(codec::list(#name)),
                    Taking::Collected => quote!(#name.into_iter().map(|item| #value).collect()),
                };
                (quote!(impl IntoIterator<Item = #item>), collect)
            }
            (Taking::Collected, Type::Map(key, value)) => {
                let is_collected = self.taking(key) == Taking::Collected || self.taking(value) == Taking::Collected;
                let (key, made_key) = self.argument(key, &quote!(key));
                let (value, made_value) = self.argument(value, &quote!(value));
                let collect = if is_collected {
                    quote!(#name.into_iter().map(|(key, value)| (#made_key, #made_value)).collect())
                } else {
                    quote!(codec::map(#name))
                };
                (quote!(impl IntoIterator<Item = (#key, #value)>), collect)
            }
            (Taking::AsIs, _) => (own, quote!(#name)),
            (Taking::Into | Taking::Collected, _) => (quote!(impl Into<#own>), quote!(#name.into())),
        }
    }

    fn taking(&self, ty: &Type) -> Taking {
        match ty {
            Type::Uuid
            | Type::DateTime
            | Type::Date
            | Type::Integer
            | Type::Number
            | Type::Boolean
            | Type::Tuple(_) => Taking::AsIs,
            Type::Named(id) if matches!(self.api.get(*id).shape, Shape::Struct(_)) => Taking::AsIs,
            Type::Nullable(inner) if self.taking(inner) == Taking::AsIs => Taking::AsIs,
            Type::List(_) | Type::Map(..) => Taking::Collected,
            _ => Taking::Into,
        }
    }
}

/// How a value is taken as an argument.
#[derive(PartialEq)]
enum Taking {
    /// As the value itself.
    AsIs,
    /// As whatever converts into it.
    Into,
    /// As whatever holds its items.
    Collected,
}
