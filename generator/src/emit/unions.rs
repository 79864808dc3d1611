//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::comment;
use super::structs::constant_tokens;
use super::{Context, features, ident};
use crate::ir::{Decision, Kind, Member, Shape, Signature, Type, TypeId, Union};

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
        let writes = union.members.iter().map(|member| {
            let name = ident(&member.name);
            match &member.constant {
                Some(constant) => {
                    let constant = constant_tokens(constant);
                    quote!(Self::#name => codec::Serialize::serialize(&#constant, serializer),)
                }
                None => quote!(Self::#name(value) => codec::Serialize::serialize(value, serializer),),
            }
        });
        let accessors = self.accessors(union, &name, &cfg);
        // A value that is only received is made by decoding it.
        let conversions = def.usage.input.then(|| self.conversions(union, &name, &cfg));
        let read = self.union_read(union);
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
            #accessors
            #conversions
            #cfg
            impl codec::Union for #name {
                fn read<'a, S: codec::Source<'a>>(source: S) -> Result<Self, S::Error> {
                    #read
                }
            }
            #cfg
            polar_client_runtime::union!(#name);
            #cfg
            impl codec::Serialize for #name {
                fn serialize<S: codec::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        #(#writes)*
                        Self::Unknown(value) => codec::Serialize::serialize(value, serializer),
                    }
                }
            }
        }
    }

    fn member_docs(&self, member: &Member) -> TokenStream {
        comment(&[match (&member.constant, &member.ty) {
            (Some(constant), _) => format!("`{}`", constant.to_json()),
            (None, Type::Named(id)) => format!("See [`{}`].", self.api.get(*id).name),
            (None, _) => format!("{}.", member.context),
        }])
    }

    fn member_type(&self, member: &Member) -> TokenStream {
        let ty = self.ty(&member.ty);
        if member.boxed { quote!(Box<#ty>) } else { ty }
    }

    fn accessors(&self, union: &Union, name: &proc_macro2::Ident, cfg: &TokenStream) -> TokenStream {
        if union.shared.is_empty() {
            return TokenStream::new();
        }
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
        quote! {
            #cfg
            impl #name { #(#methods)* }
        }
    }

    /// Each member type that only one variant holds converts into the union, and so do the literals of scalars.
    fn conversions(&self, union: &Union, name: &proc_macro2::Ident, cfg: &TokenStream) -> TokenStream {
        let mut conversions = TokenStream::new();
        for member in union.members.iter().filter(|member| member.constant.is_none()) {
            if union.members.iter().filter(|other| other.ty == member.ty && other.constant.is_none()).count() > 1 {
                continue;
            }
            let (variant, ty) = (ident(&member.name), self.ty(&member.ty));
            let value = if member.boxed { quote!(Box::new(value)) } else { quote!(value) };
            conversions.extend(quote! {
                #cfg
                impl From<#ty> for #name {
                    #[inline]
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
                    #cfg
                    impl From<#ty> for #name {
                        #[inline]
                        fn from(value: #ty) -> Self {
                            Self::#variant(#value)
                        }
                    }
                });
            }
        }
        conversions
    }

    fn union_read(&self, union: &Union) -> TokenStream {
        let take = |index: usize| {
            let member = &union.members[index];
            let variant = ident(&member.name);
            match (&member.constant, &member.ty) {
                (Some(_), _) => quote!(source.known(Self::#variant)),
                // Any text has the kind of a formatted one, also a constant that the server added since.
                (None, Type::DateTime | Type::Date | Type::Uuid) => {
                    quote!(source.decode_or_unknown(Self::#variant, Self::Unknown))
                }
                // A union in a union looks at the same text.
                (None, Type::Named(id)) if matches!(self.api.get(*id).shape, Shape::Union(_)) => {
                    let (inner, boxed) = (self.ty(&member.ty), member.boxed.then(|| quote!(.map(Box::new))));
                    quote!(<#inner as codec::Union>::read(source) #boxed .map(Self::#variant))
                }
                (None, _) => quote!(source.decode_as(Self::#variant)),
            }
        };
        match &union.decision {
            Decision::Tag { path, cases, otherwise, absent } => {
                let mut arms = TokenStream::new();
                for member in 0..union.members.len() {
                    let values: Vec<_> =
                        cases.iter().filter(|case| case.member == member).map(|case| &case.value).collect();
                    if !values.is_empty() {
                        let take = take(member);
                        arms.extend(quote!(#(Some(#values))|* => #take,));
                    }
                }
                if let Some(member) = absent {
                    let take = take(*member);
                    arms.extend(quote!(None => #take,));
                }
                match otherwise {
                    Some(member) => {
                        let take = take(*member);
                        arms.extend(quote!(Some(_) => #take,));
                        if absent.is_none() {
                            arms.extend(quote!(None => source.unknown(None).map(Self::Unknown),));
                        }
                    }
                    None => arms.extend(quote!(tag => source.unknown(tag).map(Self::Unknown),)),
                }
                quote! {
                    let tag = source.tag(&[#(#path),*]);
                    match tag.as_deref() { #arms }
                }
            }
            Decision::Signatures(signatures) => {
                let shapes = signatures.iter().map(shape_tokens);
                let arms = signatures.iter().enumerate().map(|(index, signature)| {
                    let (index, take) = (proc_macro2::Literal::usize_unsuffixed(index), take(signature.member));
                    quote!(Some(#index) => #take,)
                });
                quote! {
                    const SHAPES: &[codec::Shape] = &[#(#shapes),*];
                    match source.fit(SHAPES) {
                        #(#arms)*
                        _ => source.unknown(None).map(Self::Unknown),
                    }
                }
            }
        }
    }
}

fn shape_tokens(signature: &Signature) -> TokenStream {
    let kind = kind_tokens(signature.kind);
    let element = signature.element.map(|kind| {
        let kind = kind_tokens(kind);
        quote!(element: Some(#kind),)
    });
    let names = |name: &str, names: &[&String]| {
        let name = ident(name);
        (!names.is_empty()).then(|| quote!(#name: &[#(#names),*],))
    };
    let own: Vec<_> = signature.required.iter().filter(|path| path.len() == 1).flatten().collect();
    let below: Vec<_> = signature.required.iter().filter(|path| path.len() > 1).collect();
    let below = (!below.is_empty()).then(|| quote!(below: &[#(&[#(#below),*]),*],));
    let others: Vec<_> = signature.declared.iter().filter(|name| !own.contains(name)).collect();
    let (required, optional) = (names("required", &own), names("optional", &others));
    let values = signature.values.iter().map(|(name, values)| {
        let values = values.iter().map(crate::ir::Const::to_json);
        quote!((#name, &[#(#values),*]))
    });
    let values = (!signature.values.is_empty()).then(|| quote!(values: &[#(#values),*],));
    quote!(codec::Shape { kind: #kind, #element #required #below #optional #values ..codec::Shape::EMPTY })
}

fn kind_tokens(kind: Kind) -> TokenStream {
    match kind {
        Kind::Boolean => quote!(codec::Kind::Boolean),
        Kind::Integer => quote!(codec::Kind::Integer),
        Kind::Number => quote!(codec::Kind::Number),
        Kind::String => quote!(codec::Kind::String),
        Kind::Array => quote!(codec::Kind::Array),
        Kind::Object => quote!(codec::Kind::Object),
    }
}
