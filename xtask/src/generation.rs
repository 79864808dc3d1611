//! The files of the repository, and runs of the generator on them.

use std::env;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use polar_codegen::document::position::locate;
use polar_codegen::document::read::MAX_BYTES;
use polar_codegen::repository::{DOCS, DOCUMENT, NAMES, OVERLAY};
use polar_codegen::{Config, Diagnostics, Input, Output, Source};

use crate::cli;
use crate::error::CommandError;

/// The name of the generated crate.
pub(crate) const CRATE: &str = "polar-client";

/// The directory of the generated crate, relative to the repository.
pub(crate) const CRATE_DIRECTORY: &str = "generated";

/// The repository. Cargo passes its path in a variable; the path at build time is a fallback, because it may have
/// moved.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The directory of cargo's builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs this command, or else the one in `PATH`.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A path for people: relative to the working directory or to the repository, if it is below one of them.
pub(crate) fn shown(path: &Path) -> String {
    let below = |base: PathBuf| path.strip_prefix(base).ok().filter(|rest| !rest.as_os_str().is_empty());
    let shorter = env::current_dir().ok().and_then(below).or_else(|| below(root()));
    shorter.unwrap_or(path).display().to_string()
}

/// The files of a run.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) document: PathBuf,
    overlay: Option<PathBuf>,
    names: Option<PathBuf>,
    docs: Option<PathBuf>,
    /// The file of pinned names, which may not exist yet.
    pub(crate) lock: PathBuf,
}

impl Inputs {
    /// Finds the files that the options name.
    pub(crate) fn find(options: &cli::Input) -> Self {
        let document = options.spec.clone().unwrap_or_else(|| root().join(DOCUMENT));
        let beside = |path: &str| beside(&document, path);
        // A directory or a broken link with this name is an error when it is read, as if an option had named it.
        let found = |path: PathBuf| path.symlink_metadata().is_ok().then_some(path);
        let overlay = options.overlay.clone().or_else(|| found(beside(OVERLAY)));
        let own = root().join(DOCUMENT);
        let docs = options.docs.clone().or_else(|| is_same(&document, &own).then(|| root().join(DOCS)).and_then(found));
        Self { overlay, docs, names: found(beside(NAMES)), lock: beside(NAMES), document }
    }

    /// Runs the generator on the files.
    pub(crate) fn generate(&self) -> Result<Output, CommandError> {
        self.read(polar_codegen::generate)
    }

    /// Runs a part of the generator on the files.
    pub(crate) fn read<T>(&self, run: impl Fn(&Input<'_>) -> Result<T, Diagnostics>) -> Result<T, CommandError> {
        let document = read(&self.document, "name an OpenAPI document with --spec FILE")?;
        let overlay = self.overlay.as_deref().map(|path| read(path, "name an overlay with --overlay FILE"));
        let overlay = overlay.transpose()?;
        let names = self.names.as_deref().map(|path| read(path, "make the file readable, or remove it")).transpose()?;
        let docs = self.docs.as_deref().map(read_docs).transpose()?.unwrap_or_default();
        let docs: Vec<_> = docs.iter().map(|(file, bytes)| Source { file, bytes }).collect();
        let (document_name, lock_name) = (shown(&self.document), shown(&self.lock));
        let overlay_name = self.overlay.as_deref().map(shown).unwrap_or_default();
        let input = Input {
            document: Source { file: &document_name, bytes: &document },
            overlay: overlay.as_deref().map(|bytes| Source { file: &overlay_name, bytes }),
            names: names.as_deref().map(|bytes| Source { file: &lock_name, bytes }),
            docs: &docs,
            config: Config {
                source: self.source(),
                agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
                guides: if is_same(&self.document, &root().join(DOCUMENT)) { guides()? } else { Vec::new() },
            },
        };
        let files: Vec<_> = [input.document].into_iter().chain(input.overlay).collect();
        Ok(run(&input).map_err(|problems| locate(&problems, &files))?)
    }

    /// The document's path for file headers: relative to the repository, or the bare name of a file outside.
    fn source(&self) -> String {
        let absolute = self.document.canonicalize().unwrap_or_else(|_| self.document.clone());
        let base = root().canonicalize().unwrap_or_else(|_| root());
        let name = absolute.file_name().map(Path::new).unwrap_or(&absolute);
        let path = absolute.strip_prefix(base).unwrap_or(name);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().replace(char::is_control, "?")).collect();
        parts.join("/")
    }
}

/// The file next to a document with the same name as one of the repository.
pub(crate) fn beside(document: &Path, path: &str) -> PathBuf {
    document.with_file_name(Path::new(path).file_name().unwrap_or_default())
}

/// Returns whether two paths refer to the same file or directory.
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Names of the pages of the guide in the crate of the repository, sorted.
fn guides() -> Result<Vec<String>, CommandError> {
    let folder = root().join(CRATE_DIRECTORY).join("guide");
    let failed = |error| CommandError::file("read the folder", &folder, &error, "restore it from version control");
    let entries = match fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let pages = entries.iter().map(fs::DirEntry::path).filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut names: Vec<_> = pages.filter_map(|page| Some(page.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    Ok(names)
}

/// The YAML files of a folder with their names for messages, sorted.
pub(crate) fn read_docs(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    const HINT: &str = "name a folder with YAML files with --docs DIR";
    let failed = |error| CommandError::file("read the folder", folder, &error, HINT);
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths.iter().map(|path| Ok((shown(path), read(path, "make the file readable")?))).collect()
}

/// Reads a file, up to one byte more than the generator accepts: some files, such as /dev/zero, never end.
pub(crate) fn read(path: &Path, hint: &str) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| CommandError::file("read the file", path, &error, hint))
}
