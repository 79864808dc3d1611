//! `cargo xtask platforms`: the crate where there is no C compiler, in JavaScript engines, and in static programs.

use std::env::consts::{ARCH, OS};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cli::{self, Platform};
use crate::error::CommandError;
use crate::features;
use crate::generation::{CRATE, cargo, root, target};
use crate::tools::{SetupError, captured, install_npm, require, require_node};

/// The name of this command.
const COMMAND: &str = "cargo xtask platforms";

/// Features whose dependencies compile C: TLS, and the cryptography of ID tokens. Every other one is checked.
const WITH_C: &[&str] = &["all", "default", "oauth2", "rustls"];

/// Features that only turn others on.
const SETS: &[&str] = &["all", "default"];

/// Crates whose only purpose is to run or to configure a compiler of C.
const COMPILERS: &[&str] = &["autotools", "bindgen", "cc", "cmake", "meson-next", "nasm-rs", "pkg-config", "vcpkg"];

/// Targets whose dependencies are looked at. They need not be installed.
const TARGETS: &[&str] = &[
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "wasm32-unknown-unknown",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

/// The target of programs that a JavaScript engine runs.
const WASM: &str = "wasm32-unknown-unknown";

/// Features that do not compile for it: without threads nobody may wait, the endpoint for axum needs tokio's tasks, and the
/// cryptography of ID tokens is C.
const NOT_ON_WASM: &[&str] = &["all", "axum", "blocking", "default", "oauth2"];

/// The crate of ready-made parts, and those of them that need no tokio.
const KIT: &str = "polar-client-kit";
const KIT_ON_WASM: &str = "money,recovery";

/// The program for JavaScript engines, with its tests.
const WASM_EXAMPLE: &str = "examples/wasm";

pub(crate) fn run(options: &cli::Platforms) -> Result<String, CommandError> {
    let all = [Platform::NoC, Platform::Wasm, Platform::Musl];
    let chosen = if options.only.is_empty() { &all[..] } else { &options.only };
    let mut text = String::new();
    for platform in chosen {
        let (name, check): (_, Check) = match platform {
            Platform::NoC => ("no-c", no_c),
            Platform::Wasm => ("wasm", wasm),
            Platform::Musl => ("musl", musl),
        };
        let mut report = Report { name, text: String::new() };
        match check(&mut report) {
            Ok(()) => {}
            Err(SetupError::Missing(reason)) => report.skipped(&reason),
            Err(SetupError::Failed(error)) => return Err(error),
        }
        text += &report.text;
    }
    Ok(text)
}

/// Adds what it finds to the report.
type Check = fn(&mut Report) -> Result<(), SetupError>;

/// What a check found, line by line.
struct Report {
    name: &'static str,
    text: String,
}

impl Report {
    fn passed(&mut self, what: &str) {
        self.text += &format!("{}: {what}\n", self.name);
    }

    fn skipped(&mut self, reason: &str) {
        self.text += &format!("skipped: {COMMAND} {}: {reason}\n", self.name);
    }
}

/// No dependency compiles C, on any target.
fn no_c(report: &mut Report) -> Result<(), SetupError> {
    let features = features_without(WITH_C)?;
    for target in TARGETS {
        let tree = ["--package", CRATE, "--no-default-features", "--features", &features, "--target", target];
        let tree = [&["tree", "--edges", "normal,build"][..], &tree].concat();
        let names = printed(cargo().args(&tree).args(["--prefix", "none", "--format", "{p}"]))?;
        if let Some(compiler) = compiler_in(&names) {
            let users = printed(cargo().args(&tree).args(["--invert", compiler]))?;
            let message = format!("a dependency for {target} compiles C:\n{users}");
            let hint = "choose a dependency without C, or name its feature in `WITH_C` and in guide/platforms.md";
            return Err(CommandError::new(message, hint).into());
        }
    }
    let without = WITH_C.iter().filter(|feature| !SETS.contains(feature)).copied().collect::<Vec<_>>().join(" and ");
    report.passed(&format!("without {without}, no dependency compiles C on {} targets", TARGETS.len()));
    Ok(())
}

/// The first crate among the lines of `cargo tree` that runs a compiler of C.
fn compiler_in(tree: &str) -> Option<&'static str> {
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    COMPILERS.iter().copied().find(|compiler| names.contains(compiler))
}

/// All features but these, as an argument of cargo.
fn features_without(excluded: &[&str]) -> Result<String, CommandError> {
    let features = features::names()?;
    Ok(features.into_iter().filter(|name| !excluded.contains(&name.as_str())).collect::<Vec<_>>().join(","))
}

/// The crate compiles for JavaScript engines, and the example works in them.
fn wasm(report: &mut Report) -> Result<(), SetupError> {
    install_target(WASM)?;
    let features = features_without(NOT_ON_WASM)?;
    let of = |name: &str, features: &str| -> Vec<String> {
        features.split(',').map(|one| format!("{name}/{one}")).collect()
    };
    let features: Vec<String> = [of(CRATE, &features), of(KIT, KIT_ON_WASM)].concat();
    let check = ["check", "--quiet", "--package", CRATE, "--package", KIT, "--target", WASM, "--no-default-features"];
    passed(cargo().args(check).args(["--features", &features.join(",")]).arg("--target-dir").arg(builds()))?;
    report.passed(&format!("{CRATE} and {KIT_ON_WASM} of {KIT} compile for {WASM}"));

    let manifest = root().join(WASM_EXAMPLE).join("Cargo.toml");
    let example = |command: &str| {
        let mut cargo = cargo();
        cargo.args([command, "--quiet", "--target-dir"]).arg(builds()).arg("--manifest-path").arg(&manifest);
        cargo
    };
    passed(example("build").args(["--package", "wasm-shop", "--target", WASM]))?;
    let (file, modules) = (builds().join(WASM).join("debug/wasm_shop.wasm"), builds().join("wasm-shop"));
    passed(example("run").args(["--package", "bindgen", "--"]).arg(file).arg(&modules))?;
    require_node()?;
    let engines = match install_npm(WASM_EXAMPLE) {
        Ok(()) => "node and workerd",
        Err(SetupError::Missing(reason)) => {
            report.skipped(&format!("the tests in workerd: {reason}"));
            "node"
        }
        Err(failed) => return Err(failed),
    };
    let tests = root().join(WASM_EXAMPLE).join("tests/shop.test.mjs");
    let output = passed(Command::new("node").arg("--test").arg(tests).env("WASM_SHOP", modules))?;
    let count = output.lines().find_map(|line| line.strip_prefix("# pass ")).unwrap_or("all");
    report.passed(&format!("{count} tests of {WASM_EXAMPLE} pass in {engines}"));
    Ok(())
}

/// A static program sends requests and verifies webhooks. With TLS that compiles C, a compiler for musl is necessary.
fn musl(report: &mut Report) -> Result<(), SetupError> {
    if OS != "linux" {
        return Err(SetupError::Missing("the tests are programs for Linux".to_owned()));
    }
    let musl = format!("{ARCH}-unknown-linux-musl");
    install_target(&musl)?;
    let tests = ["test", "--quiet", "--package", "polar-client-runtime", "--target", &musl, "--no-default-features"];
    let chosen = ["--features", "reqwest,webhooks", "--test", "responses", "--test", "webhooks"];
    passed(cargo().args(tests).args(chosen).arg("--target-dir").arg(builds()))?;
    report.passed(&format!("the tests of responses and webhooks pass in static programs for {musl}"));

    if captured(Command::new("musl-gcc").arg("--version")).is_ok_and(|output| output.status.success()) {
        let check = ["check", "--quiet", "--package", CRATE, "--target", &musl];
        passed(cargo().args(check).arg("--target-dir").arg(builds()))?;
        report.passed("the default features compile with musl-gcc");
    } else {
        report.skipped("the default features: musl-gcc is not installed (package `musl-tools`)");
    }
    Ok(())
}

/// Separate from the builds of the workspace, whose sets of features differ.
fn builds() -> PathBuf {
    target().join("others")
}

/// Installs a target of Rust, unless it is installed.
fn install_target(triple: &str) -> Result<(), SetupError> {
    let libraries = printed(Command::new("rustc").args(["--print", "target-libdir", "--target", triple]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    require("rustup", (0, 0))?;
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "rustup target add {triple}");
    let output = captured(Command::new("rustup").args(["target", "add", triple]))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(SetupError::Missing(format!("rustup can't install the target {triple}"))),
    }
}

/// Runs a program that takes a while: says so, and returns what it printed.
fn passed(command: &mut Command) -> Result<String, CommandError> {
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "{}", shown(command));
    printed(command)
}

/// Runs a program in the repository, and returns what it printed.
fn printed(command: &mut Command) -> Result<String, CommandError> {
    let shown = shown(command);
    let output = command.current_dir(root()).output();
    let Output { status, stdout, stderr } = output.map_err(|error| {
        CommandError::new(format!("can't run `{shown}`: {error}"), "install the program, and run the command again")
    })?;
    let text = String::from_utf8_lossy(&stdout).into_owned();
    match status.success() {
        true => Ok(text),
        false => Err(CommandError::new(
            format!("`{shown}` failed:\n{text}{}", String::from_utf8_lossy(&stderr)),
            "fix the error above, and run the command again",
        )),
    }
}

/// A command line, for people. Paths in the repository are relative to it.
fn shown(command: &Command) -> String {
    let root = root();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| {
        let path = Path::new(word);
        let short =
            path.strip_prefix(&root).ok().or_else(|| path.file_name().filter(|_| path.is_absolute()).map(Path::new));
        short.unwrap_or(path).display().to_string()
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::compiler_in;

    #[test]
    fn a_crate_that_compiles_c_is_found_by_its_whole_name() {
        let tree = |name: &str| format!("polar-client v0.1.0 (generated)\n{name} v1.0.0\nbytes v1.12.0 (*)\n");
        assert_eq!(compiler_in(&tree("cc")), Some("cc"));
        assert_eq!(compiler_in(&tree("cmake")), Some("cmake"));
        for name in ["ccs", "wasm-bindgen", "linux-raw-sys"] {
            assert_eq!(compiler_in(&tree(name)), None, "{name}");
        }
    }
}
