//! The final check of all names: a name that is not an identifier is an error with its place, and is never emitted.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, Module, Operation, Output, Shape, TypeDef};
use crate::words::is_identifier;

/// Reports each name that is not an identifier.
pub(super) fn run(api: &Api, diagnostics: &mut Diagnostics) {
    for def in api.types.iter().filter(|def| def.is_used()) {
        names_of_type(def).into_iter().for_each(|name| check(name, def.pointer(), None, diagnostics));
    }
    for operation in &api.operations {
        let names = names_of_operation(api, operation);
        names.for_each(|name| check(name, &operation.pointer, Some(&operation.id), diagnostics));
    }
}

fn names_of_type(def: &TypeDef) -> Vec<&str> {
    let mut names = vec![def.name.as_str()];
    if let Module::Models(module) = &def.module {
        names.push(module);
    }
    match &def.shape {
        Shape::Struct(object) => names.extend(object.fields.iter().map(|field| field.name.as_str())),
        Shape::Enum(listed) => names.extend(listed.values.iter().map(|value| value.name.as_str())),
        Shape::Union(union) => names.extend(union.variants.iter().map(|variant| variant.name.as_str())),
    }
    names
}

fn names_of_operation<'a>(api: &'a Api, operation: &'a Operation) -> impl Iterator<Item = &'a str> {
    let resource = &api.resources[operation.resource];
    let lists = [&operation.path_parameters, &operation.query, &operation.headers];
    let parameters = lists.into_iter().flatten().map(|parameter| parameter.name.as_str());
    let own = [&operation.method_name, &operation.request_type, &operation.operation_type];
    let above = [&resource.accessor, &resource.name, &resource.module];
    let by_status = matches!(operation.output, Output::ByStatus { .. });
    let successes = operation.successes.iter().filter(move |_| by_status).map(|success| success.name.as_str());
    above.into_iter().chain(own).map(String::as_str).chain(parameters).chain(successes)
}

fn check(name: &str, pointer: &str, operation: Option<&str>, diagnostics: &mut Diagnostics) {
    if is_identifier(name) {
        return;
    }
    diagnostics.push(Diagnostic {
        operation: operation.map(str::to_owned),
        ..Diagnostic::error(pointer, format!("the name `{name}`, which is derived from this, is not a Rust identifier"))
            .hint("rename the schema, the property, the parameter or the operation in the overlay")
    });
}
