//! Reading the inputs and running the generator.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use polar_codegen::document::position::locate;
use polar_codegen::document::read::MAX_BYTES;
use polar_codegen::{Config, Diagnostics, Input, Output, Source};

use crate::cli;
use crate::failure::Failure;

/// The document that the crate in `generated/` is made of.
pub(crate) const DOCUMENT: &str = "spec/polar-2026-10.yaml";

/// Corrections, looked for beside the document.
const OVERLAY: &str = "overlay.yaml";

/// Pinned names, looked for beside the document.
const LOCK: &str = "names.lock";

/// Name of the generated crate.
pub(crate) const CRATE: &str = "polar-client";

/// The repository. Cargo says where it is; what was so at the time of the build may have moved since.
pub(crate) fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A path for people: relative to the working directory or to the repository, if it lies below one of them.
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
    /// Where the pinned names stand, or would.
    pub(crate) lock: PathBuf,
}

impl Inputs {
    /// Finds the files that the options mean.
    pub(crate) fn find(options: &cli::Input) -> Self {
        let document = options.spec.clone().unwrap_or_else(|| root().join(DOCUMENT));
        let beside = |name: &str| document.with_file_name(name);
        // Something that is there but is no file gets a message, as if it had been asked for.
        let found = |path: PathBuf| path.symlink_metadata().is_ok().then_some(path);
        let overlay = options.overlay.clone().or_else(|| found(beside(OVERLAY)));
        Self { overlay, names: found(beside(LOCK)), lock: beside(LOCK), document }
    }

    /// Runs the generator on them.
    pub(crate) fn generate(&self) -> Result<Output, Failure> {
        self.read(polar_codegen::generate)
    }

    /// Runs a part of the generator on them.
    pub(crate) fn read<T>(&self, run: impl Fn(&Input<'_>) -> Result<T, Diagnostics>) -> Result<T, Failure> {
        let document = read(&self.document, "name an OpenAPI document with --spec FILE")?;
        let overlay = self.overlay.as_deref().map(|path| read(path, "name an overlay with --overlay FILE"));
        let overlay = overlay.transpose()?;
        let names = self.names.as_deref().map(|path| read(path, "make the file readable")).transpose()?;
        let (document_name, lock_name) = (shown(&self.document), shown(&self.lock));
        let overlay_name = self.overlay.as_deref().map(shown).unwrap_or_default();
        let input = Input {
            document: Source { file: &document_name, bytes: &document },
            overlay: overlay.as_deref().map(|bytes| Source { file: &overlay_name, bytes }),
            names: names.as_deref().map(|bytes| Source { file: &lock_name, bytes }),
            config: Config {
                source: self.source(),
                agent: concat!("polar-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            },
        };
        let files: Vec<_> = [input.document].into_iter().chain(input.overlay).collect();
        Ok(run(&input).map_err(|problems| locate(&problems, &files))?)
    }

    /// The document's path for file headers: relative to the repository, or the bare name from elsewhere.
    fn source(&self) -> String {
        let absolute = self.document.canonicalize().unwrap_or_else(|_| self.document.clone());
        let base = root().canonicalize().unwrap_or_else(|_| root());
        let name = absolute.file_name().map(Path::new).unwrap_or(&absolute);
        let path = absolute.strip_prefix(base).unwrap_or(name);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().replace(char::is_control, "?")).collect();
        parts.join("/")
    }
}

/// Reads a file: no more of it than the generator needs to call it too large, as some files never end.
fn read(path: &Path, hint: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Failure::file("read the file", path, &error, hint))
}
