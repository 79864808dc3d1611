//! `cargo xtask verify`: the crate against independent validators.

use std::fs;
use std::io::{self, Write as _};
use std::path::{self, Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli;
use crate::error::CommandError;
use crate::generation::{cargo, root};
use crate::page::FIDELITY;

/// The scripts of the validators, relative to the repository. Their packages are installed here too.
const SCRIPTS: &str = "tests/conformance";

/// An independent validator of the generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Validator {
    Conformance,
    Instances,
    Official,
    Recordings,
}

/// Why a validator can't be set up.
enum SetupError {
    /// A program, the network or data is missing: this is not a result about the crate.
    Missing(String),
    Failed(CommandError),
}

impl From<CommandError> for SetupError {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

impl Validator {
    /// The name of the command, and of the section of the page.
    fn name(self) -> &'static str {
        match self {
            Self::Conformance => "conformance",
            Self::Instances => "instances",
            Self::Official => "official",
            Self::Recordings => "recordings",
        }
    }

    fn install(self) -> Result<(), SetupError> {
        match self {
            Self::Conformance | Self::Instances => install_npm(),
            Self::Official => install_npm().and_then(|()| install_pip()),
            Self::Recordings => Ok(()),
        }
    }
}

pub(crate) fn run(command: &cli::Verify) -> Result<String, CommandError> {
    match command {
        cli::Verify::Conformance(options) => validate(Validator::Conformance, &[], options),
        cli::Verify::Instances(options) => validate(Validator::Instances, &[], options),
        cli::Verify::Official(options) => validate(Validator::Official, &[], options),
        cli::Verify::Recordings(options) => {
            let data = [("recordings", &options.recordings), ("cases", &options.cases)];
            validate(Validator::Recordings, &data, &options.validation)
        }
    }
}

/// Runs a validator. `data` are the options that name its data, each with its directory.
fn validate(
    validator: Validator,
    data: &[(&str, &Option<PathBuf>)],
    options: &cli::Validation,
) -> Result<String, CommandError> {
    let name = validator.name();
    let command = format!("cargo xtask verify {name}");
    let data = data.iter().map(|(option, directory)| require_data(option, directory.as_deref()));
    let data = data.collect::<Result<Vec<_>, _>>();
    let data = match data.and_then(|data| validator.install().map(|()| data)) {
        Ok(data) => data,
        Err(SetupError::Missing(reason)) => return Ok(format!("skipped: {command}: {reason}\n")),
        Err(SetupError::Failed(error)) => return Err(error),
    };
    let mut cargo = cargo();
    cargo.args(["run", "--quiet", "--package", "polar-testkit", "--bin", "fidelity", "--", name]).args(data);
    let output = cargo.current_dir(root()).stderr(Stdio::inherit()).output().map_err(CommandError::cargo)?;
    if !output.status.success() {
        let hint = "fix each error above in the generator, the runtime or spec/overlay.yaml, not in a generated file";
        return Err(CommandError::new(format!("`{command}` found errors"), hint));
    }
    let section = String::from_utf8_lossy(&output.stdout);
    FIDELITY.publish(name, &command, &section, options.check)?;
    Ok(section.into_owned())
}

/// The absolute path of a directory with data that is not part of the repository.
fn require_data(option: &str, directory: Option<&Path>) -> Result<PathBuf, SetupError> {
    let Some(directory) = directory else {
        return Err(SetupError::Missing(format!("name a directory with --{option} DIR")));
    };
    match path::absolute(directory) {
        Ok(absolute) if absolute.is_dir() => Ok(absolute),
        _ => Err(SetupError::Missing(format!("the directory {} does not exist", directory.display()))),
    }
}

fn install_npm() -> Result<(), SetupError> {
    let directory = root().join(SCRIPTS);
    let stamp = directory.join("node_modules/.installed");
    require("node", (20, 0))?;
    require("npm", (0, 0))?;
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    once(&directory, "package-lock.json", &stamp, || {
        captured(Command::new("npm").args(arguments).current_dir(&directory))
    })
}

fn install_pip() -> Result<(), SetupError> {
    let directory = root().join(SCRIPTS);
    let environment = directory.join(".venv");
    require("python3", (3, 11))?;
    once(&directory, "requirements.txt", &environment.join(".installed"), || {
        let created =
            captured(Command::new("python3").args(["-m", "venv", "--clear", ".venv"]).current_dir(&directory))?;
        if !created.status.success() {
            return Ok(created);
        }
        let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let arguments = ["-m", "pip", "install", "--quiet", "--requirement", "requirements.txt"];
        captured(Command::new(python).args(arguments).current_dir(&directory))
    })
}

/// Installs the packages of a list, unless they were installed from the same list before.
fn once(
    directory: &Path,
    list: &str,
    stamp: &PathBuf,
    install: impl FnOnce() -> Result<Output, SetupError>,
) -> Result<(), SetupError> {
    let path = directory.join(list);
    let hint = "restore the file from version control";
    let wanted = fs::read(&path).map_err(|error| CommandError::file("read the file", &path, &error, hint))?;
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "installing {SCRIPTS}/{list}");
    let output = install()?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(if is_network_error(&message) {
            SetupError::Missing(format!("can't reach the registry to install {SCRIPTS}/{list}"))
        } else {
            let hint = "correct the list, and run the command again";
            SetupError::Failed(CommandError::at(format!("can't install the packages:\n{message}"), &path, hint))
        });
    }
    let written = fs::write(stamp, wanted);
    written.map_err(|error| CommandError::file("write the file", stamp, &error, "make it writable").into())
}

/// Returns whether an installer failed because the network is not available.
fn is_network_error(message: &str) -> bool {
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
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// Checks that a program is installed and not older than `least`.
fn require(program: &str, least: (u32, u32)) -> Result<(), SetupError> {
    let Ok(output) = captured(Command::new(program).arg("--version")) else {
        return Err(SetupError::Missing(format!("{program} is not installed")));
    };
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match version(&found) {
        Some(version) if output.status.success() && version >= least => Ok(()),
        _ => {
            let (major, minor) = least;
            Err(SetupError::Missing(format!("{program} {major}.{minor} or newer is needed, found {found:?}")))
        }
    }
}

/// The first two numbers of a program's version: `v20.20.2`, `Python 3.11.4`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn captured(command: &mut Command) -> Result<Output, SetupError> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.output().map_err(|error| SetupError::Missing(format!("can't run {program}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::{is_network_error, version};

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("Python 3.9.1"), Some((3, 9)));
        assert!(version("Python 3.9.1") < Some((3, 11)));
        assert_eq!(version("node"), None);
    }

    #[test]
    fn network_errors_differ_from_wrong_lists() {
        assert!(is_network_error("npm error code ENOTFOUND"));
        assert!(is_network_error("NewConnectionError: Failed to establish a new connection"));
        assert!(!is_network_error(
            "npm error `npm ci` can only install packages when package.json and package-lock.json match"
        ));
    }
}
