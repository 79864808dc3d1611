//! Webhooks: the payload of each event.

use indexmap::IndexMap;
use openapiv3::{MediaType as Media, PathItem};

use super::operations::methods;
use super::place::Place;
use super::{Lowering, tag_text};
use crate::diagnostics::Diagnostic;
use crate::http::MediaType;
use crate::ir::{Docs, Shape, Type, WebhookEvent};
use crate::pointer::{self, child};

/// Property of a payload that contains the type of its event.
const TAG: &str = "type";

impl<'a> Lowering<'a> {
    pub(super) fn webhooks(&mut self, webhooks: &'a IndexMap<String, PathItem>) -> Vec<WebhookEvent> {
        webhooks.iter().filter_map(|(event, item)| self.webhook(event, item)).collect()
    }

    fn webhook(&mut self, event: &str, item: &'a PathItem) -> Option<WebhookEvent> {
        let pointer = child(pointer::WEBHOOKS, event);
        let whole = Place::operation(event, pointer.clone(), &["webhook", event, "payload"]);
        let mut operations = methods(item);
        let (method, operation) = operations.next()?;
        for (other, _) in operations {
            let message = format!("the webhook `{event}` has a second operation, which is not supported");
            let hint = "keep the one that the server sends, and remove the other one in the overlay";
            self.schemas.diagnostics.push(whole.below(&[other.keyword()]).error(message).hint(hint));
        }
        let place = whole.below(&[method.keyword(), "requestBody"]);
        let body = match &operation.request_body {
            Some(body) => Some(self.body_of(body, &place)?),
            None => None,
        };
        let is_payload = |(name, media): &(&String, &Media)| MediaType::parse(name).is_json() && media.schema.is_some();
        let media = body.and_then(|body| body.content.iter().find(is_payload));
        let Some((name, Some(schema))) = media.map(|(name, media)| (name, media.schema.as_ref())) else {
            let hint = "describe a body with the media type `application/json` and a schema in the overlay";
            let message = format!("the webhook `{event}` has no JSON payload");
            self.schemas.diagnostics.push(place.error(message).hint(hint));
            return None;
        };
        let place = place.below(&["content", name, "schema"]);
        let Type::Named(payload) = self.schemas.used(schema, &place).ty else {
            self.schemas.diagnostics.push(untold(event, place.pointer));
            return None;
        };
        Some(WebhookEvent {
            event: event.to_owned(),
            pointer,
            docs: Docs {
                description: operation.description.clone(),
                facts: Vec::new(),
                deprecated: operation.deprecated,
            },
            payload,
            name: String::new(),
        })
    }

    /// Keeps the webhooks whose payload contains the type of the event. All schemas have to be merged before.
    pub(super) fn told_events(&mut self, webhooks: Vec<WebhookEvent>) -> Vec<WebhookEvent> {
        let (told, others): (Vec<_>, Vec<_>) = webhooks.into_iter().partition(|webhook| {
            let Shape::Struct(payload) = &self.schemas.types[webhook.payload.0].shape else { return false };
            let tag = payload.fields.iter().find(|field| field.wire == TAG);
            tag.and_then(|field| field.constant.as_ref()).and_then(tag_text) == Some(&webhook.event)
        });
        others.into_iter().for_each(|other| self.schemas.diagnostics.push(untold(&other.event, other.pointer)));
        told
    }
}

fn untold(event: &str, pointer: String) -> Diagnostic {
    let message =
        format!("the payload of the webhook `{event}` does not have the constant `{event}` in its property `{TAG}`");
    Diagnostic::error(pointer, message)
        .in_operation(event)
        .hint("without it, the event can't be recognized; correct the payload in the overlay")
}
