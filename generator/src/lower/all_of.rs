//! `allOf`: a value that fits all of its parts. Objects have the properties of all parts, and what one part requires is
//! required; a property that several parts declare has the type that fits all of them.
//!
//! Objects are merged when all schemas have been read: a part may lead back to the schema that it is a part of.

use std::collections::HashSet;

use openapiv3::{ReferenceOr, Schema, SchemaKind, Type as SchemaType};

use super::place::Place;
use super::schemas::{MAX_DEPTH, Schemas, Used, component_name};
use super::unions::describe;
use crate::diagnostics::Diagnostic;
use crate::ir::{Const, Direction, Docs, Field, Presence, Shape, Struct, Type, TypeId};

/// An object that is made of several, until all schemas have been read.
pub(super) struct Merge {
    id: TypeId,
    parts: Vec<Part>,
}

struct Part {
    used: Used,
    /// Names of properties that the part requires, whether or not it declares them.
    required: Vec<String>,
    place: Place,
}

const HINT: &str = "write out the schema in the overlay, or accept the pointer under x-accept";

impl<'a> Schemas<'a> {
    pub(super) fn all_of(
        &mut self,
        parts: &'a [ReferenceOr<Schema>],
        place: &Place,
        component: Option<&'a str>,
        docs: &Docs,
    ) -> Used {
        // Claimed before the parts are read: a part may refer back to it.
        let is_object = parts.len() > 1 && parts.iter().any(|part| self.is_object(part, &mut HashSet::new()));
        let claimed = is_object.then(|| {
            let key = format!("{} allOf", place.pointer);
            let used = self.define(Shape::Struct(Struct::default()), place, component, docs, key);
            component.into_iter().for_each(|name| self.claim(name, &used));
            used
        });
        if let [only] = parts {
            let used = self.used(only, &place.below(&["allOf", "0"]));
            return Used { docs: Docs::default(), ..used };
        }
        let parts: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| {
                let place = place.below(&["allOf", &index.to_string()]);
                Part { used: self.used(part, &place), required: self.required(part, &mut HashSet::new()), place }
            })
            .collect();
        if let Some(Used { ty: Type::Named(id), .. }) = claimed {
            self.merges.push(Merge { id, parts });
            return Used::plain(Type::Named(id), Docs::default());
        }
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            self.diagnostics.push(place.below(&["allOf"]).error("allOf lists no schemas").hint(HINT));
            return Used::plain(Type::Any, Docs::default());
        };
        let both = parts.fold(first.used, |all, part| match self.intersection(&all, &part.used) {
            Ok(both) => both,
            Err(message) => {
                self.diagnostics.push(part.place.error(message).hint(HINT));
                all
            }
        });
        Used { docs: Docs::default(), ..both }
    }

    /// Fills the objects that are made of several.
    pub(super) fn merge_objects(&mut self) {
        let mut open = std::mem::take(&mut self.merges);
        while let Some(merge) = open.pop() {
            self.merge(&merge, &mut open, &mut Vec::new());
        }
    }

    fn merge(&mut self, merge: &Merge, open: &mut Vec<Merge>, under_way: &mut Vec<TypeId>) {
        under_way.push(merge.id);
        let mut merged = Struct::default();
        for part in &merge.parts {
            if let Type::Named(id) = part.used.ty {
                if under_way.contains(&id) {
                    let pointer = self.types[id.0].pointer().to_owned();
                    let message = "the schema is a part of itself by allOf";
                    self.diagnostics.push(Diagnostic::error(pointer, message).hint(HINT));
                    continue;
                }
                if let Some(index) = open.iter().position(|other| other.id == id) {
                    let inner = open.swap_remove(index);
                    self.merge(&inner, open, under_way);
                }
            }
            match self.properties(&part.used) {
                Some(object) => self.add(&mut merged, object, &part.place),
                None if part.used.ty == Type::Any => {}
                None => {
                    let message = "only objects with declared properties can be merged with others by allOf";
                    self.diagnostics.push(part.place.error(message).hint(HINT));
                }
            }
        }
        for name in merge.parts.iter().flat_map(|part| &part.required) {
            if let Some(field) = merged.fields.iter_mut().find(|field| field.wire == *name) {
                field.presence = Presence::new(true, field.presence.is_nullable());
            }
        }
        under_way.pop();
        self.types[merge.id.0].shape = Shape::Struct(merged);
    }

    fn add(&mut self, merged: &mut Struct, part: Struct, place: &Place) {
        for field in part.fields {
            let Some(earlier) = merged.fields.iter_mut().find(|f| f.wire == field.wire) else {
                merged.fields.push(field);
                continue;
            };
            match self.joined(earlier, &field) {
                Ok(both) => *earlier = both,
                Err(message) => {
                    let place = place.below(&["properties", &field.wire]);
                    self.diagnostics.push(place.error(message).hint(HINT));
                }
            }
        }
        merged.additional = merged.additional.take().or(part.additional);
        merged.session = merged.session.take().or(part.session);
    }

    /// A property that two parts declare.
    fn joined(&self, a: &Field, b: &Field) -> Result<Field, String> {
        let used = |field: &Field| Used {
            ty: field.ty.clone(),
            nullable: field.presence.is_nullable(),
            constant: field.constant.clone(),
            docs: field.docs.clone(),
            redacted: field.redacted,
            narrowed: field.narrowed.clone(),
        };
        let both = self.intersection(&used(a), &used(b))?;
        let mut docs = a.docs.clone();
        docs.description = b.docs.description.clone().or(docs.description);
        docs.facts.extend(b.docs.facts.iter().filter(|fact| !a.docs.facts.contains(fact)).cloned());
        docs.deprecated |= b.docs.deprecated;
        Ok(Field {
            presence: Presence::new(a.presence.is_required() || b.presence.is_required(), both.nullable),
            ty: both.ty,
            constant: both.constant,
            redacted: both.redacted,
            narrowed: both.narrowed,
            direction: if a.direction == Direction::Both { b.direction } else { a.direction },
            parent_tag: a.parent_tag.clone().or_else(|| b.parent_tag.clone()),
            docs,
            ..a.clone()
        })
    }

    /// The struct that a part is.
    fn properties(&self, part: &Used) -> Option<Struct> {
        let Type::Named(id) = part.ty else { return None };
        match &self.types[id.0].shape {
            Shape::Struct(part) => Some(part.clone()),
            _ => None,
        }
    }

    /// The schema that a reference leads to, unless it has been seen before.
    fn target(&self, reference: &'a str, seen: &mut HashSet<&'a str>) -> Option<&'a ReferenceOr<Schema>> {
        let target = self.components?.get(&component_name(reference)?)?;
        // A longer chain is an error once it is read.
        (seen.len() < MAX_DEPTH && seen.insert(reference)).then_some(target)
    }

    /// Whether a schema is an object with declared properties, before it is read.
    fn is_object(&self, schema: &'a ReferenceOr<Schema>, seen: &mut HashSet<&'a str>) -> bool {
        match schema {
            ReferenceOr::Reference { reference } => {
                self.target(reference, seen).is_some_and(|target| self.is_object(target, seen))
            }
            ReferenceOr::Item(schema) => match &schema.schema_kind {
                SchemaKind::Type(SchemaType::Object(object)) => !object.properties.is_empty(),
                SchemaKind::AllOf { all_of } => all_of.iter().any(|part| self.is_object(part, seen)),
                SchemaKind::Any(any) => {
                    !any.properties.is_empty() || any.all_of.iter().any(|part| self.is_object(part, seen))
                }
                _ => false,
            },
        }
    }

    /// Names of the properties that a schema requires.
    fn required(&self, schema: &'a ReferenceOr<Schema>, seen: &mut HashSet<&'a str>) -> Vec<String> {
        match schema {
            ReferenceOr::Reference { reference } => {
                self.target(reference, seen).map(|target| self.required(target, seen)).unwrap_or_default()
            }
            ReferenceOr::Item(schema) => match &schema.schema_kind {
                SchemaKind::Type(SchemaType::Object(object)) => object.required.clone(),
                SchemaKind::AllOf { all_of } => all_of.iter().flat_map(|part| self.required(part, seen)).collect(),
                SchemaKind::Any(any) => {
                    let inner = any.all_of.iter().flat_map(|part| self.required(part, seen));
                    any.required.iter().cloned().chain(inner).collect()
                }
                _ => Vec::new(),
            },
        }
    }

    /// What the values of two types have in common, if there is a type for it.
    fn intersection(&self, a: &Used, b: &Used) -> Result<Used, String> {
        if let (Some(one), Some(other)) = (&a.constant, &b.constant)
            && one != other
        {
            return Err(format!("no value is both {} and {}", one.to_json(), other.to_json()));
        }
        let ty = self.common_type(&a.ty, &b.ty).ok_or_else(|| {
            format!("no type fits both {} and {}", describe(&a.ty, &self.types), describe(&b.ty, &self.types))
        })?;
        let all = self.values(&ty);
        let allowed = [self.allowed(a), self.allowed(b)].into_iter().flatten();
        let narrowed = all.as_ref().map(|all| {
            allowed.fold(all.clone(), |all, some| all.into_iter().filter(|value| some.contains(value)).collect())
        });
        // A part without a type says nothing about null.
        Ok(Used {
            ty,
            nullable: (a.nullable || a.ty == Type::Any) && (b.nullable || b.ty == Type::Any),
            constant: a.constant.clone().or_else(|| b.constant.clone()),
            redacted: a.redacted || b.redacted,
            narrowed: narrowed.filter(|narrowed| Some(narrowed) != all.as_ref()),
            docs: Docs::default(),
        })
    }

    fn common_type(&self, a: &Type, b: &Type) -> Option<Type> {
        Some(match (a, b) {
            (one, other) if one == other => one.clone(),
            (Type::Any, other) | (other, Type::Any) => other.clone(),
            (Type::String, other) | (other, Type::String) if self.is_text(other) => other.clone(),
            (Type::Integer, Type::Number | Type::IntegerOrNumber)
            | (Type::Number | Type::IntegerOrNumber, Type::Integer) => Type::Integer,
            (Type::Number, Type::IntegerOrNumber) | (Type::IntegerOrNumber, Type::Number) => Type::Number,
            (Type::List(one), Type::List(other)) => Type::List(Box::new(self.common_type(one, other)?)),
            (Type::Map(key, one), Type::Map(other_key, other)) => {
                Type::Map(Box::new(self.common_type(key, other_key)?), Box::new(self.common_type(one, other)?))
            }
            (Type::Nullable(one), Type::Nullable(other)) => Type::Nullable(Box::new(self.common_type(one, other)?)),
            (Type::Nullable(one), other) | (other, Type::Nullable(one)) => self.common_type(one, other)?,
            // The one with more values has the name; which of them are allowed is told beside it.
            (one, other) => match (self.values(one)?, self.values(other)?) {
                (values, fewer) if fewer.iter().all(|value| values.contains(value)) => one.clone(),
                (fewer, values) if fewer.iter().all(|value| values.contains(value)) => other.clone(),
                _ => return None,
            },
        })
    }

    fn is_text(&self, ty: &Type) -> bool {
        matches!(ty, Type::Secret | Type::Uuid | Type::DateTime | Type::Date) || self.values(ty).is_some()
    }

    /// The values of an enumeration.
    fn values(&self, ty: &Type) -> Option<Vec<Const>> {
        let Type::Named(id) = ty else { return None };
        match &self.types[id.0].shape {
            Shape::Enum(listed) => Some(listed.values.iter().map(|v| Const::String(v.wire.clone())).collect()),
            _ => None,
        }
    }

    /// The values that a part allows, if it lists them.
    fn allowed(&self, part: &Used) -> Option<Vec<Const>> {
        part.narrowed.clone().or_else(|| self.values(&part.ty))
    }
}
