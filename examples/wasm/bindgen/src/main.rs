//! `bindgen FILE DIR`: writes the modules for node to `DIR/node`, and those for browsers and Workers to `DIR/web`.
//!
//! The command line of wasm-bindgen does the same. This program takes a third of its dependencies.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(file), Some(directory)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bindgen FILE DIR".into());
    };
    Bindgen::new().input_path(&file).nodejs(true)?.generate(directory.join("node"))?;
    Bindgen::new().input_path(&file).web(true)?.generate(directory.join("web"))?;
    Ok(())
}
