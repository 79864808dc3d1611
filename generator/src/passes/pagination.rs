//! Pages: where the response of a paged operation has its items, and facts about the whole list.

use indexmap::IndexMap;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{
    Api, Field, ListInfo, Operation, Output, Page, PageSource, Parameter, Presence, ResponseBody, Shape, Struct, Type,
    TypeDef, TypeId,
};

/// Properties of a page.
const ITEMS: &str = "items";
const PAGINATION: &str = "pagination";

/// Properties of `pagination`.
const COUNTS: [&str; 2] = ["total_count", "max_page"];
const HAS_NEXT: &str = "has_next_page";

/// Query parameters of lists with numbered pages.
const PARAMETERS: [&str; 2] = ["page", "limit"];

/// Finds the pages of all paged operations, and their common parameters.
pub(super) fn run(api: &mut Api, diagnostics: &mut Diagnostics) {
    let mut pages: IndexMap<TypeId, Page> = IndexMap::new();
    for operation in api.operations.iter().filter(|operation| operation.pagination.is_some()) {
        let found = match &operation.output {
            Output::Body(ResponseBody::Json(Type::Named(id))) => page(&api.types, *id, &mut pages),
            _ => None,
        };
        if found.is_none() {
            let message = "the response of a paged operation does not have the expected `items` and `pagination`";
            diagnostics.push(
                Diagnostic::error(operation.pointer.clone(), message)
                    .in_operation(operation.id.clone())
                    .hint("`items` is a list, `pagination` has `total_count` and `max_page`, or `has_next_page`, all of them required"),
            );
        }
    }
    api.pages = pages.into_values().collect();
    api.pagination_parameters = PARAMETERS.into_iter().filter_map(|name| shared(&api.operations, name)).collect();
    let paged = api.operations.iter_mut().filter(|operation| operation.pagination.is_some());
    for parameter in paged.flat_map(|operation| &mut operation.query) {
        parameter.is_shared = api.pagination_parameters.iter().any(|shared| shared.wire == parameter.wire);
    }
}

/// Returns an optional parameter that all paged operations have, with their common docs.
fn shared(operations: &[Operation], name: &str) -> Option<Parameter> {
    let paged = operations.iter().filter(|operation| operation.pagination.is_some());
    let parameter = |operation: &Operation| operation.query.iter().find(|p| p.wire == name && !p.required).cloned();
    let all: Vec<_> = paged.map(parameter).collect::<Option<_>>()?;
    let (first, others) = all.split_first()?;
    if first.ty != Type::Integer || others.iter().any(|other| other.ty != first.ty) {
        return None;
    }
    let mut shared = Parameter { name: name.to_owned(), ..first.clone() };
    shared.docs.facts.retain(|fact| others.iter().all(|other| other.docs.facts.contains(fact)));
    shared.docs.description =
        shared.docs.description.filter(|text| others.iter().all(|other| other.docs.description.as_ref() == Some(text)));
    Some(shared)
}

/// Returns the item type of a page. Variants of a union are pages too, all with the same items.
fn page(types: &[TypeDef], id: TypeId, pages: &mut IndexMap<TypeId, Page>) -> Option<Type> {
    if let Some(known) = pages.get(&id) {
        return Some(known.item.clone());
    }
    let (item, source) = match &types[id.0].shape {
        Shape::Struct(object) => {
            let Type::List(item) = &required(object, ITEMS)?.ty else { return None };
            let Type::Named(pagination) = &required(object, PAGINATION)?.ty else { return None };
            (item.as_ref().clone(), PageSource::Object(*pagination, list_info(&types[pagination.0])?))
        }
        Shape::Union(union) => {
            let mut items = Vec::new();
            for variant in &union.variants {
                let Type::Named(variant) = &variant.ty else { return None };
                items.push(page(types, *variant, pages)?);
            }
            let first = items.first()?.clone();
            if items.iter().any(|item| *item != first) {
                return None;
            }
            (first, PageSource::Union)
        }
        Shape::Enum(_) => return None,
    };
    pages.insert(id, Page { ty: id, item: item.clone(), source, is_plain: is_plain(&types[id.0]) });
    Some(item)
}

/// Returns a required field that holds its value directly.
fn required<'a>(object: &'a Struct, name: &str) -> Option<&'a Field> {
    let field = object.fields.iter().find(|field| field.wire == name)?;
    (field.presence == Presence::Required && field.constant.is_none() && !field.boxed).then_some(field)
}

/// Returns whether a page has only its two properties, as sent by the server.
fn is_plain(page: &TypeDef) -> bool {
    let Shape::Struct(object) = &page.shape else { return false };
    object.fields.len() == 2 && object.additional.is_none() && !page.usage.input
}

fn list_info(pagination: &TypeDef) -> Option<ListInfo> {
    let Shape::Struct(object) = &pagination.shape else { return None };
    let has = |name: &str, ty: &Type| required(object, name).is_some_and(|field| field.ty == *ty);
    if COUNTS.iter().all(|name| has(name, &Type::Integer)) {
        return Some(ListInfo::Counted);
    }
    has(HAS_NEXT, &Type::Boolean).then_some(ListInfo::HasNext)
}
