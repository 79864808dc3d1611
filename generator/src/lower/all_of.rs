//! `allOf`: an intersection. Objects have the properties of all parts, and a property is required if one part requires
//! it. A property of several parts has the type that fits all of them.
//!
//! Objects are merged after all schemas were read, because a part may refer to the schema that contains it.

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};
use openapiv3::{ReferenceOr, Schema, SchemaKind, Type as SchemaType};

use super::place::Place;
use super::schemas::{MAX_DEPTH, Schemas, Used, component_name};
use super::unions::describe;
use crate::diagnostics::Diagnostic;
use crate::ir::{Const, Direction, Docs, Field, Presence, Shape, Struct, Type, TypeId};

/// An object with several parts, until all schemas were read.
pub(super) struct Merge {
    id: TypeId,
    parts: Vec<Part>,
}

struct Part {
    used: Used,
    /// Names of properties that the part requires, whether it declares them or not.
    required: Vec<String>,
    place: Place,
}

/// A preview of a component that was not read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Preview {
    is_object: bool,
    /// Names of the required properties.
    required: Vec<String>,
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
        // Inserted before the parts are read, because a part may refer to it.
        let is_object = parts.len() > 1 && parts.iter().any(|part| self.is_object(part));
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
                Part { used: self.used(part, &place), required: self.required(part), place }
            })
            .collect();
        if let Some(Used { ty: Type::Named(id), .. }) = claimed {
            self.merges.push(Merge { id, parts });
            return Used::plain(Type::Named(id), Docs::default());
        }
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            self.diagnostics.push(place.below(&["allOf"]).error("allOf is empty").hint(HINT));
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

    /// Merges the parts of these objects.
    pub(super) fn merge_objects(&mut self) {
        let mut open: IndexMap<TypeId, Merge> =
            std::mem::take(&mut self.merges).into_iter().map(|merge| (merge.id, merge)).collect();
        while let Some((_, merge)) = open.pop() {
            self.merge(&merge, &mut open, &mut HashSet::new());
        }
    }

    fn merge(&mut self, merge: &Merge, open: &mut IndexMap<TypeId, Merge>, under_way: &mut HashSet<TypeId>) {
        under_way.insert(merge.id);
        let (mut merged, mut places) = (Struct::default(), HashMap::new());
        for part in &merge.parts {
            if let Type::Named(id) = part.used.ty {
                if under_way.contains(&id) {
                    let pointer = self.types[id.0].pointer().to_owned();
                    let message = "the schema contains itself by allOf";
                    self.diagnostics.push(Diagnostic::error(pointer, message).hint(HINT));
                    continue;
                }
                if let Some(inner) = open.swap_remove(&id) {
                    self.merge(&inner, open, under_way);
                }
            }
            match self.properties(&part.used) {
                Some(object) => self.add(&mut merged, &mut places, object, &part.place),
                None if part.used.ty == Type::Any => {}
                None => {
                    let message = "only objects with declared properties can be merged with others by allOf";
                    self.diagnostics.push(part.place.error(message).hint(HINT));
                }
            }
        }
        for name in merge.parts.iter().flat_map(|part| &part.required) {
            if let Some(&place) = places.get(name) {
                let field = &mut merged.fields[place];
                field.presence = Presence::new(true, field.presence.is_nullable());
            }
        }
        under_way.remove(&merge.id);
        self.types[merge.id.0].shape = Shape::Struct(merged);
    }

    /// `places` are the positions of the fields by their names.
    fn add(&mut self, merged: &mut Struct, places: &mut HashMap<String, usize>, part: Struct, place: &Place) {
        for field in part.fields {
            let Some(earlier) = places.get(&field.wire).map(|&place| &mut merged.fields[place]) else {
                places.insert(field.wire.clone(), merged.fields.len());
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

    /// Merges a property of two parts.
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

    /// Returns the struct of a part.
    fn properties(&self, part: &Used) -> Option<Struct> {
        let Type::Named(id) = part.ty else { return None };
        match &self.types[id.0].shape {
            Shape::Struct(part) => Some(part.clone()),
            _ => None,
        }
    }

    /// Returns whether a schema is an object with declared properties, before it is read.
    fn is_object(&mut self, schema: &'a ReferenceOr<Schema>) -> bool {
        match schema {
            ReferenceOr::Reference { reference } => self.preview(reference).is_object,
            ReferenceOr::Item(schema) => match &schema.schema_kind {
                SchemaKind::Type(SchemaType::Object(object)) => !object.properties.is_empty(),
                SchemaKind::AllOf { all_of } => all_of.iter().any(|part| self.is_object(part)),
                SchemaKind::Any(any) => {
                    !any.properties.is_empty() || any.all_of.iter().any(|part| self.is_object(part))
                }
                _ => false,
            },
        }
    }

    /// Returns the names of the properties that a schema requires.
    fn required(&mut self, schema: &'a ReferenceOr<Schema>) -> Vec<String> {
        match schema {
            ReferenceOr::Reference { reference } => self.preview(reference).required,
            ReferenceOr::Item(schema) => match &schema.schema_kind {
                SchemaKind::Type(SchemaType::Object(object)) => object.required.clone(),
                SchemaKind::AllOf { all_of } => self.required_by_all(&[], all_of),
                SchemaKind::Any(any) => self.required_by_all(&any.required, &any.all_of),
                _ => Vec::new(),
            },
        }
    }

    fn required_by_all(&mut self, own: &[String], parts: &'a [ReferenceOr<Schema>]) -> Vec<String> {
        let mut names: IndexSet<String> = own.iter().cloned().collect();
        parts.iter().for_each(|part| names.extend(self.required(part)));
        names.into_iter().collect()
    }

    /// Returns the preview of a component, and caches it. A component that contains itself adds nothing.
    fn preview(&mut self, reference: &str) -> Preview {
        let found = component_name(reference).and_then(|name| self.components?.get_key_value(&name));
        let Some((name, schema)) = found else { return Preview::default() };
        if let Some(known) = self.previews.get(name.as_str()) {
            return known.clone();
        }
        // A longer chain is an error when it is read.
        if self.preview_depth >= MAX_DEPTH {
            return Preview::default();
        }
        self.previews.insert(name, Preview::default());
        self.preview_depth += 1;
        let preview = Preview { is_object: self.is_object(schema), required: self.required(schema) };
        self.preview_depth -= 1;
        self.previews.insert(name, preview.clone());
        preview
    }

    /// Returns the intersection of two types, if there is a type for it.
    fn intersection(&self, a: &Used, b: &Used) -> Result<Used, String> {
        if let (Some(one), Some(other)) = (&a.constant, &b.constant)
            && one != other
        {
            return Err(format!("no value is both {} and {}", one.to_json(), other.to_json()));
        }
        let ty = self.common_type(&a.ty, &b.ty).ok_or_else(|| {
            format!(
                "no type allows the values of both {} and {}",
                describe(&a.ty, &self.types),
                describe(&b.ty, &self.types)
            )
        })?;
        let all = self.values(&ty);
        let allowed = [self.allowed(a), self.allowed(b)].into_iter().flatten();
        let narrowed = all.as_ref().map(|all| {
            allowed.fold(all.clone(), |all, some| all.into_iter().filter(|value| some.contains(value)).collect())
        });
        // A part without a type does not restrict null.
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
            // The result is the enumeration with more values; the field has the list of those that are allowed.
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

    /// Returns the values of an enumeration.
    fn values(&self, ty: &Type) -> Option<Vec<Const>> {
        let Type::Named(id) = ty else { return None };
        match &self.types[id.0].shape {
            Shape::Enum(listed) => Some(listed.values.iter().map(|v| Const::String(v.wire.clone())).collect()),
            _ => None,
        }
    }

    /// Returns the values that a part allows, if it lists them.
    fn allowed(&self, part: &Used) -> Option<Vec<Const>> {
        part.narrowed.clone().or_else(|| self.values(&part.ty))
    }
}
