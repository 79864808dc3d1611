//! The one organization of the server.

use serde_json::json;

use super::{Call, Handler, Outcome, not_found, page, shown, views};
use crate::shape::shape;
use crate::world::{World, given};

pub(super) const OPERATIONS: &[(&str, Handler)] =
    &[("organizations:list", list), ("organizations:get", get), ("organizations:update", update)];

fn list(world: &mut World, call: &Call) -> Outcome {
    let organization = views::organization(world);
    let found = call.keeps(world, &organization, &["slug"]).then_some(organization);
    page(call, "Organization", found.into_iter().collect())
}

fn get(world: &mut World, call: &Call) -> Outcome {
    if call.path("id") != world.organization {
        return Err(not_found());
    }
    shown(200, "Organization", &views::organization(world))
}

fn update(world: &mut World, call: &Call) -> Outcome {
    if call.path("id") != world.organization {
        return Err(not_found());
    }
    let names = ["name", "avatar_url", "email", "website", "socials", "country", "embed_hosts"];
    world.update("organizations", call.path("id"), &given(&call.body, &names));
    let organization = world.row("organizations", &json!(call.path("id")));
    world.emit("organization.updated", shape("Organization", &organization));
    shown(200, "Organization", &organization)
}
