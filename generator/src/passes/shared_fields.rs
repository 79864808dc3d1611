//! Fields that all variants of a union share, so that a union can offer them without a match.

use crate::ir::{Api, Field, Presence, Shape, SharedField, Type, TypeDef};

/// Finds the shared fields of every union.
pub(super) fn run(api: &mut Api) {
    for index in 0..api.types.len() {
        let Shape::Union(union) = &api.types[index].shape else {
            continue;
        };
        let variants: Option<Vec<_>> = union.variants.iter().map(|variant| object(&api.types, &variant.ty)).collect();
        let shared = variants.map(|variants| shared(&variants)).unwrap_or_default();
        if let Shape::Union(union) = &mut api.types[index].shape {
            union.shared = shared;
        }
    }
}

/// A variant that is an object: its fields, and whether it is sent.
type Object<'a> = (&'a [Field], bool);

fn object<'a>(types: &'a [TypeDef], ty: &Type) -> Option<Object<'a>> {
    let Type::Named(id) = ty else { return None };
    let def = &types[id.0];
    match &def.shape {
        Shape::Struct(object) => Some((&object.fields, def.usage.input)),
        Shape::Enum(_) | Shape::Union(_) => None,
    }
}

/// Only fields with one Rust type in all variants; three-state fields are for requests, where nobody reads them.
fn shared(variants: &[Object<'_>]) -> Vec<SharedField> {
    let Some(((first, _), others)) = variants.split_first() else {
        return Vec::new();
    };
    let sent = variants.iter().any(|(_, sent)| *sent);
    let readable = |field: &&Field| {
        let three_state = sent && field.presence == Presence::OptionalNullable;
        let alike = |other: &Field| {
            let same = (&other.wire, &other.name, &other.ty) == (&field.wire, &field.name, &field.ty);
            same && other.presence == field.presence && !other.boxed && other.constant.is_none()
        };
        !three_state && alike(field) && others.iter().all(|(fields, _)| fields.iter().any(alike))
    };
    let shared = first.iter().filter(readable);
    shared
        .map(|field| SharedField {
            name: field.name.clone(),
            ty: field.ty.clone(),
            optional: field.presence != Presence::Required,
        })
        .collect()
}
