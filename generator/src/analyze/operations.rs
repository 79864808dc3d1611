//! Operations: parameters, bodies, answers, errors.

use openapiv3::{
    MediaType as Media, Operation as Source, Parameter as ParameterSource, ParameterData, ParameterSchemaOrContent,
    PathItem, ReferenceOr, Response, StatusCode,
};

use super::Analysis;
use super::pagination::pagination;
use super::place::Place;
use super::repeat::repeat;
use super::security::requirements;
use crate::document::pointer::child;
use crate::ir::{Answer, AnswerBody, Body, Docs, Documented, MediaType, Method, Operation, Parameter, Type};

/// All operations of a path, in the order of HTTP's own list.
pub(super) fn methods(item: &PathItem) -> impl Iterator<Item = (Method, &Source)> {
    [
        (Method::Get, &item.get),
        (Method::Put, &item.put),
        (Method::Post, &item.post),
        (Method::Delete, &item.delete),
        (Method::Options, &item.options),
        (Method::Head, &item.head),
        (Method::Patch, &item.patch),
        (Method::Trace, &item.trace),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

impl<'a> Analysis<'a> {
    pub(super) fn operation(
        &mut self,
        path: &str,
        item: &'a PathItem,
        method: Method,
        source: &'a Source,
    ) -> Operation {
        let id = source.operation_id.clone().unwrap_or_default();
        let pointer = child(&child("#/paths", path), &method.as_str().to_lowercase());
        let place = Place::operation(&id, pointer.clone(), &id.split([':', '.']).collect::<Vec<_>>());
        let mut operation = Operation {
            docs: Docs {
                description: source.description.clone().or_else(|| source.summary.clone()),
                facts: Vec::new(),
                deprecated: source.deprecated,
            },
            path_parameters: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: self.request_body(source, &place),
            answer: self.answer(source, &place),
            errors: self.errors(source, &place),
            security: requirements(source.security.as_deref().or(self.default_security)),
            repeat: repeat(source, &place, &mut self.schemas.diagnostics),
            pagination: pagination(source, &place, &mut self.schemas.diagnostics),
            resource: 0,
            method_name: String::new(),
            request_type: String::new(),
            marker: String::new(),
            id,
            pointer,
            method,
            path: path.to_owned(),
            tags: source.tags.clone(),
        };
        let own = source.parameters.iter().enumerate().map(|(i, p)| (place.below(&["parameters", &i.to_string()]), p));
        let shared = item.parameters.iter().enumerate().map(|(i, p)| {
            let above = place.pointer.rsplit_once('/').map_or("", |(above, _)| above);
            (Place { pointer: format!("{above}/parameters/{i}"), ..place.clone() }, p)
        });
        for (place, parameter) in own.chain(shared) {
            self.parameter(parameter, &place, &mut operation);
        }
        let template = operation.path.clone();
        let position = |p: &Parameter| template.find(&format!("{{{}}}", p.wire));
        operation.path_parameters.sort_by_key(position);
        operation
    }

    fn parameter(&mut self, source: &'a ReferenceOr<ParameterSource>, place: &Place, operation: &mut Operation) {
        let source = match source {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/parameters/");
                let found = name.and_then(|name| self.components?.parameters.get(name)).and_then(ReferenceOr::as_item);
                let Some(parameter) = found else {
                    self.schemas.diagnostics.push(place.error(format!("`{reference}` names no component parameter")));
                    return;
                };
                parameter
            }
        };
        let data = source.parameter_data_ref();
        let parameter = self.parameter_of(data, place);
        let list = match source {
            ParameterSource::Path { .. } => &mut operation.path_parameters,
            ParameterSource::Query { .. } => &mut operation.query,
            ParameterSource::Header { .. } => &mut operation.headers,
            ParameterSource::Cookie { .. } => {
                self.schemas.diagnostics.push(place.error(format!("cookie parameter `{}` has no model", data.name)));
                return;
            }
        };
        // A parameter of the operation takes the place of one of the path.
        if !list.iter().any(|known| known.wire == parameter.wire) {
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
                    .push(place.error(format!("parameter `{}` with content has no model", data.name)));
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
        }
    }

    fn request_body(&mut self, source: &'a Source, place: &Place) -> Option<Body> {
        let place = place.below(&["requestBody"]);
        let body = match source.request_body.as_ref()? {
            ReferenceOr::Item(body) => body,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/requestBodies/");
                let found =
                    name.and_then(|name| self.components?.request_bodies.get(name)).and_then(ReferenceOr::as_item);
                let Some(body) = found else {
                    self.schemas
                        .diagnostics
                        .push(place.error(format!("`{reference}` names no component request body")));
                    return None;
                };
                body
            }
        };
        let (media_type, name, media) = body.content.iter().find_map(|(name, media)| {
            let media_type = if is_json(name) {
                MediaType::Json
            } else if name == "application/x-www-form-urlencoded" {
                MediaType::Form
            } else {
                return None;
            };
            Some((media_type, name, media))
        })?;
        let place = place.below(&["content", name, "schema"]).named("body");
        let ty = media.schema.as_ref().map_or(Type::Any, |schema| self.schemas.used(schema, &place).into_type());
        Some(Body { media_type, ty, required: body.required })
    }

    fn response(&mut self, response: &'a ReferenceOr<Response>, place: &Place) -> Option<&'a Response> {
        match response {
            ReferenceOr::Item(response) => Some(response),
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/responses/");
                let found = name.and_then(|name| self.components?.responses.get(name)).and_then(ReferenceOr::as_item);
                if found.is_none() {
                    self.schemas.diagnostics.push(place.error(format!("`{reference}` names no component response")));
                }
                found
            }
        }
    }

    /// The body of a success. Where the document offers several encodings, one whose schema says something wins, and
    /// JSON before text.
    fn answer(&mut self, source: &'a Source, place: &Place) -> Answer {
        let mut answers: Vec<Answer> = Vec::new();
        for (status, response) in &source.responses.responses {
            if !is_success(status) {
                continue;
            }
            let status = status.to_string();
            let place = place.below(&["responses", &status]);
            let Some(response) = self.response(response, &place) else {
                continue;
            };
            let described = |(_, media): &(&String, &Media)| media.schema.as_ref().is_some_and(|s| !is_any(s));
            let content = || response.content.iter();
            let json = content().filter(|(name, _)| is_json(name));
            let text = content().filter(|(name, _)| name.starts_with("text/"));
            let chosen = json.clone().find(described).or_else(|| text.clone().next()).or_else(|| json.clone().next());
            let body = match chosen {
                None => AnswerBody::Empty,
                Some((name, media)) if is_json(name) => {
                    let place = place.below(&["content", name, "schema"]).named("response");
                    AnswerBody::Json(
                        media.schema.as_ref().map_or(Type::Any, |s| self.schemas.used(s, &place).into_type()),
                    )
                }
                Some((name, _)) => AnswerBody::Text(name.clone()),
            };
            answers.push(Answer { status, body });
        }
        let mut bodies = answers.iter().filter(|answer| answer.body != AnswerBody::Empty);
        match (bodies.next(), bodies.next()) {
            (Some(first), Some(second)) if first.body != second.body => {
                let message = format!("statuses {} and {} answer with different bodies", first.status, second.status);
                self.schemas
                    .diagnostics
                    .push(place.error(message).hint("leave one body in the overlay, or give both the same schema"));
                first.clone()
            }
            (Some(first), _) => first.clone(),
            (None, _) => {
                answers.into_iter().next().unwrap_or(Answer { status: "2XX".to_owned(), body: AnswerBody::Empty })
            }
        }
    }

    fn errors(&mut self, source: &'a Source, place: &Place) -> Vec<Documented> {
        let mut errors = Vec::new();
        for (status, response) in &source.responses.responses {
            if is_success(status) {
                continue;
            }
            let status = status.to_string();
            let place = place.below(&["responses", &status]);
            let Some(response) = self.response(response, &place) else {
                continue;
            };
            let json = response.content.iter().find(|(name, _)| is_json(name));
            let schema = json.and_then(|(name, media)| media.schema.as_ref().map(|schema| (name, schema)));
            let ty = schema.map(|(name, schema)| {
                let place = place.below(&["content", name, "schema"]).named(&error_word(&status));
                self.schemas.used(schema, &place).into_type()
            });
            errors.push(Documented { status, ty });
        }
        errors
    }
}

/// The word by which the names of error bodies that have none of their own tell their status.
fn error_word(status: &str) -> String {
    let reasons = [
        ("400", "bad request"),
        ("401", "unauthorized"),
        ("402", "payment required"),
        ("403", "forbidden"),
        ("404", "not found"),
        ("409", "conflict"),
        ("422", "unprocessable content"),
        ("429", "too many requests"),
    ];
    let reason = reasons.iter().find(|(known, _)| *known == status);
    reason.map_or_else(|| format!("error {status}"), |(_, words)| (*words).to_owned())
}

fn is_json(name: &str) -> bool {
    let essence = name.split(';').next().unwrap_or_default().trim();
    essence == "application/json" || essence.ends_with("+json")
}

fn is_any(schema: &ReferenceOr<openapiv3::Schema>) -> bool {
    matches!(schema, ReferenceOr::Item(openapiv3::Schema { schema_kind: openapiv3::SchemaKind::Any(any), .. }) if *any == openapiv3::AnySchema::default())
}

fn is_success(status: &StatusCode) -> bool {
    matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2))
}
