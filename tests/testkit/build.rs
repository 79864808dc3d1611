//! Writes the calls to all operations, so that the tests follow the document and not the other way round.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use polar_codegen::{Config, Input, Source, driver};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("../..");
    let read = |name: &str| {
        let path = root.join("spec").join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read(path)
    };
    let (document, overlay, names) = (read("polar-2026-10.yaml")?, read("overlay.yaml")?, read("names.lock")?);
    let text = driver(&Input {
        document: Source { file: "spec/polar-2026-10.yaml", bytes: &document },
        overlay: Some(Source { file: "spec/overlay.yaml", bytes: &overlay }),
        names: Some(Source { file: "spec/names.lock", bytes: &names }),
        docs: &[],
        config: Config { source: "spec/polar-2026-10.yaml".to_owned(), agent: "polar-testkit".to_owned() },
    })
    .map_err(|diagnostics| diagnostics.to_string())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("driver.rs"), text)?;
    Ok(())
}
