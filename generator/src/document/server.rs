//! URLs of servers: templates with the defaults of their variables.

/// Returns the URL with each `{variable}` replaced by its default.
///
/// # Errors
/// The name of a variable without a default.
pub fn url<'a>(template: &str, default: impl Fn(&str) -> Option<&'a str>) -> Result<String, String> {
    let mut url = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').ok_or_else(|| after.to_owned())?;
        url.push_str(before);
        url.push_str(default(name).ok_or_else(|| name.to_owned())?);
        rest = next;
    }
    url.push_str(rest);
    Ok(url)
}

/// Returns whether a request can be sent there: `http` or `https` with a host.
#[must_use]
pub fn is_absolute(url: &str) -> bool {
    let rest = url.split_once("://").filter(|(scheme, _)| {
        let scheme = scheme.to_ascii_lowercase();
        scheme == "https" || scheme == "http"
    });
    let is_plain = |c: char| c.is_ascii_graphic() && !"{}<>\"\\^`|?#".contains(c);
    rest.is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_have_their_defaults() {
        let default = |name: &str| (name == "region").then_some("eu");
        assert_eq!(url("https://{region}.example/{region}/", default), Ok("https://eu.example/eu/".to_owned()));
        assert_eq!(url("https://{zone}.example", default), Err("zone".to_owned()));
        assert_eq!(url("https://{region", default), Err("region".to_owned()));
    }

    #[test]
    fn only_whole_urls_are_absolute() {
        assert!(is_absolute("HTTPS://api.example/v1"));
        for other in ["/api", "api.example", "//api.example", "https://", "ftp://a", "https:///a", "https://a b"] {
            assert!(!is_absolute(other), "{other}");
        }
    }
}
