//! `cargo xtask verify`: the crate against independent validators.

use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli;
use crate::error::CommandError;
use crate::generation::{cargo, root};
use crate::page::FIDELITY;
use crate::tools::{SetupError, captured, install_npm, once, require};

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
            Self::Conformance | Self::Instances => install_npm(SCRIPTS),
            Self::Official => install_npm(SCRIPTS).and_then(|()| install_pip()),
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

fn install_pip() -> Result<(), SetupError> {
    let directory = root().join(SCRIPTS);
    let environment = directory.join(".venv");
    require("python3", (3, 11))?;
    once(SCRIPTS, "requirements.txt", &environment.join(".installed"), || {
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
