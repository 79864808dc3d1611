//! Converts names of the document to Rust identifiers.

use std::borrow::Cow;

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::words::{UNUSABLE, is_keyword};

/// Words for separators, for values that differ only in them.
const SPOKEN: &[(char, &str)] = &[
    ('!', " Not "),
    ('#', " Hash "),
    ('$', " Dollar "),
    ('%', " Percent "),
    ('&', " And "),
    ('*', " Star "),
    ('+', " Plus "),
    (',', " Comma "),
    ('-', " Minus "),
    ('.', " Dot "),
    ('/', " Slash "),
    (':', " Colon "),
    ('<', " Less "),
    ('=', " Equals "),
    ('>', " Greater "),
    ('@', " At "),
    ('_', " Underscore "),
    ('|', " Or "),
    ('~', " Tilde "),
];

/// Prefix of names that would begin with a digit.
const DIGIT_PREFIX: &str = "V";

/// File names that Windows reserves for devices, whatever their extension.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Devices that have a number from 1 to 9.
const NUMBERED_DEVICES: &[&str] = &["com", "lpt"];

/// Returns a text in letters that names can have. Other characters outside of ASCII are replaced by their code points,
/// so that different texts have different names.
fn spelled(text: &str, is_kept: fn(char) -> bool) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let spell = |spelled: String, c: char| match c.is_ascii() || is_kept(c) {
        true => spelled + c.encode_utf8(&mut [0; 4]),
        false => spelled + &format!(" u{:x} ", u32::from(c)),
    };
    Cow::Owned(text.chars().fold(String::with_capacity(text.len()), spell))
}

/// Latin letters with marks, which Rust accepts without a warning. Those that Unicode encodes in two ways are not
/// included.
fn is_latin(c: char) -> bool {
    let unstable = ['\u{130}', '\u{132}', '\u{133}', '\u{13f}', '\u{140}', '\u{149}', '\u{17f}'];
    ('\u{c0}'..='\u{17f}').contains(&c) && c.is_alphabetic() && !unstable.contains(&c)
}

fn latin(text: &str) -> Cow<'_, str> {
    spelled(text, is_latin)
}

/// Returns the words of a text in snake case and ASCII, for modules, files and features.
pub(super) fn segment(text: &str) -> String {
    spelled(text, |_| false).to_snake_case()
}

/// Returns the name of a type. A name in the form of types is unchanged; `ListResource_Event_` becomes
/// `ListResourceEvent`.
pub(super) fn type_name(words: &str) -> String {
    let words = &*latin(words);
    let is_type =
        words.starts_with(|c: char| c.is_ascii_uppercase()) && words.chars().all(|c| c.is_ascii_alphanumeric());
    if is_type {
        return usable_type(words.to_owned());
    }
    let parts = words.split(|c: char| !(c.is_ascii_alphanumeric() || is_latin(c))).filter(|part| !part.is_empty());
    let joined: String = parts
        .map(|part| match part.chars().next() {
            Some(first) if first.is_ascii_uppercase() => part.to_owned(),
            _ => part.to_upper_camel_case(),
        })
        .collect();
    usable_type(joined)
}

/// Returns the name of a field, a method or an argument.
pub(super) fn value_name(wire: &str) -> String {
    let name = latin(wire).to_snake_case();
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

/// Returns the name of a module and its file, which can't be a keyword.
pub(super) fn module_name(segment: &str) -> String {
    let name = value_name(segment);
    let is_device = |name: &str| {
        let numbered = NUMBERED_DEVICES.iter().find_map(|device| name.strip_prefix(device));
        DEVICES.contains(&name) || numbered.is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
    };
    match name.strip_prefix("r#") {
        Some(keyword) => format!("{keyword}_"),
        None if is_device(&name) => format!("{name}_"),
        None => name,
    }
}

/// Returns the words of a resource's path as a type, which may be reserved.
pub(super) fn handle_name(path: &[String]) -> String {
    let name: String = path.iter().map(|segment| segment.to_upper_camel_case()).collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("{DIGIT_PREFIX}{name}") } else { name }
}

/// Returns the variant of an enumeration value; with `descending`, a leading `-` marks a descending sort order.
pub(super) fn variant_name(wire: &str, descending: bool) -> String {
    match wire.strip_prefix('-') {
        Some(rest) if descending => format!("{}Desc", variant_name(rest, false)),
        _ => usable_type(latin(wire).to_upper_camel_case()),
    }
}

/// Returns a variant with words for its separators: `GMT+0` becomes `GmtPlus0`.
pub(super) fn spoken_variant_name(wire: &str) -> String {
    let spoken = latin(wire).chars().fold(String::new(), |text, c| match SPOKEN.iter().find(|(sign, _)| *sign == c) {
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
    fn files_are_not_named_like_devices_of_windows() {
        for (segment, module) in
            [("con", "con_"), ("com1", "com1_"), ("lpt9", "lpt9_"), ("com", "com"), ("com10", "com10")]
        {
            assert_eq!(module_name(segment), module);
        }
    }

    #[test]
    fn letters_that_names_cannot_have_are_spelled() {
        assert_eq!(value_name("größe"), "größe");
        assert_eq!(value_name("x²"), "x_ub2");
        assert_eq!(value_name("\u{4ef7}\u{683c}"), "u4ef7_u683c");
        assert_eq!(type_name("Caf\u{e9}"), "Caf\u{e9}");
        assert_eq!(type_name("\u{1f389}"), "U1f389");
        assert_eq!(variant_name("\u{fb01}", false), "Ufb01");
        assert_eq!(segment("caf\u{e9}s"), "caf_ue9_s");
    }

    #[test]
    fn variants_are_camel_case() {
        assert_eq!(variant_name("-created_at", true), "CreatedAtDesc");
        assert_eq!(variant_name("2xx", false), "V2xx");
        assert_eq!(variant_name("checkout.created", false), "CheckoutCreated");
        assert_eq!(spoken_variant_name("Etc/GMT+0"), "EtcSlashGmtPlus0");
    }
}
