//! Paths of values in errors: `items[3].prices[0].amount`.

/// Most characters of a property's name that an error repeats.
const KEY_CHARS: usize = 80;

/// Adds a name that the sender of the text chose to a path. It is bounded, and control and format characters in it are
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

/// The beginning of a text.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
