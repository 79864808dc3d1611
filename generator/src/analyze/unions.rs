//! Unions: what remains of their members.

use super::schemas::Used;
use crate::ir::Type;

/// Whether one of the members says nothing about its values, so that the union says nothing either.
pub(super) fn admits_anything(used: &[Used]) -> bool {
    used.iter().any(|member| member.ty == Type::Any && member.constant.is_none())
}

/// Drops members that another one includes: repeats, and strings of a format beside strings of any content.
pub(super) fn simplify(used: Vec<Used>) -> Vec<Used> {
    let any_string = used.iter().any(|u| u.ty == Type::String && u.constant.is_none());
    let mut kept: Vec<Used> = Vec::with_capacity(used.len());
    for member in used {
        let included = any_string && matches!(member.ty, Type::DateTime | Type::Date | Type::Uuid)
            || any_string && member.ty == Type::String && member.constant.is_some();
        if !included && !kept.iter().any(|k| k.ty == member.ty && k.constant == member.constant) {
            kept.push(member);
        }
    }
    kept
}

/// The type that stands for two members together, if there is one.
pub(super) fn combine(used: &[Used]) -> Option<Type> {
    let [a, b] = used else { return None };
    if a.constant.is_some() || b.constant.is_some() {
        return None;
    }
    match (&a.ty, &b.ty) {
        (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Some(Type::IntegerOrNumber),
        (one, Type::List(many)) | (Type::List(many), one) if **many == *one => Some(Type::OneOrMany(many.clone())),
        _ => None,
    }
}

/// A word for a member that has no name of its own.
pub(super) fn word(used: &Used) -> String {
    match &used.constant {
        Some(constant) => constant.to_tag(),
        None => type_word(&used.ty),
    }
}

/// A word for a type that has no name of its own.
pub(super) fn type_word(ty: &Type) -> String {
    match ty {
        Type::Any => "Any".to_owned(),
        Type::String => "String".to_owned(),
        Type::Secret => "Secret".to_owned(),
        Type::Uuid => "Uuid".to_owned(),
        Type::DateTime => "DateTime".to_owned(),
        Type::Date => "Date".to_owned(),
        Type::Integer => "Integer".to_owned(),
        Type::Number | Type::IntegerOrNumber => "Number".to_owned(),
        Type::Boolean => "Boolean".to_owned(),
        Type::List(inner) | Type::OneOrMany(inner) => format!("{}s", type_word(inner)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Map(_, value) => format!("{}Map", type_word(value)),
        Type::Nullable(inner) => type_word(inner),
        Type::Named(_) => String::new(),
    }
}
