//! Objects with declared members.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::deprecated;
use super::{Context, features, ident};
use crate::ir::{Const, Field, Presence, Struct, TypeId};

/// Names that the body of `read` uses for itself.
const LOCALS: [&str; 2] = ["members", "position"];

/// Most arguments that a constructor takes before the lint on their number speaks up.
const MANY_ARGUMENTS: usize = 7;

impl Context<'_> {
    pub(super) fn object(&self, id: TypeId, object: &Struct) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg(&def.reach);
        let name = ident(&def.name);
        let input = def.usage.input;
        let fields: Vec<_> = object.fields.iter().filter(|field| field.constant.is_none()).collect();
        let declared = fields.iter().map(|field| {
            let (docs, old) = (self.field_docs(field), deprecated(&field.docs));
            let (name, ty) = (ident(&field.name), self.field_type(field, input));
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
        let redacted = fields.iter().any(|field| field.redacted);
        let defaults = input && fields.iter().all(|field| !field.presence.is_required());
        let derives = {
            let debug = (!redacted).then(|| quote!(Debug,));
            let default = defaults.then(|| quote!(Default,));
            quote!(#[derive(Clone, #debug #default PartialEq)])
        };
        let debug = redacted.then(|| self.redacting_debug(&def.name, &fields, &rest, &cfg));
        let constructor = input.then(|| self.constructor(&def.name, &fields, &rest, &cfg));
        let read = self.read(&def.name, object, &rest, input, &cfg);
        let write = self.write(&def.name, object, &rest, input, &cfg);
        quote! {
            #cfg
            #docs
            #old
            #derives
            #[non_exhaustive]
            pub struct #name {
                #(#declared)*
                #rest_declared
            }
            #debug
            #constructor
            #read
            #write
        }
    }

    fn rest(&self, object: &Struct) -> Rest {
        object.additional.as_ref().map_or(Rest::Extra, |ty| Rest::Typed(self.ty(ty)))
    }

    fn constants(&self, object: &Struct) -> Vec<String> {
        let fixed = object.fields.iter().filter_map(|field| field.constant.as_ref().map(|value| (field, value)));
        fixed.map(|(field, value)| format!("`{}` is always `{}`.", field.wire, value.to_json())).collect()
    }

    fn field_type(&self, field: &Field, input: bool) -> TokenStream {
        let inner = self.ty(&field.ty);
        let inner = if field.boxed { quote!(Box<#inner>) } else { inner };
        match field.presence {
            Presence::Required => inner,
            Presence::OptionalNullable if input => quote!(Nullable<#inner>),
            _ => quote!(Option<#inner>),
        }
    }

    fn constructor(&self, name: &str, fields: &[&Field], rest: &Rest, cfg: &TokenStream) -> TokenStream {
        let type_name = ident(name);
        let (required, optional): (Vec<&&Field>, Vec<&&Field>) =
            fields.iter().partition(|field| field.presence.is_required());
        let arguments: Vec<_> = required
            .iter()
            .map(|field| {
                let argument = ident(&field.name);
                let (ty, value) = self.argument(&field.ty, &quote!(#argument));
                match (field.presence, field.boxed) {
                    (Presence::RequiredNullable, _) => {
                        let ty = self.field_type(field, true);
                        (quote!(#argument: #ty), quote!(#argument))
                    }
                    (_, true) => (quote!(#argument: #ty), quote!(#argument: Box::new(#value))),
                    (_, false) if argument == value.to_string() => (quote!(#argument: #ty), quote!(#argument)),
                    (_, false) => (quote!(#argument: #ty), quote!(#argument: #value)),
                }
            })
            .collect();
        let taken = arguments.iter().map(|(taken, _)| taken);
        let made = arguments.iter().map(|(_, made)| made);
        let many = (arguments.len() > MANY_ARGUMENTS)
            .then(|| quote!(#[expect(clippy::too_many_arguments, reason = "the document requires them all")]));
        let absent = optional.iter().map(|field| {
            let name = ident(&field.name);
            match field.presence {
                Presence::OptionalNullable => quote!(#name: Nullable::Absent),
                _ => quote!(#name: None),
            }
        });
        let rest = match rest {
            Rest::Typed(_) => quote!(additional_properties: BTreeMap::new()),
            Rest::Extra => quote!(extra: Extra::default()),
        };
        let about = if arguments.is_empty() {
            " With nothing set."
        } else {
            " With what the API requires, and nothing else set."
        };
        let setters = optional.iter().map(|field| self.setter(field));
        let old = optional.iter().chain(&required).any(|field| field.docs.deprecated);
        let allow = old.then(|| quote!(#[allow(deprecated, reason = "deprecated members still have their place")]));
        quote! {
            #cfg
            #allow
            impl #type_name {
                #[doc = #about]
                #many
                #[must_use]
                pub fn new(#(#taken),*) -> Self {
                    Self { #(#made,)* #(#absent,)* #rest }
                }
                #(#setters)*
            }
        }
    }

    fn setter(&self, field: &Field) -> TokenStream {
        let name = ident(&field.name);
        let docs = self.field_docs(field);
        let old = deprecated(&field.docs);
        let (ty, value) = match field.presence {
            Presence::OptionalNullable => {
                let inner = self.ty(&field.ty);
                let inner = if field.boxed { quote!(Box<#inner>) } else { inner };
                (quote!(impl Into<Nullable<#inner>>), quote!(#name.into()))
            }
            _ => {
                let (ty, value) = self.argument(&field.ty, &quote!(#name));
                (ty, if field.boxed { quote!(Some(Box::new(#value))) } else { quote!(Some(#value)) })
            }
        };
        quote! {
            #docs
            #old
            #[must_use]
            pub fn #name(mut self, #name: #ty) -> Self {
                self.#name = #value;
                self
            }
        }
    }

    fn redacting_debug(&self, name: &str, fields: &[&Field], rest: &Rest, cfg: &TokenStream) -> TokenStream {
        let type_name = ident(name);
        let shown = fields.iter().map(|field| {
            let (label, name) = (field.name.trim_start_matches("r#"), ident(&field.name));
            if field.redacted { quote!(.field(#label, &codec::REDACTED)) } else { quote!(.field(#label, &self.#name)) }
        });
        let rest = match rest {
            Rest::Typed(_) => quote!(.field("additional_properties", &self.additional_properties)),
            Rest::Extra => quote!(.field("extra", &self.extra)),
        };
        let old = fields.iter().any(|field| field.docs.deprecated);
        let allow = old.then(|| quote!(#[allow(deprecated, reason = "deprecated members still have their place")]));
        quote! {
            #cfg
            #allow
            impl std::fmt::Debug for #type_name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(#name) #(#shown)* #rest .finish()
                }
            }
        }
    }

    fn read(&self, name: &str, object: &Struct, rest: &Rest, input: bool, cfg: &TokenStream) -> TokenStream {
        let type_name = ident(name);
        let wires: Vec<_> = object.fields.iter().map(|field| field.wire.as_str()).collect();
        let locals: Vec<_> = object.fields.iter().map(local).collect();
        let starts = object.fields.iter().zip(&locals).map(|(field, local)| match field.presence {
            Presence::OptionalNullable if input && field.constant.is_none() => {
                quote!(let mut #local = Nullable::Absent;)
            }
            _ => quote!(let mut #local = None;),
        });
        let reads: Vec<_> = object
            .fields
            .iter()
            .zip(&locals)
            .map(|(field, local)| match (&field.constant, field.presence) {
                (Some(constant), _) => {
                    let constant = constant_tokens(constant);
                    quote!(#local = Some(members.constant(#constant)?))
                }
                (None, Presence::Required | Presence::RequiredNullable) => quote!(#local = Some(members.value()?)),
                (None, _) => quote!(#local = members.value()?),
            })
            .collect();
        let body = match reads.split_last() {
            None => quote!(while members.next()?.is_some() {}),
            Some((last, others)) => {
                let positions = (0..others.len()).map(proc_macro2::Literal::usize_unsuffixed);
                let arms = quote!(#(#positions => #others,)* _ => #last,);
                quote! {
                    while let Some(position) = members.next()? {
                        match position { #arms }
                    }
                }
            }
        };
        let body = if reads.len() == 1 {
            let only = &reads[0];
            quote!(while members.next()?.is_some() { #only; })
        } else {
            body
        };
        let checks =
            object.fields.iter().zip(&locals).filter(|(field, _)| field.constant.is_some()).map(|(field, local)| {
                let wire = &field.wire;
                if field.presence.is_required() {
                    quote!(members.required::<()>(#local, #wire)?;)
                } else {
                    quote!(let _: Option<()> = #local;)
                }
            });
        let made =
            object.fields.iter().zip(&locals).filter(|(field, _)| field.constant.is_none()).map(|(field, local)| {
                let (name, wire) = (ident(&field.name), &field.wire);
                match field.presence {
                    Presence::Required | Presence::RequiredNullable => quote!(#name: members.required(#local, #wire)?),
                    _ if name == *local => quote!(#name),
                    _ => quote!(#name: #local),
                }
            });
        let rest = match rest {
            Rest::Typed(_) => quote!(additional_properties: members.additional()?),
            Rest::Extra => quote!(extra: members.extra()),
        };
        let old = object.fields.iter().any(|field| field.docs.deprecated);
        let allow = old.then(|| quote!(#[allow(deprecated, reason = "deprecated members still have their place")]));
        quote! {
            #cfg
            #allow
            impl<'de> codec::Model<'de> for #type_name {
                const NAME: &'static str = #name;
                const FIELDS: &'static [&'static str] = &[#(#wires),*];

                fn read<A: codec::MapAccess<'de>>(mut members: codec::Fields<A>) -> Result<Self, A::Error> {
                    #(#starts)*
                    #body
                    #(#checks)*
                    Ok(Self { #(#made,)* #rest })
                }
            }
            #cfg
            impl<'de> codec::Deserialize<'de> for #type_name {
                fn deserialize<D: codec::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    codec::model(deserializer)
                }
            }
        }
    }

    fn write(&self, name: &str, object: &Struct, rest: &Rest, input: bool, cfg: &TokenStream) -> TokenStream {
        let type_name = ident(name);
        let (rest, end) = match rest {
            Rest::Typed(_) => {
                (quote!(members.additional(&self.additional_properties)?;), quote!(members.end(&Extra::default())))
            }
            Rest::Extra => (quote!(), quote!(members.end(&self.extra))),
        };
        let extra = if rest.is_empty() { quote!(&self.extra) } else { quote!(&Extra::default()) };
        let writes = object.fields.iter().map(|field| {
            let (wire, name) = (&field.wire, ident(&field.name));
            match (&field.constant, field.presence) {
                (Some(constant), _) => {
                    let constant = constant_tokens(constant);
                    quote!(members.constant(#wire, #constant, #extra)?;)
                }
                (None, Presence::Required | Presence::RequiredNullable) => {
                    quote!(members.required(#wire, &self.#name)?;)
                }
                (None, Presence::OptionalNullable) if input => quote!(members.nullable(#wire, &self.#name)?;),
                (None, _) => quote!(members.optional(#wire, &self.#name)?;),
            }
        });
        let writes: TokenStream = writes.collect();
        let binding = if writes.is_empty() && rest.is_empty() { quote!(let members) } else { quote!(let mut members) };
        let old = object.fields.iter().any(|field| field.docs.deprecated);
        let allow = old.then(|| quote!(#[allow(deprecated, reason = "deprecated members still have their place")]));
        quote! {
            #cfg
            #allow
            impl codec::Serialize for #type_name {
                fn serialize<S: codec::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    #binding = codec::Members::<S>::new(serializer)?;
                    #writes
                    #rest
                    #end
                }
            }
        }
    }
}

/// Where the members go that the document does not declare by name.
enum Rest {
    Typed(TokenStream),
    Extra,
}

/// A local for a field: its name, unless the surrounding code uses it.
fn local(field: &Field) -> proc_macro2::Ident {
    if LOCALS.contains(&field.name.as_str()) { ident(&format!("{}_", field.name)) } else { ident(&field.name) }
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
