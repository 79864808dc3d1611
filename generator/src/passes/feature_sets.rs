//! Which features need which definitions, and in which module each definition is.

use std::collections::{BTreeMap, BTreeSet};

use super::direction::closure;
use crate::ir::{Api, Module, Resource, Shape, Type, TypeDef, TypeId};
use crate::words;

/// Feature and module of webhook payloads.
const WEBHOOKS: &str = "webhooks";

/// Feature of the operations of OAuth, to which the runtime adds logins.
const OAUTH2: &str = "oauth2";

/// Module of definitions that belong to no resource.
const SHARED: &str = "shared";

/// Module of error bodies that belong to no resource.
const ERRORS: &str = "errors";

/// Module of enumerations with [many](MANY_VALUES) values that belong to no resource, as those of countries.
const CODES: &str = "codes";

/// More values than this make an enumeration a list that nobody reads from top to bottom.
const MANY_VALUES: usize = 50;

/// Computes the closure of every feature, then the module of every definition.
pub(super) fn run(api: &mut Api) {
    let mut features: BTreeSet<String> = api.resources.iter().map(|resource| resource.feature.clone()).collect();
    if api.webhook_union.is_some() {
        features.insert(WEBHOOKS.to_owned());
    }
    for (feature, roots) in roots(api) {
        for id in closure(&api.types, &roots) {
            api.types[id.0].feature_set.features.insert(feature.clone());
        }
    }
    let always: Vec<_> =
        (0..api.types.len()).map(TypeId).filter(|id| api.get(*id).feature_set.always).map(Type::Named).collect();
    for id in closure(&api.types, &always) {
        api.types[id.0].feature_set.always = true;
    }
    let named: Vec<_> = api.resources.iter().filter(|r| r.parent.is_none()).map(Named::new).collect();
    let errors: Vec<_> = api.errors.map(Type::Named).into_iter().collect();
    let errors: BTreeSet<_> = closure(&api.types, &errors).into_iter().collect();
    for (index, def) in api.types.iter_mut().enumerate() {
        let shared = || shared_module(def, errors.contains(&TypeId(index))).to_owned();
        def.module = Module::Models(model_module(def, &named, &api.resources).unwrap_or_else(shared));
    }
    let own = [(api.scopes, Module::Scopes), (api.errors, Module::Errors), (api.webhook_union, Module::Webhooks)];
    for (id, module) in own {
        if let Some(TypeId(index)) = id {
            api.types[index].module = module;
        }
    }
    api.webhooks_feature = api.webhook_union.map(|_| WEBHOOKS.to_owned());
    api.oauth2_feature = features.get(OAUTH2).cloned();
    api.features = features.into_iter().collect();
}

/// The types that the operations of each feature name. Error bodies are not among them: they are compiled always.
fn roots(api: &Api) -> BTreeMap<String, Vec<Type>> {
    let mut all: BTreeMap<String, Vec<Type>> = BTreeMap::new();
    for operation in &api.operations {
        let roots = all.entry(api.resources[operation.resource].feature.clone()).or_default();
        let parameters = operation.path_parameters.iter().chain(&operation.query).chain(&operation.headers);
        roots.extend(parameters.map(|p| p.ty.clone()));
        roots.extend(operation.body.iter().map(|body| body.ty.clone()));
        roots.extend(operation.success_types().cloned());
    }
    if let Some(union) = api.webhook_union {
        all.entry(WEBHOOKS.to_owned()).or_default().push(Type::Named(union));
    }
    all
}

/// The words of a resource's name.
struct Named<'a> {
    resource: &'a Resource,
    rest: Vec<&'a str>,
    last: &'a str,
    singular: String,
}

impl<'a> Named<'a> {
    fn new(resource: &'a Resource) -> Self {
        let mut rest: Vec<_> = resource.path[0].split('_').collect();
        let last = rest.pop().unwrap_or_default();
        Self { resource, rest, last, singular: words::singular(last) }
    }

    fn begins(&self, words: &[String]) -> bool {
        let next = words.get(self.rest.len());
        next.is_some_and(|next| *next == self.last || *next == self.singular)
            && self.rest.iter().zip(words).all(|(own, word)| own == word)
    }
}

/// The module of a definition that belongs to no resource.
fn shared_module(def: &TypeDef, is_error: bool) -> &'static str {
    match &def.shape {
        Shape::Enum(listed) if listed.values.len() > MANY_VALUES => CODES,
        _ if is_error => ERRORS,
        _ => SHARED,
    }
}

/// The resource whose name the definition's name begins with, else the only one that needs it.
fn model_module(def: &TypeDef, named: &[Named<'_>], resources: &[Resource]) -> Option<String> {
    let words: Vec<_> = words::split(&def.context.join(" ")).iter().map(|word| word.to_lowercase()).collect();
    let best = named.iter().filter(|named| named.begins(&words)).max_by_key(|named| named.rest.len());
    if let Some(named) = best {
        return Some(named.resource.module.clone());
    }
    let mut features = def.feature_set.features.iter();
    match (features.next(), features.next()) {
        (Some(only), None) if !def.feature_set.always => {
            let resource = resources.iter().find(|resource| resource.feature == *only);
            Some(resource.map_or_else(|| only.replace('-', "_"), |resource| resource.module.clone()))
        }
        _ => None,
    }
}
