//! Unions whose variant is determined by another property of the same object: `benefit.type` beside `properties`.
//!
//! OpenAPI has no keyword for it; the overlay adds an extension to the property that is the union.

use openapiv3::SchemaData;
use serde::Deserialize;
use serde_json::Value;

use super::place::Place;
use super::schemas::component_name;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Decision, Field, ParentCase, ParentTag, Presence, Shape, Struct, Type, TypeDef, Union};
use crate::pointer::child;

/// Extension of a property that is a union: the property that determines the variant.
const EXTENSION: &str = "x-parent-discriminator";

const HINT: &str = "add the properties `path`, a list of property names, and `mapping`, component schemas by tag value";

/// The content of the extension.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    path: Vec<String>,
    mapping: serde_json::Map<String, Value>,
}

/// Reads the extension of a property.
pub(super) fn read(data: &SchemaData, place: &Place, diagnostics: &mut Diagnostics) -> Option<ParentTag> {
    let said = data.extensions.get(EXTENSION)?;
    let cases = |said: Said| {
        let case = |(value, to): (String, Value)| {
            let to = to.as_str()?;
            let component = component_name(to).unwrap_or_else(|| to.to_owned());
            Some(ParentCase { value, component, variant: 0 })
        };
        let cases: Option<Vec<_>> = said.mapping.into_iter().map(case).collect();
        cases.map(|cases| ParentTag { path: said.path, cases })
    };
    let tag = serde_json::from_value(said.clone()).ok().and_then(cases);
    if tag.is_none() {
        diagnostics.push(place.below(&[EXTENSION]).error("this does not distinguish the variants").hint(HINT));
    }
    tag
}

/// Finds the variants for the values of the tags.
pub(super) fn resolve(types: &mut [TypeDef], diagnostics: &mut Diagnostics) {
    for index in 0..types.len() {
        let Shape::Struct(object) = &types[index].shape else { continue };
        if object.fields.iter().all(|field| field.parent_tag.is_none()) {
            continue;
        }
        let mut object = object.clone();
        for place in 0..object.fields.len() {
            let Some(tag) = object.fields[place].parent_tag.clone() else { continue };
            let at = child(&child(types[index].pointer(), "properties"), &object.fields[place].wire);
            match resolved(types, &object, &object.fields[place], tag) {
                Ok(tag) => object.fields[place].parent_tag = Some(tag),
                Err(message) => {
                    diagnostics.push(Diagnostic::error(child(&at, EXTENSION), message).hint(HINT));
                    object.fields[place].parent_tag = None;
                }
            }
        }
        types[index].shape = Shape::Struct(object);
    }
}

fn resolved(types: &[TypeDef], object: &Struct, field: &Field, tag: ParentTag) -> Result<ParentTag, String> {
    let shape = |ty: &Type| match ty {
        Type::Named(id) => Some(&types[id.0].shape),
        _ => None,
    };
    let Some(Shape::Union(union)) = shape(&field.ty) else {
        return Err(format!("`{}` is not a union", field.wire));
    };
    let (first, rest) = tag.path.split_first().ok_or("the path is empty")?;
    let beside = object.fields.iter().find(|f| f.wire == *first && f.presence == Presence::Required);
    let beside = beside.ok_or_else(|| format!("`{first}` is not a required property of the object"))?;
    if !matches!(field.presence, Presence::Required | Presence::RequiredNullable) {
        return Err(format!("`{}` may be absent", field.wire));
    }
    let is_tag = match (shape(&beside.ty), rest) {
        (Some(Shape::Enum(_)), []) => true,
        (Some(Shape::Union(Union { decision: Decision::Tag(tag), .. })), _) => tag.path == rest,
        _ => beside.ty == Type::String && rest.is_empty(),
    };
    if !is_tag {
        return Err(format!("`{}` is neither a string nor the tag of a union", tag.path.join(".")));
    }
    let case = |case: ParentCase| {
        let is_it = |ty: &Type| matches!(ty, Type::Named(id) if types[id.0].component() == Some(&case.component));
        let variant = union.variants.iter().position(|variant| is_it(&variant.ty));
        let variant = variant.ok_or_else(|| format!("`{}` is not a variant of `{}`", case.component, field.wire))?;
        Ok(ParentCase { variant, ..case })
    };
    let cases = tag.cases.into_iter().map(case).collect::<Result<_, String>>()?;
    Ok(ParentTag { cases, ..tag })
}
