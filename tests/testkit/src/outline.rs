//! The names of types and variants in a `Debug` text.

/// Returns the names of structs and of variants with content in a `Debug` text, in order. The content of `extra` does
/// not count, nor do `Some` and unknown values of enumerations.
#[must_use]
pub fn outline(shown: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = shown;
    while let Some(start) = rest.find(|c: char| c == '"' || c.is_ascii_alphabetic()) {
        rest = &rest[start..];
        if rest.starts_with('"') {
            rest = &rest[quoted(rest)..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        rest = behind;
        if name == "Extra" {
            rest = &rest[enclosed(rest)..];
        } else if name != "Some" && !behind.starts_with("(\"") && (behind.starts_with('(') || behind.starts_with(" {"))
        {
            names.push(name);
        }
    }
    names
}

/// Length of the string literal that a text begins with.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let is_end = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// Length of the parentheses that a text begins with.
fn enclosed(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(next) = text[at..].find(['(', ')', '"']) {
        at += next;
        match text.as_bytes()[at] {
            b'"' => at += quoted(&text[at..]),
            b'(' => (depth, at) = (depth + 1, at + 1),
            _ => (depth, at) = (depth.saturating_sub(1), at + 1),
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_what_is_not_declared_have_no_names() {
        let shown = r#"Card(CardPayment { id: 6ba7b810-9dad, note: Some("x\" Fake { "), status: Unknown("foo"),
            metadata: Metadata { extra: Extra(None) }, extra: Extra(Some({"a": Object {"b)": Array [Number(1)]}})) })"#;
        assert_eq!(outline(shown), ["Card", "CardPayment", "Metadata"]);
        assert_eq!(outline(r#"Unknown(Unknown { tag: Some("bar"), .. })"#), ["Unknown", "Unknown"]);
    }
}
