//! Reading the inputs and running the generator.

use std::fs;
use std::path::{Path, PathBuf};

use polar_codegen::{Config, Input, Output, Source, generate};

use crate::cli;
use crate::failure::Failure;

/// The document that the crate in `generated/` is made of.
const DOCUMENT: &str = "spec/polar-2026-10.yaml";

/// Corrections, looked for beside the document.
const OVERLAY: &str = "overlay.yaml";

/// Pinned names, looked for beside the document.
const LOCK: &str = "names.lock";

/// Name of the generated crate.
pub(crate) const CRATE: &str = "polar-client";

/// The repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A path for people: relative to the working directory or to the repository, if it lies below one of them.
pub(crate) fn shown(path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let below = |base: &Path| path.strip_prefix(base).ok().map(Path::to_path_buf);
    let shorter = below(&current).or_else(|| below(root()));
    shorter.as_deref().unwrap_or(path).display().to_string()
}

/// The files of a run.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) document: PathBuf,
    overlay: Option<PathBuf>,
    /// Where the pinned names stand, or would.
    pub(crate) lock: PathBuf,
}

impl Inputs {
    /// Finds the files that the options mean.
    pub(crate) fn find(options: &cli::Input) -> Self {
        let document = options.spec.clone().unwrap_or_else(|| root().join(DOCUMENT));
        let beside = |name: &str| document.with_file_name(name);
        let overlay = options.overlay.clone().or_else(|| Some(beside(OVERLAY)).filter(|path| path.is_file()));
        Self { overlay, lock: beside(LOCK), document }
    }

    /// Runs the generator on them.
    pub(crate) fn generate(&self) -> Result<Output, Failure> {
        let document = read(&self.document, "name an OpenAPI document with --spec FILE")?;
        let overlay = self.overlay.as_deref().map(|path| read(path, "name an overlay with --overlay FILE"));
        let overlay = overlay.transpose()?;
        let names = self.lock.is_file().then(|| read(&self.lock, "make the file readable")).transpose()?;
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
        Ok(generate(&input)?)
    }

    /// The document's path for file headers: relative to the repository, or the bare name from elsewhere.
    fn source(&self) -> String {
        let absolute = self.document.canonicalize().unwrap_or_else(|_| self.document.clone());
        let base = root().canonicalize().unwrap_or_else(|_| root().to_path_buf());
        let name = absolute.file_name().map(PathBuf::from).unwrap_or_default();
        let path = absolute.strip_prefix(base).map(Path::to_path_buf).unwrap_or(name);
        path.to_string_lossy().replace('\\', "/")
    }
}

fn read(path: &Path, hint: &str) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file("read", path, &error, hint))
}
