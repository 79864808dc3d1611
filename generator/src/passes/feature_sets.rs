//! The features that need each definition, and the module of each definition.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::direction::{Visits, closure};
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

/// Module of enumerations with [many](MANY_VALUES) values that belong to no resource, such as countries.
const CODES: &str = "codes";

/// With more values than this, an enumeration counts as long.
const MANY_VALUES: usize = 50;

/// Computes the definitions of every feature, then the module of every definition.
pub(super) fn run(api: &mut Api) {
    let mut features: BTreeSet<String> = api.resources.iter().map(|resource| resource.feature.clone()).collect();
    if api.webhook_union.is_some() {
        features.insert(WEBHOOKS.to_owned());
    }
    let mut visits = Visits::new(&api.types);
    for (feature, roots) in roots(api) {
        for id in closure(&api.types, &roots, visits.again()) {
            api.types[id.0].feature_set.features.insert(feature.clone());
        }
    }
    let always: Vec<_> =
        (0..api.types.len()).map(TypeId).filter(|id| api.get(*id).feature_set.always).map(Type::Named).collect();
    for id in closure(&api.types, &always, visits.again()) {
        api.types[id.0].feature_set.always = true;
    }
    let modules = Modules::new(&api.resources);
    let errors: Vec<_> = api.errors.map(Type::Named).into_iter().collect();
    let errors: BTreeSet<_> = closure(&api.types, &errors, visits.again()).into_iter().collect();
    for (index, def) in api.types.iter_mut().enumerate() {
        let module = modules.of(def).unwrap_or_else(|| shared_module(def, errors.contains(&TypeId(index))).to_owned());
        def.module = Module::Models(module);
    }
    document_errors(api, &mut visits);
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

/// Returns the types in the operations of each feature. Error bodies are not included, because they are always
/// compiled.
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

/// Error bodies that only list others are read as those. They exist only for the documentation of the operations that
/// use them, and need the same features.
fn document_errors(api: &mut Api, visits: &mut Visits) {
    let mut all: BTreeMap<String, Vec<Type>> = BTreeMap::new();
    for operation in &api.operations {
        let errors = operation.errors.iter().filter_map(|error| error.ty.clone());
        all.entry(api.resources[operation.resource].feature.clone()).or_default().extend(errors);
    }
    let is_needed = |def: &TypeDef| def.feature_set.always || !def.feature_set.features.is_empty();
    let idle: BTreeSet<TypeId> = (0..api.types.len()).map(TypeId).filter(|id| !is_needed(api.get(*id))).collect();
    for (feature, errors) in all {
        for id in closure(&api.types, &errors, visits.again()) {
            if idle.contains(&id) {
                api.types[id.0].feature_set.features.insert(feature.clone());
            }
        }
    }
}

/// The modules of resources.
struct Modules<'a> {
    /// By the words of a resource's name, also with the last one in the singular.
    by_words: HashMap<Vec<String>, &'a str>,
    by_feature: HashMap<&'a str, &'a str>,
    /// Maximum number of words of a name.
    longest: usize,
}

impl<'a> Modules<'a> {
    fn new(resources: &'a [Resource]) -> Self {
        let mut by_words = HashMap::new();
        for resource in resources.iter().filter(|resource| resource.parent.is_none()) {
            let words: Vec<String> = resource.path[0].split('_').map(str::to_owned).collect();
            let mut singular = words.clone();
            singular.iter_mut().rev().take(1).for_each(|last| *last = words::singular(last));
            by_words.insert(words, resource.module.as_str());
            by_words.insert(singular, resource.module.as_str());
        }
        let mut by_feature = HashMap::new();
        for resource in resources {
            by_feature.entry(resource.feature.as_str()).or_insert(resource.module.as_str());
        }
        let longest = by_words.keys().map(Vec::len).max().unwrap_or_default();
        Self { by_words, by_feature, longest }
    }

    /// Returns the resource whose name is the start of the definition's name, or else the only one that needs it.
    fn of(&self, def: &TypeDef) -> Option<String> {
        let words: Vec<_> = words::split(&def.context.join(" ")).iter().map(|word| word.to_lowercase()).collect();
        let longest = self.longest.min(words.len());
        if let Some(module) = (1..=longest).rev().find_map(|count| self.by_words.get(&words[..count])) {
            return Some((*module).to_owned());
        }
        let mut features = def.feature_set.features.iter();
        match (features.next(), features.next()) {
            (Some(only), None) if !def.feature_set.always => {
                let module = self.by_feature.get(only.as_str());
                Some(module.map_or_else(|| only.replace('-', "_"), |module| (*module).to_owned()))
            }
            _ => None,
        }
    }
}

/// Returns the module of a definition that belongs to no resource.
fn shared_module(def: &TypeDef, is_error: bool) -> &'static str {
    match &def.shape {
        Shape::Enum(listed) if listed.values.len() > MANY_VALUES => CODES,
        _ if is_error => ERRORS,
        _ => SHARED,
    }
}
