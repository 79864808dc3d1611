//! Responses: the content of each documented status.

use openapiv3::{MediaType as Media, Operation as Source, ReferenceOr, Response, StatusCode};

use super::place::Place;
use super::{Lowering, component, not_a_component};
use crate::http::MediaType;
use crate::ir::{Documented, ResponseBody, Status, Success, Type};

/// A documented response, with its place.
struct Found<'a> {
    status: Status,
    response: &'a Response,
    place: Place,
}

impl<'a> Lowering<'a> {
    /// Returns all responses of an operation. `default` comes last.
    fn responses(&mut self, source: &'a Source, place: &Place) -> Vec<Found<'a>> {
        let listed = source.responses.responses.iter().map(|(status, response)| (Status::from(status), response));
        let default = source.responses.default.iter().map(|response| (Status::Default, response));
        let mut found = Vec::new();
        for (status, response) in listed.chain(default) {
            let place = place.below(&["responses", &status.to_string()]);
            if let Some(response) = self.response(response, &place) {
                found.push(Found { status, response, place });
            }
        }
        found
    }

    fn response(&mut self, response: &'a ReferenceOr<Response>, place: &Place) -> Option<&'a Response> {
        match response {
            ReferenceOr::Item(response) => Some(response),
            ReferenceOr::Reference { reference } => {
                let found = component(self.components.map(|components| &components.responses), "responses", reference);
                if found.is_none() {
                    self.schemas.diagnostics.push(not_a_component(place, reference));
                }
                found
            }
        }
    }

    /// Returns successes, ordered by status, and errors. `default` describes the errors, unless it is the only response
    /// that can describe a success.
    pub(super) fn outcomes(&mut self, source: &'a Source, place: &Place) -> (Vec<Success>, Vec<Documented>) {
        let responses = self.responses(source, place);
        let mut is_success: fn(Status) -> bool = Status::is_success;
        if !responses.iter().any(|found| found.status.is_success()) {
            is_success = |status| status == Status::Default;
            let note = match responses.last() {
                Some(Found { status: Status::Default, place, .. }) => {
                    place.note("no success is documented: `default` is used as the success response")
                }
                _ => place.below(&["responses"]).warning("no success is documented: the operation returns nothing"),
            };
            self.schemas.diagnostics.push(note.hint("add the response of a success in the overlay"));
        }
        let (successes, errors): (Vec<_>, Vec<_>) = responses.iter().partition(|found| is_success(found.status));
        let mut successes: Vec<_> = successes.into_iter().map(|found| self.success(found)).collect();
        successes.sort_by_key(|success| success.status);
        (successes, errors.into_iter().flat_map(|found| self.errors(found)).collect())
    }

    fn success(&mut self, found: &Found<'a>) -> Success {
        let Found { status, response, place } = found;
        let words = response.description.trim();
        let description = (!words.is_empty()).then(|| words.to_owned());
        Success { status: *status, description, body: self.body(response, place), name: String::new() }
    }

    /// Returns the body of a success. If the document has several media types, one with a typed schema is preferred,
    /// and JSON to text: the request asks for that one.
    fn body(&mut self, response: &'a Response, place: &Place) -> ResponseBody {
        let described = |(_, media): &(&String, &Media)| media.schema.as_ref().is_some_and(|s| !is_any(s));
        let content = || response.content.iter();
        let json = content().filter(|(name, _)| is_json(name));
        let text = content().filter(|(name, _)| MediaType::parse(name).is_text());
        match json.clone().find(described).or_else(|| text.clone().next()).or_else(|| json.clone().next()) {
            Some((name, media)) if is_json(name) => {
                let ty = self.json(name, media, place);
                let others = json.filter(described).filter(|(other, _)| *other != name);
                for (other, media) in others {
                    if self.json(other, media, place) != ty {
                        let message =
                            format!("the response has another JSON body, as `{other}`, which is not supported");
                        let hint = format!(
                            "keep the one that the server sends in the overlay, or accept this pointer under x-accept: \
                             `{name}` is read then"
                        );
                        self.schemas.diagnostics.push(place.below(&["content", other]).error(message).hint(hint));
                    }
                }
                ResponseBody::Json(ty)
            }
            Some((name, _)) => ResponseBody::Text(name.clone()),
            // The check of the document reports other media types.
            None => ResponseBody::Empty,
        }
    }

    fn json(&mut self, name: &str, media: &'a Media, place: &Place) -> Type {
        let place = place.below(&["content", name, "schema"]).named("response");
        let schema = media.schema.as_ref();
        schema.map_or(Type::Any, |schema| self.schemas.used(schema, &place).into_type())
    }

    /// Returns the bodies of an error: the server may send any of several.
    fn errors(&mut self, found: &Found<'a>) -> Vec<Documented> {
        let Found { status, response, place } = found;
        let json = response.content.iter().filter(|(name, _)| is_json(name));
        let mut types: Vec<Type> = Vec::new();
        for (name, schema) in json.filter_map(|(name, media)| Some((name, media.schema.as_ref()?))) {
            let place = place.below(&["content", name, "schema"]).named(&error_word(*status));
            let ty = self.schemas.used(schema, &place).into_type();
            if !types.contains(&ty) {
                types.push(ty);
            }
        }
        match types.is_empty() {
            true => vec![Documented { status: *status, ty: None }],
            false => types.into_iter().map(|ty| Documented { status: *status, ty: Some(ty) }).collect(),
        }
    }
}

impl From<&StatusCode> for Status {
    fn from(status: &StatusCode) -> Self {
        match status {
            StatusCode::Code(code) => Self::Code(*code),
            StatusCode::Range(hundred) => Self::Range(*hundred),
        }
    }
}

/// Returns the words for the status in the names of error bodies without a name.
fn error_word(status: Status) -> String {
    match status.reason() {
        Some(reason) => reason.to_lowercase(),
        None => format!("error {status}"),
    }
}

/// Returns the media types of the bodies of successes. A request without a documented body accepts JSON.
pub(super) fn accept(successes: &[Success]) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for success in successes {
        let name = match &success.body {
            ResponseBody::Json(_) => MediaType::JSON,
            ResponseBody::Text(name) => name,
            ResponseBody::Empty => continue,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(MediaType::JSON);
    }
    names.into_iter().map(str::to_owned).collect()
}

fn is_json(name: &str) -> bool {
    MediaType::parse(name).is_json()
}

fn is_any(schema: &ReferenceOr<openapiv3::Schema>) -> bool {
    matches!(schema, ReferenceOr::Item(openapiv3::Schema { schema_kind: openapiv3::SchemaKind::Any(any), .. }) if *any == openapiv3::AnySchema::default())
}
