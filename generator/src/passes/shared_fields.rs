//! Fields that all variants of a union share, so that a union can offer them without a match.

use std::collections::HashMap;

use crate::ir::{Api, Field, Shape, SharedField, Type, TypeDef, Wrapper};

/// Finds the shared fields of every union.
pub(super) fn run(api: &mut Api) {
    for index in 0..api.types.len() {
        let Shape::Union(union) = &api.types[index].shape else {
            continue;
        };
        let variants: Option<Vec<_>> = union.variants.iter().map(|variant| fields(&api.types, &variant.ty)).collect();
        let shared = variants.map(|variants| shared(&variants)).unwrap_or_default();
        if let Shape::Union(union) = &mut api.types[index].shape {
            union.shared = shared;
        }
    }
}

/// The fields of a variant that is an object.
fn fields<'a>(types: &'a [TypeDef], ty: &Type) -> Option<&'a [Field]> {
    let Type::Named(id) = ty else { return None };
    match &types[id.0].shape {
        Shape::Struct(object) => Some(&object.fields),
        Shape::Enum(_) | Shape::Union(_) => None,
    }
}

/// Only fields with one Rust type in all variants. A `Nullable` is for requests, where nobody reads it.
fn shared(variants: &[&[Field]]) -> Vec<SharedField> {
    let Some((first, others)) = variants.split_first() else {
        return Vec::new();
    };
    let by_wire = |fields: &&'_ [Field]| -> HashMap<String, usize> {
        fields.iter().enumerate().map(|(place, field)| (field.wire.clone(), place)).collect()
    };
    let others: Vec<_> = others.iter().map(|fields| (*fields, by_wire(fields))).collect();
    let readable = |field: &&Field| {
        let alike = |other: &Field| {
            let same = (&other.wire, &other.name, &other.ty) == (&field.wire, &field.name, &field.ty);
            let held_alike = (other.presence, other.wrapper) == (field.presence, field.wrapper);
            same && held_alike && !other.boxed && other.constant.is_none()
        };
        field.wrapper != Wrapper::Nullable
            && alike(field)
            && others.iter().all(|(fields, places)| places.get(&field.wire).is_some_and(|&place| alike(&fields[place])))
    };
    let shared = first.iter().filter(readable);
    shared
        .map(|field| SharedField {
            name: field.name.clone(),
            ty: field.ty.clone(),
            optional: field.wrapper == Wrapper::Option,
        })
        .collect()
}
