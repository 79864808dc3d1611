//! From words on the wire to Rust identifiers.

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::words::{UNUSABLE, is_keyword};

/// How the characters that separate words are read aloud, for values that differ in nothing else.
const SPOKEN: &[(char, &str)] =
    &[('+', " Plus "), ('-', " Minus "), ('.', " Dot "), ('/', " Slash "), (':', " Colon "), ('_', " Underscore ")];

/// Prefix of names that would begin with a digit.
const DIGIT_PREFIX: &str = "V";

/// A type: names that are types already stay as they are, `ListResource_Event_` becomes `ListResourceEvent`.
pub(super) fn type_name(words: &str) -> String {
    let is_type =
        words.starts_with(|c: char| c.is_ascii_uppercase()) && words.chars().all(|c| c.is_ascii_alphanumeric());
    if is_type {
        return usable_type(words.to_owned());
    }
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let joined: String = parts
        .map(|part| match part.chars().next() {
            Some(first) if first.is_ascii_uppercase() => part.to_owned(),
            _ => part.to_upper_camel_case(),
        })
        .collect();
    usable_type(joined)
}

/// A field, a method or an argument.
pub(super) fn value_name(wire: &str) -> String {
    let name = wire.to_snake_case();
    if is_keyword(&name) {
        return format!("r#{name}");
    }
    if UNUSABLE.contains(&name.as_str()) {
        return format!("{name}_");
    }
    match name.chars().next() {
        None => "empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) => name,
    }
}

/// A module and its file, which can't be named after a keyword.
pub(super) fn module_name(segment: &str) -> String {
    let name = value_name(segment);
    name.strip_prefix("r#").map(|keyword| format!("{keyword}_")).unwrap_or(name)
}

/// A variant for an enumerated value; `descending` reads a leading `-` as the sort order that it is.
pub(super) fn variant_name(wire: &str, descending: bool) -> String {
    match wire.strip_prefix('-') {
        Some(rest) if descending => format!("{}Desc", variant_name(rest, false)),
        _ => usable_type(wire.to_upper_camel_case()),
    }
}

/// A variant with its separators spoken: `GMT+0` becomes `GmtPlus0`.
pub(super) fn spoken_variant_name(wire: &str) -> String {
    let spoken = wire.chars().fold(String::new(), |text, c| match SPOKEN.iter().find(|(sign, _)| *sign == c) {
        Some((_, word)) => text + word,
        None => text + &c.to_string(),
    });
    usable_type(spoken.to_upper_camel_case())
}

fn usable_type(name: String) -> String {
    match name.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{DIGIT_PREFIX}{name}"),
        Some(_) if UNUSABLE.contains(&name.as_str()) => format!("{name}_"),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_keep_their_case() {
        assert_eq!(type_name("LLMMetadata"), "LLMMetadata");
        assert_eq!(type_name("ListResource_Event_"), "ListResourceEvent");
        assert_eq!(type_name("CostMetadata-Input"), "CostMetadataInput");
        assert_eq!(type_name("2fa token"), "V2faToken");
        assert_eq!(type_name("Self"), "Self_");
    }

    #[test]
    fn values_are_snake_case_and_no_keywords() {
        for (wire, name) in [
            ("type", "r#type"),
            ("_cost", "cost"),
            ("self", "self_"),
            ("customerId", "customer_id"),
            ("2xx", "_2xx"),
            ("-", "empty"),
        ] {
            assert_eq!(value_name(wire), name);
        }
        assert_eq!(module_name("mod"), "mod_");
    }

    #[test]
    fn variants_are_camel_case() {
        assert_eq!(variant_name("-created_at", true), "CreatedAtDesc");
        assert_eq!(variant_name("2xx", false), "V2xx");
        assert_eq!(variant_name("checkout.created", false), "CheckoutCreated");
        assert_eq!(spoken_variant_name("Etc/GMT+0"), "EtcSlashGmtPlus0");
    }
}
