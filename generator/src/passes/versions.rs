//! What versions of an API have in common.
//!
//! A definition is shared with the default version if it gives the same Rust code there: the same names, fields, texts on
//! the wire, directions and traits, and if all definitions that it names are shared, too. Types that name each other are
//! assumed to be the same until something differs. Descriptions, bounds, marks of deprecation and places in the document
//! give no code: the words are those of the default version then.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::identifiers::segment;
use super::resources::OTHER_FEATURES;
use crate::diagnostics::Diagnostic;
use crate::ir::{
    Api, Docs, Feature, FeatureSet, Field, ListInfo, Module, Operation, Origin, OtherVersion, Page, PageSource,
    Parameter, Place, Resource, ResponseBody, Shape, Shared, Type, TypeDef, TypeId, Versions,
};
use crate::pointer;

/// No definition has this position: it stands for one that is not shared.
const NOT_SHARED: TypeId = TypeId(usize::MAX);

/// Puts versions together. `others` have a mark of those that are deprecated.
///
/// # Errors
/// Two versions have one name, or a name that nothing in the crate can have.
pub(super) fn run(default: Api, others: Vec<(Api, bool)>) -> Result<Versions, Vec<Diagnostic>> {
    let errors = misnamed(&default, &others);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut versions = Versions { default_place: place(&default), default, others: Vec::new(), features: Vec::new() };
    for (api, is_deprecated) in others {
        let shared = share(&versions.default, &api);
        need(&mut versions.default, &api, &shared);
        versions.others.push(OtherVersion { place: place(&api), api, is_deprecated, shared });
    }
    versions.features = features(&versions);
    Ok(versions)
}

fn place(api: &Api) -> Place {
    let module = format!("v{}", segment(&api.version));
    Place { feature: module.replace('_', "-"), variant: module.to_uppercase(), module }
}

/// Names of versions that clash with each other or with what the crate has besides.
fn misnamed(default: &Api, others: &[(Api, bool)]) -> Vec<Diagnostic> {
    if others.is_empty() {
        return Vec::new();
    }
    let apis = || [default].into_iter().chain(others.iter().map(|(api, _)| api));
    let features: BTreeSet<&str> = apis().flat_map(|api| &api.features).map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for api in apis() {
        let place = place(api);
        let is_taken = features.contains(place.feature.as_str()) || OTHER_FEATURES.contains(&place.feature.as_str());
        let message = match (seen.insert(place.feature.clone()), is_taken) {
            (false, _) => format!("two documents are of version `{}`", api.version),
            (_, true) => format!("the version `{}` gives the feature `{}`, which is taken", api.version, place.feature),
            _ => continue,
        };
        let at = pointer::child(&pointer::child(pointer::ROOT, "info"), "version");
        errors.push(Diagnostic::error(at, message).hint("give each document a version of its own in `info`"));
    }
    errors
}

/// Makes the features that need definitions of a version need those of the default version that it shares.
fn need(default: &mut Api, api: &Api, shared: &Shared) {
    for (own, other) in &shared.types {
        let set = &api.get(*own).feature_set;
        let common = &mut default.types[other.0].feature_set;
        common.features.extend(set.features.iter().cloned());
        common.always |= set.always;
    }
}

/// The features of the default version, and those that only other versions have.
fn features(versions: &Versions) -> Vec<Feature> {
    let mut features: BTreeMap<String, Feature> = BTreeMap::new();
    for api in [&versions.default].into_iter().chain(versions.others.iter().map(|other| &other.api)) {
        for feature in api.feature_list() {
            features.entry(feature.name.clone()).or_insert(feature);
        }
    }
    features.into_values().collect()
}

fn share(default: &Api, api: &Api) -> Shared {
    let types = shared_types(default, api);
    let mut shared = Shared { types, ..Shared::default() };
    let body = |api: &Api| api.errors;
    shared.requests = match (body(default), body(api)) {
        (None, None) => true,
        (Some(one), Some(other)) => shared.types.get(&other) == Some(&one),
        _ => false,
    };
    let setters = |api: &Api, types: &dyn Fn(TypeId) -> TypeId| -> Vec<Parameter> {
        api.pagination_parameters.iter().map(|parameter| plain_parameter(parameter, types)).collect()
    };
    shared.requests &= setters(default, &|id| id) == setters(api, &|id| shared_id(&shared.types, id));
    let scopes = match (default.scopes, api.scopes) {
        (None, None) => true,
        (Some(one), Some(other)) => shared.types.get(&other) == Some(&one),
        _ => false,
    };
    if shared.requests && scopes {
        shared.operations = shared_operations(default, api, &shared.types);
        shared.resources = shared_resources(default, api, &shared.operations);
        shared.modules = shared_modules(default, api, &shared.resources);
    }
    shared
}

fn shared_id(types: &BTreeMap<TypeId, TypeId>, id: TypeId) -> TypeId {
    types.get(&id).copied().unwrap_or(NOT_SHARED)
}

/// Everything that makes the code of a definition.
#[derive(PartialEq)]
struct Definition {
    def: TypeDef,
    page: Option<Page>,
    pagination: Option<ListInfo>,
    is_webhook: bool,
}

/// What pages and webhooks add to definitions.
struct Roles<'a> {
    api: &'a Api,
    pages: HashMap<TypeId, &'a Page>,
    paginations: HashMap<TypeId, ListInfo>,
    webhooks: BTreeSet<TypeId>,
}

impl<'a> Roles<'a> {
    fn new(api: &'a Api) -> Self {
        let pagination = |page: &Page| match page.source {
            PageSource::Object(ty, info) => Some((ty, info)),
            PageSource::Union => None,
        };
        Self {
            api,
            pages: api.pages.iter().map(|page| (page.ty, page)).collect(),
            paginations: api.pages.iter().filter_map(pagination).collect(),
            webhooks: api.webhooks.iter().map(|webhook| webhook.payload).collect(),
        }
    }

    fn definition(&self, id: TypeId, types: &dyn Fn(TypeId) -> TypeId) -> Definition {
        let page = self.pages.get(&id).map(|page| {
            let source = match page.source {
                PageSource::Object(ty, info) => PageSource::Object(types(ty), info),
                PageSource::Union => PageSource::Union,
            };
            Page { ty: types(page.ty), item: renamed(&page.item, types), source, ..(*page).clone() }
        });
        Definition {
            def: plain_type(self.api.get(id), types),
            page,
            pagination: self.paginations.get(&id).copied(),
            is_webhook: self.webhooks.contains(&id),
        }
    }

    /// Whether a definition names what each version has for itself: its client, its name, the events of its webhooks.
    fn is_of_its_version(&self, id: TypeId) -> bool {
        let is_preset = match &self.api.get(id).shape {
            Shape::Struct(object) => object.fields.iter().any(|field| field.preset.is_some()),
            Shape::Enum(_) | Shape::Union(_) => false,
        };
        is_preset || self.api.webhook_union == Some(id) || self.api.sessions.iter().any(|session| session.ty == id)
    }
}

fn shared_types(default: &Api, api: &Api) -> BTreeMap<TypeId, TypeId> {
    let used = |api: &Api| (0..api.types.len()).map(TypeId).filter(|id| api.get(*id).is_used()).collect::<Vec<_>>();
    let key = |def: &TypeDef| (part(&def.module), def.name.clone());
    let names: HashMap<_, _> = used(default).into_iter().map(|id| (key(default.get(id)), id)).collect();
    let (roles, other_roles) = (Roles::new(default), Roles::new(api));
    let mut shared: BTreeMap<TypeId, TypeId> =
        used(api).into_iter().filter_map(|id| Some((id, *names.get(&key(api.get(id)))?))).collect();
    let assumed = shared.clone();
    shared.retain(|own, other| {
        let definition = other_roles.definition(*own, &|id| shared_id(&assumed, id));
        !other_roles.is_of_its_version(*own) && definition == roles.definition(*other, &|id| id)
    });
    // What names a definition that differs, differs. Pages name what the type of their items names.
    let mut users: HashMap<TypeId, Vec<TypeId>> = HashMap::new();
    for own in shared.keys() {
        let mut add = |id: TypeId| users.entry(id).or_default().push(*own);
        super::direction::each_part(&api.get(*own).shape, &mut |ty| ty.each_named(&mut add));
    }
    let mut open: Vec<TypeId> = users.keys().filter(|id| !shared.contains_key(id)).copied().collect();
    while let Some(id) = open.pop() {
        for user in users.get(&id).into_iter().flatten() {
            if shared.remove(user).is_some() {
                open.push(*user);
            }
        }
    }
    shared
}

/// The part of the crate, without the file: all models can be named from one module.
fn part(module: &Module) -> Module {
    match module {
        Module::Models(_) => Module::Models(String::new()),
        other => other.clone(),
    }
}

fn shared_operations(default: &Api, api: &Api, types: &BTreeMap<TypeId, TypeId>) -> BTreeSet<usize> {
    let known: HashMap<&str, &Operation> =
        default.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
    let is_shared = |operation: &Operation| {
        known.get(operation.id.as_str()).is_some_and(|other| {
            plain_operation(other, &|id| id) == plain_operation(operation, &|id| shared_id(types, id))
                && default.resources[other.resource].path == api.resources[operation.resource].path
        })
    };
    (0..api.operations.len()).filter(|index| is_shared(&api.operations[*index])).collect()
}

fn shared_resources(default: &Api, api: &Api, operations: &BTreeSet<usize>) -> BTreeSet<usize> {
    let own = |api: &Api, index: usize| -> Vec<usize> {
        (0..api.operations.len()).filter(|operation| api.operations[*operation].resource == index).collect()
    };
    let children = |api: &Api, index: usize| -> BTreeSet<Vec<String>> {
        let below = api.resources.iter().filter(|resource| resource.parent == Some(index));
        below.map(|resource| resource.path.clone()).collect()
    };
    let plain = |resource: &Resource| Resource { parent: None, ..resource.clone() };
    let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, resource) in api.resources.iter().enumerate() {
        let other = default.resources.iter().position(|other| plain(other) == plain(resource));
        let Some(other) = other else { continue };
        let mine = own(api, index);
        let is_same =
            mine.len() == own(default, other).len() && mine.iter().all(|operation| operations.contains(operation));
        if is_same && children(api, index) == children(default, other) {
            shared.insert(index, other);
        }
    }
    // A resource above one that is not shared names it.
    loop {
        let parents: Vec<usize> = (0..api.resources.len())
            .filter(|index| !shared.contains_key(index))
            .filter_map(|index| api.resources[index].parent)
            .filter(|parent| shared.contains_key(parent))
            .collect();
        if parents.is_empty() {
            return shared.into_keys().collect();
        }
        parents.iter().for_each(|parent| _ = shared.remove(parent));
    }
}

fn shared_modules(default: &Api, api: &Api, resources: &BTreeSet<usize>) -> BTreeSet<String> {
    let count = |api: &Api, module: &str| api.resources.iter().filter(|resource| resource.module == module).count();
    let modules: BTreeSet<&String> = api.resources.iter().map(|resource| &resource.module).collect();
    let is_shared = |module: &&String| {
        let mut own = (0..api.resources.len()).filter(|index| api.resources[*index].module == **module);
        own.all(|index| resources.contains(&index)) && count(api, module) == count(default, module)
    };
    modules.into_iter().filter(is_shared).cloned().collect()
}

/// A type with other positions of definitions.
fn renamed(ty: &Type, types: &dyn Fn(TypeId) -> TypeId) -> Type {
    match ty {
        Type::Named(id) => Type::Named(types(*id)),
        Type::List(inner) => Type::List(Box::new(renamed(inner, types))),
        Type::OneOrMany(inner) => Type::OneOrMany(Box::new(renamed(inner, types))),
        Type::Nullable(inner) => Type::Nullable(Box::new(renamed(inner, types))),
        Type::Tuple(items) => Type::Tuple(items.iter().map(|item| renamed(item, types)).collect()),
        Type::Map(key, value) => Type::Map(Box::new(renamed(key, types)), Box::new(renamed(value, types))),
        other => other.clone(),
    }
}

/// A definition without what gives no code.
fn plain_type(def: &TypeDef, types: &dyn Fn(TypeId) -> TypeId) -> TypeDef {
    let mut shape = def.shape.clone();
    match &mut shape {
        Shape::Struct(object) => {
            object.fields.iter_mut().for_each(|field| plain_field(field, types));
            object.additional.iter_mut().for_each(|ty| *ty = renamed(ty, types));
        }
        Shape::Enum(listed) => listed.values.iter_mut().for_each(|value| value.description = None),
        Shape::Union(union) => {
            for variant in &mut union.variants {
                variant.ty = renamed(&variant.ty, types);
                variant.description = None;
                variant.context.clear();
            }
            union.shared.iter_mut().for_each(|field| field.ty = renamed(&field.ty, types));
        }
    }
    TypeDef {
        origin: Origin::Synthesized(String::new()),
        context: Vec::new(),
        docs: Docs::default(),
        shape,
        usage: def.usage,
        feature_set: FeatureSet::default(),
        name: def.name.clone(),
        module: part(&def.module),
    }
}

fn plain_field(field: &mut Field, types: &dyn Fn(TypeId) -> TypeId) {
    field.docs = Docs::default();
    field.ty = match field.constant {
        // A constant has no field, so that its type is of no use.
        Some(_) => Type::Any,
        None => renamed(&field.ty, types),
    };
    if let Some(tag) = &mut field.parent_tag {
        tag.cases.iter_mut().for_each(|case| case.component.clear());
    }
}

fn plain_parameter(parameter: &Parameter, types: &dyn Fn(TypeId) -> TypeId) -> Parameter {
    Parameter { pointer: String::new(), docs: Docs::default(), ty: renamed(&parameter.ty, types), ..parameter.clone() }
}

/// An operation without what gives no code.
fn plain_operation(operation: &Operation, types: &dyn Fn(TypeId) -> TypeId) -> Operation {
    let mut plain = operation.clone();
    (plain.pointer, plain.tags, plain.docs) = (String::new(), Vec::new(), Docs::default());
    (plain.resource, plain.errors) = (0, Vec::new());
    let lists = [&mut plain.path_parameters, &mut plain.query, &mut plain.headers];
    lists.into_iter().flatten().for_each(|parameter| *parameter = plain_parameter(parameter, types));
    plain.body.iter_mut().for_each(|body| body.ty = renamed(&body.ty, types));
    for success in &mut plain.successes {
        success.description = None;
        plain_body(&mut success.body, types);
    }
    match &mut plain.output {
        crate::ir::Output::Body(body) => plain_body(body, types),
        crate::ir::Output::ByStatus { shared, .. } => shared.iter_mut().for_each(|body| plain_body(body, types)),
    }
    plain
}

fn plain_body(body: &mut ResponseBody, types: &dyn Fn(TypeId) -> TypeId) {
    if let ResponseBody::Json(ty) = body {
        *ty = renamed(ty, types);
    }
}
