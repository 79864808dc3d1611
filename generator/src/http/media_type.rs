//! Media types: the keys of `content`. Case and parameters do not matter (RFC 9110, section 8.3.1).

/// The compared part of a media type: in lower case, without parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType(String);

impl MediaType {
    /// The media type of JSON.
    pub const JSON: &str = "application/json";

    /// Parses a name such as `Application/JSON; charset=utf-8`.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self(name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Returns `application/json`, the media type of JSON bodies in requests.
    #[must_use]
    pub fn is_plain_json(&self) -> bool {
        self.0 == Self::JSON
    }

    /// Returns whether it is `application/json`, or a type with the suffix `+json`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.is_plain_json() || (self.0.starts_with("application/") && self.0.ends_with("+json"))
    }

    /// Returns whether it is `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.0 == "application/x-www-form-urlencoded"
    }

    /// Returns whether it is text, which is returned as received.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.0.as_str(), "text/csv" | "text/plain")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_parameters_do_not_matter() {
        assert!(MediaType::parse("Application/JSON").is_json());
        assert!(MediaType::parse("application/problem+json ; charset=utf-8").is_json());
        assert!(MediaType::parse("application/x-www-form-urlencoded; charset=utf-8").is_form());
        assert!(MediaType::parse("Text/CSV;header=present").is_text());
    }

    #[test]
    fn types_are_told_apart() {
        assert!(!MediaType::parse("application/problem+json").is_plain_json());
        for other in ["application/jsonl", "text/json", "image/svg+xml", "application/xml", ""] {
            let other = MediaType::parse(other);
            assert!(!(other.is_json() || other.is_form() || other.is_text()), "{other:?}");
        }
    }
}
