//! Words in names, English singular and plural, and Rust's keywords.

use syn::ext::IdentExt;
use syn::parse::Parser;

/// Keywords that can be raw identifiers, in alphabetical order.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Returns whether a word is one of them.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

/// Keywords that can't.
pub const UNUSABLE: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Returns whether a text can be written as an identifier; a keyword needs the prefix `r#`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    match text.strip_prefix("r#") {
        Some(keyword) => !UNUSABLE.contains(&keyword) && is_word(keyword),
        None => !UNUSABLE.contains(&text) && !is_keyword(text) && is_word(text),
    }
}

/// Returns whether a text is a keyword or can be written as an identifier.
#[must_use]
pub fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    let begins = |first: char| !first.is_ascii_digit();
    match text.is_ascii() {
        true => text.starts_with(begins) && text.bytes().all(is_part),
        false => syn::Ident::parse_any.parse_str(text).is_ok(),
    }
}

/// Splits a name into words: at characters that are not letters or digits, and where the case changes.
#[must_use]
pub fn split(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let previous = i.checked_sub(1).map(|p| chars[p]);
        let next = chars.get(i + 1);
        let begins = c.is_uppercase()
            && (previous.is_some_and(|p| p.is_lowercase() || p.is_ascii_digit())
                || (previous.is_some_and(char::is_uppercase) && next.is_some_and(|n| n.is_lowercase())));
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the singular of an English plural, as far as the API's names need it.
#[must_use]
pub fn singular(word: &str) -> String {
    let keep = ["ss", "us", "is"];
    if keep.iter().any(|end| word.ends_with(end)) || word.len() < 3 {
        return word.to_owned();
    }
    for (plural, one) in [("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("statuses", "status"), ("s", "")]
    {
        if let Some(stem) = word.strip_suffix(plural) {
            return format!("{stem}{one}");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found() {
        assert!(KEYWORDS.iter().all(|word| is_keyword(word)));
        assert!(["", "Self", "crates", "zone"].iter().all(|word| !is_keyword(word)));
    }

    #[test]
    fn identifiers_are_told_from_other_texts() {
        for name in ["a", "_1", "r#type", "größe", "V2fa"] {
            assert!(is_identifier(name), "{name}");
        }
        for text in ["", "1", "2fa", "type", "r#self", "_", "a b", "a-b", "r#", "x²", "r#r#a"] {
            assert!(!is_identifier(text), "{text}");
        }
    }

    #[test]
    fn words_end_where_case_changes() {
        let joined = |name: &str| split(name).join(" ");
        assert_eq!(joined("GitHubRepository"), "Git Hub Repository");
        assert_eq!(joined("HTTPValidationError"), "HTTP Validation Error");
        assert_eq!(joined("ListResource_Event_"), "List Resource Event");
        assert_eq!(joined("Etc/GMT+0"), "Etc GMT 0");
        assert_eq!(joined("benefit-grants"), "benefit grants");
    }

    #[test]
    fn plurals_lose_their_ending() {
        for (many, one) in
            [("members", "member"), ("currencies", "currency"), ("status", "status"), ("boxes", "box"), ("keys", "key")]
        {
            assert_eq!(singular(many), one);
        }
    }
}
