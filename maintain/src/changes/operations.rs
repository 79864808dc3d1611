//! Changes of operations.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Bump, ChangeKind, Class, Effect};
use super::schemas::At;
use super::{Comparison, classes};
use crate::api::{Body, Directions, Operation, Parameter, Requirement, Response, Schema, Shape};

impl Comparison<'_> {
    pub(super) fn operations(&mut self, renames: &BTreeMap<String, String>) {
        let (old, new) = (self.old, self.new);
        for (id, operation) in &old.operations {
            let other = renames.get(id).unwrap_or(id);
            if other != id {
                let text = format!("the operation `{id}` is now called `{other}`");
                self.push(ChangeKind::OperationRenamed, other, text, vec![Class::Docs], Bump::Major);
            }
            match new.operations.get(other) {
                Some(now) => self.operation(other, operation, now),
                None => {
                    let text = format!("the operation `{id}` ({} {}) was removed", operation.method, operation.path);
                    self.push(ChangeKind::OperationRemoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
                }
            }
        }
        let renamed: BTreeSet<&String> = renames.values().collect();
        for (id, operation) in new.operations.iter().filter(|(id, _)| !old.operations.contains_key(*id)) {
            if !renamed.contains(id) {
                let text = format!("the operation `{id}` ({} {}) was added", operation.method, operation.path);
                self.push(ChangeKind::OperationAdded, id, text, vec![Class::Additive], Bump::Minor);
            }
        }
    }

    fn operation(&mut self, id: &str, old: &Operation, new: &Operation) {
        if old.route() != new.route() {
            let text = format!("`{id}` is now {} {}, it was {} {}", new.method, new.path, old.method, old.path);
            self.push(ChangeKind::OperationMoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        self.deprecation(id, &format!("`{id}`"), old.deprecated, new.deprecated);
        self.text(id, &format!("`{id}`"), &old.text, &new.text);
        self.security(id, &old.security, &new.security);
        self.parameters(id, old, new);
        self.body(id, old.body.as_ref(), new.body.as_ref());
        self.responses(id, &old.responses, &new.responses);
        match (&old.pagination, &new.pagination) {
            (None, Some(_)) => {
                let text = format!("`{id}` returns its list in pages");
                self.push(ChangeKind::PaginationAdded, id, text, vec![Class::Additive], Bump::Minor);
            }
            (Some(_), None) => {
                let text = format!("`{id}` no longer returns its list in pages");
                self.push(ChangeKind::PaginationRemoved, id, text, vec![Class::BreakingForResponses], Bump::Major);
            }
            _ => {}
        }
    }

    fn security(&mut self, id: &str, old: &[Requirement], new: &[Requirement]) {
        let name = |requirement: &Requirement| match requirement.schemes.is_empty() {
            true => "no token".to_owned(),
            false => format!(
                "`{}` tokens",
                requirement.schemes.iter().map(String::as_str).collect::<Vec<_>>().join("` and `")
            ),
        };
        // An operation without requirements needs no token.
        let open = [Requirement { schemes: BTreeSet::new(), scopes: BTreeSet::new() }];
        let old = if old.is_empty() { &open } else { old };
        let new = if new.is_empty() { &open } else { new };
        let find = |list: &[Requirement], wanted: &Requirement| {
            list.iter().find(|requirement| requirement.schemes == wanted.schemes).cloned()
        };
        for requirement in old {
            if find(new, requirement).is_none() {
                let text = format!("`{id}` can no longer be called with {}", name(requirement));
                self.push(ChangeKind::TokenKindRemoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
            }
        }
        let mut removed: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        let mut added: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        let mut needs_scope = Vec::new();
        for requirement in new {
            let Some(former) = find(old, requirement) else {
                let text = format!("`{id}` can be called with {}", name(requirement));
                self.push(ChangeKind::TokenKindAdded, id, text, vec![Class::Additive], Bump::Patch);
                continue;
            };
            if former.scopes.is_empty() && !requirement.scopes.is_empty() {
                needs_scope.push(requirement);
                continue;
            }
            // One of the scopes is enough, so tokens that have only a removed scope lose access.
            let before: Vec<&String> =
                old.iter().filter(|one| one.schemes == requirement.schemes).flat_map(|one| &one.scopes).collect();
            for scope in before.iter().filter(|scope| !requirement.scopes.contains(**scope)) {
                removed.entry(scope).or_default().push(name(requirement));
            }
            for scope in requirement.scopes.iter().filter(|scope| !former.scopes.contains(*scope)) {
                added.entry(scope).or_default().push(name(requirement));
            }
        }
        for requirement in needs_scope {
            let scopes: Vec<_> = requirement.scopes.iter().map(|scope| format!("`{scope}`")).collect();
            let text = format!("`{id}` needs one of the scopes {} with {}", scopes.join(", "), name(requirement));
            self.push(ChangeKind::ScopeAdded, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        for (scope, tokens) in removed {
            let text = format!("the scope `{scope}` is no longer enough for `{id}` ({})", tokens.join(", "));
            self.push(ChangeKind::ScopeRemoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        for (scope, tokens) in added {
            let text = format!("the scope `{scope}` is enough for `{id}` ({})", tokens.join(", "));
            self.push(ChangeKind::ScopeAdded, id, text, vec![Class::Additive], Bump::Patch);
        }
    }

    fn parameters(&mut self, id: &str, old: &Operation, new: &Operation) {
        let key = |operation: &Operation, parameter: &Parameter| match parameter.place.as_str() {
            // Callers pass them in the order of the path, whatever their names.
            "path" => {
                let position = operation.path.find(&format!("{{{}}}", parameter.name));
                let before = position.and_then(|position| operation.path.get(..position)).unwrap_or_default();
                ("path".to_owned(), before.matches('{').count().to_string())
            }
            place => (place.to_owned(), parameter.name.clone()),
        };
        let keyed = |operation: &Operation| -> BTreeMap<(String, String), Parameter> {
            operation.parameters.iter().map(|one| (key(operation, one), one.clone())).collect()
        };
        let (old, new) = (keyed(old), keyed(new));
        let noun = |parameter: &Parameter| format!("the {} parameter `{}`", parameter.place, parameter.name);
        for (key, parameter) in &old {
            match new.get(key) {
                Some(now) => self.parameter(id, &format!("{} of `{id}`", noun(now)), parameter, now),
                None => {
                    let text = format!("{} of `{id}` was removed", noun(parameter));
                    self.push(ChangeKind::ParameterRemoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
                }
            }
        }
        for (_, parameter) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            let needed = if parameter.required { "required " } else { "optional " };
            let noun = format!("{} parameter `{}`", parameter.place, parameter.name);
            let text = format!("`{id}` takes the new {needed}{noun} ({})", parameter.schema);
            let class = if parameter.required { Class::BreakingForRequests } else { Class::Additive };
            self.push(ChangeKind::ParameterAdded, id, text, vec![class], Bump::Minor);
        }
    }

    fn parameter(&mut self, id: &str, noun: &str, old: &Parameter, new: &Parameter) {
        if !old.required && new.required {
            let text = format!("{noun} became required");
            self.push(ChangeKind::BecameRequired, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        if old.required && !new.required {
            let text = format!("{noun} became optional");
            self.push(ChangeKind::BecameOptional, id, text, vec![Class::Additive], Bump::Major);
        }
        if old.style != new.style {
            let text = format!("{noun} is written in another way");
            self.push(ChangeKind::ParameterStyleChanged, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        self.deprecation(id, noun, old.deprecated, new.deprecated);
        self.schema(&At::whole(id, noun.to_owned()), &old.schema, &new.schema, Directions::REQUESTS);
    }

    fn body(&mut self, id: &str, old: Option<&Body>, new: Option<&Body>) {
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (None, Some(new)) => {
                let needed = if new.required { "a required" } else { "an optional" };
                let class = if new.required { Class::BreakingForRequests } else { Class::Additive };
                self.push(ChangeKind::BodyAdded, id, format!("`{id}` takes {needed} body"), vec![class], Bump::Major);
                return;
            }
            (Some(_), None) => {
                let text = format!("`{id}` no longer takes a body");
                self.push(ChangeKind::BodyRemoved, id, text, vec![Class::BreakingForRequests], Bump::Major);
                return;
            }
            (None, None) => return,
        };
        let noun = format!("the body of `{id}`");
        if !old.required && new.required {
            let text = format!("{noun} became required");
            self.push(ChangeKind::BecameRequired, id, text, vec![Class::BreakingForRequests], Bump::Major);
        }
        if old.required && !new.required {
            self.push(
                ChangeKind::BecameOptional,
                id,
                format!("{noun} became optional"),
                vec![Class::Additive],
                Bump::Major,
            );
        }
        self.contents(id, &noun, Directions::REQUESTS, &old.contents, &new.contents);
    }

    fn contents(
        &mut self,
        id: &str,
        noun: &str,
        directions: Directions,
        old: &BTreeMap<String, Schema>,
        new: &BTreeMap<String, Schema>,
    ) {
        for (media, schema) in old {
            match new.get(media) {
                Some(now) => self.schema(&At::whole(id, noun.to_owned()), schema, now, directions),
                None => {
                    let classes = classes(directions, Effect::Breaking, Effect::Breaking);
                    self.push(
                        ChangeKind::MediaTypeRemoved,
                        id,
                        format!("{noun} is no longer {media}"),
                        classes,
                        Bump::Major,
                    );
                }
            }
        }
        for media in new.keys().filter(|media| !old.contains_key(*media)) {
            // The server may choose any of them; a client need not.
            let classes = classes(directions, Effect::Additive, Effect::Breaking);
            self.push(ChangeKind::MediaTypeAdded, id, format!("{noun} can be {media}"), classes, Bump::Minor);
        }
    }

    fn responses(&mut self, id: &str, old: &BTreeMap<String, Response>, new: &BTreeMap<String, Response>) {
        let is_success = |status: &str| status.starts_with('2');
        for (status, response) in old {
            match new.get(status) {
                Some(now) if is_success(status) => {
                    let noun = format!("the {status} response of `{id}`");
                    self.contents(id, &noun, Directions::RESPONSES, &response.contents, &now.contents);
                }
                Some(now) => self.errors(id, status, response, now),
                None => {
                    let (bump, what) =
                        if is_success(status) { (Bump::Major, "response") } else { (Bump::Patch, "error") };
                    let text = format!("`{id}` no longer documents the {what} {status}");
                    let class = if is_success(status) { Class::Additive } else { Class::Docs };
                    self.push(ChangeKind::ResponseRemoved, id, text, vec![class], bump);
                }
            }
        }
        for (status, response) in new.iter().filter(|(status, _)| !old.contains_key(*status)) {
            let content = response.contents.values().next().map_or_else(|| "no body".to_owned(), ToString::to_string);
            if is_success(status) {
                let text = format!("`{id}` can return {status} with {content}");
                self.push(ChangeKind::ResponseAdded, id, text, vec![Class::BreakingForResponses], Bump::Major);
            } else {
                let text = format!("`{id}` documents the error {status} with {content}");
                self.push(ChangeKind::ResponseAdded, id, text, vec![Class::Additive], Bump::Minor);
            }
        }
    }

    /// The bodies of an error. All errors of the API are one open union in the crate, to which a body can be added.
    fn errors(&mut self, id: &str, status: &str, old: &Response, new: &Response) {
        let bodies = |response: &Response| -> Vec<Schema> {
            let each = |schema: &Schema| match &schema.shape {
                Shape::Union(variants, _) => variants.clone(),
                _ => vec![schema.clone()],
            };
            response.contents.values().flat_map(each).collect()
        };
        let (old, new) = (bodies(old), bodies(new));
        let gone = old.iter().filter(|body| !new.iter().any(|other| self.is_same(body, other)));
        let gone: Vec<_> =
            gone.map(|body| format!("`{id}` no longer documents the error {status} with {body}")).collect();
        let came = new.iter().filter(|body| !old.iter().any(|other| self.is_same(other, body)));
        let came: Vec<_> = came.map(|body| format!("`{id}` documents the error {status} with {body}")).collect();
        for text in gone {
            self.push(ChangeKind::ResponseRemoved, id, text, vec![Class::Docs], Bump::Patch);
        }
        for text in came {
            self.push(ChangeKind::ResponseAdded, id, text, vec![Class::Additive], Bump::Minor);
        }
    }
}
