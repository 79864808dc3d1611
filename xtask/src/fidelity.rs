//! `cargo xtask conformance`, `instances`, `official` and `recordings`: judges that are not ours.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli;
use crate::failure::Failure;
use crate::generation::root;
use crate::page::FIDELITY;

/// Where the scripts are, and where what they need is installed.
const HOME: &str = "tests/conformance";

/// Data that is not part of the repository, from its root.
const DATA: [&str; 2] = ["../shared/recordings", "../shared/cases"];

/// A judge of the generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judge {
    Conformance,
    Instances,
    Official,
    Recordings,
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
            Self::Recordings => "recordings",
        }
    }

    fn install(self) -> Result<(), Missing> {
        if self == Self::Recordings {
            return DATA.iter().try_for_each(|folder| require_data(folder));
        }
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
    FIDELITY.publish(name, &section, options.check)?;
    Ok(section.into_owned())
}

fn install_npm() -> Result<(), Missing> {
    let home = root().join(HOME);
    let stamp = home.join("node_modules/.installed");
    require("node", (20, 0))?;
    require("npm", (0, 0))?;
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    once(&home, "package-lock.json", &stamp, || captured(Command::new("npm").args(arguments).current_dir(&home)))
}

fn install_pip() -> Result<(), Missing> {
    let home = root().join(HOME);
    let environment = home.join(".venv");
    require("python3", (3, 11))?;
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
    const SIGNS: &[&str] = &[
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "EHOSTUNREACH",
        "ENETUNREACH",
        "ETIMEDOUT",
        "ERR_SOCKET_TIMEOUT",
        "ConnectTimeoutError",
        "NameResolutionError",
        "NewConnectionError",
        "ReadTimeoutError",
    ];
    SIGNS.iter().any(|sign| said.contains(sign))
}

/// Data that is not there is missing.
fn require_data(folder: &str) -> Result<(), Missing> {
    if root().join(folder).is_dir() { Ok(()) } else { Err(Missing::Tool(format!("no {folder}"))) }
}

/// A tool that is not there, or too old, is missing.
fn require(tool: &str, least: (u32, u32)) -> Result<(), Missing> {
    let Ok(output) = captured(Command::new(tool).arg("--version")) else {
        return Err(Missing::Tool(format!("{tool} is missing")));
    };
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match version(&said) {
        Some(found) if output.status.success() && found >= least => Ok(()),
        _ => Err(Missing::Tool(format!("{tool} {}.{} or newer is wanted, and it says {said:?}", least.0, least.1))),
    }
}

/// The first two numbers of what a tool says of its version: `v20.20.2`, `Python 3.11.4`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn captured(command: &mut Command) -> Result<Output, Missing> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|error| Missing::Tool(format!("can't run {program}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{unreachable, version};

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("Python 3.9.1"), Some((3, 9)));
        assert!(version("Python 3.9.1") < Some((3, 11)));
        assert_eq!(version("node"), None);
    }

    #[test]
    fn a_missing_network_is_told_from_a_wrong_list() {
        assert!(unreachable("npm error code ENOTFOUND"));
        assert!(unreachable("NewConnectionError: Failed to establish a new connection"));
        assert!(!unreachable(
            "npm error `npm ci` can only install packages when package.json and package-lock.json match"
        ));
    }
}
