//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{comment, plain};
use super::structs::constant_tokens;
use super::{Context, features, ident};
use crate::ir::{
    Const, Decision, Field, JsonKind, ParentTag, Presence, Shape, Signature, Struct, Tag, Type, TypeId, Union, Variant,
};

impl Context<'_> {
    pub(super) fn union(&self, id: TypeId, union: &Union) -> TokenStream {
        let def = self.api.get(id);
        let cfg = features::cfg(&def.feature_set);
        let name = ident(&def.name);
        let docs = self.type_docs(id, &[]);
        let variants = union.variants.iter().map(|held| {
            let (docs, name) = (self.variant_docs(held), ident(&held.name));
            match &held.constant {
                Some(_) => quote!(#docs #name,),
                None => {
                    let ty = self.variant_type(held);
                    quote!(#docs #name(#ty),)
                }
            }
        });
        let writes = union.variants.iter().map(|held| {
            let name = ident(&held.name);
            match &held.constant {
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
        let read = self.decision(&def.name, union, &union.decision);
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

    fn variant_docs(&self, held: &Variant) -> TokenStream {
        let mut paragraphs: Vec<_> = held.description.iter().map(|text| plain(text)).collect();
        paragraphs.push(match (&held.constant, &held.ty) {
            (Some(constant), _) => format!("`{}`", constant.to_json()),
            (None, Type::Named(id)) => format!("See [`{}`].", self.api.get(*id).name),
            (None, _) => format!("{}.", held.context),
        });
        comment(&paragraphs)
    }

    fn variant_type(&self, held: &Variant) -> TokenStream {
        let ty = self.ty(&held.ty);
        if held.boxed { quote!(Box<#ty>) } else { ty }
    }

    fn accessors(&self, union: &Union, name: &proc_macro2::Ident, cfg: &TokenStream) -> TokenStream {
        if union.shared.is_empty() {
            return TokenStream::new();
        }
        let variants: Vec<_> = union.variants.iter().map(|held| ident(&held.name)).collect();
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

    /// Each type that only one variant holds converts into the union, and so do the literals of scalars.
    fn conversions(&self, union: &Union, name: &proc_macro2::Ident, cfg: &TokenStream) -> TokenStream {
        let mut conversions = TokenStream::new();
        for held in union.variants.iter().filter(|held| held.constant.is_none()) {
            if union.variants.iter().filter(|other| other.ty == held.ty && other.constant.is_none()).count() > 1 {
                continue;
            }
            let (variant, ty) = (ident(&held.name), self.ty(&held.ty));
            let value = if held.boxed { quote!(Box::new(value)) } else { quote!(value) };
            conversions.extend(quote! {
                #cfg
                impl From<#ty> for #name {
                    #[inline]
                    fn from(value: #ty) -> Self {
                        Self::#variant(#value)
                    }
                }
            });
            let literal = match held.ty {
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

    /// Decodes what `source` holds as the variant that the decision leads to.
    fn decision(&self, name: &str, union: &Union, decision: &Decision) -> TokenStream {
        match decision {
            Decision::Variant(index) => self.take(union, *index),
            Decision::ByKind { objects, others } => {
                let (objects, others) = (self.decision(name, union, objects), self.decision(name, union, others));
                quote!(if source.kind() == codec::Kind::Object { #objects } else { #others })
            }
            Decision::Tag(tag) => self.tag(name, union, tag),
            Decision::Structure(signatures) => {
                let shapes = signatures.iter().map(shape_tokens);
                let arms = signatures.iter().enumerate().map(|(index, signature)| {
                    let index = proc_macro2::Literal::usize_unsuffixed(index);
                    let take = self.take(union, signature.variant);
                    quote!(Some(#index) => #take,)
                });
                quote! {
                    const SHAPES: &[codec::Shape] = &[#(#shapes),*];
                    match source.fit(SHAPES) {
                        #(#arms)*
                        _ => source.unfit(SHAPES, #name).map(Self::Unknown),
                    }
                }
            }
        }
    }

    /// Decodes what `source` holds as a variant.
    fn take(&self, union: &Union, index: usize) -> TokenStream {
        let held = &union.variants[index];
        let variant = ident(&held.name);
        let has_constants = || union.variants.iter().any(|held| held.constant.is_some());
        match (&held.constant, &held.ty) {
            (Some(_), _) => quote!(source.known(Self::#variant)),
            // A constant that the server added since has the kind of a formatted text.
            (None, Type::DateTime | Type::Date | Type::Uuid) if has_constants() => {
                quote!(source.decode_or_unknown(Self::#variant, Self::Unknown, None))
            }
            (None, _) if union.told_by_parent => {
                quote!(source.decode_or_unknown(Self::#variant, Self::Unknown, None))
            }
            // A union in a union looks at the same text.
            (None, Type::Named(id)) if matches!(self.api.get(*id).shape, Shape::Union(_)) => {
                let (inner, boxed) = (self.ty(&held.ty), held.boxed.then(|| quote!(.map(Box::new))));
                quote!(<#inner as codec::Union>::read(source) #boxed .map(Self::#variant))
            }
            (None, _) if !held.fallbacks.is_empty() => {
                let others = held.fallbacks.iter().map(|&other| ident(&union.variants[other].name));
                quote!(source.decode_among(Self::#variant, &[#(|text| codec::attempt(text).map(Self::#others)),*]))
            }
            (None, _) => quote!(source.decode_as(Self::#variant)),
        }
    }

    fn tag(&self, name: &str, union: &Union, tag: &Tag) -> TokenStream {
        let path = &tag.path;
        let is_text = |value: &Const| matches!(value, Const::String(_));
        let read = if tag.cases.iter().flat_map(|case| &case.values).all(is_text) {
            quote!(tag(&[#(#path),*]).as_deref())
        } else {
            quote!(scalar(&[#(#path),*]))
        };
        let variant = |index: usize| ident(&union.variants[index].name);
        let cases = tag.cases.iter().map(|case| {
            let values = case.values.iter().map(Const::to_tag);
            let take = match (&case.decision, tag.otherwise) {
                (Decision::Variant(index), Some(other)) => {
                    let (tagged, other) = (variant(*index), variant(other));
                    quote!(source.decode_or(Self::#tagged, Self::#other))
                }
                (decision, _) => self.decision(name, union, decision),
            };
            quote!(#(Some(#values))|* => { #take })
        });
        let others = match (tag.otherwise, &tag.absent) {
            (Some(other), _) => {
                let take = self.take(union, other);
                quote!(Some(_) => #take,)
            }
            (None, Some(absent)) if tag.absent_takes_others => match **absent {
                Decision::Variant(index) if !tag.is_flag() => {
                    let variant = variant(index);
                    quote!(Some(tag) => source.decode_or_unknown(Self::#variant, Self::Unknown, Some(tag)),)
                }
                _ => TokenStream::new(),
            },
            _ => quote!(Some(tag) => source.unknown(Some(tag)).map(Self::Unknown),),
        };
        let none = match &tag.absent {
            Some(absent) => self.decision(name, union, absent),
            None => quote!(source.untagged(&[#(#path),*], #name)),
        };
        // What is left is no tag, or any tag where a variant without it may carry it.
        quote! {
            match source.#read {
                #(#cases)*
                #others
                _ => { #none }
            }
        }
    }

    /// Decodes the value again if it is not the variant that the tag beside it names.
    pub(super) fn settle(&self, object: &Struct) -> Option<TokenStream> {
        let settled: Vec<_> = object.fields.iter().filter_map(|field| self.settle_field(object, field)).collect();
        (!settled.is_empty()).then(|| {
            quote! {
                #[inline]
                fn settle(&mut self) -> Result<(), codec::Mismatch> {
                    #(#settled)*
                    Ok(())
                }
            }
        })
    }

    fn settle_field(&self, object: &Struct, field: &Field) -> Option<TokenStream> {
        let told = field.parent_tag.as_ref()?;
        let Type::Named(id) = &field.ty else { return None };
        let Shape::Union(union) = &self.api.get(*id).shape else { return None };
        let (wire, name, ty) = (&field.wire, ident(&field.name), self.ty(&field.ty));
        let tag = self.tag_beside(object, told)?;
        let known = union.variants.iter().enumerate().filter_map(|(index, held)| {
            let values: Vec<_> = told.cases.iter().filter(|c| c.variant == index).map(|c| &c.value).collect();
            let variant = ident(&held.name);
            (!values.is_empty()).then(|| quote!(#ty::#variant(_) => &[#(#values),*],))
        });
        let cases = told.cases.iter().map(|case| {
            let (value, variant) = (&case.value, ident(&union.variants[case.variant].name));
            quote!(#value => source.decode_as(#ty::#variant),)
        });
        let value = match (field.presence, field.boxed) {
            (Presence::Required, false) => quote!(Some(&mut self.#name)),
            (Presence::Required, true) => quote!(Some(&mut *self.#name)),
            (_, false) => quote!(self.#name.as_mut()),
            (_, true) => quote!(self.#name.as_deref_mut()),
        };
        Some(quote! {
            let tag = #tag;
            codec::settle(
                #value,
                #wire,
                tag,
                |value| match value {
                    #(#known)*
                    _ => &[],
                },
                |tag, source| {
                    use codec::Source as _;
                    match tag {
                        #(#cases)*
                        _ => source.unknown(Some(tag)).map(#ty::Unknown),
                    }
                },
            )?;
        })
    }

    /// The tag that stands beside a union.
    fn tag_beside(&self, object: &Struct, told: &ParentTag) -> Option<TokenStream> {
        let field = object.fields.iter().find(|field| Some(&field.wire) == told.path.first())?;
        let name = ident(&field.name);
        let Type::Named(id) = &field.ty else { return Some(quote!(Some(self.#name.as_str()))) };
        let Shape::Union(Union { variants, decision: Decision::Tag(tag), .. }) = &self.api.get(*id).shape else {
            return Some(quote!(Some(self.#name.as_str())));
        };
        let ty = self.ty(&field.ty);
        let arms = tag.cases.iter().filter_map(|case| match (&case.decision, case.values.as_slice()) {
            (Decision::Variant(index), [value]) => {
                let (variant, value) = (ident(&variants[*index].name), value.to_tag());
                Some(quote!(#ty::#variant(_) => Some(#value),))
            }
            _ => None,
        });
        let beside = if field.boxed { quote!(&*self.#name) } else { quote!(&self.#name) };
        Some(quote! {
            match #beside {
                #(#arms)*
                #ty::Unknown(value) => value.tag(),
            }
        })
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
        let values = values.iter().map(Const::to_json);
        quote!((#name, &[#(#values),*]))
    });
    let values = (!signature.values.is_empty()).then(|| quote!(values: &[#(#values),*],));
    quote!(codec::Shape { kind: #kind, #element #required #below #optional #values ..codec::Shape::EMPTY })
}

fn kind_tokens(kind: JsonKind) -> TokenStream {
    match kind {
        JsonKind::Boolean => quote!(codec::Kind::Boolean),
        JsonKind::Integer => quote!(codec::Kind::Integer),
        JsonKind::Number => quote!(codec::Kind::Number),
        JsonKind::String => quote!(codec::Kind::String),
        JsonKind::Array => quote!(codec::Kind::Array),
        JsonKind::Object => quote!(codec::Kind::Object),
    }
}
