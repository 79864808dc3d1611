//! What unions and events offer without a match.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use polar_client::models::{Customer, Price};
use polar_client::serde_json::{self, json};
use polar_client::webhooks::WebhookPayload;
use polar_testkit::document::Document;
use polar_testkit::instance::{Extent, instance};
use quote::ToTokens;
use syn::{File, ImplItem, Item, ReturnType, Signature};

/// Unions without a method, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("BenefitGrantProperties", "no two kinds of benefits have the same properties"),
    ("CustomFieldValue", "a scalar"),
    ("CustomerSessionCustomerCreate", "for requests: the variants differ in what names the customer"),
    ("CustomerSubscriptionUpdate", "for requests: each variant changes something else"),
    ("FilterClauseOrFilter", "for requests: the variants have no property in common"),
    ("LocationPart", "a scalar"),
    ("MetadataFilter", "a scalar, or a list of them"),
    ("MetadataValue", "a scalar"),
    ("ProductUpdatePrice", "for requests: an identifier of a price, or a new price"),
    ("SubscriptionTrialEnd", "a time, or one word"),
    ("SubscriptionUpdate", "for requests: each variant changes something else"),
    ("UnitAmount", "a scalar"),
];

/// The Rust files below a directory.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let below = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn generated() -> Vec<File> {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/src"));
    files.iter().map(|file| syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap()).collect()
}

/// The name of the type and the signature of each method that reads something from a value.
fn readers(files: &[File]) -> Vec<(String, &Signature)> {
    let items = files.iter().flat_map(|file| &file.items);
    let blocks = items.filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    });
    let methods = blocks.flat_map(|block| {
        let name = block.self_ty.to_token_stream().to_string();
        block.items.iter().filter_map(move |item| match item {
            ImplItem::Fn(method) if method.sig.receiver().is_some() => Some((name.clone(), &method.sig)),
            _ => None,
        })
    });
    methods.collect()
}

#[test]
fn no_method_returns_a_reference_to_what_should_be_a_value() {
    let files = generated();
    let wrong = |output: &str| {
        let copied = ["bool", "i32", "i64", "f64", "Uuid", "DateTime", "NaiveDate", "Number"];
        let owners = ["String", "Vec", "Option", "Box"];
        let names: Vec<&str> = output.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '&')).collect();
        names.windows(2).any(|pair| pair[0].ends_with('&') && copied.iter().chain(&owners).any(|name| pair[1] == *name))
    };
    let text = |output: &ReturnType| output.to_token_stream().to_string().replace('&', " & ");
    assert!(wrong("-> Option < & String >") && wrong("-> & Uuid") && !wrong("-> Option < & str >"));
    let methods = readers(&files);
    assert!(methods.len() > 1000, "{}", methods.len());
    let wrong: Vec<_> = methods
        .iter()
        .filter(|(_, signature)| wrong(&text(&signature.output)))
        .map(|(ty, signature)| format!("{ty}::{}{}", signature.ident, text(&signature.output)))
        .collect();
    assert!(wrong.is_empty(), "return these by value, as `&str` or as a slice:\n{}", wrong.join("\n"));
}

#[test]
fn each_union_has_a_method_or_a_reason() {
    let files = generated();
    let items = files.iter().flat_map(|file| &file.items);
    let unions = items.filter_map(|item| match item {
        // An open enumeration holds an `UnknownValue`.
        Item::Enum(item) if item.to_token_stream().to_string().contains("Unknown (Unknown)") => {
            Some(item.ident.to_string())
        }
        _ => None,
    });
    let mut without: BTreeSet<_> = unions.collect();
    assert!(without.len() > 50, "{}", without.len());
    for (ty, _) in readers(&files) {
        without.remove(&ty);
    }
    let listed: BTreeSet<_> = WITHOUT.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(without, listed);
}

/// Each event of the document with everything that its schema has, as it is read.
fn events() -> Vec<(String, WebhookPayload)> {
    let document = Document::load().unwrap();
    let read = |(event, schema): (&str, &serde_json::Value)| {
        let payload = instance(&document, schema, Extent::Most);
        let payload = serde_json::from_value(payload).unwrap_or_else(|error| panic!("{event}: {error}"));
        (event.to_owned(), payload)
    };
    document.webhooks().map(read).collect()
}

#[test]
fn an_event_says_its_type_time_and_version() {
    let events = events();
    assert_eq!(events.len(), 42);
    for (name, event) in &events {
        assert_eq!(event.event_type(), name);
        assert!(event.timestamp().is_some() && event.api_version().is_some() && event.data_id().is_some(), "{name}");
    }
    let unknown: WebhookPayload = serde_json::from_value(json!({"type": "order.dreamt", "data": {}})).unwrap();
    assert_eq!((unknown.event_type(), unknown.timestamp()), ("order.dreamt", None));
}

#[test]
fn an_event_gives_what_it_is_about() {
    for (name, event) in events() {
        let about = [
            event.benefit().map(|_| "benefit"),
            event.benefit_grant().map(|_| "benefit_grant"),
            event.checkout().map(|_| "checkout"),
            event.customer().map(|_| "customer"),
            event.customer_seat().map(|_| "customer_seat"),
            event.customer_state().map(|_| "customer.state_changed"),
            event.discount().map(|_| "discount"),
            event.member().map(|_| "member"),
            event.order().map(|_| "order"),
            event.organization().map(|_| "organization"),
            event.product().map(|_| "product"),
            event.refund().map(|_| "refund"),
            event.subscription().map(|_| "subscription"),
        ];
        let about: Vec<_> = about.into_iter().flatten().collect();
        let beginning = name.split('.').next().unwrap();
        assert!(about == [beginning] || about == [name.as_str()], "{name}: {about:?}");
    }
}

#[test]
fn an_event_gives_the_identifiers_of_its_data() {
    let (_, event) = events().into_iter().find(|(name, _)| name == "subscription.past_due").unwrap();
    let subscription = event.subscription().unwrap();
    assert_eq!(event.data_id(), Some(subscription.id));
    assert_eq!((event.customer_id(), event.order_id()), (Some(subscription.customer_id), None));
}

#[test]
fn a_property_is_read_whether_a_variant_requires_it_or_not() {
    let document = Document::load().unwrap();
    for (schema, email) in [("CustomerIndividual", Some("a@example.com")), ("CustomerTeam", None)] {
        let mut value = instance(&document, document.at(&format!("#/components/schemas/{schema}")), Extent::Most);
        value["email"] = json!(email);
        let customer: Customer = serde_json::from_value(value).unwrap();
        assert_eq!(customer.email(), email, "{schema}");
    }
}

#[test]
fn a_union_of_unions_reads_what_all_of_them_have() {
    let document = Document::load().unwrap();
    for schema in ["ProductPriceFixed", "ProductPriceMeteredUnit", "LegacyRecurringProductPriceFixed"] {
        let schema = document.at(&format!("#/components/schemas/{schema}"));
        let value = instance(&document, schema, Extent::Most);
        let price: Price = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(price.amount_type(), value["amount_type"].as_str());
        assert_eq!(price.price_currency().map(ToString::to_string).as_deref(), value["price_currency"].as_str());
        assert!(price.id().is_some());
    }
}
