//! Which definitions the client sends, and which the server.

use crate::ir::{Api, Direction, Presence, Shape, Type, TypeDef, TypeId};

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
    for id in closure(&api.types, &sent) {
        api.types[id.0].usage.input = true;
    }
    for id in closure(&api.types, &received) {
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
        }
    }
}

/// All definitions that the types reach.
pub(super) fn closure(types: &[TypeDef], roots: &[Type]) -> Vec<TypeId> {
    let mut seen = vec![false; types.len()];
    let mut open = Vec::new();
    roots.iter().for_each(|ty| ty.each_named(&mut |id| open.push(id)));
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        if !std::mem::replace(&mut seen[id.0], true) {
            found.push(id);
            each_part(&types[id.0].shape, &mut |ty| ty.each_named(&mut |id| open.push(id)));
        }
    }
    found
}

/// Calls `visit` with each type that a definition is made of.
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
