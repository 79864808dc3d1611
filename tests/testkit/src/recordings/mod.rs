//! Recordings of the real server, which are not part of the repository.

mod reasons;
mod replay;
mod request;
mod summary;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

pub use replay::{Replay, Replayer, Sent};
pub use summary::{Summary, Tally, Undeclared};

/// Returns a directory of the data beside the repository. `None` if it does not exist.
#[must_use]
pub fn folder(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    folder.is_dir().then_some(folder)
}

/// A request to the real server and its response, or a webhook that it delivered.
#[derive(Clone, Debug, Deserialize)]
pub struct Recording {
    /// Name of the file without its extension.
    #[serde(skip)]
    pub name: String,
    /// Operation id, or `webhook`.
    pub operation: String,
    /// The kind of the token, as in `oat`; `none` without one.
    pub token: Option<String>,
    /// The request, or the delivery.
    pub request: Request,
    /// The response.
    pub response: Response,
    /// Required properties of the API version of the document that the recorded server did not send yet.
    #[serde(default)]
    pub newer_members: Vec<NewerMember>,
    /// Secret of the endpoint of a webhook.
    pub secret: Option<String>,
}

/// A recorded request.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// HTTP method in upper case.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent.
    #[serde(default)]
    pub query: String,
    /// Some headers.
    pub headers: Map<String, Value>,
    /// A body in JSON.
    pub body: Option<Value>,
    /// Any other body.
    pub body_text: Option<String>,
}

/// A recorded response.
#[derive(Clone, Debug, Deserialize)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Some headers.
    pub headers: Map<String, Value>,
    /// The body: JSON as such, any other as text; `None` if there was none.
    #[serde(default, deserialize_with = "present")]
    pub body: Option<Value>,
}

/// A property that the recorded server did not send yet.
#[derive(Clone, Debug, Deserialize)]
pub struct NewerMember {
    /// JSON pointer into the body.
    pub pointer: String,
    /// An invented value of a newer server.
    pub value: Value,
}

/// Null is a body.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Recording {
    /// Reads all recordings of a folder, by name.
    ///
    /// # Errors
    /// A file can't be read, or is not a recording.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, String> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.map_err(|error| format!("{}: {error}", folder.display()))?;
        let paths = entries.into_iter().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path).map_err(|error| format!("{}: {error}", path.display()))).collect()
    }

    fn read(path: &Path) -> Result<Self, String> {
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        let recording: Self = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, ..recording })
    }

    /// Returns the body to decode: of the response, or of the webhook. With the newer properties if `newer`.
    ///
    /// # Errors
    /// A webhook's body is not JSON, or a newer property has no place.
    pub fn body(&self, newer: bool) -> Result<Option<Value>, String> {
        let mut body = match (&self.secret, &self.request.body_text) {
            (Some(_), Some(text)) => serde_json::from_str(text).map_err(|error| error.to_string())?,
            _ => match &self.response.body {
                Some(body) => body.clone(),
                None => return Ok(None),
            },
        };
        let added = if newer { self.newer_members.as_slice() } else { &[] };
        for NewerMember { pointer, value } in added {
            let place = pointer.rsplit_once('/').and_then(|(parent, name)| Some((body.pointer_mut(parent)?, name)));
            let Some((Value::Object(members), name)) = place else { return Err(format!("no place for {pointer}")) };
            members.insert(name.replace("~1", "/").replace("~0", "~"), value.clone());
        }
        Ok(Some(body))
    }
}
