//! Checks parameters and forms. If the client would encode a value in another way than the document says, that is an
//! error, so that code that compiles also sends what the document describes.

use std::collections::HashMap;

use openapiv3::{Parameter as Source, QueryStyle};

use super::place::Place;
use crate::diagnostics::Diagnostics;
use crate::ir::{Shape, Type, TypeDef, TypeId};

/// The place of a value in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Location {
    Path,
    Query { deep: bool, explode: bool },
    Header,
    Form,
}

/// A parameter or a form, which is checked when all types are known.
pub(super) struct Placed {
    place: Place,
    what: String,
    location: Location,
    ty: Type,
}

impl Placed {
    /// Adds a parameter. A cookie has its own message.
    pub(super) fn parameter(source: &Source, place: &Place, ty: &Type) -> Option<Self> {
        let data = source.parameter_data_ref();
        let (location, name) = match source {
            Source::Path { .. } => (Location::Path, "path"),
            Source::Query { style, .. } => {
                let deep = *style == QueryStyle::DeepObject;
                (Location::Query { deep, explode: data.explode.unwrap_or(true) }, "query")
            }
            Source::Header { .. } => (Location::Header, "header"),
            Source::Cookie { .. } => return None,
        };
        let what = format!("{name} parameter `{}`", data.name);
        Some(Self { place: place.clone(), what, location, ty: ty.clone() })
    }

    /// Adds the body of a form.
    pub(super) fn form(place: &Place, ty: &Type) -> Self {
        Self { place: place.clone(), what: "form".to_owned(), location: Location::Form, ty: ty.clone() }
    }

    /// Reports values that the client can't encode as the document says.
    pub(super) fn check(&self, types: &[TypeDef], diagnostics: &mut Diagnostics) {
        let holds = Contents { types, known: HashMap::new() }.of(&self.ty);
        if let Some((message, hint)) = self.problem(holds, types) {
            diagnostics.push(self.place.error(format!("the {} {message}", self.what)).hint(hint).binding());
        }
    }

    fn problem(&self, holds: Content, types: &[TypeDef]) -> Option<(&'static str, &'static str)> {
        const PLAIN: &str = "describe it as a string in the overlay; the caller then encodes the value";
        const DEEP: &str = "if the server reads `name[key]=value`, set `style: deepObject` in the overlay; \
                            else describe each property as a parameter of its own";
        const REPEATED: &str = "if the server reads a repeated parameter, set `explode: true` in the overlay; \
                                else describe it as a string, and the caller writes the text";
        match self.location {
            Location::Path | Location::Header if holds.object => {
                Some(("can be an object, which is not supported", PLAIN))
            }
            Location::Path | Location::Header if holds.list => Some(("can be an array, which is not supported", PLAIN)),
            Location::Path | Location::Header if !is_single(&self.ty, types) => {
                Some(("can be of several types, which is not supported", PLAIN))
            }
            Location::Path | Location::Header => None,
            _ if holds.nested => Some((
                "has an object or an array inside of an object or an array, which can't be encoded",
                "describe it as a string in the overlay; the caller then encodes the value",
            )),
            Location::Form if holds.plain || holds.list => {
                Some(("has to be an object", "describe the properties of the form in the overlay"))
            }
            Location::Form => None,
            Location::Query { deep: true, .. } if holds.plain || holds.list => {
                Some(("is not an object, though its style is `deepObject`", "remove the style in the overlay"))
            }
            Location::Query { deep: true, .. } => None,
            Location::Query { .. } if holds.object => {
                Some(("is an object in the style `form`, which is not supported", DEEP))
            }
            Location::Query { explode: false, .. } if holds.list => {
                Some(("is an array with `explode: false`, which is not supported", REPEATED))
            }
            Location::Query { .. } => None,
        }
    }
}

/// Returns whether all values have one Rust type with its own text.
fn is_single(ty: &Type, types: &[TypeDef]) -> bool {
    match ty {
        Type::Named(id) => matches!(types[id.0].shape, Shape::Enum(_)),
        Type::Any => false,
        Type::Nullable(inner) => is_single(inner, types),
        _ => true,
    }
}

/// The kinds of values of a type.
#[derive(Clone, Copy, Debug, Default)]
struct Content {
    plain: bool,
    list: bool,
    object: bool,
    /// Objects in objects or lists, and lists in lists.
    nested: bool,
}

/// Finds the kinds of values of types.
struct Contents<'a> {
    types: &'a [TypeDef],
    /// The contents of definitions. One that contains the type is nested.
    known: HashMap<TypeId, Content>,
}

impl Contents<'_> {
    /// A value that the document does not describe has no kind.
    fn of(&mut self, ty: &Type) -> Content {
        match ty {
            Type::Any => Content::default(),
            Type::Nullable(inner) => self.of(inner),
            Type::OneOrMany(inner) => {
                let one = self.of(inner);
                one.or(one.in_list())
            }
            Type::List(inner) => self.of(inner).in_list(),
            Type::Tuple(items) => items.iter().fold(Content::default(), |all, item| all.or(self.of(item))).in_list(),
            Type::Map(_, value) => self.of(value).in_object(),
            Type::Named(id) => self.definition(*id),
            _ => Content { plain: true, ..Content::default() },
        }
    }

    fn definition(&mut self, id: TypeId) -> Content {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        self.known.insert(id, Content { nested: true, ..Content::default() });
        let types = self.types;
        let content = match &types[id.0].shape {
            Shape::Enum(_) => Content { plain: true, ..Content::default() },
            Shape::Struct(object) => {
                let fields = object.fields.iter().filter(|field| field.constant.is_none());
                let parts = fields.map(|field| &field.ty).chain(&object.additional);
                parts.fold(Content::default(), |all, part| all.or(self.of(part))).in_object()
            }
            Shape::Union(union) => {
                let variants = union.variants.iter().map(|variant| &variant.ty);
                variants.fold(Content::default(), |all, variant| all.or(self.of(variant)))
            }
        };
        self.known.insert(id, content);
        content
    }
}

impl Content {
    fn or(self, other: Self) -> Self {
        Self {
            plain: self.plain || other.plain,
            list: self.list || other.list,
            object: self.object || other.object,
            nested: self.nested || other.nested,
        }
    }

    fn in_list(self) -> Self {
        Self { list: true, nested: self.nested || self.list || self.object, plain: false, object: false }
    }

    fn in_object(self) -> Self {
        Self { object: true, nested: self.nested || self.object, plain: false, list: false }
    }
}
