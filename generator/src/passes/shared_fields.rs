//! Fields that all variants of a union share, for accessors without a match.

use std::collections::{HashMap, HashSet};

use crate::ir::{
    Accessor, Api, Const, Decision, Field, Returned, Shape, Source, Subject, Tag, Type, TypeDef, Unlisted, Wrapper,
};

/// Finds the shared fields of every union.
pub(super) fn run(api: &mut Api) {
    let mut found = Found::new(&api.types);
    let accessors: Vec<_> = (0..api.types.len()).map(|index| found.of_union(index)).collect();
    for (def, accessors) in api.types.iter_mut().zip(accessors) {
        if let Shape::Union(union) = &mut def.shape {
            union.accessors = accessors;
        }
    }
}

/// The fields of the types, computed once for each.
pub(super) struct Found<'a> {
    types: &'a [TypeDef],
    unions: HashMap<usize, Vec<Accessor>>,
    /// Unions that are being examined: one that contains itself shares nothing with itself.
    open: HashSet<usize>,
}

/// A value of a type that an accessor can return.
#[derive(Clone)]
pub(super) struct Offer {
    /// Name of the property on the wire.
    pub(super) wire: String,
    /// Identifier of the field or of the accessor.
    pub(super) name: String,
    /// Its content: a type, or one value.
    pub(super) content: Content,
    pub(super) source: Source,
}

/// The content of a property.
#[derive(Clone, PartialEq)]
pub(super) enum Content {
    Type(Type),
    Constant(Const),
}

impl<'a> Found<'a> {
    pub(super) fn new(types: &'a [TypeDef]) -> Self {
        Self { types, unions: HashMap::new(), open: HashSet::new() }
    }

    /// Returns the accessors of a union; empty for another type.
    fn of_union(&mut self, index: usize) -> Vec<Accessor> {
        if let Some(found) = self.unions.get(&index) {
            return found.clone();
        }
        let types = self.types;
        let Shape::Union(union) = &types[index].shape else { return Vec::new() };
        if !self.open.insert(index) {
            return Vec::new();
        }
        let offers: Vec<_> = union.variants.iter().map(|variant| self.of_type(&variant.ty, &[])).collect();
        let tag = match &union.decision {
            Decision::Tag(tag) => Some(tag).filter(|tag| tag.path.len() == 1),
            _ => None,
        };
        let accessors = self.shared(&offers, tag);
        self.open.remove(&index);
        self.unions.insert(index, accessors.clone());
        accessors
    }

    /// Returns what a value of a type has below these fields.
    pub(super) fn of_type(&mut self, ty: &Type, path: &[String]) -> Vec<Offer> {
        let Type::Named(id) = ty else { return Vec::new() };
        match &self.types[id.0].shape {
            Shape::Struct(object) => object.fields.iter().filter_map(|field| of_field(field, path)).collect(),
            Shape::Union(_) => self.of_union(id.0).iter().map(|accessor| of_accessor(accessor, path)).collect(),
            Shape::Enum(_) => Vec::new(),
        }
    }

    /// Returns accessors for what all variants have.
    fn shared(&self, offers: &[Vec<Offer>], tag: Option<&Tag>) -> Vec<Accessor> {
        let Some((first, others)) = offers.split_first() else { return Vec::new() };
        let others: Vec<HashMap<&str, &Offer>> = others.iter().map(|offers| by_wire(offers)).collect();
        let accessor = |offer: &Offer| {
            let others = others.iter().map(|offers| offers.get(offer.wire.as_str()).copied());
            let all: Vec<&Offer> = std::iter::once(Some(offer)).chain(others).collect::<Option<_>>()?;
            let returned = self.joined(&all)?;
            let sources: Vec<_> = all.iter().map(|offer| self.source(offer, &returned)).collect();
            let tag = tag.filter(|tag| returned == Returned::Text && tag.path[0] == offer.wire);
            let subject = if tag.is_some() { Subject::Tag } else { Subject::Property };
            Some(Accessor {
                name: offer.name.clone(),
                subject: subject(offer.wire.clone()),
                is_total: tag.is_some_and(always_there) && !sources.iter().any(Source::is_optional),
                sources: sources.into_iter().map(Some).collect(),
                returned,
            })
        };
        first.iter().filter_map(accessor).collect()
    }

    /// Returns the type that all values can be returned as, if there is one.
    pub(super) fn joined(&self, offers: &[&Offer]) -> Option<Returned> {
        let (first, others) = offers.split_first()?;
        match &first.content {
            Content::Type(ty) if others.iter().all(|other| other.content == first.content) => Some(returned(ty)),
            _ if offers.iter().all(|offer| self.is_text(&offer.content)) => Some(Returned::Text),
            _ if offers.iter().all(|offer| is_boolean(&offer.content)) => Some(Returned::Value(Type::Boolean)),
            _ => None,
        }
    }

    fn is_text(&self, content: &Content) -> bool {
        match content {
            Content::Constant(value) => matches!(value, Const::String(_)),
            Content::Type(ty) => *ty == Type::String || self.is_enum(ty),
        }
    }

    fn is_enum(&self, ty: &Type) -> bool {
        matches!(ty, Type::Named(id) if matches!(self.types[id.0].shape, Shape::Enum(_)))
    }

    /// Returns where an accessor with this result finds the value.
    pub(super) fn source(&self, offer: &Offer, returned: &Returned) -> Source {
        let reads_enum = *returned == Returned::Text && matches!(&offer.content, Content::Type(ty) if self.is_enum(ty));
        let mut source = offer.source.clone();
        if let Source::Field { is_enum, .. } | Source::Union { is_enum, .. } = &mut source {
            *is_enum = reads_enum;
        }
        source
    }
}

pub(super) fn by_wire(offers: &[Offer]) -> HashMap<&str, &Offer> {
    offers.iter().map(|offer| (offer.wire.as_str(), offer)).collect()
}

/// A `Nullable` is for requests and is not read. A boxed field ends a cycle and is not shared.
fn of_field(field: &Field, path: &[String]) -> Option<Offer> {
    if field.wrapper == Wrapper::Nullable || field.boxed {
        return None;
    }
    let (content, source) = match &field.constant {
        Some(value) => (Content::Constant(value.clone()), Source::Constant(value.clone())),
        None => {
            let optional = field.wrapper == Wrapper::Option;
            let path = [path, std::slice::from_ref(&field.name)].concat();
            (Content::Type(field.ty.clone()), Source::Field { path, optional, is_enum: false })
        }
    };
    Some(Offer { wire: field.wire.clone(), name: field.name.clone(), content, source })
}

fn of_accessor(accessor: &Accessor, path: &[String]) -> Offer {
    let ty = match &accessor.returned {
        Returned::Text => Type::String,
        Returned::Slice(item) => Type::List(Box::new(item.clone())),
        Returned::Value(ty) | Returned::Reference(ty) => ty.clone(),
    };
    let (Subject::Property(wire) | Subject::Tag(wire) | Subject::Content(wire) | Subject::OfContent(wire)) =
        &accessor.subject;
    let optional = !accessor.is_total;
    let source = Source::Union { path: path.to_vec(), accessor: accessor.name.clone(), optional, is_enum: false };
    Offer { wire: wire.clone(), name: accessor.name.clone(), content: Content::Type(ty), source }
}

/// Returns whether a value of the union can't be read without the tag.
fn always_there(tag: &Tag) -> bool {
    tag.absent.is_none() && tag.unlisted != Unlisted::Absent
}

fn is_boolean(content: &Content) -> bool {
    matches!(content, Content::Type(Type::Boolean) | Content::Constant(Const::Boolean(_)))
}

/// Returns how a value is returned: small ones by value, others by reference.
pub(super) fn returned(ty: &Type) -> Returned {
    match ty {
        Type::Uuid
        | Type::DateTime
        | Type::Date
        | Type::Integer
        | Type::Number
        | Type::IntegerOrNumber
        | Type::Boolean => Returned::Value(ty.clone()),
        Type::String => Returned::Text,
        Type::List(item) => Returned::Slice((**item).clone()),
        Type::Any
        | Type::Secret
        | Type::Tuple(_)
        | Type::Map(..)
        | Type::OneOrMany(_)
        | Type::Nullable(_)
        | Type::Named(_) => Returned::Reference(ty.clone()),
    }
}
