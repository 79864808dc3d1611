//! Paths of values in errors: `items[3].prices[0].amount`.

/// Maximum number of characters of a property name in an error.
const KEY_CHARS: usize = 80;

/// Appends a name that the sender of the text chose. Its length is bounded, and control and format characters are
/// escaped.
pub(crate) fn add_name(path: &mut String, name: &str) {
    add(path, &shortened(name, KEY_CHARS).escape_debug().to_string());
}

pub(crate) fn add(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// Returns the beginning of a text.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
