//! Creates all identifiers.

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use indexmap::IndexSet;

use super::identifiers::{handle_name, spoken_variant_name, type_name, value_name, variant_name};
use super::names::Names;
use super::resources::SEPARATORS;
use crate::contract::{CLIENT_METHODS, MODEL_FIELDS, REQUEST_METHODS, is_reserved_type};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Api, Enum, Operation, Origin, Output, Resource, Shape, Status, Struct, Type, TypeDef, TypeId, Union};
use crate::pointer::child;
use crate::words::{self, UNUSABLE};

/// Suffix of handles whose names would clash.
const RESOURCE: &str = "Resource";

/// Suffix of request types: `ProductsListRequest`.
const REQUEST: &str = "Request";

/// Suffix of operation types: `ProductsListOperation`.
const OPERATION: &str = "Operation";

/// Suffix of enumerations of an operation's successes: `OrdersReceiptOutput`.
const OUTPUT: &str = "Output";

/// The variant for successes that the document does not list individually.
const OTHER_SUCCESS: &str = "OtherSuccess";

/// The variant for values that the crate does not know.
const UNKNOWN: &str = "Unknown";

/// The associated type of `FromStr`, which `Self::Err` names too.
const ERR: &str = "Err";

/// Sets the identifier of every definition, field, variant, resource, method and parameter.
pub(super) fn run(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    name_types(api, names, diagnostics);
    for index in (0..api.types.len()).filter(|&i| api.types[i].is_used()).collect::<Vec<_>>() {
        let mut shape = std::mem::replace(&mut api.types[index].shape, Shape::Enum(Enum::default()));
        let def = &api.types[index];
        match &mut shape {
            Shape::Struct(object) => name_fields(object, def, names, diagnostics),
            Shape::Enum(listed) => name_values(listed, def, names, diagnostics),
            Shape::Union(union) => name_members(union, &api.types, def, names, diagnostics),
        }
        api.types[index].shape = shape;
    }
    name_resources(api, names, diagnostics);
    name_operations(api, names, diagnostics);
    for webhook in &mut api.webhooks {
        webhook.name = variant_name(&webhook.event, false);
    }
    name_event_contents(api, names);
}

/// Names the accessors for the data of events: after the first part of the events' names, or after its type if events
/// with the same first part have different data.
fn name_event_contents(api: &mut Api, names: &mut Names) {
    let beginning = |event: &str| event.rsplit_once('.').map(|(beginning, _)| beginning.to_owned());
    let pairs: HashSet<_> = api
        .webhooks
        .iter()
        .filter_map(|webhook| Some((beginning(&webhook.event)?, webhook.content.as_ref()?.ty)))
        .collect();
    for webhook in &mut api.webhooks {
        let Some(content) = &mut webhook.content else { continue };
        let def = &api.types[content.ty.0];
        let own: Vec<_> = pairs.iter().filter(|(_, ty)| *ty == content.ty).map(|(beginning, _)| beginning).collect();
        let is_alone = |beginning: &String| pairs.iter().filter(|(other, _)| other == beginning).count() == 1;
        let computed = match own[..] {
            [beginning] if is_alone(beginning) => value_name(beginning),
            _ => value_name(&def.name),
        };
        content.accessor = names.pick("event", &key(def), computed);
    }
}

/// The key to which a definition's names are pinned.
fn key(def: &TypeDef) -> String {
    match &def.origin {
        Origin::Component { pointer, .. } | Origin::Inline(pointer) => pointer.clone(),
        Origin::Synthesized(name) => name.clone(),
    }
}

fn name_types(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let owners = owners_of_bare_names(api);
    let used = (0..api.types.len()).filter(|&i| api.types[i].is_used());
    let (given, inline): (Vec<usize>, Vec<usize>) =
        used.partition(|&i| !matches!(api.types[i].origin, Origin::Inline(_)));
    for index in given.into_iter().chain(inline) {
        let def = &api.types[index];
        let place = key(def);
        let mut computed = match &def.origin {
            Origin::Component { name, .. } => match owners.get(&index) {
                Some(owner) => type_name(&format!("{owner} {name}")),
                None => reserved(type_name(name)),
            },
            Origin::Synthesized(name) => type_name(name),
            Origin::Inline(_) => reserved(inline_name(def, &api.types, &taken)),
        };
        // An inline schema has no name that must be kept.
        if def.component().is_none() && !names.is_pinned("type", &place) {
            let stem = computed.clone();
            while taken.contains_key(&computed) {
                let number = numbers.entry(stem.clone()).or_insert(2);
                computed = format!("{stem}{number}");
                *number += 1;
            }
        }
        let name = names.pick("type", &place, computed);
        let spot = Spot { kind: "type", key: &place, pointer: def.pointer().to_owned() };
        if is_reserved_type(&name) {
            diagnostics.push(spot.collision(&name, "something that every generated file uses"));
        }
        if let Some(other) = taken.insert(name.clone(), index) {
            diagnostics.push(spot.collision(&name, &format!("the schema at {}", api.types[other].pointer())));
        }
        api.types[index].name = name;
    }
}

/// Enumerations with the same single-word name as the only property that uses them, with the name of the schema that
/// has it: `Reason` says nothing, and `RefundCreateReason` does.
fn owners_of_bare_names(api: &Api) -> HashMap<usize, String> {
    let bare = |id: TypeId| {
        let def = api.get(id);
        let name = def.component().filter(|_| matches!(def.shape, Shape::Enum(_)))?;
        (words::split(name).len() == 1).then(|| type_name(name))
    };
    let mut uses: HashMap<usize, Vec<Option<String>>> = HashMap::new();
    for def in api.types.iter().filter(|def| def.is_used()) {
        let Shape::Struct(object) = &def.shape else { continue };
        for field in &object.fields {
            field.ty.each_named(&mut |id| {
                let owner = def.component().filter(|_| bare(id).is_some_and(|name| name == type_name(&field.wire)));
                uses.entry(id.0).or_default().push(owner.map(str::to_owned));
            });
        }
    }
    let only = |(id, mut owners): (usize, Vec<Option<String>>)| match owners.len() {
        1 => Some((id, owners.pop()??)),
        _ => None,
    };
    uses.into_iter().filter_map(only).collect()
}

fn reserved(name: String) -> String {
    if is_reserved(&name) { format!("{name}Model") } else { name }
}

fn is_reserved(name: &str) -> bool {
    is_reserved_type(name) || UNUSABLE.contains(&name)
}

/// The place of a name: in the document, and in `names.lock`.
struct Spot<'a> {
    kind: &'a str,
    key: &'a str,
    pointer: String,
}

impl Spot<'_> {
    fn collision(&self, name: &str, other: &str) -> Diagnostic {
        let Spot { kind, key, pointer } = self;
        Diagnostic::error(pointer.clone(), format!("`{name}` is also the name of {other}"))
            .hint(format!("choose another name by a line in names.lock, separated by tabs: {kind}\t{key}\tNAME"))
    }
}

/// Names unions after the common part of their variants, and everything else after its place.
fn inline_name(def: &TypeDef, types: &[TypeDef], taken: &HashMap<String, usize>) -> String {
    let from_context =
        || type_name(&def.context.iter().map(|word| word.to_upper_camel_case_kept()).collect::<Vec<_>>().join(" "));
    let Shape::Union(union) = &def.shape else {
        return from_context();
    };
    let components: Option<Vec<_>> = union
        .variants
        .iter()
        .map(|variant| match &variant.ty {
            Type::Named(id) => types[id.0].component().map(words::split),
            _ => None,
        })
        .collect();
    if let Some(variants) = components {
        let (prefix, suffix) = affixes(&variants);
        let common = [&variants[0][..prefix], &variants[0][variants[0].len() - suffix..]].concat();
        let common = if common.is_empty() { String::new() } else { type_name(&common.join(" ")) };
        let is_free = !taken.contains_key(&common) && !is_reserved_type(&common);
        return if common.is_empty() || !is_free { from_context() } else { common };
    }
    if union.variants.iter().all(|variant| !variant.context.is_empty() && variant.constant.is_none()) {
        return union.variants.iter().map(|variant| variant.context.clone()).collect::<Vec<_>>().join("Or");
    }
    from_context()
}

trait KeepCase {
    fn to_upper_camel_case_kept(&self) -> String;
}

impl KeepCase for String {
    /// Converts names of the document to camel case; names of components are unchanged.
    fn to_upper_camel_case_kept(&self) -> String {
        type_name(self)
    }
}

/// Returns how many words all names begin and end with, so that each keeps at least one of its own.
fn affixes(names: &[Vec<String>]) -> (usize, usize) {
    let Some((first, others)) = names.split_first() else {
        return (0, 0);
    };
    let shortest = names.iter().map(Vec::len).min().unwrap_or_default();
    if others.is_empty() || shortest == 0 {
        return (0, 0);
    }
    let prefix = (0..shortest - 1).take_while(|&i| others.iter().all(|name| name[i] == first[i])).count();
    let from_end = |name: &Vec<String>, i: usize| name[name.len() - 1 - i].clone();
    let room = shortest - prefix - 1;
    let suffix = (0..room).take_while(|&i| others.iter().all(|name| from_end(name, i) == from_end(first, i))).count();
    (prefix, suffix)
}

fn name_fields(object: &mut Struct, def: &TypeDef, names: &mut Names, diagnostics: &mut Diagnostics) {
    let (place, properties) = (key(def), child(def.pointer(), "properties"));
    let mut taken: HashMap<String, String> = HashMap::new();
    for field in &mut object.fields {
        let plain = value_name(&field.wire);
        let computed = if MODEL_FIELDS.contains(&plain.as_str()) { format!("{plain}_") } else { plain.clone() };
        let key = format!("{place}/properties/{}", field.wire);
        field.name = names.pick_irregular("field", &key, computed, &plain);
        if let Some(other) = taken.insert(field.name.clone(), field.wire.clone()) {
            let spot = Spot { kind: "field", key: &key, pointer: child(&properties, &field.wire) };
            diagnostics.push(spot.collision(&field.name, &format!("the property `{other}`")));
        }
    }
}

fn name_values(listed: &mut Enum, def: &TypeDef, names: &mut Names, diagnostics: &mut Diagnostics) {
    let place = key(def);
    let values: HashSet<String> = listed.values.iter().map(|value| value.wire.clone()).collect();
    let plain = |wire: &str| {
        let descending = wire.strip_prefix('-').is_some_and(|rest| values.contains(rest));
        match variant_name(wire, descending) {
            name if name == UNKNOWN || name == ERR => format!("Value{name}"),
            name => name,
        }
    };
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for value in &listed.values {
        *count.entry(plain(&value.wire)).or_default() += 1;
    }
    let mut taken: HashMap<String, String> = HashMap::new();
    for value in &mut listed.values {
        let short = plain(&value.wire);
        let computed = if count[&short] > 1 { spoken_variant_name(&value.wire) } else { short.clone() };
        let key = format!("{place}/enum/{}", value.wire);
        value.name = names.pick_irregular("variant", &key, computed, &short);
        if let Some(other) = taken.insert(value.name.clone(), value.wire.clone()) {
            let spot = Spot { kind: "variant", key: &key, pointer: child(def.pointer(), "enum") };
            let problem = spot.collision(&value.name, &format!("the value `{other}`"));
            diagnostics.push(Diagnostic { message: format!("`{}`: {}", value.wire, problem.message), ..problem });
        }
    }
}

fn name_members(union: &mut Union, types: &[TypeDef], def: &TypeDef, names: &mut Names, diagnostics: &mut Diagnostics) {
    let place = key(def);
    let named = |ty: &Type| match ty {
        Type::Named(id) => Some(&types[id.0]),
        _ => None,
    };
    let split: Vec<_> = union
        .variants
        .iter()
        .filter(|variant| variant.context.is_empty())
        .filter_map(|variant| named(&variant.ty).map(|def| words::split(&def.name)))
        .collect();
    let (prefix, suffix) = affixes(&split);
    let mut taken: HashMap<String, String> = HashMap::new();
    for variant in &mut union.variants {
        let (computed, own) = match named(&variant.ty).filter(|_| variant.context.is_empty()) {
            Some(def) => {
                let words = words::split(&def.name);
                (words[prefix..words.len() - suffix].concat(), key(def))
            }
            None => (variant.context.clone(), variant.context.clone()),
        };
        let computed = match variant_of(&computed) {
            name if name == UNKNOWN => format!("Value{name}"),
            name => name,
        };
        let key = format!("{place} {own}");
        variant.name = names.pick_irregular("variant", &key, computed.clone(), &computed);
        if let Some(other) = taken.insert(variant.name.clone(), own) {
            let content = named(&variant.ty).filter(|_| def.is_synthesized());
            let pointer = content.unwrap_or(def).pointer().to_owned();
            let spot = Spot { kind: "variant", key: &key, pointer };
            diagnostics.push(spot.collision(&variant.name, &format!("the variant `{other}`")));
        }
    }
}

/// Names of types keep their case; other words are converted to camel case.
fn variant_of(words: &str) -> String {
    if words.starts_with(|c: char| c.is_ascii_uppercase()) { type_name(words) } else { variant_name(words, false) }
}

fn name_resources(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    for resource in &mut api.resources {
        let place = resource.path.join(":");
        let last = resource.path.last().map(String::as_str).unwrap_or_default();
        resource.accessor = names.pick_irregular("resource", &place, free_method(value_name(last)), last);
        resource.name = match handle_name(&resource.path) {
            name if is_reserved(&name) => format!("{name}{RESOURCE}"),
            name => name,
        };
    }
    let mut handles: HashMap<(&str, &str), usize> = HashMap::new();
    let models = models_by_module(api);
    for (index, resource) in api.resources.iter().enumerate() {
        let place = resource.path.join(":");
        // A resource's module imports models by their names, so its own types must have different ones.
        let named = models.get(&(resource.module.as_str(), resource.name.as_str()));
        for model in named.into_iter().flatten() {
            let model = api.get(*model);
            let key = key(model);
            let spot = Spot { kind: "type", key: &key, pointer: model.pointer().to_owned() };
            diagnostics.push(spot.collision(&resource.name, &format!("the resource `{place}`")));
        }
        if let Some(other) = handles.insert((&resource.module, &resource.name), index) {
            let below = |operation: &&Operation| api.resources[operation.resource].path.starts_with(&resource.path);
            let operation = api.operations.iter().find(below);
            let other = api.resources[other].path.join(":");
            let message = format!("`{}` is the name of the resources `{other}` and `{place}`", resource.name);
            let pointer = operation.map(|operation| operation.pointer.clone()).unwrap_or_default();
            diagnostics.push(Diagnostic {
                operation: operation.map(|operation| operation.id.clone()),
                ..Diagnostic::error(pointer, message).hint("give the operations other ids in the overlay")
            });
        }
    }
}

/// Returns the definitions in the operations of a module, by module and name.
fn models_by_module(api: &Api) -> HashMap<(&str, &str), IndexSet<TypeId>> {
    let mut models: HashMap<(&str, &str), IndexSet<TypeId>> = HashMap::new();
    let mut add = |module, id| {
        models.entry((module, api.get(id).name.as_str())).or_default().insert(id);
    };
    for resource in &api.resources {
        api.scopes.iter().for_each(|scopes| add(resource.module.as_str(), *scopes));
    }
    for operation in &api.operations {
        let module = api.resources[operation.resource].module.as_str();
        let parameters = operation.path_parameters.iter().chain(&operation.query).chain(&operation.headers);
        let body = operation.body.iter().map(|body| &body.ty);
        for ty in parameters.map(|parameter| &parameter.ty).chain(body).chain(operation.success_types()) {
            ty.each_named(&mut |id| add(module, id));
        }
    }
    models
}

fn name_operations(api: &mut Api, names: &mut Names, diagnostics: &mut Diagnostics) {
    let children = api.resources.iter().filter_map(|child| Some((child.parent?, child)));
    let mut methods: HashMap<(usize, String), String> = children
        .map(|(parent, child)| ((parent, child.accessor.clone()), format!("the resource `{}`", child.path.join(":"))))
        .collect();
    let models: HashMap<String, String> =
        api.types.iter().map(|def| (def.name.clone(), def.pointer().to_owned())).collect();
    let handle = |resource: &Resource| {
        let key = (resource.module.clone(), resource.name.clone());
        (key, format!("the resource `{}`", resource.path.join(":")))
    };
    let mut types: HashMap<(String, String), String> = api.resources.iter().map(handle).collect();
    for index in 0..api.operations.len() {
        let operation = &api.operations[index];
        let resource = &api.resources[operation.resource];
        let (id, pointer) = (operation.id.clone(), operation.pointer.clone());
        let method = names.pick("method", &id, method_name(operation, resource.path.last().map_or("", |s| s)));
        let computed = format!("{}{}{REQUEST}", resource.name, method.trim_start_matches("r#").to_upper_camel_case());
        let request = names.pick("request", &id, computed);
        if let Some(other) = methods.insert((operation.resource, method.clone()), format!("the operation `{id}`")) {
            let spot = Spot { kind: "method", key: &id, pointer: pointer.clone() };
            diagnostics.push(spot.collision(&method, &other).in_operation(id.clone()));
        }
        let stem = request.strip_suffix(REQUEST).unwrap_or(&request);
        let operation_type = format!("{stem}{OPERATION}");
        let output = matches!(operation.output, Output::ByStatus { .. })
            .then(|| names.pick("output", &id, format!("{stem}{OUTPUT}")));
        let own = [("request", Some(&request)), ("request", Some(&operation_type)), ("output", output.as_ref())];
        for (kind, name) in own.into_iter().filter_map(|(kind, name)| Some((kind, name?))) {
            let other = types.insert((resource.module.clone(), name.clone()), format!("the {kind} of `{id}`"));
            let model = || models.get(name).map(|pointer| format!("the schema at {pointer}"));
            if let Some(other) = other.or_else(model) {
                let spot = Spot { kind, key: &id, pointer: pointer.clone() };
                diagnostics.push(spot.collision(name, &other).in_operation(id.clone()));
                break;
            }
        }
        let operation = &mut api.operations[index];
        operation.method_name = method;
        operation.request_type = request;
        operation.operation_type = operation_type;
        if let (Some(given), Output::ByStatus { name, .. }) = (output, &mut operation.output) {
            *name = given;
            name_successes(operation, names, diagnostics);
        }
        name_parameters(operation, names, diagnostics);
    }
}

/// Names the variants of an output after the reason phrases of their statuses.
fn name_successes(operation: &mut Operation, names: &mut Names, diagnostics: &mut Diagnostics) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for success in &mut operation.successes {
        let status = success.status;
        let computed = match (status, status.reason()) {
            (_, Some(reason)) => variant_name(reason, false),
            (Status::Code(code), None) => format!("Status{code}"),
            (Status::Range(_) | Status::Default, None) => OTHER_SUCCESS.to_owned(),
        };
        let key = format!("{} {status}", operation.id);
        success.name = names.pick_irregular("variant", &key, computed.clone(), &computed);
        if let Some(other) = taken.insert(success.name.clone(), status.to_string()) {
            let pointer = child(&child(&operation.pointer, "responses"), &status.to_string());
            let spot = Spot { kind: "variant", key: &key, pointer };
            let problem = spot.collision(&success.name, &format!("the status `{other}`"));
            diagnostics.push(problem.in_operation(operation.id.clone()));
        }
    }
}

fn name_parameters(operation: &mut Operation, names: &mut Names, diagnostics: &mut Diagnostics) {
    let mut taken: HashMap<String, String> = HashMap::new();
    let lists = [&mut operation.path_parameters, &mut operation.query, &mut operation.headers];
    for parameter in lists.into_iter().flatten() {
        let plain = value_name(&parameter.wire);
        let computed = if REQUEST_METHODS.contains(&plain.as_str()) { format!("{plain}_") } else { plain.clone() };
        let key = format!("{}/{}", operation.id, parameter.wire);
        parameter.name = names.pick_irregular("parameter", &key, computed, &plain);
        if let Some(other) = taken.insert(parameter.name.clone(), parameter.wire.clone()) {
            let spot = Spot { kind: "parameter", key: &key, pointer: parameter.pointer.clone() };
            let problem = spot.collision(&parameter.name, &format!("the parameter `{other}`"));
            diagnostics.push(problem.in_operation(operation.id.clone()));
        }
    }
}

/// Returns the last part of the id, without words of the resource: `seats` and `customer_seats` have `list`, not
/// `list_seats`.
fn method_name(operation: &Operation, resource: &str) -> String {
    let verb = operation.id.rsplit(SEPARATORS).next().unwrap_or_default().to_snake_case();
    let pieces: Vec<_> = verb.split('_').collect();
    let last = resource.rsplit('_').next().unwrap_or(resource);
    for word in [resource.to_owned(), words::singular(resource), last.to_owned(), words::singular(last)] {
        let own: Vec<_> = word.split('_').collect();
        let position = pieces.windows(own.len()).skip(1).position(|window| window == own);
        if let Some(at) = position.map(|p| p + 1) {
            return free_method(value_name(&[&pieces[..at], &pieces[at + own.len()..]].concat().join("_")));
        }
    }
    free_method(value_name(&verb))
}

fn free_method(name: String) -> String {
    if CLIENT_METHODS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_common_words_keeps_names_unique() {
        let split = |names: &[&str]| names.iter().map(|name| words::split(name)).collect::<Vec<_>>();
        assert_eq!(affixes(&split(&["BenefitCustom", "BenefitDiscord"])), (1, 0));
        assert_eq!(affixes(&split(&["MeterCreditEvent", "MeterResetEvent"])), (1, 1));
        assert_eq!(affixes(&split(&["EventCreateCustomer", "EventCreateExternalCustomer"])), (2, 0));
        assert_eq!(affixes(&split(&["Filter"])), (0, 0));
    }
}
