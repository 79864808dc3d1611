//! `cargo xtask conformance`, `instances`, `official` and `fuzz`: judges that are not ours, and the page on what they
//! say.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli;
use crate::failure::Failure;
use crate::generation::root;
use crate::marked;

/// The page, from the repository's root.
const PAGE: &str = "docs/fidelity.md";

/// Where the scripts are, and where what they need is installed.
const HOME: &str = "tests/conformance";

/// A judge of the generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    Conformance,
    Instances,
    Official,
}

/// Something that a judge needs and this machine may lack.
enum Missing {
    /// A program is not there, or the network is not: nothing is wrong with the crate.
    Tool(String),
    Failed(Failure),
}

impl From<Failure> for Missing {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Judge {
    /// Name of the command, and of the part of the page.
    fn name(self) -> &'static str {
        match self {
            Self::Conformance => "conformance",
            Self::Instances => "instances",
            Self::Official => "official",
        }
    }

    fn install(self) -> Result<(), Missing> {
        install_npm()?;
        if self == Self::Official { install_pip() } else { Ok(()) }
    }
}

pub(crate) fn run(judge: Judge, options: &cli::Judge) -> Result<String, Failure> {
    let name = judge.name();
    match judge.install() {
        Ok(()) => {}
        Err(Missing::Tool(why)) => return Ok(format!("skipped: cargo xtask {name}: {why}\n")),
        Err(Missing::Failed(failure)) => return Err(failure),
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--package", "polar-tests", "--bin", "fidelity", "--", name]);
    let output = cargo.current_dir(root()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| Failure::new(format!("can't run cargo: {error}"), "run this through cargo"))?;
    if !output.status.success() {
        let hint = "what is wrong stands above; mend the generator or the overlay, never a generated file";
        return Err(Failure::new(format!("cargo xtask {name} found something"), hint));
    }
    let section = String::from_utf8_lossy(&output.stdout);
    publish(name, &section, options.check)?;
    Ok(section.into_owned())
}

/// Puts a part into the page, or only looks whether it is there.
pub(crate) fn publish(name: &str, section: &str, check: bool) -> Result<(), Failure> {
    let path = root().join(PAGE);
    let hint = "take the page from the last commit";
    let page = fs::read_to_string(&path).map_err(|error| Failure::file("read the page", &path, &error, hint))?;
    let begin = format!("<!-- {name}: written by cargo xtask {name} -->\n");
    let end = format!("<!-- end of {name} -->\n");
    let updated = marked::replace(&page, &begin, &end, &format!("\n{section}\n"))
        .ok_or_else(|| Failure::at(format!("the page has no lines around {name}"), &path, hint))?;
    if updated == page {
        return Ok(());
    }
    if check {
        let hint = format!("run `cargo xtask {name}` and commit the page");
        return Err(Failure::at(format!("the page says something else on {name}"), &path, hint));
    }
    fs::write(&path, updated).map_err(|error| Failure::file("write the page", &path, &error, "make it writable"))
}

fn install_npm() -> Result<(), Missing> {
    let home = root().join(HOME);
    let stamp = home.join("node_modules/.installed");
    for tool in ["node", "npm"] {
        require(tool)?;
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    once(&home, "package-lock.json", &stamp, || captured(Command::new("npm").args(arguments).current_dir(&home)))
}

fn install_pip() -> Result<(), Missing> {
    let home = root().join(HOME);
    let environment = home.join(".venv");
    require("python3")?;
    once(&home, "requirements.txt", &environment.join(".installed"), || {
        let made = captured(Command::new("python3").args(["-m", "venv", "--clear", ".venv"]).current_dir(&home))?;
        if !made.status.success() {
            return Ok(made);
        }
        let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let arguments = ["-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"];
        captured(Command::new(python).args(arguments).current_dir(&home))
    })
}

/// Installs what a list says, unless it was installed from the same list.
fn once(
    home: &Path,
    list: &str,
    stamp: &PathBuf,
    install: impl FnOnce() -> Result<Output, Missing>,
) -> Result<(), Missing> {
    let path = home.join(list);
    let hint = "take it from the last commit";
    let wanted = fs::read(&path).map_err(|error| Failure::file("read the list", &path, &error, hint))?;
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // Where nobody reads the progress, the result still counts.
    let _ = writeln!(io::stderr(), "installing {HOME}/{list}");
    let output = install()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(if unreachable(&said) {
            Missing::Tool(format!("can't reach the registry to install {HOME}/{list}"))
        } else {
            Missing::Failed(Failure::at(format!("can't install:\n{said}"), &path, "correct the list"))
        });
    }
    let written = fs::write(stamp, wanted);
    written.map_err(|error| Failure::file("write the file", stamp, &error, "make it writable").into())
}

/// Whether an installer failed for want of a network.
fn unreachable(said: &str) -> bool {
    let signs = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "NewConnectionError", "NameResolutionError"];
    signs.iter().any(|sign| said.contains(sign))
}

fn require(tool: &str) -> Result<(), Missing> {
    match captured(Command::new(tool).arg("--version")) {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Missing::Tool(format!("{tool} is missing"))),
    }
}

fn captured(command: &mut Command) -> Result<Output, Missing> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|error| Missing::Tool(format!("can't run {program}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::unreachable;

    #[test]
    fn a_missing_network_is_told_from_a_wrong_list() {
        assert!(unreachable("npm error code ENOTFOUND"));
        assert!(unreachable("NewConnectionError: Failed to establish a new connection"));
        assert!(!unreachable(
            "npm error `npm ci` can only install packages when package.json and package-lock.json match"
        ));
    }
}
