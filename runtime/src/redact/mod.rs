//! Redaction: what texts for people may contain.
//!
//! Owns the rule for texts from outside ([`text`]) and the rules for parameters and headers. Leaves to others which
//! texts they show, and to the overlay which properties of models are secret.
//!
//! Invariant: a text that was redacted has a bounded length and contains no secret that is recognized by its form, no
//! control character and no invisible format character.

mod scrub;

use std::borrow::Cow;
use std::fmt;

use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION, SET_COOKIE};
use polar_client_auth::TokenKind;

use scrub::scrub;

/// Placeholder for a value that is not shown.
pub(crate) const REDACTED: &str = "<redacted>";

/// Maximum number of characters of a whole message.
const LONGEST_MESSAGE: usize = 2000;

/// Maximum number of characters of one text from a server.
const LONGEST_TEXT: usize = 500;

/// Maximum number of characters of a name, an id or a parameter.
const LONGEST_NAME: usize = 100;

/// Number of input characters that are read for each output character: a token is longer than the name of its kind.
const READ: usize = 4;

/// Words that mark a name as that of a secret.
const SECRET_WORDS: [&str; 11] = [
    "secret",
    "token",
    "password",
    "passwd",
    "signature",
    "credential",
    "authorization",
    "cookie",
    "api_key",
    "api-key",
    "apikey",
];

/// Headers whose values are harmless.
const HARMLESS_HEADERS: [&str; 7] =
    ["accept", "content-length", "content-type", "date", "polar-version", "retry-after", "user-agent"];

/// Redacts a message of this crate, which may contain texts from outside.
pub(crate) fn message(text: &str) -> String {
    bounded(text, LONGEST_MESSAGE)
}

/// Redacts a text from a server, such as the reason for an error.
pub(crate) fn text(text: &str) -> String {
    bounded(text, LONGEST_TEXT)
}

/// Redacts a name from outside, such as an error code.
pub(crate) fn name(name: &str) -> String {
    bounded(name, LONGEST_NAME)
}

/// Redacts a text from outside and limits it to so many characters. Each secret is replaced by its kind, whitespace
/// becomes a space, and control and format characters are removed. The time depends on the limit and not on the text.
pub(crate) fn bounded(text: &str, longest: usize) -> String {
    let mut characters = text.chars();
    let readable: String = characters.by_ref().take(longest * READ).filter_map(readable).collect();
    let is_cut = characters.next().is_some();
    let scrubbed = scrub(&readable);
    match scrubbed.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &scrubbed[..end]),
        None if is_cut => format!("{scrubbed}…"),
        None => scrubbed.into_owned(),
    }
}

/// Returns the character as it is shown, or `None` if it is removed.
fn readable(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() || is_format(c) => None,
        c => Some(c),
    }
}

/// Returns whether a character has Unicode's general category Cf: it is invisible, and may change the order or the
/// meaning of the characters around it.
fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Returns whether a value is secret because of its name.
fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Returns the value of a parameter for `Debug`: only ids, numbers, dates, times and values of enumerations are shown.
pub(crate) fn parameter<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:+".contains(c);
    let is_shown = !is_secret_name(name)
        && value.len() <= LONGEST_NAME
        && value.chars().all(is_plain)
        && matches!(scrub(value), Cow::Borrowed(_));
    Cow::Borrowed(if is_shown { value } else { REDACTED })
}

/// Returns a server's id of a request if it looks like an id. `None` for any other text.
pub(crate) fn request_id(value: &HeaderValue) -> Option<&str> {
    let id = value.to_str().ok()?;
    let is_id = !id.is_empty() && id.len() <= LONGEST_NAME && id.bytes().all(|byte| byte.is_ascii_graphic());
    Some(id).filter(|id| is_id && matches!(scrub(id), Cow::Borrowed(_)))
}

/// Returns whether a header contains a secret, which `Debug` must not show.
pub(crate) fn is_secret_header(name: &HeaderName) -> bool {
    [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE].contains(name)
        || is_secret_name(name.as_str())
        || name.as_str().ends_with("-key")
}

/// Headers for `Debug`: all names, and the values of those that are known to be harmless.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.0 {
            let is_shown = HARMLESS_HEADERS.contains(&name.as_str());
            match value.to_str() {
                Ok(value) if is_shown => map.entry(&name.as_str(), &self::name(value)),
                _ => map.entry(&name.as_str(), &format_args!("{REDACTED}")),
            };
        }
        map.finish()
    }
}

/// Returns whether a text has the prefix of a secret.
fn secret_kind(text: &str) -> Option<&'static str> {
    let kind = TokenKind::of(text);
    kind.is_secret().then(|| kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_format_characters_are_removed() {
        assert_eq!(text("a\r\nb\tc\u{1b}[31md\u{202e}e\u{200b}f\0\u{feff}\u{2028}g"), "a  b c[31mdef g");
        assert_eq!(text("हिन्दी Größe 値段 🎉"), "हिन्दी Größe 値段 🎉");
    }

    #[test]
    fn an_invisible_character_does_not_hide_a_token() {
        assert_eq!(text("key polar_\u{200b}oat_hid\u{ad}den"), "key <organization_access_token>");
    }

    #[test]
    fn texts_are_cut_and_say_so() {
        assert_eq!(name(&"x".repeat(LONGEST_NAME)), "x".repeat(LONGEST_NAME));
        assert_eq!(name(&"é".repeat(LONGEST_NAME + 1)), format!("{}…", "é".repeat(LONGEST_NAME)));
        let invisible = "\u{200b}".repeat(100_000);
        assert_eq!(name(&format!("a{invisible}b")), "a…");
    }

    #[test]
    fn a_token_at_the_cut_is_not_shown_in_part() {
        for before in LONGEST_NAME * READ - 40..LONGEST_NAME * READ {
            let shown = name(&format!("{}polar_oat_hidden", " ".repeat(before)));
            assert!(!shown.contains('h'), "{shown:?}");
        }
    }

    #[test]
    fn parameters_show_ids_numbers_and_dates_only() {
        for plain in
            ["7", "-1.5", "true", "active", "2026-10-21T07:28:00+02:00", "d29ac71f-6e0d-4a39-a0e2-02e7b5d1ffd6"]
        {
            assert_eq!(parameter("filter", plain), plain);
        }
        for (name, value) in [
            ("token", "x"),
            ("client_secret", "x"),
            ("id", "polar_c_hidden"),
            ("email", "ada@example.com"),
            ("query", "two words"),
            ("id", "a\u{202e}b"),
        ] {
            assert_eq!(parameter(name, value), REDACTED, "{name}={value}");
        }
    }

    #[test]
    fn request_ids_are_shown_only_if_they_look_like_ids() {
        let shown = |text: &str| HeaderValue::try_from(text).ok().as_ref().and_then(request_id).is_some();
        assert!(shown("8f1c-FRA") && shown("req_01J8Z"));
        assert!(!shown("") && !shown("a b") && !shown("polar_oat_hidden") && !shown(&"x".repeat(LONGEST_NAME + 1)));
    }
}
