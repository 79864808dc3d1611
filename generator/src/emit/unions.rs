//! Unions.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{comment, plain};
use super::structs::constant_tokens;
use super::{Context, features, ident};
use crate::ir::{
    Const, Conversion, Decision, Field, JsonKind, ParentTag, Reading, Shape, Signature, Struct, Tag, Type, TypeId,
    Union, Unlisted, Variant, Wrapper,
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
        let conversions = self.conversions(union, &name, &cfg);
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
            (None, ty) => format!("{}.", self.json_words(ty)),
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

    fn conversions(&self, union: &Union, name: &proc_macro2::Ident, cfg: &TokenStream) -> TokenStream {
        let mut conversions = TokenStream::new();
        for held in &union.variants {
            let variant = ident(&held.name);
            for conversion in &held.conversions {
                let (ty, value) = match conversion {
                    Conversion::Content if held.boxed => (self.ty(&held.ty), quote!(Box::new(value))),
                    Conversion::Content => (self.ty(&held.ty), quote!(value)),
                    Conversion::Str => (quote!(&str), quote!(value.to_owned())),
                    Conversion::I32 => (quote!(i32), quote!(value.into())),
                };
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
        match &held.reading {
            Reading::Constant => quote!(source.known(Self::#variant)),
            Reading::ContentOrUnknown => {
                quote!(source.decode_or_unknown(Self::#variant, Self::Unknown, None))
            }
            Reading::Union => {
                let (inner, boxed) = (self.ty(&held.ty), held.boxed.then(|| quote!(.map(Box::new))));
                quote!(<#inner as codec::Union>::read(source) #boxed .map(Self::#variant))
            }
            Reading::Among(others) => {
                let others = others.iter().map(|&other| ident(&union.variants[other].name));
                quote!(source.decode_among(Self::#variant, &[#(|text| codec::attempt(text).map(Self::#others)),*]))
            }
            Reading::Content => quote!(source.decode_as(Self::#variant)),
        }
    }

    fn tag(&self, name: &str, union: &Union, tag: &Tag) -> TokenStream {
        let path = &tag.path;
        let read = if tag.is_text { quote!(tag(&[#(#path),*]).as_deref()) } else { quote!(scalar(&[#(#path),*])) };
        let variant = |index: usize| ident(&union.variants[index].name);
        let cases = tag.cases.iter().map(|case| {
            let values = case.values.iter().map(Const::to_tag);
            let take = match (&case.decision, tag.unlisted) {
                (Decision::Variant(index), Unlisted::Variant(other)) => {
                    let (tagged, other) = (variant(*index), variant(other));
                    quote!(source.decode_or(Self::#tagged, Self::#other))
                }
                (decision, _) => self.decision(name, union, decision),
            };
            quote!(#(Some(#values))|* => { #take })
        });
        let others = match tag.unlisted {
            Unlisted::Variant(other) => {
                let take = self.take(union, other);
                quote!(Some(_) => #take,)
            }
            Unlisted::VariantOrUnknown(index) => {
                let variant = variant(index);
                quote!(Some(tag) => source.decode_or_unknown(Self::#variant, Self::Unknown, Some(tag)),)
            }
            Unlisted::Absent => TokenStream::new(),
            Unlisted::Unknown => quote!(Some(tag) => source.unknown(Some(tag)).map(Self::Unknown),),
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
        let variants = self.union_variants(*id)?;
        let (wire, name, ty) = (&field.wire, ident(&field.name), self.ty(&field.ty));
        let tag = self.tag_beside(object, told)?;
        let known = variants.iter().enumerate().filter_map(|(index, held)| {
            let values: Vec<_> = told.cases.iter().filter(|c| c.variant == index).map(|c| &c.value).collect();
            let variant = ident(&held.name);
            (!values.is_empty()).then(|| quote!(#ty::#variant(_) => &[#(#values),*],))
        });
        let cases = told.cases.iter().map(|case| {
            let (value, variant) = (&case.value, ident(&variants[case.variant].name));
            quote!(#value => source.decode_as(#ty::#variant),)
        });
        let value = match (field.wrapper, field.boxed) {
            (Wrapper::Plain, false) => quote!(Some(&mut self.#name)),
            (Wrapper::Plain, true) => quote!(Some(&mut *self.#name)),
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

    fn union_variants(&self, id: TypeId) -> Option<&[Variant]> {
        match &self.api.get(id).shape {
            Shape::Union(union) => Some(&union.variants),
            _ => None,
        }
    }

    /// The tag beside a union.
    fn tag_beside(&self, object: &Struct, told: &ParentTag) -> Option<TokenStream> {
        let field = object.fields.iter().find(|field| Some(&field.wire) == told.path.first())?;
        let name = ident(&field.name);
        let variants = match &field.ty {
            Type::Named(id) => self.union_variants(*id).filter(|_| !told.variants.is_empty()),
            _ => None,
        };
        let Some(variants) = variants else { return Some(quote!(Some(self.#name.as_str()))) };
        let ty = self.ty(&field.ty);
        let arms = told.variants.iter().map(|(index, value)| {
            let variant = ident(&variants[*index].name);
            quote!(#ty::#variant(_) => Some(#value),)
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
