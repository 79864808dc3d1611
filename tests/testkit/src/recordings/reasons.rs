//! Reasons for unknown values in the recordings, and for requests that the crate does not send.

use std::path::Path;

use serde::Deserialize;

/// The file with the reasons, beside this package's manifest.
const FILE: &str = "conformance/recordings.yaml";

/// The reasons, and which of them were used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reasons {
    unknown: Vec<Unknown>,
    not_sent: Vec<NotSent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unknown {
    /// Path of the value.
    #[serde(default)]
    path: String,
    /// Its text or tag.
    value: Option<String>,
    reason: String,
    #[serde(skip)]
    used: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NotSent {
    operation: String,
    reason: String,
    #[serde(skip)]
    used: bool,
}

impl Reasons {
    pub(super) fn read() -> Result<Self, String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FILE);
        let bytes = std::fs::read(&path).map_err(|error| format!("{FILE}: {error}"))?;
        let data = polar_codegen::document::read::read(FILE, &bytes).map_err(|error| error.to_string())?;
        serde_json::from_value(data).map_err(|error| format!("{FILE}: {error}"))
    }

    /// Returns why the crate does not know a value at a path.
    pub(super) fn of_unknown(&mut self, path: &str, value: Option<&str>) -> Option<String> {
        let entry = self.unknown.iter_mut().find(|entry| entry.path == path && entry.value.as_deref() == value)?;
        entry.used = true;
        Some(entry.reason.clone())
    }

    /// Returns why the client does not send the requests of an operation.
    pub(super) fn of_not_sent(&mut self, operation: &str) -> Option<String> {
        let entry = self.not_sent.iter_mut().find(|entry| entry.operation == operation)?;
        entry.used = true;
        Some(entry.reason.clone())
    }

    /// Returns an error for each unused reason.
    pub(super) fn unused(&self) -> Vec<String> {
        let unknown = self.unknown.iter().filter(|entry| !entry.used);
        let unknown = unknown.map(|entry| format!("the unknown value {:?} at `{}`", entry.value, entry.path));
        let not_sent = self.not_sent.iter().filter(|entry| !entry.used);
        let all = unknown.chain(not_sent.map(|entry| entry.operation.clone()));
        all.map(|what| format!("{FILE}: {what} no longer occurs; remove the entry")).collect()
    }
}
