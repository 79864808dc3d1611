//! The tree of resources, built from the ids of operations.

use std::collections::HashMap;

use heck::ToKebabCase;

use super::identifiers::{module_name, segment};
use crate::ir::{Api, Operation, Resource};

/// Characters that separate resource and verb in an `operationId`.
pub(super) const SEPARATORS: [char; 2] = [':', '.'];

/// Reserved features of the crate. `webhooks` and `oauth2` are not among them: a resource of that name and the part of
/// the runtime share one feature.
pub(super) const OTHER_FEATURES: &[&str] = &[
    "all",
    "axum",
    "blocking",
    "default",
    "full",
    "http2",
    "mock",
    "native-tls",
    "rate-limit",
    "reqwest",
    "rsa",
    "rustls",
    "rustls-aws-lc-rs",
    "rustls-no-provider",
    "tracing",
    "webpki-roots",
];

/// Builds the tree and adds each operation to it.
pub(super) fn run(api: &mut Api) {
    let mut resources: Vec<Resource> = Vec::new();
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    for operation in &mut api.operations {
        let path = path_of(operation);
        let mut parent = None;
        for depth in 1..=path.len() {
            let prefix = path[..depth].to_vec();
            let index = *places.entry(prefix.clone()).or_insert_with(|| {
                resources.push(Resource {
                    description: api.resource_docs.get(&prefix.join(":")).cloned(),
                    path: prefix,
                    parent,
                    accessor: String::new(),
                    name: String::new(),
                    module: module_name(&path[0]),
                    feature: feature(&path[0]),
                });
                resources.len() - 1
            });
            parent = Some(index);
        }
        operation.resource = parent.unwrap_or_default();
    }
    api.resources = resources;
}

fn feature(segment: &str) -> String {
    let name = segment.to_kebab_case();
    if OTHER_FEATURES.contains(&name.as_str()) { format!("{name}-resource") } else { name }
}

/// Returns the segments before the verb, without repetition: `oauth2:clients:oauth2:create_client` belongs to `oauth2`
/// and `clients`. An id with one segment belongs to the operation's first tag or path segment.
fn path_of(operation: &Operation) -> Vec<String> {
    let mut segments: Vec<_> = operation.id.split(SEPARATORS).map(segment).collect();
    segments.pop();
    segments.retain(|segment| !segment.is_empty());
    if segments.is_empty() {
        let in_path = operation.path.split('/').filter(|part| !part.starts_with('{') && !is_version(part));
        let mut names = operation.tags.iter().take(1).map(String::as_str).chain(in_path).map(segment);
        segments.push(names.find(|name| !name.is_empty()).unwrap_or_else(|| "api".to_owned()));
    }
    let mut path: Vec<String> = Vec::with_capacity(segments.len());
    for segment in segments {
        if !path.contains(&segment) {
            path.push(segment);
        }
    }
    path
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
