//! Webhooks: the payload of each event.

use indexmap::IndexMap;
use openapiv3::{PathItem, ReferenceOr};

use super::operations::methods;
use super::place::Place;
use super::{Lowering, tag_text};
use crate::ir::{Docs, Shape, Type, WebhookEvent};
use crate::pointer::{self, child};

/// Property of a payload that names its event.
const TAG: &str = "type";

impl<'a> Lowering<'a> {
    pub(super) fn webhooks(&mut self, webhooks: &'a IndexMap<String, PathItem>) -> Vec<WebhookEvent> {
        webhooks.iter().filter_map(|(event, item)| self.webhook(event, item)).collect()
    }

    fn webhook(&mut self, event: &str, item: &'a PathItem) -> Option<WebhookEvent> {
        let pointer = child(pointer::WEBHOOKS, event);
        let mut place = Place::operation(event, pointer.clone(), &["webhook", event, "payload"]);
        let (method, operation) = methods(item).next()?;
        place = place.below(&[method.keyword(), "requestBody"]);
        let body = operation.request_body.as_ref().and_then(ReferenceOr::as_item);
        let media = body.and_then(|body| body.content.iter().find(|(name, _)| *name == "application/json"));
        let Some(schema) = media.and_then(|(_, media)| media.schema.as_ref()) else {
            self.schemas.diagnostics.push(place.error(format!("webhook `{event}` has no JSON payload")));
            return None;
        };
        let used = self.schemas.used(schema, &place.below(&["content", "application/json", "schema"]));
        let payload = match used.ty {
            Type::Named(id) if self.names_event(&self.schemas.types[id.0].shape, event) => id,
            _ => {
                self.schemas.diagnostics.push(
                    place
                        .error(format!(
                            "the payload of webhook `{event}` does not fix its property `{TAG}` to that name"
                        ))
                        .hint("a reader could not tell the event; correct the payload in the overlay"),
                );
                return None;
            }
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

    fn names_event(&self, shape: &Shape, event: &str) -> bool {
        let Shape::Struct(payload) = shape else { return false };
        let tag = payload.fields.iter().find(|field| field.wire == TAG);
        tag.and_then(|field| field.constant.as_ref()).and_then(tag_text) == Some(event)
    }
}
