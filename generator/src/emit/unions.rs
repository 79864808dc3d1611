//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{comment, plain};
use super::{Context, features, ident};
use crate::ir::{Member, Type, TypeDef, TypeId, Union};

impl Context<'_> {
    pub(super) fn union(&self, id: TypeId, union: &Union) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg(&def.reach);
        let name = ident(&def.name);
        let docs = self.type_docs(id, &[]);
        let variants = union.members.iter().map(|member| {
            let (docs, name) = (self.member_docs(member), ident(&member.name));
            match &member.constant {
                Some(_) => quote!(#docs #name,),
                None => {
                    let ty = self.member_type(member);
                    quote!(#docs #name(#ty),)
                }
            }
        });
        quote! {
            #docs
            #cfg
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// A member that this version of the crate does not know.
                Unknown(Unknown),
            }
        }
    }

    fn member_docs(&self, member: &Member) -> TokenStream {
        let mut paragraphs: Vec<_> = member.description.iter().map(|text| plain(text)).collect();
        paragraphs.push(match (&member.constant, &member.ty) {
            (Some(constant), _) => format!("`{}`", constant.to_json()),
            (None, Type::Named(id)) => format!("See [`{}`].", self.api.get(*id).name),
            (None, _) => format!("{}.", member.context),
        });
        comment(&paragraphs)
    }

    fn member_type(&self, member: &Member) -> TokenStream {
        let ty = self.ty(&member.ty);
        if member.boxed { quote!(Box<#ty>) } else { ty }
    }

    /// Access to the fields that all variants share.
    pub(super) fn union_methods(&self, union: &Union) -> TokenStream {
        let variants: Vec<_> = union.members.iter().map(|member| ident(&member.name)).collect();
        let methods = union.shared.iter().map(|field| {
            let (method, ty) = (ident(&field.name), self.ty(&field.ty));
            let docs = format!(
                " `{}` of whichever member it is; nothing where it is unknown{}.",
                field.name.trim_start_matches("r#"),
                if field.optional { " or has none" } else { "" }
            );
            let found = if field.optional { quote!(value.as_ref()) } else { quote!(Some(value)) };
            quote! {
                #[doc = #docs]
                #[must_use]
                #[inline]
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

    /// Each member type that only one variant holds converts into the union, and so do the literals of scalars.
    pub(super) fn conversions(&self, def: &TypeDef, union: &Union) -> TokenStream {
        let name = ident(&def.name);
        let mut conversions = TokenStream::new();
        for member in union.members.iter().filter(|member| member.constant.is_none()) {
            if union.members.iter().filter(|other| other.ty == member.ty && other.constant.is_none()).count() > 1 {
                continue;
            }
            let (variant, ty) = (ident(&member.name), self.ty(&member.ty));
            let value = if member.boxed { quote!(Box::new(value)) } else { quote!(value) };
            conversions.extend(quote! {
                impl From<#ty> for #name {
                    fn from(value: #ty) -> Self {
                        Self::#variant(#value)
                    }
                }
            });
            let literal = match member.ty {
                Type::String => Some((quote!(&str), quote!(value.to_owned()))),
                Type::Integer => Some((quote!(i32), quote!(value.into()))),
                _ => None,
            };
            if let Some((ty, value)) = literal {
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
