//! A version that Polar adds: what is written for it, that the rest stays, and that all of it compiles.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

mod crates;

use std::collections::{BTreeMap, BTreeSet};

use polar_codegen::document::read::read;
use polar_codegen::repository::VERSIONS;
use polar_codegen::{Output, generate};
use polar_testkit::inputs::Inputs;
use serde_json::{Value, json};

const VERSION: &str = "2027-04";

/// The newest version with changes: an operation is new, a type has another property, a property is gone.
fn next(newest: &[u8]) -> Value {
    let mut document = read("newest.yaml", newest).unwrap();
    document["info"]["version"] = json!(VERSION);
    let schemas = &mut document["components"]["schemas"];
    let listed = |list: &mut Value| list.as_array_mut().unwrap().push(json!(VERSION));
    listed(&mut schemas["ApiVersion"]["enum"]);
    listed(&mut schemas["WebhookEndpointUpdate"]["properties"]["api_version"]["anyOf"][0]["enum"]);
    schemas["DiscountProduct"]["properties"]["shelf"] = json!({"type": "string"});
    let dispute = schemas["Dispute"].as_object_mut().unwrap();
    dispute["properties"].as_object_mut().unwrap().shift_remove("tax_amount").unwrap();
    dispute["required"].as_array_mut().unwrap().retain(|name| name != "tax_amount");
    let page = json!({"$ref": "#/components/schemas/ListResourceDispute"});
    document["paths"]["/v1/disputes/open"] = json!({"get": {
        "operationId": "disputes:list_open",
        "responses": {"200": {"content": {"application/json": {"schema": page}}}},
        "security": [{"oat": ["disputes:read"]}],
    }});
    document
}

fn generated(inputs: &Inputs) -> Output {
    inputs.run(generate).unwrap_or_else(|problems| panic!("{problems}"))
}

/// With the version as the caller adds it: one more document.
fn with_next() -> Inputs {
    let mut inputs = Inputs::load().unwrap();
    let newest = VERSIONS.last().unwrap().document;
    let (_, newest, _) = inputs.others.iter().find(|(path, ..)| path == newest).unwrap();
    let document = next(newest).to_string().into_bytes();
    inputs.others.push((format!("spec/polar-{VERSION}.yaml"), document, false));
    inputs
}

/// Names of the types that are written in the directory of a version.
fn types_of(output: &Output, module: &str) -> BTreeSet<String> {
    let files = output.files.iter().filter(|file| file.path.starts_with(&format!("{module}/models/")));
    let lines = files.flat_map(|file| file.text.lines());
    let name = |line: &str| {
        let rest = ["pub struct ", "pub enum ", "pub type "].iter().find_map(|start| line.strip_prefix(start))?;
        rest.split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned)
    };
    lines.filter_map(name).collect()
}

#[test]
fn a_fourth_version_is_one_document_and_only_what_differs_is_written() {
    let before = generated(&Inputs::load().unwrap());
    let after = generated(&with_next());

    // What exists stays, but for the places that list the versions, and conditions of shared types.
    let texts: BTreeMap<_, _> = after.files.iter().map(|file| (&file.path, &file.text)).collect();
    let changed: Vec<_> =
        before.files.iter().filter(|file| texts[&file.path] != &file.text).map(|file| file.path.as_str()).collect();
    assert_eq!(changed, ["lib.rs", "webhooks/any_version.rs", "webhooks/codec.rs"]);
    let added = after.files.iter().filter(|file| !before.files.iter().any(|other| other.path == file.path));
    assert!(added.into_iter().all(|file| file.path.starts_with("v2027_04/")));
    assert_eq!(after.features, before.features);

    // Beside what the newest version has of its own, the types that changed and those that name them.
    let newest = before.versions.last().unwrap();
    let own: Vec<_> = types_of(&after, "v2027_04").difference(&types_of(&after, &newest.module)).cloned().collect();
    let expected = [
        "Discount",
        "DiscountFixedOnceForeverDuration",
        "DiscountFixedRepeatDuration",
        "DiscountPercentageOnceForeverDuration",
        "DiscountPercentageRepeatDuration",
        "DiscountProduct",
        "Dispute",
        "ListResourceDiscount",
        "ListResourceDispute",
        "WebhookDiscountCreatedPayload",
        "WebhookDiscountDeletedPayload",
        "WebhookDiscountUpdatedPayload",
    ];
    assert_eq!(own, expected);
    let fourth = after.versions.last().unwrap();
    assert_eq!((fourth.version.as_str(), fourth.feature.as_str()), (VERSION, "v2027-04"));
    let counts = |text: &str| text.matches("impl Endpoint for ").count();
    assert_eq!(counts(texts[&"v2027_04/resources/disputes.rs".to_owned()]), 4, "all of them answer with disputes");
    let discounts = texts[&"v2027_04/resources/discounts.rs".to_owned()];
    assert_eq!(counts(discounts), 4, "all but `delete` name a discount");
    assert!(discounts.contains("pub use crate::resources::discounts::{DiscountsDeleteOperation, "));
    assert!(!texts.contains_key(&"v2027_04/resources/customers.rs".to_owned()));

    crates::check("fourth-version", &[("fourth-version".to_owned(), after)]);
}

/// The next default version: two roles change, and the oldest version goes.
#[test]
fn the_default_moves_by_two_roles() {
    let mut inputs = Inputs::load().unwrap();
    let next = inputs.others.iter().position(|(path, ..)| path.ends_with("2027-01.yaml")).unwrap();
    let former = std::mem::replace(&mut inputs.document, inputs.others[next].1.clone());
    inputs.others = vec![("spec/polar-2026-10.yaml".to_owned(), former, true)];
    let moved = generated(&inputs);
    let text = |path: &str| moved.files.iter().find(|file| file.path == path).unwrap().text.as_str();
    assert!(text("client.rs").contains("pub const API_VERSION: &str = \"2027-01\";"));
    let module = "#[cfg(feature = \"v2026-10\")]\n#[deprecated = \"a later release will not have version 2026-10 of the API: \
                  move to 2027-01\"]\npub mod v2026_10;\n";
    assert!(text("lib.rs").contains(module));
    let variants = "    V2027_01(WebhookPayload),\n    /// A payload of version 2026-10.\n    #[cfg(feature = \"v2026-10\")]\n    \
                    V2026_10(crate::v2026_10::webhooks::WebhookPayload),\n";
    assert!(text("webhooks/any_version.rs").contains(variants), "{}", text("webhooks/any_version.rs"));
    let former = &moved.versions[0];
    assert_eq!((former.version.as_str(), former.feature.as_str()), ("2026-10", "v2026-10"));
    // What differs is the same from both sides, but for types that only one of them has.
    let before = generated(&Inputs::load().unwrap());
    let now = types_of(&moved, "v2026_10");
    let then = types_of(&before, "v2027_01");
    let only_once = ["LicenseKeyOrder", "LicenseKeySubscription", "ProductPriceSeatTier", "ProductPriceSeatTiersInput"];
    let only_once = [&only_once[..], &["ProductPriceSeatTiersOutput", "SeatTierType"]].concat();
    let different: Vec<_> = now.symmetric_difference(&then).map(String::as_str).collect();
    assert_eq!(different, only_once);
}
