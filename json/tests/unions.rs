//! Unions: how variants are distinguished, and the results for values that fit none.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use polar_client_json::{
    Const, Decision, Extra, Field, JsonKind, ParentTag, Tag, Unknown, UnknownValue, Unlisted, VariantShape, decode,
    model, open_enum, to_vec, union,
};

struct Fixed {
    amount: i64,
    extra: Extra,
}

model! {
    Fixed {
        amount: "amount",
        ..extra
    }
}

struct Custom {
    name: String,
    extra: Extra,
}

model! {
    Custom {
        name: "name",
        ..extra
    }
}

macro_rules! enumeration {
    ($name:ident, $decision:expr $(, $key:ident: $value:expr)*) => {
        enum $name {
            Fixed(Fixed),
            Custom(Box<Custom>),
            Free,
            Unknown(Unknown),
        }

        union! {
            $name {
                0 => Fixed,
                1 => Custom,
                2 => Free = Const::String("free"),
            }
            decision: $decision,
            $($key: $value,)*
        }
    };
}

const TAG: Tag = Tag {
    path: &["type"],
    is_text: true,
    cases: &[(&["fixed", "flat"], Decision::Variant(0)), (&["custom"], Decision::Variant(1))],
    unlisted: Unlisted::Unknown,
    absent: None,
};

enumeration!(Tagged, Decision::Tag(TAG));
enumeration!(Open, Decision::Tag(Tag { unlisted: Unlisted::Variant(1), ..TAG }));
enumeration!(Below, Decision::Tag(Tag { path: &["a", "type"], ..TAG }));
enumeration!(
    Marked,
    Decision::Tag(Tag {
        path: &["legacy"],
        is_text: false,
        cases: &[(&["true"], Decision::Variant(0))],
        unlisted: Unlisted::Absent,
        absent: Some(&Decision::Variant(1)),
    })
);
enumeration!(
    Shaped,
    Decision::Structure(&[
        VariantShape { variant: 0, required: &["amount"], ..VariantShape::EMPTY },
        VariantShape { variant: 1, required: &["name"], optional: &["amount"], ..VariantShape::EMPTY },
        VariantShape { variant: 2, kind: JsonKind::String, values: &[("", &["\"free\""])], ..VariantShape::EMPTY },
    ])
);
enumeration!(Guessed, Decision::Variant(0), open: &[0]);
enumeration!(FallingBack, Decision::Tag(TAG), fallbacks: &[(0, &[1])]);

fn shown<T: Field + std::fmt::Debug>(text: &str) -> String {
    decode::<T>(text.as_bytes()).map_or_else(|error| error.to_string(), |value| format!("{value:?}"))
}

/// Returns the name of the variant, after checking that it is written as it was read.
fn variant<T: Field + serde::Serialize + std::fmt::Debug>(text: &str) -> String {
    let value: T = match decode(text.as_bytes()) {
        Ok(value) => value,
        Err(error) => return error.to_string(),
    };
    assert_eq!(to_vec(value.view()), text.as_bytes());
    assert_eq!(serde_json::to_string(&value).unwrap(), text);
    let shown = format!("{value:?}");
    shown.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

#[test]
fn a_tag_tells_the_variant() {
    assert_eq!(variant::<Tagged>(r#"{"amount":1,"type":"fixed"}"#), "Fixed");
    assert_eq!(variant::<Tagged>(r#"{"amount":1,"type":"flat"}"#), "Fixed");
    assert_eq!(variant::<Tagged>(r#"{"name":"n","type":"custom"}"#), "Custom");
    assert_eq!(variant::<Tagged>(r#"{"type":"new","x":[1]}"#), "Unknown");
    assert_eq!(variant::<Tagged>(r#"{"type":"fixed"}"#), "missing field `amount` (found an object with 1 property)");
    assert_eq!(shown::<Tagged>(r#"{"type":"new","secret":1}"#), "Unknown(Unknown { tag: Some(\"new\"), .. })");
}

#[test]
fn a_missing_tag_is_an_error_with_its_place() {
    assert_eq!(shown::<Tagged>("{}"), "missing field `type` (Tagged) (found an object with 0 properties)");
    assert_eq!(
        shown::<Tagged>(r#"{"type":null}"#),
        "at `type`: invalid type: null, expected the tag of Tagged (found null)"
    );
    assert_eq!(shown::<Tagged>("[]"), "invalid type: an array, expected an object (Tagged) (found an array of 0)");
    assert_eq!(
        shown::<Vec<Below>>(r#"[{"a":{}}]"#),
        "at `[0].a`: missing field `type` (Below) (found an object with 0 properties)"
    );
    assert_eq!(variant::<Below>(r#"{"amount":1,"a":{"type":"fixed"}}"#), "Fixed");
}

#[test]
fn another_variant_is_used_if_the_tagged_one_does_not_fit() {
    assert_eq!(variant::<Open>(r#"{"amount":1,"type":"fixed"}"#), "Fixed");
    assert_eq!(variant::<Open>(r#"{"name":"n","type":"fixed"}"#), "Custom");
    assert_eq!(variant::<Open>(r#"{"name":"n","type":"new"}"#), "Custom");
    assert_eq!(variant::<Open>(r#"{"type":"fixed"}"#), "missing field `amount` (found an object with 1 property)");
    assert_eq!(variant::<FallingBack>(r#"{"name":"n","type":"fixed"}"#), "Custom");
    assert_eq!(
        variant::<FallingBack>(r#"{"type":"fixed"}"#),
        "missing field `amount` (found an object with 1 property)"
    );
}

#[test]
fn a_marker_selects_by_its_absence() {
    assert_eq!(variant::<Marked>(r#"{"amount":1,"legacy":true}"#), "Fixed");
    assert_eq!(variant::<Marked>(r#"{"name":"n"}"#), "Custom");
    assert_eq!(variant::<Marked>(r#"{"name":"n","legacy":false}"#), "Custom");
}

#[test]
fn structure_tells_variants_without_a_tag() {
    assert_eq!(variant::<Shaped>(r#"{"amount":1}"#), "Fixed");
    assert_eq!(variant::<Shaped>(r#"{"name":"n"}"#), "Custom");
    assert_eq!(variant::<Shaped>("\"free\""), "Free");
    assert_eq!(variant::<Shaped>("\"new\""), "Unknown");
    assert_eq!(
        shown::<Shaped>("[1]"),
        "invalid type: an array, expected an object or a string (Shaped) (found an array of 1)"
    );
    assert_eq!(shown::<Shaped>("[1"), "at `[0]`: the JSON is cut off (EOF while parsing a list)");
}

#[test]
fn an_open_variant_becomes_unknown_if_it_does_not_fit() {
    assert_eq!(variant::<Guessed>(r#"{"amount":1}"#), "Fixed");
    assert_eq!(variant::<Guessed>(r#"{"amount":"1"}"#), "Unknown");
    assert!(shown::<Guessed>(r#"{"amount":"1"#).contains("cut off"));
}

struct Grant {
    properties: Option<Tagless>,
    kind: Size,
    extra: Extra,
}

enumeration!(Tagless, Decision::Variant(0), open: &[0, 1]);

model! {
    Grant {
        properties: "properties",
        kind: "kind",
        ..extra
    }
    parent_tags: &[ParentTag { field: 0, path: &["kind"], cases: &[("s", 0), ("m", 1)] }],
}

enum Size {
    Small,
    Middle,
    Unknown(UnknownValue),
}

open_enum! {
    Size {
        Small = "s",
        Middle = "m",
    }
}

#[test]
fn a_tag_beside_the_union_tells_the_variant() {
    let properties = |text: &str| {
        let grant: Grant = decode(text.as_bytes()).unwrap();
        assert_eq!(to_vec(grant.view()), text.as_bytes());
        grant.properties
    };
    let custom = properties(r#"{"properties":{"name":"n","amount":1},"kind":"m"}"#);
    assert!(matches!(custom, Some(Tagless::Custom(_))), "{custom:?}");
    let fixed = properties(r#"{"properties":{"amount":1,"name":"n"},"kind":"s"}"#);
    assert!(matches!(fixed, Some(Tagless::Fixed(_))), "{fixed:?}");
    let unknown = properties(r#"{"properties":{"amount":1},"kind":"l"}"#);
    assert!(matches!(unknown, Some(Tagless::Unknown(_))), "{unknown:?}");
    assert_eq!(properties(r#"{"properties":null,"kind":"s"}"#), None);
    assert_eq!(
        shown::<Grant>(r#"{"properties":{"amount":"1"},"kind":"s"}"#),
        "at `properties.amount`: invalid type: string, expected i64 (found a string of 1 character)"
    );
}

#[test]
fn a_tag_beside_a_union_that_is_null_tells_nothing_else() {
    let text = r#"{"properties":null,"kind":"l","extra":{"amount":1}}"#;
    assert!(decode::<Grant>(text.as_bytes()).is_ok());
}

#[test]
fn enumerations_keep_values_that_they_do_not_know() {
    let sizes: Vec<Size> = decode(br#"["s","xl","m"]"#).unwrap();
    assert_eq!(format!("{sizes:?}"), "[s, Unknown(\"xl\"), m]");
    assert_eq!(to_vec(sizes.view()), br#"["s","xl","m"]"#);
    assert_eq!(Size::from("m"), Size::Middle);
    assert_eq!(Size::VARIANTS, [Size::Small, Size::Middle]);
    assert_eq!(shown::<Size>("7"), "invalid type: integer `7`, expected a string (found 7)");
}
