//! A walk through the shop in Chromium. It needs node, npm and Chromium (`apt-get install nodejs npm chromium`).
//!
//! The screenshots are in the folder `screenshots` of cargo's temporary folder for tests; the test prints it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a failing test may panic")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use tokio::process::Command;

const SCRIPTS: [&str; 2] = ["package.json", "walk.mjs"];

/// Returns the first of these programs that is installed.
fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// Why the walk can't be run, or its result.
async fn walk(shop: &str, folder: &Path) -> Result<Output, String> {
    let node = program(&["node"]).ok_or("no node")?;
    let npm = program(&["npm"]).ok_or("no npm")?;
    let chromium = program(&["chromium", "chromium-browser", "google-chrome"]).ok_or("no chromium")?;
    let screenshots = folder.join("screenshots");
    fs::create_dir_all(&screenshots).map_err(|error| error.to_string())?;
    for name in SCRIPTS {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name);
        fs::copy(from, folder.join(name)).map_err(|error| error.to_string())?;
    }
    let install = Command::new(npm).args(["install", "--no-audit", "--no-fund"]).current_dir(folder).output();
    let install = install.await.map_err(|error| error.to_string())?;
    if !install.status.success() {
        return Err(format!("npm can't install playwright-core: {}", String::from_utf8_lossy(&install.stderr)));
    }
    println!("screenshots: {}", screenshots.display());
    let walk =
        Command::new(node).arg("walk.mjs").arg(shop).args([&chromium, &screenshots]).current_dir(folder).output();
    walk.await.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_becomes_a_customer_in_chromium() {
    let (shop, _mock) = support::start().await;
    match walk(&shop, Path::new(env!("CARGO_TARGET_TMPDIR"))).await {
        Err(why) => println!("skipped: {why}"),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{told}");
        }
    }
}
