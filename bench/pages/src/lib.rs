//! Pages as the API answers them.
//!
//! A few rich items stand in `templates/`; an item of a page is one of them with ids and fractions of seconds of its
//! own. The text is compact and its members stand in the order of the template, as a server would write them.

use serde_json::Value;

/// What a page lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Subscriptions, each with its customer, its product, prices, benefits and meters.
    Subscriptions,
    /// Events of the user's program and of the system.
    Events,
    /// Products with prices, benefits, files and custom fields.
    Products,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Subscriptions, Self::Events, Self::Products];

    /// The name for people, and for arguments.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscriptions => "subscriptions",
            Self::Events => "events",
            Self::Products => "products",
        }
    }

    const fn templates(self) -> &'static str {
        match self {
            Self::Subscriptions => include_str!("../templates/subscriptions.json"),
            Self::Events => include_str!("../templates/events.json"),
            Self::Products => include_str!("../templates/products.json"),
        }
    }
}

/// A page with this many items, out of `total` in all.
#[must_use]
pub fn page(kind: Kind, count: usize, total: usize) -> String {
    let templates = elements(kind.templates());
    let items: Vec<String> =
        templates.iter().cycle().take(count).enumerate().map(|(n, template)| fill(template, n)).collect();
    let pages = total.div_ceil(count.max(1));
    format!(r#"{{"items":[{}],"pagination":{{"total_count":{total},"max_page":{pages}}}}}"#, items.join(","))
}

/// The same text with empty lists in place of those that some types can't read: of benefits and of custom fields, whose
/// elements are told apart by a member that is also theirs.
#[must_use]
pub fn plain(text: &str) -> String {
    ["benefits", "attached_custom_fields"].iter().fold(text.to_owned(), |text, member| emptied(&text, member))
}

fn emptied(text: &str, member: &str) -> String {
    let begin = format!("\"{member}\":[");
    let mut parts = text.split(&begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| format!("{before}{begin}{}", &part[end_of_list(part)..]))
}

/// Where the list ends whose elements the text begins with: at its bracket.
fn end_of_list(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            ']' if !quoted && depth == 0 => return at,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && !escaped && c == '\\';
    }
    text.len()
}

/// Events as they are delivered to a webhook endpoint: an order, a subscription, a customer's state, a product and a
/// grant.
#[must_use]
pub fn webhooks() -> Vec<String> {
    let templates = elements(include_str!("../templates/webhooks.json"));
    templates.iter().enumerate().map(|(n, template)| fill(template, n)).collect()
}

/// The tag of an event, for a line of a table.
#[must_use]
pub fn event_type(event: &str) -> String {
    let value: Value = serde_json::from_str(event).unwrap_or_default();
    value["type"].as_str().unwrap_or("event").to_owned()
}

fn fill(template: &str, n: usize) -> String {
    // Fractions of a second with all six digits, as a database gives them. None ends in zeros, which chrono would not
    // write again.
    let micros = 100_001 + n * 7_919 % 90_000 * 10;
    template.replace("{{id}}", &format!("{n:04x}")).replace("{{micros}}", &micros.to_string())
}

/// The elements of a JSON array, without the space between tokens.
///
/// A parsed value would lose the order of the members.
fn elements(array: &str) -> Vec<String> {
    let mut elements = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in array.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            match c {
                '"' => quoted = true,
                '[' | '{' => depth += 1,
                ']' | '}' => depth -= 1,
                c if c.is_whitespace() => continue,
                ',' if depth == 1 => {
                    elements.push(String::new());
                    continue;
                }
                _ => {}
            }
            // The brackets around all elements.
            if depth == 0 || (depth == 1 && c == '[') {
                continue;
            }
        }
        if let Some(element) = elements.last_mut() {
            element.push(c);
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::{Kind, elements, page, plain, webhooks};
    use serde_json::Value;

    #[test]
    fn elements_are_compact_and_whole() {
        let found = elements("[\n {\"a\": [1, \"x, \\\"y\\\" ]\"]},\n {\"b\": {}}\n]\n");
        assert_eq!(found, [r#"{"a":[1,"x, \"y\" ]"]}"#, r#"{"b":{}}"#]);
    }

    #[test]
    fn plain_texts_lack_only_those_lists() {
        let text = r#"[{"benefits":[{"a":["]"]}],"b":[1]},{"benefits":[],"attached_custom_fields":[[2]]}]"#;
        assert_eq!(plain(text), r#"[{"benefits":[],"b":[1]},{"benefits":[],"attached_custom_fields":[]}]"#);
    }

    #[test]
    fn pages_are_json_with_ids_of_their_own() {
        for kind in Kind::ALL {
            let page: Value = serde_json::from_str(&page(kind, 100, 250)).unwrap_or_default();
            let items = page["items"].as_array().map_or(&[][..], Vec::as_slice);
            let mut ids: Vec<_> = items.iter().filter_map(|item| item["id"].as_str()).collect();
            ids.dedup();
            assert_eq!((items.len(), ids.len()), (100, 100), "{}", kind.name());
            assert_eq!(page["pagination"]["max_page"], 3);
        }
        assert!(webhooks().iter().all(|event| serde_json::from_str::<Value>(event).is_ok()));
    }
}
