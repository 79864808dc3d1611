//! Redirect URIs: the ones that the server accepts, and the form in which it stores them.

use std::fmt;
use std::net::Ipv4Addr;
use std::ops::Range;

use url::{Host, Url};

/// Checks a redirect URI for the registration of a client or for a login.
///
/// It must be a URI of RFC 3986 with a host: `https`, `http` with a local host (`localhost`, `*.localhost` or a private
/// IPv4 address), or the scheme of an app, as in `myapp://callback`. This is stricter than the server in a few points:
/// the server also registers URIs that it repairs first, such as `https:example.com`, and schemes that run code in the
/// browser.
///
/// # Errors
/// The first violated rule.
///
/// ```
/// use polar_client_runtime::oauth2::{RedirectUriError, check_redirect_uri};
///
/// assert_eq!(check_redirect_uri("http://localhost:3000/callback"), Ok(()));
/// assert!(matches!(check_redirect_uri("com.example.app:/callback"), Err(RedirectUriError::NoHost(_))));
/// ```
pub fn check_redirect_uri(uri: &str) -> Result<(), RedirectUriError> {
    parse(uri).map(drop)
}

/// Returns a redirect URI in the form in which the server stores it, which a login has to send: the path is never
/// empty, the scheme and the host of a web address are in lower case, its default port is omitted, `.` and `..` are
/// resolved, and an IPv4 address has four decimal numbers.
///
/// [`OAuthClient`](super::OAuthClient) applies it to its own redirect URI.
///
/// # Errors
/// The errors of [`check_redirect_uri`].
///
/// ```
/// # fn main() -> Result<(), polar_client_runtime::oauth2::RedirectUriError> {
/// use polar_client_runtime::oauth2::stored_redirect_uri;
///
/// assert_eq!(stored_redirect_uri("https://Example.com")?, "https://example.com/");
/// # Ok(())
/// # }
/// ```
pub fn stored_redirect_uri(uri: &str) -> Result<String, RedirectUriError> {
    parse(uri).map(Into::into)
}

/// The rule that a redirect URI violates. The text of the URI is shortened, and the part before an `@` is omitted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectUriError {
    /// It is not an absolute URI with a valid host and port (RFC 3986, section 3).
    NotAbsolute(String),
    /// It contains a character that URIs can't contain (RFC 3986, appendix A), or a `%` without two hexadecimal digits.
    Character {
        /// The redirect URI.
        uri: String,
        /// The character.
        character: char,
        /// The position of the character, counted from one.
        position: usize,
    },
    /// It has no host after its scheme: `scheme:path` instead of `scheme://host`.
    NoHost(String),
    /// It has a scheme that can't return to a program, for example one that runs code or opens files.
    Scheme(String),
    /// It contains a user name or a password, which browsers and logs would show.
    Credentials,
    /// It contains a wildcard. The server compares redirect URIs character by character.
    Wildcard(String),
    /// It has a fragment, which RFC 6749 (section 3.1.2) forbids.
    Fragment(String),
    /// It has the scheme `http` and a host that is not local.
    NotHttps(String),
}

impl fmt::Display for RedirectUriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute(uri) => {
                write!(f, "redirect URI {uri:?}: it is not an absolute URI, as in `https://example.com/callback`")
            }
            Self::Character { uri, character, position } => {
                write!(f, "redirect URI {uri:?}: character {position} is {character:?}, ")?;
                f.write_str(match character {
                    '%' => "which two hexadecimal digits must follow",
                    '[' | ']' => "which must be percent-encoded outside of an IPv6 address",
                    character if character.is_ascii() => "which must be percent-encoded or left out",
                    _ => "which is not ASCII: write a host in its `xn--` form, and percent-encode the rest",
                })
            }
            Self::NoHost(uri) => write!(
                f,
                "redirect URI {uri:?}: it has no host after its scheme: write `scheme://host`, as in \
                 `https://example.com/callback`, or `myapp://callback` for an app"
            ),
            Self::Scheme(uri) => write!(
                f,
                "redirect URI {uri:?}: its scheme does not lead back to a program: use `https`, or a scheme of your \
                 app's own"
            ),
            Self::Credentials => {
                f.write_str("redirect URI: it contains a user name or a password, which browsers would show")
            }
            Self::Wildcard(uri) => write!(
                f,
                "redirect URI {uri:?}: it contains a wildcard, but the server compares character by character: register each URI"
            ),
            Self::Fragment(uri) => {
                write!(f, "redirect URI {uri:?}: it has a fragment (`#`), which is never sent to a server")
            }
            Self::NotHttps(uri) => write!(
                f,
                "redirect URI {uri:?}: it must have `https`, since the code travels in it; `http` is for `localhost`, \
                 `*.localhost` and private IPv4 addresses"
            ),
        }
    }
}

impl std::error::Error for RedirectUriError {}

/// Schemes that run code in the browser, open files, or belong to another protocol.
const NOT_OF_APPS: [&str; 9] = ["about", "blob", "data", "file", "ftp", "javascript", "vbscript", "ws", "wss"];

/// Parses a redirect URI by the rules of RFC 3986, then like the server (WHATWG URL).
fn parse(uri: &str) -> Result<Url, RedirectUriError> {
    check_characters(uri)?;
    let (scheme, rest) =
        uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).ok_or_else(|| not_absolute(uri))?;
    if NOT_OF_APPS.iter().any(|name| scheme.eq_ignore_ascii_case(name)) {
        return Err(RedirectUriError::Scheme(shown(uri)));
    }
    let no_host = || RedirectUriError::NoHost(shown(uri));
    let authority = authority(rest).ok_or_else(no_host)?;
    if authority.contains('@') {
        return Err(RedirectUriError::Credentials);
    }
    if authority.is_empty() || authority.starts_with(':') {
        return Err(no_host());
    }
    if uri.contains('*') {
        return Err(RedirectUriError::Wildcard(shown(uri)));
    }
    if uri.contains('#') {
        return Err(RedirectUriError::Fragment(shown(uri)));
    }
    let url = Url::parse(uri).map_err(|_| not_absolute(uri))?;
    if url.scheme() == "http" && !is_local_http(&url) {
        return Err(RedirectUriError::NotHttps(shown(uri)));
    }
    Ok(url)
}

/// RFC 3986, appendix A.
fn check_characters(uri: &str) -> Result<(), RedirectUriError> {
    let is_escaped = |index: usize| {
        let digits = uri.as_bytes().get(index + 1..index + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let ipv6 = ipv6(uri);
    let wrong = (1..).zip(uri.char_indices()).find(|(_, (index, c))| match c {
        '%' => !is_escaped(*index),
        '[' | ']' => !ipv6.contains(index),
        c => !(c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=".contains(*c)),
    });
    match wrong {
        Some((position, (_, character))) => Err(RedirectUriError::Character { uri: shown(uri), character, position }),
        None => Ok(()),
    }
}

/// Returns the range of a host in brackets, the only place for brackets.
fn ipv6(uri: &str) -> Range<usize> {
    let start = uri.find("://[").map_or(0, |colon| colon + 3);
    let end = uri[start..].find(']').filter(|_| start > 0).map_or(start, |end| start + end + 1);
    start..end
}

/// RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// RFC 3986, section 3.2: the text between `//` after the scheme and the path, query or fragment.
fn authority(rest: &str) -> Option<&str> {
    rest.strip_prefix("//")?.split(['/', '?', '#']).next()
}

fn not_absolute(uri: &str) -> RedirectUriError {
    RedirectUriError::NotAbsolute(shown(uri))
}

/// Returns the URI for errors: shortened, and without a password.
fn shown(uri: &str) -> String {
    const LONGEST: usize = 100;
    let (hidden, rest) = uri.rsplit_once('@').map_or(("", uri), |(_, rest)| ("...@", rest));
    let cut: String = rest.chars().take(LONGEST).collect();
    let end = if cut.len() < rest.len() { "..." } else { "" };
    format!("{hidden}{cut}{end}")
}

/// The IPv4 networks that the server regards as local, as addresses and prefix lengths: those that IANA lists as not
/// globally reachable, without the shared and the multicast addresses.
const LOCAL_NETWORKS: [(Ipv4Addr, u32); 12] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Returns whether it has the scheme `http` and a host that the server regards as local.
pub(super) fn is_local_http(url: &Url) -> bool {
    let is_in =
        |ip: Ipv4Addr, (network, prefix): (Ipv4Addr, u32)| (ip.to_bits() ^ network.to_bits()).leading_zeros() >= prefix;
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => LOCAL_NETWORKS.into_iter().any(|network| is_in(ip, network)),
        // The server checks only IPv4.
        Some(Host::Ipv6(_)) | None => false,
    };
    url.scheme() == "http" && is_local
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// Redirect URIs, each with its stored form.
    #[test]
    fn a_redirect_uri_is_stored_in_its_normal_form() {
        for (uri, stored) in [
            ("https://example.com/auth/callback", "https://example.com/auth/callback"),
            ("https://example.com/auth/callback/?tenant=1", "https://example.com/auth/callback/?tenant=1"),
            ("https://example.com", "https://example.com/"),
            ("https://example.com?tenant=1", "https://example.com/?tenant=1"),
            ("HTTPS://Example.COM:443/CallBack", "https://example.com/CallBack"),
            ("https://example.com:8443", "https://example.com:8443/"),
            ("https://example.com/a/./b/../c", "https://example.com/a/c"),
            ("https://example.com/%7Ea", "https://example.com/%7Ea"),
            ("https://example.com/cb?next=https://a.example/@b", "https://example.com/cb?next=https://a.example/@b"),
            ("https://xn--r8jz45g.jp/cb", "https://xn--r8jz45g.jp/cb"),
            ("https://[::1]/cb", "https://[::1]/cb"),
            ("https://1.2.3/", "https://1.2.0.3/"),
            ("http://localhost:3000/callback", "http://localhost:3000/callback"),
            ("http://LOCALHOST:3000", "http://localhost:3000/"),
            ("http://app.localhost:80/callback", "http://app.localhost/callback"),
            ("http://127.0.0.1:8000/callback", "http://127.0.0.1:8000/callback"),
            ("http://127.1/", "http://127.0.0.1/"),
            ("http://0x7f.1", "http://127.0.0.1/"),
            ("http://192.168.1.7/callback", "http://192.168.1.7/callback"),
            ("http://10.0.0.1", "http://10.0.0.1/"),
            ("http://172.31.255.255/", "http://172.31.255.255/"),
            ("http://169.254.1.1/", "http://169.254.1.1/"),
            ("http://198.19.0.1/", "http://198.19.0.1/"),
            ("http://0.0.0.0:80/", "http://0.0.0.0/"),
            ("myapp://callback", "myapp://callback"),
            ("MyApp://Callback/Path?x=1", "myapp://Callback/Path?x=1"),
            ("com.example.app://oauth/callback", "com.example.app://oauth/callback"),
        ] {
            assert_eq!(stored_redirect_uri(uri).as_deref(), Ok(stored), "{uri}");
            assert_eq!(stored_redirect_uri(stored).as_deref(), Ok(stored), "what is stored stays as it is");
        }
    }

    #[test]
    fn each_rule_has_its_own_words() {
        for (uri, words) in [
            ("", "not an absolute URI"),
            ("/callback", "not an absolute URI"),
            ("//example.com/callback", "not an absolute URI"),
            ("example.com/callback", "not an absolute URI"),
            ("1app://callback", "not an absolute URI"),
            ("my_app://callback", "not an absolute URI"),
            ("https://example.com:99999/", "not an absolute URI"),
            ("http://256.256.256.256/", "not an absolute URI"),
            ("https://[::1]x/callback", "not an absolute URI"),
            ("https://example.com/call back", "character 25 is ' ', which must be percent-encoded"),
            (" https://example.com/callback", "character 1 is ' '"),
            ("https://example.com/callback\n", "character 29 is '\\n'"),
            ("https://exa\tmple.com/", "character 12 is '\\t'"),
            ("https://example.com/\0", "character 21 is '\\0'"),
            ("http://localhost\\@evil.com/", "character 17 is '\\\\'"),
            ("http:\\\\localhost/", "character 6 is '\\\\'"),
            ("https://example.com/{id}", "character 21 is '{'"),
            ("https://example.com/a|b", "character 22 is '|'"),
            ("https://[::1/callback", "character 9 is '['"),
            (
                "https://example.com/[a]",
                "character 21 is '[', which must be percent-encoded outside of an IPv6 address",
            ),
            ("https://example.com/100%", "character 24 is '%', which two hexadecimal digits must follow"),
            ("https://example.com/%zz", "character 21 is '%'"),
            ("http://127\u{3002}0\u{3002}0\u{3002}1/", "character 11 is '\u{3002}', which is not ASCII"),
            ("http://127.0.0.1\u{200b}/", "character 17 is '\\u{200b}', which is not ASCII"),
            ("https://b\u{fc}cher.example/", "write a host in its `xn--` form"),
            ("https://*.example.com/callback", "wildcard"),
            ("https://example.com/*", "wildcard"),
            ("https://example.com/callback#", "fragment"),
            ("https://example.com/callback#code", "fragment"),
            ("https:example.com", "no host after its scheme"),
            ("https:/example.com/callback", "no host after its scheme"),
            ("https:///example.com/callback", "no host after its scheme"),
            ("https://:443/callback", "no host after its scheme"),
            ("https://", "no host after its scheme"),
            ("com.example.app:/callback", "no host after its scheme"),
            ("myapp:callback", "no host after its scheme"),
            ("myapp:///callback", "no host after its scheme"),
            ("urn:ietf:wg:oauth:2.0:oob", "no host after its scheme"),
            ("mailto:ada@example.com", "no host after its scheme"),
            ("localhost:3000/callback", "no host after its scheme"),
            ("javascript:alert(1)", "does not lead back to a program"),
            ("JavaScript://example.com/%0aalert(1)", "does not lead back to a program"),
            ("data:text/html,x", "does not lead back to a program"),
            ("file:///callback", "does not lead back to a program"),
            ("wss://example.com/", "does not lead back to a program"),
            ("http://example.com/callback", "must have `https`"),
            ("http://8.8.8.8/callback", "must have `https`"),
            ("http://172.32.0.1/callback", "must have `https`"),
            ("http://100.64.0.1/callback", "must have `https`"),
            ("http://[::1]/callback", "must have `https`"),
            ("http://localhost.example.com/callback", "must have `https`"),
            ("http://notlocalhost/callback", "must have `https`"),
            ("http://localhost./callback", "must have `https`"),
            ("https://me:hidden@example.com/callback", "user name or a password"),
            ("https://@example.com/callback", "user name or a password"),
            ("https://me:hidden@example.com/call back", "...@example.com/call back"),
            ("http:me:hidden@example.com", "...@example.com"),
        ] {
            let error = check_redirect_uri(uri).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(words), "{uri}: {text}");
            assert!(!text.contains("hidden"), "{text}");
            assert_eq!(stored_redirect_uri(uri), Err(error));
        }
    }

    #[test]
    fn an_error_shows_the_beginning_of_a_long_uri() {
        let error = check_redirect_uri(&format!("http://example.com/{}", "x".repeat(10_000))).unwrap_err();
        assert!(error.to_string().len() < 500, "{error}");
    }
}
