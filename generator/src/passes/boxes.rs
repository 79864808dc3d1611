//! Boxes: for definitions that contain themselves, and for union variants that are much larger than the others.

use super::direction::{Visits, each_part};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, Presence, Shape, Type, TypeDef, TypeId};

/// Maximum size of a union variant without a box, in bytes.
const INLINE_BYTES: usize = 64;

/// Size of types that the generated crate does not define, in bytes on a 64-bit machine.
const POINTER: usize = 8;

/// Size of an unknown union variant: its tag, and its JSON.
const UNKNOWN_BYTES: usize = 6 * POINTER;

/// Decides every box.
pub(super) fn run(api: &mut Api, diagnostics: &mut Diagnostics) {
    let circular = circular(&api.types);
    refuse_endless(&api.types, &circular, diagnostics);
    break_cycles(&mut api.types, &circular);
    let mut sizes = Sizes { types: &api.types, known: vec![None; api.types.len()] };
    let large: Vec<Vec<bool>> = (0..api.types.len())
        .map(|index| match &api.types[index].shape {
            Shape::Union(union) => union.variants.iter().map(|m| sizes.of(&m.ty) > INLINE_BYTES).collect(),
            _ => Vec::new(),
        })
        .collect();
    for (def, large) in api.types.iter_mut().zip(large) {
        if let Shape::Union(union) = &mut def.shape {
            for (variant, large) in union.variants.iter_mut().zip(large) {
                variant.boxed |= large;
            }
        }
    }
}

/// Returns the definitions that contain one that contains itself, in order. The others need no walk of their own.
fn circular(types: &[TypeDef]) -> Vec<usize> {
    let mut held_by: Vec<Vec<usize>> = vec![Vec::new(); types.len()];
    let mut holds = vec![0; types.len()];
    for (index, def) in types.iter().enumerate() {
        each_part(&def.shape, &mut |ty| {
            each_in_place(ty, &mut |id| {
                held_by[id.0].push(index);
                holds[index] += 1;
            });
        });
    }
    let mut done: Vec<usize> = (0..types.len()).filter(|index| holds[*index] == 0).collect();
    while let Some(index) = done.pop() {
        for &holder in &held_by[index] {
            holds[holder] -= 1;
            if holds[holder] == 0 {
                done.push(holder);
            }
        }
    }
    (0..types.len()).filter(|index| holds[*index] > 0).collect()
}

/// Calls `visit` with each definition that a value of the type contains without a list or a map in between.
fn each_in_place(ty: &Type, visit: &mut impl FnMut(TypeId)) {
    match ty {
        Type::Nullable(inner) | Type::OneOrMany(inner) => each_in_place(inner, visit),
        Type::Tuple(items) => items.iter().for_each(|item| each_in_place(item, visit)),
        Type::Named(id) => visit(*id),
        _ => {}
    }
}

/// A definition that every one of its values contains again has no finite value.
fn refuse_endless(types: &[TypeDef], circular: &[usize], diagnostics: &mut Diagnostics) {
    let mut visits = Visits::new(types);
    for &index in circular {
        let def = &types[index];
        if demands(types, TypeId(index), TypeId(index), visits.again()) {
            let name = def.component().unwrap_or("an inline schema");
            diagnostics.push(
                Diagnostic::error(
                    def.pointer(),
                    format!("every value of {name} contains another one, so no finite value exists"),
                )
                .hint("make one of the properties in the circle optional, nullable or a list"),
            );
        }
    }
}

/// Returns whether every value of `from` contains one of `wanted`.
fn demands(types: &[TypeDef], from: TypeId, wanted: TypeId, visits: &mut Visits) -> bool {
    let direct = |ty: &Type| match ty {
        Type::Named(id) => Some(*id),
        _ => None,
    };
    let mut follow = |id: TypeId| id == wanted || (visits.is_first(id) && demands(types, id, wanted, visits));
    match &types[from.0].shape {
        Shape::Struct(object) => {
            let required = object.fields.iter().filter(|f| f.presence == Presence::Required && f.constant.is_none());
            required.filter_map(|field| direct(&field.ty)).any(follow)
        }
        Shape::Union(union) => {
            let variants: Option<Vec<_>> = union.variants.iter().map(|variant| direct(&variant.ty)).collect();
            variants.is_some_and(|variants| !variants.is_empty() && variants.into_iter().all(&mut follow))
        }
        Shape::Enum(_) => false,
    }
}

/// Boxes each direct use that leads back to its definition.
fn break_cycles(types: &mut [TypeDef], circular: &[usize]) {
    let mut visits = Visits::new(types);
    for &index in circular {
        let parts: Vec<Type> = match &types[index].shape {
            Shape::Struct(object) => object.fields.iter().map(|field| field.ty.clone()).collect(),
            Shape::Union(union) => union.variants.iter().map(|variant| variant.ty.clone()).collect(),
            Shape::Enum(_) => continue,
        };
        let boxed: Vec<bool> = parts.iter().map(|ty| holds(types, ty, TypeId(index), visits.again())).collect();
        match &mut types[index].shape {
            Shape::Struct(object) => object.fields.iter_mut().zip(boxed).for_each(|(f, boxed)| f.boxed |= boxed),
            Shape::Union(union) => union.variants.iter_mut().zip(boxed).for_each(|(m, boxed)| m.boxed |= boxed),
            Shape::Enum(_) => {}
        }
    }
}

/// Returns whether a type contains `wanted` without a box, a list or a map in between.
fn holds(types: &[TypeDef], ty: &Type, wanted: TypeId, visits: &mut Visits) -> bool {
    match ty {
        Type::Nullable(inner) | Type::OneOrMany(inner) => holds(types, inner, wanted, visits),
        Type::Tuple(items) => items.iter().any(|item| holds(types, item, wanted, visits)),
        Type::Named(id) if *id == wanted => true,
        Type::Named(id) => {
            if !visits.is_first(*id) {
                return false;
            }
            match &types[id.0].shape {
                Shape::Struct(object) => {
                    object.fields.iter().filter(|f| !f.boxed).any(|f| holds(types, &f.ty, wanted, visits))
                }
                Shape::Union(union) => {
                    union.variants.iter().filter(|m| !m.boxed).any(|m| holds(types, &m.ty, wanted, visits))
                }
                Shape::Enum(_) => false,
            }
        }
        _ => false,
    }
}

/// Estimates of the sizes of values in bytes.
struct Sizes<'a> {
    types: &'a [TypeDef],
    known: Vec<Option<usize>>,
}

impl Sizes<'_> {
    fn of(&mut self, ty: &Type) -> usize {
        match ty {
            Type::Boolean => 1,
            Type::Date => 4,
            Type::Integer | Type::Number => POINTER,
            Type::DateTime => 12,
            Type::Uuid | Type::IntegerOrNumber | Type::Secret => 2 * POINTER,
            Type::String | Type::List(_) | Type::Map(..) => 3 * POINTER,
            Type::Any => 4 * POINTER,
            Type::Nullable(inner) | Type::OneOrMany(inner) => self.of(inner) + POINTER,
            Type::Tuple(items) => items.iter().map(|item| self.of(item)).sum(),
            Type::Named(id) => self.definition(*id),
        }
    }

    fn definition(&mut self, id: TypeId) -> usize {
        if let Some(size) = self.known[id.0] {
            return size;
        }
        // Cycles are boxed before; this only ensures that the walk ends.
        self.known[id.0] = Some(POINTER);
        let types = self.types;
        let size = match &types[id.0].shape {
            Shape::Enum(_) => 3 * POINTER,
            Shape::Struct(object) => {
                let fields = object.fields.iter().filter(|field| field.constant.is_none());
                let sum: usize = fields.map(|f| if f.boxed { POINTER } else { self.of(&f.ty) + POINTER / 2 }).sum();
                sum + POINTER
            }
            Shape::Union(union) => {
                let sizes = union.variants.iter().map(|m| if m.boxed { POINTER } else { self.of(&m.ty) });
                // A larger one is boxed; an unknown variant is not.
                let in_place = sizes.map(|size| if size > INLINE_BYTES { POINTER } else { size });
                in_place.fold(UNKNOWN_BYTES, usize::max) + POINTER
            }
        };
        self.known[id.0] = Some(size);
        size
    }
}
