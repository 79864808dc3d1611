//! `allOf`: a value that fits all of its parts.

use openapiv3::{ReferenceOr, Schema};

use super::place::Place;
use super::schemas::{Schemas, Used};
use crate::ir::{Const, Docs, Shape, Struct, Type};

impl<'a> Schemas<'a> {
    pub(super) fn all_of(
        &mut self,
        parts: &'a [ReferenceOr<Schema>],
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
    ) -> Used {
        let used: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| self.used(part, &place.below(&["allOf", &index.to_string()])))
            .collect();
        if let [only] = used.as_slice() {
            return Used { docs: Docs::default(), ..only.clone() };
        }
        if !used.iter().any(|part| self.properties(part).is_some())
            && let Some(both) = used.iter().skip(1).try_fold(used[0].clone(), |all, part| self.intersection(all, part))
        {
            return Used { docs: Docs::default(), ..both };
        }
        let mut merged = Struct::default();
        for (index, used) in used.iter().enumerate() {
            let Some(part) = self.properties(used) else {
                let message = "only objects with declared members can be merged by allOf";
                let hint = "write out the schema in the overlay, or accept the pointer under x-accept";
                self.diagnostics.push(place.below(&["allOf", &index.to_string()]).error(message).hint(hint));
                continue;
            };
            for field in part.fields {
                match merged.fields.iter_mut().find(|f| f.wire == field.wire) {
                    Some(earlier) => *earlier = field,
                    None => merged.fields.push(field),
                }
            }
            merged.additional = merged.additional.or(part.additional);
        }
        let key = format!("{} allOf", place.pointer);
        self.define(Shape::Struct(merged), place, component, docs, key)
    }

    /// The struct that a part is.
    fn properties(&self, part: &Used) -> Option<Struct> {
        match &part.ty {
            Type::Named(id) => match &self.types[id.0].shape {
                Shape::Struct(part) => Some(part.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// What two scalars have in common, if there is a type for it.
    fn intersection(&self, a: Used, b: &Used) -> Option<Used> {
        let ty = match (&a.ty, &b.ty) {
            (one, other) if one == other => one,
            (Type::Any, other) => other,
            (one, Type::Any) => one,
            (Type::String, other) if self.is_text(other) => other,
            (one, Type::String) if self.is_text(one) => one,
            (Type::Integer, Type::Number | Type::IntegerOrNumber) => &a.ty,
            (Type::Number | Type::IntegerOrNumber, Type::Integer) => &b.ty,
            // The one with more values has the name; which of them are allowed is told beside it.
            (one, other) => match (self.values(one)?, self.values(other)?) {
                (values, fewer) if fewer.iter().all(|value| values.contains(value)) => one,
                (fewer, values) if fewer.iter().all(|value| values.contains(value)) => other,
                _ => return None,
            },
        };
        let all = self.values(ty);
        let allowed = [self.allowed(&a), self.allowed(b)].into_iter().flatten();
        let narrowed = all.as_ref().map(|all| {
            allowed.fold(all.clone(), |all, some| all.into_iter().filter(|value| some.contains(value)).collect())
        });
        Some(Used {
            ty: ty.clone(),
            nullable: (a.nullable || a.ty == Type::Any) && (b.nullable || b.ty == Type::Any),
            constant: a.constant.or_else(|| b.constant.clone()),
            redacted: a.redacted || b.redacted,
            narrowed: narrowed.filter(|narrowed| Some(narrowed) != all.as_ref()),
            docs: Docs::default(),
        })
    }

    fn is_text(&self, ty: &Type) -> bool {
        matches!(ty, Type::Secret | Type::Uuid | Type::DateTime | Type::Date) || self.values(ty).is_some()
    }

    /// The values of an enumeration.
    fn values(&self, ty: &Type) -> Option<Vec<Const>> {
        let Type::Named(id) = ty else { return None };
        match &self.types[id.0].shape {
            Shape::Enum(listed) => Some(listed.values.iter().map(|value| Const::String(value.wire.clone())).collect()),
            _ => None,
        }
    }

    /// The values that a part allows, if it lists them.
    fn allowed(&self, part: &Used) -> Option<Vec<Const>> {
        part.narrowed.clone().or_else(|| self.values(&part.ty))
    }
}
