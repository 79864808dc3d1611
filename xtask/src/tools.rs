//! Programs that are not part of the Rust toolchain: whether they are here, and installing packages with them.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::error::CommandError;
use crate::generation::root;

/// Why a check can't be set up.
pub(crate) enum SetupError {
    /// A program, the network or data is missing: this says nothing about the code.
    Missing(String),
    Failed(CommandError),
}

impl From<CommandError> for SetupError {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

/// Installs the npm packages that a directory of the repository lists.
pub(crate) fn install_npm(packages: &str) -> Result<(), SetupError> {
    let directory = root().join(packages);
    let stamp = directory.join("node_modules/.installed");
    require_node()?;
    require("npm", (0, 0))?;
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    once(packages, "package-lock.json", &stamp, || {
        captured(Command::new("npm").args(arguments).current_dir(&directory))
    })
}

/// Checks that node is installed and recent enough.
pub(crate) fn require_node() -> Result<(), SetupError> {
    require("node", (20, 0))
}

/// Installs the packages of a list in a directory of the repository, unless they were installed from the same list before.
pub(crate) fn once(
    directory: &str,
    list: &str,
    stamp: &PathBuf,
    install: impl FnOnce() -> Result<Output, SetupError>,
) -> Result<(), SetupError> {
    let path = root().join(directory).join(list);
    let hint = "restore the file from version control";
    let wanted = fs::read(&path).map_err(|error| CommandError::file("read the file", &path, &error, hint))?;
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // If stderr is closed, the result still counts.
    let _ = writeln!(io::stderr(), "installing {directory}/{list}");
    let output = install()?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(if is_network_error(&message) {
            SetupError::Missing(format!("can't reach the registry to install {directory}/{list}"))
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
pub(crate) fn require(program: &str, least: (u32, u32)) -> Result<(), SetupError> {
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

pub(crate) fn captured(command: &mut Command) -> Result<Output, SetupError> {
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
