//! Keeps tokens and other secrets out of messages.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION};
use polar_client_auth::TokenKind;

/// Whether the value of a parameter is to be kept out of messages: for its name, or for what it looks like.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    ["secret", "token", "password"].iter().any(|word| name.contains(word)) || TokenKind::of(value).is_secret()
}

/// Whether a header holds a secret, which `Debug` must not show.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name)
}

/// Text that came from outside, with each token in it replaced by its kind.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    let mut scrubbed = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(offset) = next_prefix(&text[at..]) {
        let start = at + offset;
        let length = text[start..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || "_-+/=.".contains(c)))
            .unwrap_or(text.len() - start);
        let kind = TokenKind::of(&text[start..]);
        if kind.is_secret() {
            scrubbed.push_str(&text[kept..start]);
            scrubbed.push('<');
            scrubbed.push_str(kind.as_str());
            scrubbed.push('>');
            kept = start + length;
        }
        at = start + length;
    }
    if scrubbed.is_empty() {
        return Cow::Borrowed(text);
    }
    scrubbed.push_str(&text[kept..]);
    Cow::Owned(scrubbed)
}

fn next_prefix(text: &str) -> Option<usize> {
    TokenKind::prefixes().filter_map(|prefix| text.find(prefix)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubbing_replaces_each_token_and_nothing_else() {
        assert_eq!(
            scrub(r#"{"a":"polar_oat_x1","b":"whsec_MfKQ+/9=","c":"polar_ci_id"} polar_c_é"#),
            r#"{"a":"<organization_access_token>","b":"<webhook_secret>","c":"polar_ci_id"} <checkout_client_secret>é"#
        );
        assert!(matches!(scrub("a polar day"), Cow::Borrowed(_)));
    }
}
