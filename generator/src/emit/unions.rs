//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{aliases, comment, plain};
use super::{Context, features, ident};
use crate::ir::{Accessor, Const, Conversion, Returned, Source, Subject, Type, TypeDef, TypeId, Union, Variant};

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

    /// Returns the methods that read a value of any variant.
    pub(super) fn union_methods(&self, union: &Union) -> TokenStream {
        let methods = union.accessors.iter().map(|accessor| {
            let name = ident(&accessor.name);
            let docs = comment(&accessor_docs(accessor));
            let returned = match &accessor.returned {
                Returned::Value(ty) => self.ty(ty),
                Returned::Text => quote!(&str),
                Returned::Slice(item) => {
                    let item = self.ty(item);
                    quote!(&[#item])
                }
                Returned::Reference(ty) => {
                    let ty = self.ty(ty);
                    quote!(&#ty)
                }
            };
            let arms = union.variants.iter().zip(&accessor.sources).filter_map(|(held, source)| {
                let (variant, source) = (ident(&held.name), source.as_ref()?);
                let held = if matches!(source, Source::Constant(_)) { quote!(_) } else { quote!(value) };
                let read = read(source, &accessor.returned);
                let is_wrapped = !(accessor.is_total || source.is_optional());
                let value = if is_wrapped { quote!(Some(#read)) } else { read };
                Some(quote!(Self::#variant(#held) => #value,))
            });
            let is_complete = accessor.sources.iter().all(Option::is_some);
            let others = match accessor.subject {
                Subject::Tag(_) if accessor.is_total => {
                    quote!(Self::Unknown(value) => value.tag().unwrap_or_default(),)
                }
                Subject::Tag(_) => quote!(Self::Unknown(value) => value.tag(),),
                _ if is_complete => quote!(Self::Unknown(_) => None,),
                _ => quote!(_ => None,),
            };
            let returned = if accessor.is_total { returned } else { quote!(Option<#returned>) };
            quote! {
                #docs
                #[must_use]
                #[inline]
                pub fn #name(&self) -> #returned {
                    match self {
                        #(#arms)*
                        #others
                    }
                }
            }
        });
        quote!(#(#methods)*)
    }

    /// Implements conversions into the union.
    pub(super) fn conversions(&self, def: &TypeDef, union: &Union) -> TokenStream {
        let name = ident(&def.name);
        let mut conversions = TokenStream::new();
        for held in &union.variants {
            let variant = ident(&held.name);
            if held.conversions.contains(&Conversion::Str) {
                conversions.extend(quote!(impl codec::FromText for #name {}));
            }
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

fn accessor_docs(accessor: &Accessor) -> Vec<String> {
    let may_lack = |source: &Option<Source>| source.as_ref().is_none_or(Source::is_optional);
    vec![match &accessor.subject {
        Subject::Property(wire) if !accessor.sources.iter().any(may_lack) => {
            format!("Returns the `{wire}` of any variant, or `None` for an unknown variant.")
        }
        Subject::Property(wire) => {
            format!("Returns the `{wire}` of any variant. `None` if it is absent or null, or for an unknown variant.")
        }
        Subject::Tag(wire) => format!("Returns the `{wire}` of any variant, including an unknown one."),
        Subject::Content(ty) => {
            format!("Returns the [`{ty}`] in the event's data, or `None` for an event with other data.")
        }
        Subject::OfContent(wire) => {
            format!("Returns the `{wire}` of the event's data, or `None` if it has none.")
        }
    }]
}

/// Returns the expression that reads a value of the variant `value`; an `Option` if the source is optional.
fn read(source: &Source, returned: &Returned) -> TokenStream {
    match source {
        Source::Constant(Const::Boolean(truth)) => quote!(#truth),
        Source::Constant(value) => {
            let text = value.to_tag();
            quote!(#text)
        }
        Source::Field { path, optional, is_enum } => {
            let path = path.iter().map(|name| ident(name));
            let field = quote!(value #(.#path)*);
            match (optional, returned) {
                (_, Returned::Value(_)) => field,
                (false, _) if *is_enum => quote!(#field.as_str()),
                (false, _) => quote!(&#field),
                (true, _) if *is_enum => quote!(#field.as_ref().map(|text| text.as_str())),
                (true, Returned::Reference(_)) => quote!(#field.as_ref()),
                (true, _) => quote!(#field.as_deref()),
            }
        }
        Source::Union { path, accessor, optional, is_enum } => {
            let (path, accessor) = (path.iter().map(|name| ident(name)), ident(accessor));
            let union = quote!(value #(.#path)* .#accessor());
            match (is_enum, optional) {
                (false, _) => union,
                (true, false) => quote!(#union.as_str()),
                (true, true) => quote!(#union.map(|text| text.as_str())),
            }
        }
    }
}
