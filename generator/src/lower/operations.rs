//! Operations: parameters and bodies.

use std::collections::{HashMap, HashSet};

use openapiv3::{
    Operation as Source, Parameter as ParameterSource, ParameterData, ParameterSchemaOrContent, PathItem, ReferenceOr,
    RequestBody,
};

use super::idempotency::idempotency;
use super::pagination::pagination;
use super::parameters::Placed;
use super::place::Place;
use super::security::requirements;
use super::{Lowering, component, not_a_component, responses};
use crate::http::{MediaType, Method};
use crate::ir::{Argument, Body, Docs, Encoding, Operation, Output, Parameter, Type};
use crate::pointer::{self, child};

/// Headers that OpenAPI says to ignore if a parameter describes them.
const IGNORED_HEADERS: [&str; 3] = ["Accept", "Authorization", "Content-Type"];

/// Converts all operations of a path, in the order of [`Method::ALL`].
pub(super) fn methods(item: &PathItem) -> impl Iterator<Item = (Method, &Source)> {
    let described = |method| match method {
        Method::Get => &item.get,
        Method::Put => &item.put,
        Method::Post => &item.post,
        Method::Delete => &item.delete,
        Method::Options => &item.options,
        Method::Head => &item.head,
        Method::Patch => &item.patch,
        Method::Trace => &item.trace,
    };
    Method::ALL.into_iter().filter_map(move |method| Some((method, described(method).as_ref()?)))
}

impl<'a> Lowering<'a> {
    pub(super) fn operation(
        &mut self,
        path: &str,
        item: &'a PathItem,
        method: Method,
        source: &'a Source,
    ) -> Operation {
        let id = source.operation_id.clone().unwrap_or_default();
        let pointer = child(&child(pointer::PATHS, path), method.keyword());
        let place = Place::operation(&id, pointer.clone(), &id.split([':', '.']).collect::<Vec<_>>());
        let body = self.request_body(source, &place);
        let (successes, errors) = self.outcomes(source, &place);
        let mut operation = Operation {
            docs: Docs {
                description: source.description.clone().or_else(|| source.summary.clone()),
                facts: Vec::new(),
                deprecated: source.deprecated,
            },
            path_parameters: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body,
            output: Output::of(&successes),
            accept: responses::accept(&successes),
            successes,
            errors,
            security: requirements(source.security.as_deref().or(self.default_security)),
            idempotency: idempotency(source, &place, &mut self.schemas.diagnostics),
            pagination: pagination(source, &place, &mut self.schemas.diagnostics),
            resource: 0,
            method_name: String::new(),
            request_type: String::new(),
            operation_type: String::new(),
            id,
            pointer,
            method,
            path: path.to_owned(),
            tags: source.tags.clone(),
        };
        let own = source.parameters.iter().enumerate().map(|(i, p)| (place.below(&["parameters", &i.to_string()]), p));
        let shared = item.parameters.iter().enumerate().map(|(i, p)| {
            let list = child(pointer::parent(&place.pointer), "parameters");
            (Place { pointer: pointer::element(&list, i), ..place.clone() }, p)
        });
        let mut known = HashSet::new();
        for (place, parameter) in own.chain(shared) {
            self.parameter(parameter, &place, &mut operation, &mut known);
        }
        let names = operation.path.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
        let positions: HashMap<String, usize> = names.enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        operation.path_parameters.sort_by_key(|parameter| positions.get(&parameter.wire).copied());
        operation
    }

    fn parameter(
        &mut self,
        source: &'a ReferenceOr<ParameterSource>,
        place: &Place,
        operation: &mut Operation,
        known: &mut HashSet<(&'static str, String)>,
    ) {
        let source = match source {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let all = self.components.map(|components| &components.parameters);
                let Some(parameter) = component(all, "parameters", reference) else {
                    self.schemas.diagnostics.push(not_a_component(place, reference));
                    return;
                };
                parameter
            }
        };
        let data = source.parameter_data_ref();
        if matches!(source, ParameterSource::Header { .. }) && is_ignored_header(&data.name) {
            let message = format!("the header parameter `{}` is left out: OpenAPI says to ignore it", data.name);
            self.schemas.diagnostics.push(place.note(message));
            return;
        }
        let parameter = self.parameter_of(data, place);
        let (location, list) = match source {
            ParameterSource::Path { .. } => ("path", &mut operation.path_parameters),
            ParameterSource::Query { .. } => ("query", &mut operation.query),
            ParameterSource::Header { .. } => ("header", &mut operation.headers),
            ParameterSource::Cookie { .. } => {
                self.schemas
                    .diagnostics
                    .push(place.error(format!("cookie parameter `{}` is not supported", data.name)));
                return;
            }
        };
        // A parameter of the operation replaces one of the path.
        if known.insert((location, parameter.wire.clone())) {
            self.placed.extend(Placed::parameter(source, place, &parameter.ty));
            list.push(parameter);
        }
    }

    fn parameter_of(&mut self, data: &'a ParameterData, place: &Place) -> Parameter {
        let used = match &data.format {
            ParameterSchemaOrContent::Schema(schema) => {
                Some(self.schemas.used(schema, &place.below(&["schema"]).named(&data.name)))
            }
            ParameterSchemaOrContent::Content(_) => {
                self.schemas
                    .diagnostics
                    .push(place.error(format!("parameter `{}` with content is not supported", data.name)));
                None
            }
        };
        let (ty, mut docs) = used.map_or((Type::Any, Docs::default()), |used| (used.ty, used.docs));
        docs.description = data.description.clone().or(docs.description);
        docs.deprecated |= data.deprecated.unwrap_or_default();
        Parameter {
            wire: data.name.clone(),
            name: String::new(),
            pointer: place.pointer.clone(),
            docs,
            ty,
            required: data.required,
            argument: Argument::default(),
            is_shared: false,
        }
    }

    fn request_body(&mut self, source: &'a Source, place: &Place) -> Option<Body> {
        let place = place.below(&["requestBody"]);
        let body = self.body_of(source.request_body.as_ref()?, &place)?;
        let (encoding, name, media) = body.content.iter().find_map(|(name, media)| {
            let parsed = MediaType::parse(name);
            let sent = [(parsed.is_plain_json(), Encoding::Json), (parsed.is_form(), Encoding::Form)];
            let (_, encoding) = sent.into_iter().find(|(is_sent, _)| *is_sent)?;
            Some((encoding, name, media))
        })?;
        let place = place.below(&["content", name, "schema"]).named("body");
        let ty = media.schema.as_ref().map_or(Type::Any, |schema| self.schemas.used(schema, &place).into_type());
        if encoding == Encoding::Form {
            self.placed.push(Placed::form(&place, &ty));
        }
        Some(Body { encoding, ty, required: body.required, argument: Argument::default() })
    }
}

impl<'a> Lowering<'a> {
    /// Converts a request body, or the one that a reference refers to.
    pub(super) fn body_of(&mut self, body: &'a ReferenceOr<RequestBody>, place: &Place) -> Option<&'a RequestBody> {
        match body {
            ReferenceOr::Item(body) => Some(body),
            ReferenceOr::Reference { reference } => {
                let found = component(self.components.map(|c| &c.request_bodies), "requestBodies", reference);
                if found.is_none() {
                    self.schemas.diagnostics.push(not_a_component(place, reference));
                }
                found
            }
        }
    }
}

/// Returns whether the document describes the header elsewhere: by media types and by security schemes.
fn is_ignored_header(name: &str) -> bool {
    IGNORED_HEADERS.iter().any(|ignored| name.eq_ignore_ascii_case(ignored))
}
