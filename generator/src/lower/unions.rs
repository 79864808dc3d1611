//! Unions: their variants, and how they are reduced.

use std::collections::HashSet;

use openapiv3::{ReferenceOr, Schema, SchemaKind, Type as SchemaType};
use serde_json::Value;

use super::place::Place;
use super::schemas::{Discriminator, Schemas, Used, component_name};
use crate::document::preserved;
use crate::ir::{Decision, Docs, Reading, Shape, Type, TypeDef, Union, Variant};

impl<'a> Schemas<'a> {
    pub(super) fn union(
        &mut self,
        variants: &'a [ReferenceOr<Schema>],
        keyword: &str,
        schema: &'a Schema,
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
    ) -> Used {
        if variants.is_empty() {
            let hint = "list the allowed schemas, or remove the keyword";
            self.diagnostics.push(place.below(&[keyword]).error(format!("{keyword} is empty")).hint(hint));
            return Used::plain(Type::Any, Docs::default());
        }
        let mut used = Vec::new();
        self.variants(variants, keyword, place, &mut used);
        let nullable = used.iter().any(|u| u.nullable);
        if admits_anything(&used) {
            return Used::plain(Type::Any, Docs::default());
        }
        let used = simplify(used, &self.types);
        if let [only] = used.as_slice() {
            return Used { nullable, docs: Docs { description: None, ..only.docs.clone() }, ..only.clone() };
        }
        if let Some(ty) = combine(&used) {
            return Used { nullable, ..Used::plain(ty, Docs::default()) };
        }
        let variants: Vec<_> = used
            .iter()
            .map(|u| Variant {
                name: String::new(),
                context: word(u, &self.types),
                ty: u.ty.clone(),
                constant: u.constant.clone(),
                boxed: false,
                reading: Reading::default(),
                conversions: Vec::new(),
                description: None,
            })
            .collect();
        let key = format!("{variants:?}");
        let union = Union { variants, decision: Decision::Structure(Vec::new()), shared: Vec::new() };
        let defined = self.define(Shape::Union(union), place, component, docs, key);
        if let (Type::Named(id), Some(discriminator)) = (&defined.ty, &schema.schema_data.discriminator) {
            let mapping = discriminator.mapping.iter();
            let mapping = mapping.map(|(value, reference)| {
                (value.clone(), component_name(reference).unwrap_or_else(|| reference.clone()))
            });
            self.discriminators.insert(
                *id,
                Discriminator { property: discriminator.property_name.clone(), mapping: mapping.collect() },
            );
        }
        Used { nullable, ..defined }
    }

    /// Returns the variants of a union, with inline unions among them flattened.
    fn variants(&mut self, variants: &'a [ReferenceOr<Schema>], keyword: &str, place: &Place, found: &mut Vec<Used>) {
        for (index, variant) in variants.iter().enumerate() {
            let place = place.below(&[keyword, &index.to_string()]);
            match variant {
                ReferenceOr::Item(Schema {
                    schema_kind: SchemaKind::AnyOf { any_of: inner } | SchemaKind::OneOf { one_of: inner },
                    schema_data,
                }) => {
                    self.variants(inner, keyword, &place, found);
                    if let Some(last) = found.last_mut() {
                        last.nullable |= schema_data.nullable;
                    }
                }
                _ => {
                    let place = match tag_word(variant) {
                        Some(word) => place.named(word),
                        None => place,
                    };
                    let used = self.used(variant, &place);
                    found.push(used);
                }
            }
        }
    }
}

/// Returns what distinguishes an inline object from the others of a union, for its name.
fn tag_word(variant: &ReferenceOr<Schema>) -> Option<&str> {
    let ReferenceOr::Item(Schema { schema_kind: SchemaKind::Type(SchemaType::Object(object)), .. }) = variant else {
        return None;
    };
    let inline = object.properties.values().filter_map(ReferenceOr::as_item);
    inline.filter_map(|schema| preserved::constant(&schema.schema_data.extensions)).find_map(Value::as_str)
}

/// Returns whether one of the variants allows any value, so that the union does, too.
pub(super) fn admits_anything(used: &[Used]) -> bool {
    used.iter().any(|variant| variant.ty == Type::Any && variant.constant.is_none())
}

/// Removes variants that another one includes: repeated ones, strings with a format beside any string, and any string
/// beside an open enumeration.
pub(super) fn simplify(used: Vec<Used>, types: &[TypeDef]) -> Vec<Used> {
    let values = |used: &Used| match used.ty {
        Type::Named(id) if used.constant.is_none() => match &types[id.0].shape {
            Shape::Enum(listed) => listed.values.len(),
            _ => 0,
        },
        _ => 0,
    };
    let is_any_string = |used: &Used| used.ty == Type::String && used.constant.is_none();
    let any_string = used.iter().any(is_any_string);
    // A single value is not worth a type.
    let enumeration = used.iter().any(|variant| values(variant) > 1);
    let mut kept: Vec<Used> = Vec::with_capacity(used.len());
    let mut seen = HashSet::new();
    for variant in used {
        let included = match variant.ty {
            Type::DateTime | Type::Date | Type::Uuid => any_string,
            Type::String if variant.constant.is_some() => any_string,
            Type::String => enumeration,
            _ => any_string && values(&variant) == 1,
        };
        if !included && seen.insert((variant.ty.clone(), variant.constant.clone())) {
            kept.push(variant);
        }
    }
    kept
}

/// Returns the type that replaces two variants, if there is one.
pub(super) fn combine(used: &[Used]) -> Option<Type> {
    let [a, b] = used else { return None };
    if a.constant.is_some() || b.constant.is_some() {
        return None;
    }
    match (&a.ty, &b.ty) {
        (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Some(Type::IntegerOrNumber),
        (one, Type::List(many)) | (Type::List(many), one) if **many == *one => Some(Type::OneOrMany(many.clone())),
        _ => None,
    }
}

/// Returns the name of a type for diagnostics.
pub(super) fn describe(ty: &Type, types: &[TypeDef]) -> String {
    match ty {
        Type::Named(id) => match types[id.0].component() {
            Some(name) => format!("`{name}`"),
            None => format!("the schema at {}", types[id.0].pointer()),
        },
        other => format!("`{}`", type_word(other, types)),
    }
}

/// Returns a word for a variant without a name.
pub(super) fn word(used: &Used, types: &[TypeDef]) -> String {
    match (&used.constant, &used.ty) {
        (Some(constant), _) => constant.to_tag(),
        (None, Type::Named(_)) => String::new(),
        (None, ty) => type_word(ty, types),
    }
}

/// Returns a word for a type.
pub(super) fn type_word(ty: &Type, types: &[TypeDef]) -> String {
    match ty {
        Type::Any => "Any".to_owned(),
        Type::String => "String".to_owned(),
        Type::Secret => "Secret".to_owned(),
        Type::Uuid => "Uuid".to_owned(),
        Type::DateTime => "DateTime".to_owned(),
        Type::Date => "Date".to_owned(),
        Type::Integer => "Integer".to_owned(),
        Type::Number | Type::IntegerOrNumber => "Number".to_owned(),
        Type::Boolean => "Boolean".to_owned(),
        Type::List(inner) | Type::OneOrMany(inner) => match **inner {
            Type::Named(_) => format!("{}List", type_word(inner, types)),
            _ => format!("{}s", type_word(inner, types)),
        },
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Map(_, value) => format!("{}Map", type_word(value, types)),
        Type::Nullable(inner) => type_word(inner, types),
        Type::Named(id) => types[id.0].component().unwrap_or_default().to_owned(),
    }
}
