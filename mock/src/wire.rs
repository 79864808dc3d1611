//! Parsing of queries and forms.

use axum::extract::Query;
use axum::http::Uri;

/// Parses a query or a form by the URL standard. Empty if it is not one.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let url = Uri::try_from(format!("http://host/?{text}")).ok();
    let pairs = url.and_then(|url| Query::<Vec<(String, String)>>::try_from_uri(&url).ok());
    pairs.map(|Query(pairs)| pairs).unwrap_or_default()
}
