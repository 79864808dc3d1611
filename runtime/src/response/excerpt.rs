//! An excerpt of a body that is not JSON: proxies and content delivery networks return pages and plain text.

/// Maximum number of characters in an excerpt.
const CHARACTERS: usize = 120;

/// The elements of a page that summarize it, best first.
const HEADINGS: [&str; 2] = ["title", "h1"];

/// Returns the heading of a page, or the start of any other text. Returns nothing for binary data, such as a compressed
/// body, and for invalid JSON, which may contain the data of the request.
pub(crate) fn excerpt(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_json = text.starts_with('{') || text.starts_with("[{");
    if is_json || text.contains(|c: char| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    if is_page(text) { heading(text) } else { shortened(text) }
}

/// Returns whether a text is HTML or XML.
pub(crate) fn is_page(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Returns the title of a page, or its first heading.
pub(crate) fn heading(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    HEADINGS.iter().find_map(|name| shortened(&without_tags(content(page, &lower, name)?)))
}

/// Returns the content of the first element of this name; `lower` is the page in lower case.
fn content<'a>(page: &'a str, lower: &str, name: &str) -> Option<&'a str> {
    let opening = format!("<{name}");
    let is_whole = |at: &usize| lower[at + opening.len()..].starts_with(|c: char| c == '>' || c.is_whitespace());
    let at = lower.match_indices(&opening).map(|(at, _)| at).find(is_whole)?;
    let start = at + lower[at..].find('>')? + 1;
    let end = start + lower[start..].find(&format!("</{name}"))?;
    page.get(start..end)
}

fn without_tags(text: &str) -> String {
    let mut pieces = text.split('<');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |kept, piece| kept + " " + piece.split_once('>').map_or("", |(_, after)| after))
}

fn shortened(text: &str) -> Option<String> {
    // Each word has at least one character.
    let text = text.split_whitespace().take(CHARACTERS + 1).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(CHARACTERS) {
        _ if text.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", &text[..end])),
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_by_their_heading() {
        for (page, heading) in [
            (
                "<!doctype html><html><head><TITLE>502 Bad\nGateway</TITLE></head><body>x</body></html>",
                "502 Bad Gateway",
            ),
            ("<html><head><title lang=\"en\">Sign in</title></head></html>", "Sign in"),
            (
                "\u{feff}\n<html><body><h1 class=a>Down <br/>for <b>maintenance</b></h1></body></html>",
                "Down for maintenance",
            ),
            ("<html><title> </title><h1>Oops</h1></html>", "Oops"),
        ] {
            assert_eq!(excerpt(page).as_deref(), Some(heading), "{page}");
        }
        for page in ["<html><body>secret</body></html>", "<html><titles>x</titles>", "<title", "<title>open"] {
            assert_eq!(excerpt(page), None, "{page}");
        }
    }

    #[test]
    fn other_text_is_shown_from_its_start() {
        assert_eq!(excerpt("upstream\n  connect error").as_deref(), Some("upstream connect error"));
        assert_eq!(excerpt(&"ü".repeat(500)), Some(format!("{}…", "ü".repeat(CHARACTERS))));
        for text in ["", " \n", "\u{1f}\u{8b}\u{8}\u{0}...", r#"{"detail":[{"input":"hidden""#, r#"[{"input":"hid"#] {
            assert_eq!(excerpt(text), None, "{text}");
        }
    }
}
