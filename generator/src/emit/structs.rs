//! Objects with declared members.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::deprecated;
use super::{Context, features, ident};
use crate::ir::{Const, Field, Presence, Struct, TypeId};

/// Most slots in one tuple of the codec; more of them are a tuple of tuples.
const SLOTS: usize = 12;

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
        let inherent = self.inherent(&def.name, object, &fields, &rest, input);
        let read = self.read(&name, &fields, &rest);
        let write = self.write(&name, &fields, &rest);
        quote! {
            #docs
            #old
            #cfg
            #derives
            #[non_exhaustive]
            pub struct #name {
                #(#declared)*
                #rest_declared
            }
            #debug
            #cfg
            #inherent
            #cfg
            #read
            #cfg
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

    /// What the codec has to know, and for types that are sent a constructor and setters.
    fn inherent(&self, name: &str, object: &Struct, fields: &[&Field], rest: &Rest, input: bool) -> TokenStream {
        let type_name = ident(name);
        let members = fields.iter().map(|field| &field.wire);
        let constants = object.fields.iter().filter_map(|field| {
            let (wire, value) = (&field.wire, constant_tokens(field.constant.as_ref()?));
            let required = field.presence.is_required();
            Some(quote!(codec::Constant { name: #wire, value: #value, required: #required }))
        });
        let constructor = input.then(|| self.constructor(fields, rest));
        quote! {
            impl #type_name {
                const OBJECT: &'static codec::Object = &codec::Object {
                    name: #name,
                    members: &[#(#members),*],
                    constants: &[#(#constants),*],
                };
                #constructor
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
        quote! {
            #[doc = #about]
            #many
            #[must_use]
            pub fn new(#(#taken),*) -> Self {
                Self { #(#made,)* #(#absent,)* #rest }
            }
            #(#setters)*
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
        quote! {
            #cfg
            impl std::fmt::Debug for #type_name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(#name) #(#shown)* #rest .finish()
                }
            }
        }
    }

    fn read(&self, name: &Ident, fields: &[&Field], rest: &Rest) -> TokenStream {
        let slots = slots(fields.iter().map(|field| {
            let (wrapper, name) = (wrapper(field), ident(&field.name));
            quote!(codec::#wrapper(#name))
        }));
        let names = fields.iter().map(|field| ident(&field.name));
        let (function, rest) = match rest {
            Rest::Typed(_) => (quote!(read_open), quote!(additional_properties)),
            Rest::Extra => (quote!(read), quote!(extra)),
        };
        quote! {
            impl<'de> codec::Deserialize<'de> for #name {
                fn deserialize<D: codec::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let (#slots, #rest) = codec::#function(deserializer, Self::OBJECT)?;
                    Ok(Self { #(#names,)* #rest })
                }
            }
        }
    }

    fn write(&self, name: &Ident, fields: &[&Field], rest: &Rest) -> TokenStream {
        let slots = slots(fields.iter().map(|field| {
            let (wrapper, name) = (wrapper(field), ident(&field.name));
            quote!(codec::#wrapper(&self.#name))
        }));
        let (function, rest) = match rest {
            Rest::Typed(_) => (quote!(write_open), quote!(&self.additional_properties)),
            Rest::Extra => (quote!(write), quote!(&self.extra)),
        };
        quote! {
            impl codec::Serialize for #name {
                fn serialize<S: codec::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    codec::#function(serializer, Self::OBJECT, #slots, #rest)
                }
            }
        }
    }
}

fn wrapper(field: &Field) -> Ident {
    ident(if field.presence.is_required() { "Required" } else { "Optional" })
}

/// Slots as a tuple, or as tuples in a tuple where one can't hold them all.
fn slots(slots: impl Iterator<Item = TokenStream>) -> TokenStream {
    let mut slots: Vec<_> = slots.collect();
    while slots.len() > SLOTS {
        slots = slots.chunks(SLOTS).map(|chunk| quote!((#(#chunk,)*))).collect();
    }
    quote!((#(#slots,)*))
}

/// Where the members go that the document does not declare by name.
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
