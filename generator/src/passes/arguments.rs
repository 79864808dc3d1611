//! How functions take their arguments: fields of requests, parameters, bodies, and conversions into unions.

use std::collections::HashMap;

use crate::ir::{
    Api, Argument, Conversion, Field, Operation, Parameter, Shape, TextForm, Type, TypeDef, Union, Wrapper,
};

/// Decides this for every field, parameter and body, and for every union in a request.
pub(super) fn run(api: &mut Api) {
    let types = &api.types;
    let of_fields = |def: &TypeDef| match &def.shape {
        Shape::Struct(object) => object.fields.iter().map(|field| of_field(field, types)).collect(),
        Shape::Union(_) | Shape::Enum(_) => Vec::new(),
    };
    let arguments: Vec<Vec<Argument>> = types.iter().map(of_fields).collect();
    for operation in &mut api.operations {
        of_operation(operation, types);
    }
    api.pagination_parameters.iter_mut().for_each(|shared| shared.argument = of_query(shared, types));
    for (def, arguments) in api.types.iter_mut().zip(arguments) {
        let is_sent = def.usage.input;
        match &mut def.shape {
            Shape::Struct(object) => {
                object.fields.iter_mut().zip(arguments).for_each(|(field, argument)| field.argument = argument);
            }
            // A value that is only received is never constructed by users.
            Shape::Union(union) if is_sent => convert(union),
            Shape::Union(_) | Shape::Enum(_) => {}
        }
    }
}

fn of_operation(operation: &mut Operation, types: &[TypeDef]) {
    for parameter in operation.path_parameters.iter_mut().chain(&mut operation.headers) {
        parameter.argument = Argument::Text(text_form(&parameter.ty));
    }
    for parameter in &mut operation.query {
        parameter.argument = of_query(parameter, types);
    }
    if let Some(body) = &mut operation.body {
        body.argument = body_argument(&body.ty, types);
    }
}

fn of_field(field: &Field, types: &[TypeDef]) -> Argument {
    let is_optional = field.wrapper == Wrapper::Option && !field.presence.is_required();
    if is_optional { optional(&field.ty, types) } else { argument(&field.ty, types) }
}

/// A parameter that takes a list takes one value as well: most sort by one property.
fn of_query(parameter: &Parameter, types: &[TypeDef]) -> Argument {
    match &parameter.ty {
        Type::List(_) => Argument::OneOrMany,
        ty if parameter.required => argument(ty, types),
        ty => optional(ty, types),
    }
}

/// Of something that can be left out. What is made of other values than texts is taken as anything that converts into it,
/// and a list as anything that yields its items: an `Option` in between would hide these conversions.
fn optional(ty: &Type, types: &[TypeDef]) -> Argument {
    let is_union = matches!(ty, Type::Named(id) if matches!(types[id.0].shape, Shape::Union(_)));
    match argument(ty, types) {
        Argument::Value => Argument::Optional,
        Argument::Into if is_text(ty, types) && !is_union => Argument::Optional,
        other => other,
    }
}

/// Whether a text converts into a value of the type.
fn is_text(ty: &Type, types: &[TypeDef]) -> bool {
    match ty {
        Type::String | Type::Secret => true,
        Type::Named(id) => match &types[id.0].shape {
            Shape::Enum(_) => true,
            Shape::Union(union) => {
                let texts = union.variants.iter().filter(|held| held.ty == Type::String && held.constant.is_none());
                texts.count() == 1
            }
            Shape::Struct(_) => false,
        },
        _ => false,
    }
}

fn argument(ty: &Type, types: &[TypeDef]) -> Argument {
    match ty {
        Type::Uuid | Type::DateTime | Type::Date | Type::Integer | Type::Number | Type::Boolean | Type::Tuple(_) => {
            Argument::Value
        }
        Type::Named(id) if matches!(types[id.0].shape, Shape::Struct(_)) => Argument::Value,
        Type::Nullable(inner) => match argument(inner, types) {
            Argument::Value => Argument::Value,
            _ if is_text(inner, types) => Argument::Optional,
            _ => Argument::Into,
        },
        Type::List(inner) => Argument::Items(Box::new(argument(inner, types))),
        Type::Map(key, value) => Argument::Entries(Box::new(argument(key, types)), Box::new(argument(value, types))),
        _ => Argument::Into,
    }
}

fn text_form(ty: &Type) -> TextForm {
    match ty {
        Type::Nullable(inner) => text_form(inner),
        Type::String | Type::Secret => TextForm::Str,
        Type::DateTime => TextForm::Debug,
        _ => TextForm::Display,
    }
}

/// A variant of a union needs no wrapping.
fn body_argument(ty: &Type, types: &[TypeDef]) -> Argument {
    match ty {
        Type::Named(id) if matches!(types[id.0].shape, Shape::Union(_)) => Argument::Into,
        _ => Argument::Value,
    }
}

/// The content of a variant converts into a union if no other variant has the same type, and so do the literals of
/// scalars.
fn convert(union: &mut Union) {
    let mut counts: HashMap<Type, usize> = HashMap::new();
    for variant in union.variants.iter().filter(|variant| variant.constant.is_none()) {
        *counts.entry(variant.ty.clone()).or_default() += 1;
    }
    for variant in union.variants.iter_mut().filter(|variant| variant.constant.is_none()) {
        let literal = match variant.ty {
            Type::String => Some(Conversion::Str),
            Type::Integer => Some(Conversion::I32),
            _ => None,
        };
        if counts.get(&variant.ty) == Some(&1) {
            variant.conversions = [Conversion::Content].into_iter().chain(literal).collect();
        }
    }
}
