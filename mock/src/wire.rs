//! How queries and forms are taken apart.

use axum::extract::Query;
use axum::http::Uri;

/// A query or a form, taken apart as the URL standard says. Nothing where it is none.
#[must_use]
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let url = Uri::try_from(format!("http://host/?{text}")).ok();
    let pairs = url.and_then(|url| Query::<Vec<(String, String)>>::try_from_uri(&url).ok());
    pairs.map(|Query(pairs)| pairs).unwrap_or_default()
}
