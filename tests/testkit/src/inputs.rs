//! What the crate of the repository is generated from.

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::repository::{self, DOCS, DOCUMENT, NAMES, OVERLAY, Role, TASKS};
use polar_codegen::{Config, Input, OtherDocument, Source};

/// The files of the repository, by their paths in it.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The document of the default version.
    pub document: Vec<u8>,
    /// The documents of the other versions: path, content, and whether the version is deprecated.
    pub others: Vec<(String, Vec<u8>, bool)>,
    overlay: Vec<u8>,
    names: Vec<u8>,
    docs: Vec<(String, Vec<u8>)>,
    guides: Vec<String>,
}

impl Inputs {
    /// Reads all files.
    ///
    /// # Errors
    /// A file is missing.
    pub fn load() -> std::io::Result<Self> {
        let others = repository::others().map(|version| {
            Ok((version.document.to_owned(), read(version.document)?, version.role == Role::Deprecated))
        });
        let docs = names(DOCS, ".yaml")?.into_iter().map(|name| {
            let path = format!("{DOCS}/{name}");
            let bytes = read(&path)?;
            Ok((path, bytes))
        });
        let guides = names("generated/guide", ".md")?;
        Ok(Self {
            document: read(DOCUMENT)?,
            others: others.collect::<std::io::Result<_>>()?,
            overlay: read(OVERLAY)?,
            names: read(NAMES)?,
            docs: docs.collect::<std::io::Result<_>>()?,
            guides: guides.iter().map(|name| name.trim_end_matches(".md").to_owned()).collect(),
        })
    }

    /// Runs the generator, or a part of it, on the files.
    pub fn run<T>(&self, run: impl FnOnce(&Input<'_>) -> T) -> T {
        let overlay = Some(Source { file: OVERLAY, bytes: &self.overlay });
        let others: Vec<_> = self
            .others
            .iter()
            .map(|(path, bytes, is_deprecated)| OtherDocument {
                document: Source { file: path, bytes },
                source: path,
                overlay,
                is_deprecated: *is_deprecated,
            })
            .collect();
        let docs: Vec<_> = self.docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
        run(&Input {
            document: Source { file: DOCUMENT, bytes: &self.document },
            others: &others,
            overlay,
            names: Some(Source { file: NAMES, bytes: &self.names }),
            docs: &docs,
            config: Config {
                source: DOCUMENT.to_owned(),
                agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
                tasks: TASKS,
                guides: self.guides.clone(),
            },
        })
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> std::io::Result<Vec<u8>> {
    fs::read(root().join(path))
}

/// Names of the files of a folder with this ending, sorted.
fn names(folder: &str, ending: &str) -> std::io::Result<Vec<String>> {
    let entries: Vec<_> = fs::read_dir(root().join(folder))?.collect::<std::io::Result<_>>()?;
    let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort();
    Ok(names)
}
