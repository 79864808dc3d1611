//! Which definitions the client sends and receives, and what follows for their fields.

use crate::ir::{Api, DefaultImpl, Direction, Presence, Shape, Struct, Type, TypeDef, TypeId, Wrapper};

/// Marks every definition with its directions.
pub(super) fn run(api: &mut Api) {
    let mut sent = Vec::new();
    let mut received = Vec::new();
    for operation in &api.operations {
        let parameters = operation.path_parameters.iter().chain(&operation.query).chain(&operation.headers);
        let bodies = operation.body.iter().map(|body| &body.ty);
        sent.extend(parameters.map(|p| &p.ty).chain(bodies).cloned());
        received.extend(operation.success_types().cloned());
        received.extend(operation.errors.iter().filter_map(|error| error.ty.clone()));
    }
    let always = api.types.iter().enumerate().filter(|(_, def)| def.feature_set.always);
    received.extend(always.map(|(index, _)| Type::Named(TypeId(index))));
    received.extend(api.webhook_union.map(Type::Named));
    let mut visits = Visits::new(&api.types);
    for id in closure(&api.types, &sent, visits.again()) {
        api.types[id.0].usage.input = true;
    }
    for id in closure(&api.types, &received, visits.again()) {
        api.types[id.0].usage.output = true;
    }
    for def in &mut api.types {
        let usage = def.usage;
        let Shape::Struct(object) = &mut def.shape else { continue };
        for field in &mut object.fields {
            let lacking = match field.direction {
                Direction::Both => false,
                Direction::Sent => usage.output,
                Direction::Received => usage.input,
            };
            // A constant is known in both directions.
            if lacking && field.constant.is_none() {
                field.presence = Presence::new(false, field.presence.is_nullable());
            }
            field.wrapper = match field.presence {
                Presence::Required => Wrapper::Plain,
                Presence::OptionalNullable if usage.input => Wrapper::Nullable,
                _ => Wrapper::Option,
            };
        }
        object.default = default(object).filter(|_| usage.input);
    }
}

/// Returns how an object in a request can be created without arguments.
fn default(object: &Struct) -> Option<DefaultImpl> {
    let mut fields = object.fields.iter().filter(|field| field.constant.is_none());
    let is_preset = fields.clone().any(|field| field.preset.is_some());
    let default = if is_preset { DefaultImpl::Constructor } else { DefaultImpl::Derived };
    fields.all(|field| !field.presence.is_required()).then_some(default)
}

/// The definitions that a walk has visited. All walks share it: a list for each walk would take quadratic time.
pub(super) struct Visits {
    /// The last walk that visited a definition.
    last: Vec<usize>,
    walk: usize,
}

impl Visits {
    pub(super) fn new(types: &[TypeDef]) -> Self {
        Self { last: vec![0; types.len()], walk: 0 }
    }

    /// Starts another walk.
    pub(super) fn again(&mut self) -> &mut Self {
        self.walk += 1;
        self
    }

    /// Returns whether the walk visits the definition for the first time.
    pub(super) fn is_first(&mut self, id: TypeId) -> bool {
        std::mem::replace(&mut self.last[id.0], self.walk) != self.walk
    }
}

/// Returns all definitions that the types contain.
pub(super) fn closure(types: &[TypeDef], roots: &[Type], visits: &mut Visits) -> Vec<TypeId> {
    let mut open = Vec::new();
    roots.iter().for_each(|ty| ty.each_named(&mut |id| open.push(id)));
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        if visits.is_first(id) {
            found.push(id);
            each_part(&types[id.0].shape, &mut |ty| ty.each_named(&mut |id| open.push(id)));
        }
    }
    found
}

/// Calls `visit` with each type in a definition.
pub(super) fn each_part(shape: &Shape, visit: &mut impl FnMut(&Type)) {
    match shape {
        Shape::Struct(object) => {
            object.fields.iter().filter(|field| field.constant.is_none()).for_each(|field| visit(&field.ty));
            object.additional.iter().for_each(visit);
        }
        Shape::Union(union) => union.variants.iter().for_each(|variant| visit(&variant.ty)),
        Shape::Enum(_) => {}
    }
}
