//! Writes the calls to all operations, so that the tests follow the document and not the other way round.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use polar_codegen::repository::{DOCUMENT, NAMES, OVERLAY};
use polar_codegen::{Config, Input, Source, dispatch};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("../..");
    let read = |path: &str| {
        let path = root.join(path);
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read(path)
    };
    let (document, overlay, names) = (read(DOCUMENT)?, read(OVERLAY)?, read(NAMES)?);
    let text = dispatch(&Input {
        document: Source { file: DOCUMENT, bytes: &document },
        others: &[],
        overlay: Some(Source { file: OVERLAY, bytes: &overlay }),
        names: Some(Source { file: NAMES, bytes: &names }),
        docs: &[],
        config: Config { source: DOCUMENT.to_owned(), agent: "polar-testkit".to_owned(), ..Config::default() },
    })
    .map_err(|diagnostics| diagnostics.to_string())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("dispatch.rs"), text)?;
    Ok(())
}
