//! The version of a document.

use polar_codegen::Diagnostic;
use serde_json::{Map, Value};

/// Advice for a file that is not an OpenAPI document.
pub(super) const HINT_DOCUMENT: &str = "name an OpenAPI 3 document with paths or webhooks";

/// Checks that this is an OpenAPI 3 document that describes something.
pub(super) fn check_format(document: &Map<String, Value>) -> Result<(), Diagnostic> {
    match document.get("openapi").and_then(Value::as_str) {
        Some(format) if format.starts_with("3.0.") || format.starts_with("3.1.") => {}
        Some(format) => {
            return Err(Diagnostic::error("#/openapi", format!("OpenAPI {format} is not supported"))
                .hint("use OpenAPI 3.0.x or 3.1.x"));
        }
        None => {
            return Err(Diagnostic::error("#", "the document does not state its OpenAPI version").hint(HINT_DOCUMENT));
        }
    }
    let describes = |name: &str| document.get(name).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    let wrong =
        ["paths", "webhooks"].into_iter().find(|name| document.get(*name).is_some_and(|value| !value.is_object()));
    match wrong {
        Some(name) => {
            Err(Diagnostic::error(format!("#/{name}"), format!("`{name}` is not an object")).hint(HINT_DOCUMENT))
        }
        None if describes("paths") || describes("webhooks") => Ok(()),
        None => Err(Diagnostic::error("#", "the document has neither a path nor a webhook").hint(HINT_DOCUMENT)),
    }
}

/// The version: the given one, else `info.version`, else the one in the URL of a server.
pub(super) fn of(document: &Map<String, Value>, given: Option<&str>) -> Result<String, Diagnostic> {
    const HINT: &str = "name the API version with --version, for example --version 2026-10";
    if let Some(given) = given {
        let wrong = || Diagnostic::error("", format!("`{given}` is not an API version")).hint(HINT);
        return if is_version(given) { Ok(given.to_owned()) } else { Err(wrong()) };
    }
    let stated = document.get("info").and_then(|info| info.get("version"));
    if let Some(version) = stated.and_then(Value::as_str).filter(|version| is_version(version)) {
        return Ok(version.to_owned());
    }
    let servers = document.get("servers").and_then(Value::as_array).into_iter().flatten();
    let urls = servers.filter_map(|server| server.get("url")?.as_str());
    if let Some(version) = urls.flat_map(|url| url.split('/')).find(|part| is_version(part)) {
        return Ok(version.to_owned());
    }
    Err(match stated {
        Some(stated) => Diagnostic::error("#/info/version", format!("{stated} is not an API version")).hint(HINT),
        None => Diagnostic::error("#/info", "the document does not state a version").hint(HINT),
    })
}

/// Writes the version into the document.
pub(super) fn set(document: &mut Map<String, Value>, version: &str) {
    let info = document.entry("info").or_insert_with(|| Value::Object(Map::new()));
    if let Some(info) = info.as_object_mut() {
        info.insert("version".to_owned(), version.into());
    }
}

/// `2026-10`
fn is_version(text: &str) -> bool {
    let is_number = |text: &str, digits| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(year, month)| {
        is_number(year, 4) && is_number(month, 2) && (1..=12).contains(&month.parse::<u8>().unwrap_or_default())
    })
}
