//! Responses as described by the document, with values of a test.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::document::Document;
use crate::instance::{Extent, instance};

static DOCUMENT: LazyLock<Result<Document, String>> = LazyLock::new(Document::load);

/// An instance of a schema with these properties. Null if the document can't be read, which then fails the decode.
#[must_use]
pub fn sample(schema: &str, members: Value) -> Value {
    let Ok(document) = &*DOCUMENT else { return Value::Null };
    let mut sample = instance(document, &json!({"$ref": format!("#/components/schemas/{schema}")}), Extent::Most);
    if let (Value::Object(all), Value::Object(members)) = (&mut sample, members) {
        all.extend(members);
    }
    sample
}

/// A page of products with these names.
#[must_use]
pub fn products(names: &[&str], total_count: u64, max_page: u64) -> Value {
    let products: Vec<Value> = names.iter().map(|name| sample("Product", json!({"name": name}))).collect();
    json!({"items": products, "pagination": {"total_count": total_count, "max_page": max_page}})
}
