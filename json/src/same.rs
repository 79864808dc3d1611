//! Equality of all types, by their views.

use std::ptr;

use crate::field::{List, Map, Model, Parts, Rest, View};
use crate::secret;

/// Returns whether two values of a type are equal.
#[must_use]
pub fn same(one: View<'_>, other: View<'_>) -> bool {
    match (one, other) {
        (View::Absent, View::Absent) | (View::Null, View::Null) => true,
        (View::Boolean(one), View::Boolean(other)) => one == other,
        (View::Integer(one), View::Integer(other)) => one == other,
        (View::Float(one), View::Float(other)) => one == other,
        (View::Text(one), View::Text(other))
        | (View::Name(one), View::Name(other))
        | (View::UnknownName(one), View::UnknownName(other)) => one == other,
        (View::Secret(one), View::Secret(other)) => secret::same(one, other),
        (View::Uuid(one), View::Uuid(other)) => one == other,
        (View::Time(one), View::Time(other)) => one == other,
        (View::Date(one), View::Date(other)) => one == other,
        (View::Json(one), View::Json(other)) => one == other,
        (View::Unknown(one), View::Unknown(other)) => one == other,
        (View::Variant(one, content), View::Variant(other, others)) => {
            one == other && same(content.view(), others.view())
        }
        (View::Constant(one, _), View::Constant(other, _)) => one == other,
        (View::Model(one), View::Model(other)) => same_models(one, other),
        (View::List(one), View::List(other)) => same_lists(one, other),
        (View::Map(one), View::Map(other)) => same_maps(one, other),
        _ => false,
    }
}

fn same_models(one: &dyn Model, other: &dyn Model) -> bool {
    let mut result = false;
    one.parts(&mut |one| other.parts(&mut |other| result = same_parts(one, other)));
    result
}

fn same_parts(one: Parts<'_>, other: Parts<'_>) -> bool {
    ptr::eq(one.object, other.object)
        && one.fields.iter().zip(other.fields).all(|(one, other)| same(one.view(), other.view()))
        && same_rests(one.rest, other.rest)
}

fn same_rests(one: &dyn Rest, other: &dyn Rest) -> bool {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    one.each(&mut |name, value| ones.push((View::Text(name), value)));
    other.each(&mut |name, value| others.push((View::Text(name), value)));
    same_entries(&ones, &others)
}

fn same_lists(one: &dyn List, other: &dyn List) -> bool {
    let is_same = |index| match (one.item(index), other.item(index)) {
        (Some(one), Some(other)) => same(one, other),
        _ => false,
    };
    one.count() == other.count() && (0..one.count()).all(is_same)
}

fn same_maps(one: &dyn Map, other: &dyn Map) -> bool {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    one.each(&mut |key, value| ones.push((key, value)));
    other.each(&mut |key, value| others.push((key, value)));
    same_entries(&ones, &others)
}

/// Compares the entries of maps, which are sorted by key.
fn same_entries(ones: &[(View<'_>, View<'_>)], others: &[(View<'_>, View<'_>)]) -> bool {
    let mut pairs = ones.iter().zip(others);
    ones.len() == others.len() && pairs.all(|(one, other)| same(one.0, other.0) && same(one.1, other.1))
}
