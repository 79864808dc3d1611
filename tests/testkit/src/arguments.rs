//! Arguments of calls, as allowed by the document.

use serde_json::{Map, Value};

use crate::dispatch::Arguments;
use crate::document::{Document, Operation};
use crate::instance::{Extent, instance, instances};

/// A path parameter with all characters that have a meaning in a URL.
const SEGMENT: &str = "a/b?c#d%20+&=:é";

/// A way to call an operation.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its description.
    pub words: String,
    /// The arguments.
    pub arguments: Arguments,
}

/// Returns the ways to call an operation: with the fewest and the most arguments, with each variant of the unions
/// directly in its parameters and its body, and with null wherever the body allows it.
#[must_use]
pub fn variants(document: &Document, operation: &Operation<'_>) -> Vec<Variant> {
    let body = |extent| operation.body().map(|(_, schema)| instances(document, schema, extent)).unwrap_or_default();
    let (least, most) = (body(Extent::Least), body(Extent::Most));
    let parameters = ["path", "query", "header"].map(|place| operation.parameters(place));
    let members = parameters.iter().flatten().map(|(_, schema, _)| instances(document, schema, Extent::Most).len());
    let count = members.chain([most.len()]).max().unwrap_or(1).max(1);
    let of = |bodies: &[Value], index: usize| bodies.get(index).or(bodies.last()).cloned();
    let mut variants = vec![Variant {
        words: "least".to_owned(),
        arguments: Arguments { body: of(&least, 0), ..arguments(document, operation, Extent::Least, 0) },
    }];
    variants.extend((0..count).map(|index| Variant {
        words: format!("most, {} of {count}", index + 1),
        arguments: Arguments { body: of(&most, index), ..arguments(document, operation, Extent::Most, index) },
    }));
    let nulls = body(Extent::Nulls);
    variants.extend(nulls.first().map(|body| Variant {
        words: "nulls".to_owned(),
        arguments: Arguments { body: Some(body.clone()), ..arguments(document, operation, Extent::Least, 0) },
    }));
    variants
}

/// Parameters, each with the variant of its union at `index`, or the last one, and lists with two elements. No body.
#[must_use]
pub fn arguments(document: &Document, operation: &Operation<'_>, extent: Extent, index: usize) -> Arguments {
    let take = |place: &str| -> Map<String, Value> {
        let all = operation.parameters(place).into_iter();
        let wanted = all.filter(|(_, _, required)| *required || extent == Extent::Most);
        let value = |schema: &Value| {
            let members = instances(document, schema, Extent::Most);
            let member = members.get(index).or(members.last()).cloned();
            match member.unwrap_or_else(|| instance(document, schema, Extent::Most)) {
                Value::String(_) if place == "path" && schema.get("format").is_none() => SEGMENT.into(),
                Value::Array(items) => Value::Array(items.iter().chain(&items).cloned().collect()),
                other => other,
            }
        };
        wanted.map(|(name, schema, _)| (name.to_owned(), value(schema))).collect()
    };
    Arguments { path: take("path"), query: take("query"), headers: take("header"), body: None }
}
