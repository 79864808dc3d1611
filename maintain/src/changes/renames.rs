//! Types and operations that are the same under another name.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{Api, Schema, Shape};

/// Minimum similarity of types in the same place, from 0 to 1.
const SIMILAR: f64 = 0.5;

/// Minimum similarity of names if the types have too little structure, from 0 to 1.
const SIMILAR_NAMES: f64 = 0.6;

/// Number of rounds in which the structure of types includes that of the types they refer to.
const ROUNDS: usize = 4;

/// The new names of operations by the former ones: those with the same method and path.
pub(super) fn operations(old: &Api, new: &Api) -> BTreeMap<String, String> {
    let added: BTreeMap<String, &String> = new
        .operations
        .iter()
        .filter(|(id, _)| !old.operations.contains_key(*id))
        .map(|(id, operation)| (operation.route(), id))
        .collect();
    let removed = old.operations.iter().filter(|(id, _)| !new.operations.contains_key(*id));
    removed.filter_map(|(id, operation)| Some((id.clone(), (*added.get(&operation.route())?).clone()))).collect()
}

/// The new names of types by the former ones.
pub(super) fn types(old: &Api, new: &Api, operations: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let gone: BTreeSet<&String> = old.uses.keys().filter(|name| !new.types.contains_key(*name)).collect();
    let came: BTreeSet<&String> = new.uses.keys().filter(|name| !old.types.contains_key(*name)).collect();
    let mut renames = equal(old, new, &gone, &came);
    loop {
        let found = at_same_place(old, new, &gone, &came, operations, &renames);
        if found.is_empty() {
            return renames;
        }
        renames.extend(found);
    }
}

/// Types with the same structure. If several have it, those with the most similar names are paired.
fn equal(old: &Api, new: &Api, gone: &BTreeSet<&String>, came: &BTreeSet<&String>) -> BTreeMap<String, String> {
    let (former, latter) = (structures(old, gone), structures(new, came));
    let mut pairs: Vec<(f64, &String, &String)> = Vec::new();
    for (name, structure) in &former {
        for (other, _) in latter.iter().filter(|(_, other)| *other == structure) {
            let similarity = strsim::jaro_winkler(name, other);
            let is_telling = old.types.get(*name).is_some_and(is_telling);
            if is_telling || similarity >= SIMILAR_NAMES {
                pairs.push((similarity, name, other));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut renames = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, name, other) in pairs {
        if !renames.contains_key(name) && taken.insert(other) {
            renames.insert(name.clone(), other.clone());
        }
    }
    renames
}

/// Returns whether types with equal structure have enough of it to be regarded as equal.
fn is_telling(schema: &Schema) -> bool {
    match &schema.shape {
        Shape::Object(properties) => properties.len() > 1,
        Shape::Values(values) => values.len() > 1,
        Shape::Union(..) => true,
        _ => false,
    }
}

/// The structures of some types, independent of the names of these types.
fn structures<'a>(api: &'a Api, names: &BTreeSet<&'a String>) -> BTreeMap<&'a String, String> {
    let mut structures: BTreeMap<&String, String> = names.iter().map(|name| (*name, String::new())).collect();
    for _ in 0..ROUNDS {
        let next: Vec<_> =
            names.iter().filter_map(|name| Some((*name, structure(api.types.get(*name)?, &structures)))).collect();
        for (name, structure) in next {
            structures.insert(name, structure);
        }
    }
    structures
}

/// Returns a text that is equal for equal structures. References to unknown names show the structure known so far.
fn structure(schema: &Schema, known: &BTreeMap<&String, String>) -> String {
    let inner = |schema: &Schema| structure(schema, known);
    let shape = match &schema.shape {
        Shape::Anything => "any".to_owned(),
        Shape::Null => "null".to_owned(),
        Shape::Scalar(kind, format) => format!("{kind}:{}", format.as_deref().unwrap_or_default()),
        Shape::Values(values) => format!("{values:?}"),
        Shape::Constant(value) => format!("={value}"),
        Shape::List(items) => format!("[{}]", inner(items)),
        Shape::Tuple(items) => format!("({})", items.iter().map(inner).collect::<Vec<_>>().join(",")),
        Shape::Map(keys, values) => format!("map<{},{}>", inner(keys), inner(values)),
        Shape::Object(properties) => {
            let property = |(name, property): (&String, &crate::api::Property)| {
                format!("{name}{}{}", if property.required { "!" } else { "?" }, inner(&property.schema))
            };
            format!("{{{}}}", properties.iter().map(property).collect::<Vec<_>>().join(";"))
        }
        Shape::Union(variants, _) => {
            let mut variants: Vec<_> = variants.iter().map(inner).collect();
            variants.sort();
            format!("<{}>", variants.join("|"))
        }
        Shape::Reference(name) => match known.get(name) {
            // Short, so that the texts of recursive types do not grow without end.
            Some(structure) => format!("#{:x}", hash(structure)),
            None => format!("@{name}"),
        },
        Shape::Other(text) => text.clone(),
    };
    if schema.nullable { format!("{shape}|null") } else { shape }
}

/// FNV-1a. The standard hashers may change between releases of Rust.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Types in the place of a removed one that are similar to it.
fn at_same_place(
    old: &Api,
    new: &Api,
    gone: &BTreeSet<&String>,
    came: &BTreeSet<&String>,
    operations: &BTreeMap<String, String>,
    renames: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut pairs = BTreeSet::new();
    for (id, operation) in &old.operations {
        let Some(other) = new.operations.get(operations.get(id).unwrap_or(id)) else { continue };
        if let (Some(body), Some(other)) = (&operation.body, &other.body) {
            let same = body.contents.iter().filter_map(|(media, schema)| Some((schema, other.contents.get(media)?)));
            same.for_each(|(schema, other)| places(schema, other, &mut pairs));
        }
        for (status, response) in &operation.responses {
            let Some(other) = other.responses.get(status) else { continue };
            let same =
                response.contents.iter().filter_map(|(media, schema)| Some((schema, other.contents.get(media)?)));
            same.for_each(|(schema, other)| places(schema, other, &mut pairs));
        }
    }
    for (event, payload) in &old.webhooks {
        if let Some(other) = new.webhooks.get(event) {
            places(payload, other, &mut pairs);
        }
    }
    for (name, schema) in &old.types {
        if let Some(other) = new.types.get(renames.get(name).unwrap_or(name)) {
            places(schema, other, &mut pairs);
        }
    }
    let taken: BTreeSet<&String> = renames.values().collect();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut candidates: Vec<(f64, String, String)> = pairs
        .into_iter()
        .filter(|(a, b)| gone.contains(a) && came.contains(b) && !renames.contains_key(a) && !taken.contains(b))
        .filter_map(|(a, b)| Some((similarity(old.types.get(&a)?, new.types.get(&b)?), a, b)))
        .filter(|(similarity, ..)| *similarity >= SIMILAR)
        .collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((&a.1, &a.2).cmp(&(&b.1, &b.2))));
    for (_, a, b) in candidates {
        if !found.contains_key(&a) && !found.values().any(|other| *other == b) {
            found.insert(a, b);
        }
    }
    found
}

/// Pairs of type names in the same place of two schemas.
fn places(old: &Schema, new: &Schema, pairs: &mut BTreeSet<(String, String)>) {
    match (&old.shape, &new.shape) {
        (Shape::Reference(a), Shape::Reference(b)) if a != b => {
            pairs.insert((a.clone(), b.clone()));
        }
        (Shape::List(a), Shape::List(b)) => places(a, b, pairs),
        (Shape::Map(keys, values), Shape::Map(other_keys, other_values)) => {
            places(keys, other_keys, pairs);
            places(values, other_values, pairs);
        }
        (Shape::Tuple(a), Shape::Tuple(b)) => a.iter().zip(b).for_each(|(a, b)| places(a, b, pairs)),
        (Shape::Object(a), Shape::Object(b)) => {
            let same = a.iter().filter_map(|(name, property)| Some((property, b.get(name)?)));
            same.for_each(|(a, b)| places(&a.schema, &b.schema, pairs));
        }
        (Shape::Union(a, _), Shape::Union(b, _)) => {
            for a in a.iter().filter(|variant| !b.contains(variant)) {
                for b in b.iter().filter(|variant| !old_has(&old.shape, variant)) {
                    places(a, b, pairs);
                }
            }
        }
        _ => {}
    }
}

fn old_has(shape: &Shape, variant: &Schema) -> bool {
    matches!(shape, Shape::Union(variants, _) if variants.contains(variant))
}

/// Returns the similarity of two types, from 0 to 1.
fn similarity(a: &Schema, b: &Schema) -> f64 {
    match (&a.shape, &b.shape) {
        (Shape::Object(a), Shape::Object(b)) => {
            // Types with different tags are different, however similar they are otherwise.
            let differs = a.iter().any(|(name, property)| {
                let other = b.get(name).map(|property| &property.schema.shape);
                matches!((&property.schema.shape, other), (Shape::Constant(is), Some(Shape::Constant(other))) if is != other)
            });
            if differs {
                return 0.0;
            }
            share(&a.keys().collect(), &b.keys().collect())
        }
        (Shape::Values(a), Shape::Values(b)) => {
            let texts = |values: &[serde_json::Value]| values.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            share(&texts(a), &texts(b))
        }
        (Shape::Union(a, _), Shape::Union(b, _)) => {
            let texts = |variants: &[Schema]| variants.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            share(&texts(a), &texts(b))
        }
        (a, b) => f64::from(u8::from(a == b)),
    }
}

fn share<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    let all = a.union(b).count();
    // Counts of properties are small.
    if all == 0 { 0.0 } else { a.intersection(b).count() as f64 / all as f64 }
}
