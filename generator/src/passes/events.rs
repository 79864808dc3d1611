//! Accessors of the union of all events beyond the shared properties: the type of the event, and its data.

use std::collections::BTreeMap;

use super::shared_fields::{Content, Found, Offer, by_wire, returned};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ir::{Accessor, Api, Field, Shape, Source, Subject, Type, TypeId, Union, WebhookEvent};

/// The accessor of the property that distinguishes events.
const EVENT_TYPE: &str = "event_type";

/// The accessor for the identifier of an event's data. `id` alone would be confused with that of the delivery.
const CONTENT_ID: (&str, &str) = ("id", "data_id");

/// Adds accessors to the union of all events.
pub(super) fn run(api: &mut Api, diagnostics: &mut Diagnostics) {
    let Some(id) = api.webhook_union else { return };
    let Shape::Union(union) = &api.get(id).shape else { return };
    let mut accessors = union.accessors.clone();
    for accessor in &mut accessors {
        if matches!(accessor.subject, Subject::Tag(_)) {
            accessor.name = EVENT_TYPE.to_owned();
        }
    }
    let contents = contents(api, union);
    accessors.extend(about(api, &contents));
    accessors.extend(of_content(api, &contents));
    for (index, accessor) in accessors.iter().enumerate() {
        if accessors[..index].iter().any(|other| other.name == accessor.name) {
            let message = format!("events have two accessors `{}`", accessor.name);
            let hint =
                "choose another name for the accessor of the data by its line in names.lock, which begins with `event`";
            diagnostics.push(Diagnostic::error(api.get(id).pointer(), message).hint(hint));
        }
    }
    if let Shape::Union(union) = &mut api.types[id.0].shape {
        union.accessors = accessors;
    }
}

/// The data of the event of a variant.
struct EventData {
    ty: TypeId,
    /// Identifier of the accessor.
    accessor: String,
    /// Identifier of the field of the payload.
    field: String,
}

/// Returns the data of the events, in the order of the variants.
fn contents(api: &Api, union: &Union) -> Vec<Option<EventData>> {
    let data = |ty: &Type| {
        let Type::Named(payload) = ty else { return None };
        let webhook: &WebhookEvent = api.webhooks.iter().find(|webhook| webhook.payload == *payload)?;
        let content = webhook.content.as_ref()?;
        let Shape::Struct(payload) = &api.get(*payload).shape else { return None };
        let field: &Field = payload.fields.iter().find(|field| field.wire == content.property && !field.boxed)?;
        Some(EventData { ty: content.ty, accessor: content.accessor.clone(), field: field.name.clone() })
    };
    union.variants.iter().map(|variant| data(&variant.ty)).collect()
}

/// Returns an accessor for each type of data.
fn about(api: &Api, contents: &[Option<EventData>]) -> Vec<Accessor> {
    let types: BTreeMap<&str, TypeId> =
        contents.iter().flatten().map(|data| (data.accessor.as_str(), data.ty)).collect();
    let accessor = |(name, ty): (&str, TypeId)| {
        let source = |data: &Option<EventData>| {
            let data = data.as_ref().filter(|data| data.ty == ty)?;
            Some(Source::Field { path: vec![data.field.clone()], optional: false, is_enum: false })
        };
        Accessor {
            name: name.to_owned(),
            subject: Subject::Content(api.get(ty).name.clone()),
            returned: returned(&Type::Named(ty)),
            is_total: false,
            sources: contents.iter().map(source).collect(),
        }
    };
    types.into_iter().map(accessor).collect()
}

/// Returns an accessor for each identifier that several types of data have.
fn of_content(api: &Api, contents: &[Option<EventData>]) -> Vec<Accessor> {
    let mut found = Found::new(&api.types);
    let of_type = |data: &Option<EventData>| {
        let Some(data) = data else { return Vec::new() };
        found.of_type(&Type::Named(data.ty), std::slice::from_ref(&data.field))
    };
    let offers: Vec<Vec<Offer>> = contents.iter().map(of_type).collect();
    let mut types: BTreeMap<&str, Vec<TypeId>> = BTreeMap::new();
    for (data, offers) in contents.iter().zip(&offers) {
        for (offer, data) in offers.iter().flat_map(|offer| data.as_ref().map(|data| (offer, data))) {
            let types = types.entry(&offer.wire).or_default();
            if offer.content == Content::Type(Type::Uuid) && !types.contains(&data.ty) {
                types.push(data.ty);
            }
        }
    }
    let offers: Vec<_> = offers.iter().map(|offers| by_wire(offers)).collect();
    let accessor = |wire: &str| {
        let all: Vec<&Offer> = offers.iter().filter_map(|offers| offers.get(wire).copied()).collect();
        let returned = found.joined(&all)?;
        let name = if wire == CONTENT_ID.0 { CONTENT_ID.1.to_owned() } else { all[0].name.clone() };
        let source = |offer: &Offer| found.source(offer, &returned);
        Some(Accessor {
            name,
            subject: Subject::OfContent(wire.to_owned()),
            is_total: false,
            sources: offers.iter().map(|offers| offers.get(wire).map(|offer| source(offer))).collect(),
            returned,
        })
    };
    types.iter().filter(|(_, types)| types.len() > 1).filter_map(|(wire, _)| accessor(wire)).collect()
}
