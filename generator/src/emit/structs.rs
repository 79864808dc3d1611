//! Objects with declared properties.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::deprecated;
use super::{Context, features, ident};
use crate::ir::{Argument, Const, DefaultImpl, Field, Preset, Struct, TypeId, Wrapper};

/// Most fields in one tuple of the codec; more of them are a list of tuples.
const FIELDS: usize = 12;

/// Most fields that are split one tuple after the other.
const SPLIT_FIELDS: usize = 12 * FIELDS;

/// Most arguments that a constructor takes before the lint on their number speaks up.
const MANY_ARGUMENTS: usize = 7;

impl Context<'_> {
    pub(super) fn object(&self, id: TypeId, object: &Struct) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg(&def.feature_set);
        let name = ident(&def.name);
        let input = def.usage.input;
        let fields: Vec<_> = object.fields.iter().filter(|field| field.constant.is_none()).collect();
        let declared = fields.iter().map(|field| {
            let (docs, old) = (self.field_docs(field), deprecated(&field.docs));
            let (name, ty) = (ident(&field.name), self.field_type(field));
            quote!(#docs #old pub #name: #ty,)
        });
        let rest = self.rest(object);
        let rest_declared = match &rest {
            Rest::Typed(ty) => quote! {
                /// Members that are not declared by name.
                pub additional_properties: BTreeMap<String, #ty>,
            },
            Rest::Extra => quote! {
                /// Members that this version of the crate does not declare.
                pub extra: Extra,
            },
        };
        let constants = self.constants(object);
        let more = if constants.is_empty() { Vec::new() } else { vec![constants.join(" ")] };
        let docs = self.type_docs(id, &more);
        let old = deprecated(&def.docs);
        let derived = (object.default == Some(DefaultImpl::Derived)).then(|| quote!(#[derive(Default)]));
        let default = (object.default == Some(DefaultImpl::Constructor)).then(|| {
            quote! {
                #cfg
                impl Default for #name {
                    #[inline]
                    fn default() -> Self {
                        Self::new()
                    }
                }
            }
        });
        let constructor = input.then(|| self.constructor(&fields, &rest)).map(|functions| {
            quote! {
                #cfg
                impl #name { #functions }
            }
        });
        let model = self.model(&def.name, object, &fields, &rest);
        quote! {
            #docs
            #old
            #cfg
            #derived
            #[non_exhaustive]
            pub struct #name {
                #(#declared)*
                #rest_declared
            }
            #constructor
            #default
            #cfg
            #model
            #cfg
            polar_client_runtime::codegen::model!(#name);
        }
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

    /// What the codec has to know.
    fn model(&self, name: &str, object: &Struct, fields: &[&Field], rest: &Rest) -> TokenStream {
        let type_name = ident(name);
        let wires = fields.iter().map(|field| &field.wire);
        let optional = places("optional", fields, |field| !field.presence.is_required());
        let secret = places("secret", fields, |field| field.redacted);
        let fixed = object.fields.iter().filter_map(|field| {
            let (wire, value) = (&field.wire, constant_tokens(field.constant.as_ref()?));
            let required = field.presence.is_required();
            Some(quote!(codec::Constant { name: #wire, value: #value, required: #required }))
        });
        let fixed: Vec<_> = fixed.collect();
        let constants = (!fixed.is_empty()).then(|| quote!(constants: &[#(#fixed),*],));
        let is_whole = optional.is_some() && secret.is_some() && constants.is_some();
        let others = (!is_whole).then(|| quote!(..codec::Object::EMPTY));
        let types: Vec<_> = fields.iter().map(|field| self.field_type(field)).collect();
        let types = tuple(&types, |first, rest| quote!(codec::FieldList<#first, #rest>));
        let names: Vec<_> = fields.iter().map(|field| ident(&field.name)).collect();
        let values = names.iter().enumerate().map(|(index, name)| {
            let place = place(index, names.len());
            quote!(#name: fields #place)
        });
        let refs: Vec<_> = names.iter().map(|name| quote!(&self.#name)).collect();
        let refs = tuple(&refs, |first, rest| quote!(codec::FieldList(#first, #rest)));
        let (rest_type, rest_name) = match rest {
            Rest::Typed(ty) => (quote!(BTreeMap<String, #ty>), quote!(additional_properties)),
            Rest::Extra => (quote!(Extra), quote!(extra)),
        };
        let settle = self.settle(object);
        let taken = if fields.is_empty() { quote!((): Self::Fields) } else { quote!(fields: Self::Fields) };
        quote! {
            impl codec::Model for #type_name {
                const OBJECT: codec::Object = codec::Object {
                    name: #name,
                    properties: &[#(#wires),*],
                    #optional
                    #secret
                    #constants
                    #others
                };
                type Fields = #types;
                type CatchAll = #rest_type;

                #[inline]
                fn from_parts(#taken, #rest_name: #rest_type) -> Self {
                    Self { #(#values,)* #rest_name }
                }

                #[inline]
                fn parts(&self) -> (codec::Refs<'_, Self>, &#rest_type) {
                    (#refs, &self.#rest_name)
                }

                #settle
            }
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
        let unset = optional.iter().map(|field| {
            let name = ident(&field.name);
            let preset = field.preset.map(|Preset::ApiVersion| quote!(crate::API_VERSION.into()));
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
            (true, false) => " With nothing set.",
            (true, true) => " Creates a value with its presets; all other fields are unset.",
            (false, false) => " With what the API requires, and nothing else set.",
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
                (ty, if field.boxed { quote!(Some(Box::new(#value))) } else { quote!(Some(#value)) })
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

/// The field of `codec::Object` that has the places of these fields, if there are any.
fn places(name: &str, fields: &[&Field], which: fn(&Field) -> bool) -> Option<TokenStream> {
    let places = fields.iter().enumerate().filter(|(_, field)| which(field));
    let places: Vec<_> = places.map(|(index, _)| proc_macro2::Literal::usize_unsuffixed(index)).collect();
    let name = ident(name);
    (!places.is_empty()).then(|| quote!(#name: &[#(#places),*],))
}

/// A tuple, or a list of tuples if one can't hold all items.
fn tuple(items: &[TokenStream], split: fn(TokenStream, TokenStream) -> TokenStream) -> TokenStream {
    match first_part(items.len()).and_then(|at| items.split_at_checked(at)) {
        Some((first, rest)) => split(tuple(first, split), tuple(rest, split)),
        None => quote!((#(#items,)*)),
    }
}

/// How many of `count` items are in the first part of a list: a tuple, or the half of a long list, so that the depth does
/// not grow with the count.
fn first_part(count: usize) -> Option<usize> {
    let first = if count <= SPLIT_FIELDS { FIELDS } else { count / 2 };
    (count > FIELDS).then_some(first)
}

/// Where an item is in the [`tuple`] of `count` items: `.1.7`.
fn place(index: usize, count: usize) -> TokenStream {
    let step = |number: usize| {
        let number = proc_macro2::Literal::usize_unsuffixed(number);
        quote!(.#number)
    };
    let Some(first) = first_part(count) else { return step(index) };
    let (part, inside) = match index.checked_sub(first) {
        Some(later) => (1, place(later, count - first)),
        None => (0, place(index, first)),
    };
    [step(part), inside].into_iter().collect()
}

/// Where the properties go that the document does not declare by name.
enum Rest {
    Typed(TokenStream),
    Extra,
}

pub(super) fn constant_tokens(constant: &Const) -> TokenStream {
    match constant {
        Const::String(text) => quote!(codec::Const::String(#text)),
        Const::Boolean(truth) => quote!(codec::Const::Boolean(#truth)),
        Const::Integer(number) => {
            let number = proc_macro2::Literal::i64_unsuffixed(*number);
            quote!(codec::Const::Integer(#number))
        }
        Const::Null => quote!(codec::Const::Null),
    }
}
