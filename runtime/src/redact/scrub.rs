//! Finds secrets in a text by their form.
//!
//! The text is split into words, and each word is inspected once, so that the time grows only with the length of the
//! text.

use std::borrow::Cow;

use super::{REDACTED, is_secret_name, secret_kind};

/// `{"` in base64 without padding: each JSON Web Token begins with it.
const JWT: &str = "eyJ";

/// `polar_` in base64: OAuth clients send `polar_ci_..:polar_cs_..` in this form.
const ENCODED_POLAR: &str = "cG9sYXJf";

/// Words that can follow `Bearer` in a sentence and are not tokens.
const AFTER_BEARER: [&str; 8] =
    ["auth", "authentication", "authorization", "error", "realm", "scheme", "token", "tokens"];

/// Returns a text without its secrets: tokens by their prefixes, JSON Web Tokens, what follows `Bearer`, the values of
/// pairs such as `client_secret=..`, and user names and passwords in URLs.
pub(super) fn scrub(text: &str) -> Cow<'_, str> {
    scrub_with(text, &mut secret_kind)
}

/// `kind_of` returns the kind of the secret that a text begins with.
fn scrub_with<'a>(text: &'a str, kind_of: &mut dyn FnMut(&str) -> Option<&'static str>) -> Cow<'a, str> {
    let mut scrubbed = Scrubbed { text, shown: String::new(), kept: 0 };
    // The previous word, and the text between the words.
    let mut before = 0..0;
    let mut at = 0;
    while let Some(start) = find(text, at, is_word) {
        let gap = &text[before.end..start];
        let end = word_end(text, start);
        let name = &text[before.clone()];
        if let Some(length) = text[start..].strip_prefix("//").filter(|_| gap.ends_with(':')).and_then(user_information)
        {
            let (user, end) = (start + 2, start + 2 + length);
            scrubbed.replace(user, end, REDACTED);
            (before, at) = (start..end, end);
            continue;
        }
        let end = match value_end(text, name, gap, start, end) {
            Some(end) => {
                scrubbed.replace(start, end, REDACTED);
                end
            }
            None => {
                if let Some((offset, kind)) = secret_in(&text[start..end], kind_of) {
                    scrubbed.replace(start + offset, end, &format!("<{kind}>"));
                }
                end
            }
        };
        (before, at) = (start..end, end);
    }
    scrubbed.finish()
}

/// A text in which parts are replaced, from left to right.
struct Scrubbed<'a> {
    text: &'a str,
    shown: String,
    /// Offset after the last part that was replaced.
    kept: usize,
}

impl<'a> Scrubbed<'a> {
    fn replace(&mut self, start: usize, end: usize, by: &str) {
        self.shown.push_str(&self.text[self.kept..start]);
        self.shown.push_str(by);
        self.kept = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.kept == 0 {
            return Cow::Borrowed(self.text);
        }
        self.shown.push_str(&self.text[self.kept..]);
        Cow::Owned(self.shown)
    }
}

/// Returns whether a character can be part of tokens (RFC 6750, section 2.1), of names or of percent-encoded texts.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~+/%".contains(c)
}

fn find(text: &str, from: usize, is: impl Fn(char) -> bool) -> Option<usize> {
    text[from..].find(is).map(|offset| from + offset)
}

/// Returns the offset after the word that begins at `start`. The padding `=` of base64 belongs to it.
fn word_end(text: &str, start: usize) -> usize {
    let end = find(text, start, |c| !is_word(c)).unwrap_or(text.len());
    let padded = find(text, end, |c| c != '=').unwrap_or(text.len());
    if find(text, padded, |_| true).is_some_and(|next| text[next..].starts_with(is_word)) { end } else { padded }
}

/// Returns the length of `user:password@` at the start of the text after `://` in a URL.
fn user_information(rest: &str) -> Option<usize> {
    let authority =
        &rest[..rest.find(|c: char| c == '/' || c == '?' || c == '#' || c.is_whitespace()).unwrap_or(rest.len())];
    authority.rfind('@')
}

/// Returns the offset after a value that is secret because of the text before it: the name in `client_secret=..` and
/// `"client_secret": "..", or the scheme in `Bearer ..`.
fn value_end(text: &str, name: &str, gap: &str, start: usize, end: usize) -> Option<usize> {
    let word = &text[start..end];
    let follows_space = !gap.is_empty() && gap.chars().all(|c| c == ' ' || c == ':');
    if follows_space && name.eq_ignore_ascii_case("bearer") {
        let is_prose = AFTER_BEARER.iter().any(|known| word.trim_end_matches('.').eq_ignore_ascii_case(known));
        return (!is_prose).then_some(end);
    }
    if follows_space && name.eq_ignore_ascii_case("basic") {
        let is_encoded = word.len() >= 8 && (word.ends_with('=') || word.bytes().any(|byte| byte.is_ascii_digit()));
        return is_encoded.then_some(end);
    }
    let is_pair = gap.len() <= 8 && (gap.contains('=') || gap.contains(':') && gap.contains(['"', '\'']));
    if !is_pair || !is_secret_name(name) {
        return None;
    }
    match gap.chars().next_back().filter(|quote| "\"'".contains(*quote)) {
        Some(quote) => Some(find(text, start, |c| c == quote).unwrap_or(text.len())),
        None => Some(end),
    }
}

/// Returns the offset and the kind of a secret inside a word. It ends with the word.
fn secret_in(word: &str, kind_of: &mut dyn FnMut(&str) -> Option<&'static str>) -> Option<(usize, &'static str)> {
    word.bytes().enumerate().find_map(|(at, byte)| {
        let kind = match byte {
            b'p' | b'w' => kind_of(&word[at..]).or_else(|| is_unknown_token(&word[at..]).then_some("token")),
            b'e' if is_jwt(word, at) => Some("json_web_token"),
            b'c' if word[at..].starts_with(ENCODED_POLAR) => Some("encoded_token"),
            _ => None,
        };
        kind.map(|kind| (at, kind))
    })
}

/// Returns whether a text looks like a token of a kind that this version does not know: `polar_`, letters, `_` and a
/// long random part.
fn is_unknown_token(text: &str) -> bool {
    let Some((kind, random)) = text.strip_prefix("polar_").and_then(|rest| rest.split_once('_')) else { return false };
    let is_kind = (1..=4).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_lowercase()) && kind != "ci";
    is_kind && random.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 16
}

/// Returns whether a JSON Web Token begins at this byte of a word.
fn is_jwt(word: &str, at: usize) -> bool {
    let is_start = !word[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    is_start && word[at..].starts_with(JWT) && word.len() - at >= 12
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
        for text in ["a polar day", "", "=", "==a", "polar_client_runtime::redact", "cut…", "Basic plan", "polar_ci_1"]
        {
            assert!(matches!(scrub(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn secrets_without_a_prefix_are_found_by_their_form() {
        for (text, shown) in [
            ("Authorization: Bearer hidden", "Authorization: Bearer <redacted>"),
            ("bearer  hidden, twice", "bearer  <redacted>, twice"),
            ("a Bearer token is missing", "a Bearer token is missing"),
            ("Basic aGlkZGVuOmhpZGRlbg==", "Basic <redacted>"),
            ("sent cG9sYXJfY2lfMTpoaWRkZW4=", "sent <encoded_token>"),
            ("jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJoaWRkZW4ifQ.c2ln!", "jwt <json_web_token>!"),
            ("?client_secret=hidden&page=2", "?client_secret=<redacted>&page=2"),
            (r#"{"password": "hidden words", "n": 1}"#, r#"{"password": "<redacted>", "n": 1}"#),
            ("https://me:hidden@example.com/a", "https://<redacted>@example.com/a"),
            ("https://x.s3/f?X-Amz-Signature=hidden&a=b", "https://x.s3/f?X-Amz-Signature=<redacted>&a=b"),
            ("/checkout/polar_cl_hiddenhiddenhidden/redirect", "/checkout/<token>"),
            ("polar_ci_1.polar_cs_hidden", "polar_ci_1.<oauth_client_secret>"),
            ("invalid token: expired", "invalid token: expired"),
        ] {
            assert_eq!(scrub(text), shown);
        }
    }

    /// Counts how often prefixes are compared, and with how many bytes.
    fn steps(text: &str) -> usize {
        let mut steps = 0;
        scrub_with(text, &mut |rest| {
            steps += 1;
            secret_kind(rest)
        });
        steps
    }

    #[test]
    fn twice_the_text_takes_twice_the_steps() {
        for piece in
            ["polar_oat_hidden ", "p", "polar_ci_", "whsec_", "polar_", "https://", "Bearer ", "token=\"", "=", "eyJ."]
        {
            let (once, twice) = (piece.repeat(4000), piece.repeat(8000));
            assert!(steps(&once) <= once.len(), "{piece}: {}", steps(&once));
            assert!(steps(&twice) <= 2 * steps(&once) + 1, "{piece}");
        }
    }
}
