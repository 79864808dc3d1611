//! Objects with declared properties.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{aliases, deprecated};
use super::{Context, features, ident};
use crate::ir::{Argument, DefaultImpl, Field, Preset, Struct, TypeDef, TypeId, Wrapper};

/// Maximum number of arguments of a constructor without a lint.
const MANY_ARGUMENTS: usize = 7;

impl Context<'_> {
    pub(super) fn object(&self, id: TypeId, object: &Struct) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg_shown(&def.feature_set);
        let name = ident(&def.name);
        let fields: Vec<_> = object.fields.iter().filter(|field| field.constant.is_none()).collect();
        let declared = fields.iter().map(|field| {
            let (docs, old) = (self.field_docs(field), deprecated(&field.docs));
            let (name, ty) = (ident(&field.name), self.field_type(field));
            quote!(#docs #old pub #name: #ty,)
        });
        let rest = self.rest(object);
        let rest_declared = match &rest {
            Rest::Typed(ty) => quote! {
                /// Undeclared properties.
                pub additional_properties: BTreeMap<String, #ty>,
            },
            Rest::Extra => quote! {
                /// Properties that this version of the crate does not declare.
                pub extra: Extra,
            },
        };
        let mut more: Vec<_> = def.usage.input.then(|| required(&fields)).flatten().into_iter().collect();
        let constants = self.constants(object);
        if !constants.is_empty() {
            more.push(constants.join(" "));
        }
        let docs = self.type_docs(id, &more);
        let (old, aliases) = (deprecated(&def.docs), aliases(&def.aliases));
        let derived = (object.default == Some(DefaultImpl::Derived)).then(|| quote!(#[derive(Default)]));
        quote! {
            #docs
            #aliases
            #old
            #cfg
            #derived
            #[non_exhaustive]
            pub struct #name {
                #(#declared)*
                #rest_declared
            }
        }
    }

    /// Returns the constructor and the setters of an object in requests.
    pub(super) fn object_methods(&self, object: &Struct) -> TokenStream {
        let fields: Vec<_> = object.fields.iter().filter(|field| field.constant.is_none()).collect();
        self.constructor(&fields, &self.rest(object))
    }

    /// Implements `Default` by the constructor, which presets properties.
    pub(super) fn object_default(&self, def: &TypeDef, object: &Struct) -> Option<TokenStream> {
        let name = ident(&def.name);
        (object.default == Some(DefaultImpl::Constructor)).then(|| {
            quote! {
                impl Default for #name {
                    fn default() -> Self {
                        Self::new()
                    }
                }
            }
        })
    }

    fn rest(&self, object: &Struct) -> Rest {
        object.additional.as_ref().map_or(Rest::Extra, |ty| Rest::Typed(self.ty(ty)))
    }

    fn constants(&self, object: &Struct) -> Vec<String> {
        let fixed = object.fields.iter().filter_map(|field| field.constant.as_ref().map(|value| (field, value)));
        fixed.map(|(field, value)| format!("`{}` is always `{}`.", field.wire, value.to_json())).collect()
    }

    fn field_type(&self, field: &Field) -> TokenStream {
        let inner = self.ty(&field.ty);
        let inner = if field.boxed { quote!(Box<#inner>) } else { inner };
        match field.wrapper {
            Wrapper::Plain => inner,
            Wrapper::Nullable => quote!(Nullable<#inner>),
            Wrapper::Option => quote!(Option<#inner>),
        }
    }

    fn constructor(&self, fields: &[&Field], rest: &Rest) -> TokenStream {
        let (required, optional): (Vec<&&Field>, Vec<&&Field>) =
            fields.iter().partition(|field| field.presence.is_required());
        let arguments: Vec<_> = required
            .iter()
            .map(|field| {
                let argument = ident(&field.name);
                let (ty, value) = self.argument(&field.ty, &field.argument, &quote!(#argument));
                match (field.wrapper, field.boxed) {
                    (Wrapper::Option, _) => {
                        let ty = self.field_type(field);
                        (quote!(#argument: #ty), quote!(#argument))
                    }
                    (_, true) => (quote!(#argument: #ty), quote!(#argument: Box::new(#value))),
                    (_, false) if field.argument == Argument::Value => (quote!(#argument: #ty), quote!(#argument)),
                    (_, false) => (quote!(#argument: #ty), quote!(#argument: #value)),
                }
            })
            .collect();
        let taken = arguments.iter().map(|(taken, _)| taken);
        let made = arguments.iter().map(|(_, made)| made);
        let many = (arguments.len() > MANY_ARGUMENTS)
            .then(|| quote!(#[expect(clippy::too_many_arguments, reason = "the document requires them all")]));
        let base = self.base();
        let unset = optional.iter().map(|field| {
            let name = ident(&field.name);
            let preset = field.preset.map(|Preset::ApiVersion| quote!(#base::API_VERSION.into()));
            match (field.wrapper, preset) {
                (Wrapper::Nullable, Some(value)) => quote!(#name: Nullable::Value(#value)),
                (Wrapper::Nullable, None) => quote!(#name: Nullable::Absent),
                (_, Some(value)) => quote!(#name: Some(#value)),
                (_, None) => quote!(#name: None),
            }
        });
        let rest = match rest {
            Rest::Typed(_) => quote!(additional_properties: BTreeMap::new()),
            Rest::Extra => quote!(extra: Extra::default()),
        };
        let is_preset = optional.iter().any(|field| field.preset.is_some());
        let about = match (arguments.is_empty(), is_preset) {
            (true, false) => " Creates a value with all fields unset.",
            (true, true) => " Creates a value with its presets; all other fields are unset.",
            (false, false) => " Creates a value with the required fields; optional fields are unset.",
            (false, true) => " Creates a value with the required fields and its presets; all other fields are unset.",
        };
        let setters = optional.iter().map(|field| self.setter(field));
        quote! {
            #[doc = #about]
            #many
            #[must_use]
            #[inline]
            pub fn new(#(#taken),*) -> Self {
                Self { #(#made,)* #(#unset,)* #rest }
            }
            #(#setters)*
        }
    }

    fn setter(&self, field: &Field) -> TokenStream {
        let name = ident(&field.name);
        let docs = self.field_docs(field);
        let old = deprecated(&field.docs);
        let (ty, value) = match field.wrapper {
            Wrapper::Nullable => {
                let inner = self.ty(&field.ty);
                let inner = if field.boxed { quote!(Box<#inner>) } else { inner };
                (quote!(impl Into<Nullable<#inner>>), quote!(#name.into()))
            }
            _ => {
                let (ty, value) = self.argument(&field.ty, &field.argument, &quote!(#name));
                let value = match (&field.argument, field.boxed) {
                    (Argument::Optional, false) => value,
                    (Argument::Optional, true) => quote!(#value.map(Box::new)),
                    (_, false) => quote!(Some(#value)),
                    (_, true) => quote!(Some(Box::new(#value))),
                };
                (ty, value)
            }
        };
        quote! {
            #docs
            #old
            #[must_use]
            #[inline]
            pub fn #name(mut self, #name: #ty) -> Self {
                self.#name = #value;
                self
            }
        }
    }
}

/// Returns which fields of an object are required in requests. Empty for an object without fields.
fn required(fields: &[&Field]) -> Option<String> {
    let (required, optional): (Vec<&&Field>, Vec<&&Field>) =
        fields.iter().partition(|field| field.presence.is_required());
    let names: Vec<_> =
        required.iter().map(|field| format!("[`{0}`](Self::{0})", field.name.trim_start_matches("r#"))).collect();
    match (names.is_empty(), optional.is_empty()) {
        (true, true) => None,
        (true, false) => Some("All fields are optional.".to_owned()),
        (false, true) => Some("All fields are required.".to_owned()),
        (false, false) => Some(format!("Required: {}. The other fields are optional.", names.join(", "))),
    }
}

/// Returns the field for the properties that the document does not declare by name.
enum Rest {
    Typed(TokenStream),
    Extra,
}
