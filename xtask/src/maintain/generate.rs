//! Runs the generator on a document whose overlay may not match, for its public items.

use std::fs;
use std::path::Path;

use polar_codegen::repository::{NAMES, OVERLAY};
use polar_codegen::{Config, Diagnostics, File, Input, Output, Source, public_api};
use polar_maintain::items::FileItems;
use polar_maintain::overlay;
use serde_json::Value;

use crate::error::CommandError;
use crate::generation::{beside, read, shown};

/// The repository's files that a document is generated with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Companions {
    /// The overlay, with its name.
    pub(crate) overlay: Option<(String, Value)>,
    /// The pinned names, with the name of their file.
    pub(crate) names: Option<(String, Vec<u8>)>,
}

impl Companions {
    /// Finds the overlay next to a document, unless another one is named, and the names next to the overlay.
    pub(crate) fn find(document: &Path, overlay: Option<&Path>) -> Result<Self, CommandError> {
        let found = beside(document, OVERLAY);
        let path = overlay.unwrap_or(&found);
        let lock = beside(path, NAMES);
        let is_named = overlay.is_some();
        let overlay = match is_named || path.exists() {
            true => Some((shown(path), Value::Object(super::diff::object(path)?))),
            false => None,
        };
        let names = match lock.exists() {
            true => Some((shown(&lock), read(&lock, "make the file readable, or remove it")?)),
            false => None,
        };
        Ok(Self { overlay, names })
    }

    /// Runs the generator on a document with the whole overlay: actions that do not match are errors.
    pub(crate) fn run<T>(
        &self,
        file: &str,
        document: &Value,
        docs: &[Source<'_>],
        run: impl Fn(&Input<'_>) -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        let document = document.to_string();
        let mut overlay = self.overlay.clone();
        loop {
            let text = overlay.as_ref().map(|(_, overlay)| overlay.to_string());
            let name = overlay.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
            let input = Input {
                document: Source { file, bytes: document.as_bytes() },
                overlay: text.as_ref().map(|text| Source { file: name, bytes: text.as_bytes() }),
                names: self.names.as_ref().map(|(name, bytes)| Source { file: name, bytes }),
                docs,
                config: Config {
                    source: file.to_owned(),
                    agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
                    ..Config::default()
                },
            };
            let errors = match run(&input) {
                Ok(output) => return Ok(output),
                Err(errors) => errors,
            };
            // An unused entry of `x-accept` is not a reason to stop.
            let needless = errors.iter().find(|error| error.file == name && error.pointer.starts_with("#/x-accept/"));
            let without = needless.and_then(|error| {
                let (_, value) = overlay.as_ref()?;
                overlay::without_accepted(value, &error.pointer)
            });
            match (without, &mut overlay) {
                (Some(value), Some((_, overlay))) => *overlay = value,
                _ => return Err(errors),
            }
        }
    }
}

/// The public items of an output.
pub(crate) fn items(output: &Output) -> Vec<FileItems> {
    let items = |file: &File| FileItems { path: file.path.clone(), lines: file.items.clone() };
    output.files.iter().map(items).collect()
}

/// The public items of a file with a path below `src`.
pub(crate) fn items_of_file(path: String, text: String) -> FileItems {
    let file = File { path, text, items: Vec::new() };
    let lines = public_api(std::slice::from_ref(&file));
    FileItems { path: file.path, lines }
}

/// The public items of the crate in a directory, or of the sources in it.
pub(crate) fn items_of_directory(directory: &Path) -> Result<Vec<FileItems>, CommandError> {
    let sources = directory.join("src");
    let base = if sources.is_dir() { sources } else { directory.to_path_buf() };
    let mut found = Vec::new();
    let mut open = vec![base.clone()];
    let failed =
        |path: &Path, error| CommandError::file("read", path, &error, "name the directory of a generated crate");
    while let Some(directory) = open.pop() {
        let entries = fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        for entry in entries.map_err(|error| failed(&directory, error))? {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
                let relative = path.strip_prefix(&base).unwrap_or(&path);
                let relative: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                found.push(items_of_file(relative.join("/"), text));
            }
        }
    }
    if found.is_empty() {
        let message = format!("{} has no Rust files", shown(directory));
        return Err(CommandError::new(message, "name the directory of a generated crate"));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}
