//! The work for errors, counted in bytes that are read.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use crate::scan::steps;
use crate::*;

struct Group {
    items: Vec<Part>,
    extra: Extra,
}

struct Leaf {
    leaf: i64,
    extra: Extra,
}

enum Part {
    Group(Group),
    Leaf(Leaf),
    Unknown(Unknown),
}

model! {
    Group {
        items: "items",
        ..extra
    }
}

model! {
    Leaf {
        leaf: "leaf",
        ..extra
    }
}

union! {
    Part {
        0 => Group,
        1 => Leaf,
    }
    decision: Decision::Structure(&[
        VariantShape { variant: 0, required: &["items"], ..VariantShape::EMPTY },
        VariantShape { variant: 1, required: &["leaf"], ..VariantShape::EMPTY },
    ]),
}

/// Nested groups, with so many leaves in the innermost one and `last` after them.
fn nested(depth: usize, leaves: usize, last: &str) -> String {
    let leaves = "{\"leaf\":1},".repeat(leaves);
    format!("{}{leaves}{last}{}", "{\"items\":[".repeat(depth), "]}".repeat(depth))
}

fn steps(text: &str) -> (usize, String) {
    let mut error = String::new();
    let steps = steps::of(|| error = decode::<Part>(text.as_bytes()).unwrap_err().to_string());
    (steps, error)
}

#[test]
fn errors_cost_in_proportion_to_the_text() {
    for last in ["{\"leaf\":null}", "{}", "[]", "{\"leaf\":tru}", "{\"leaf\":\"\\ud800\"}", "{\"leaf\":1"] {
        let (few, error) = steps(&nested(20, 1000, last));
        let (many, _) = steps(&nested(20, 16000, last));
        assert!(many < 17 * few, "{few} and {many} for {error}");
        assert!(error.contains("items[0].items[0]"), "{error}");
    }
}

#[test]
fn deep_texts_cost_no_more_than_wide_ones() {
    let (few, error) = steps(&nested(1_000, 1, "{}"));
    assert!(error.contains("recursion limit exceeded"), "{error}");
    let (many, _) = steps(&nested(16_000, 1, "{}"));
    assert!(many < 17 * few, "{few} and {many}");
}
