//! What a program and all that it starts take: time, and memory at the most.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};

/// What a program took, in seconds and bytes.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Usage {
    pub(crate) wall: f64,
    pub(crate) user: f64,
    pub(crate) system: f64,
    /// Of the one process among it and its descendants that took the most.
    pub(crate) peak: f64,
}

impl Usage {
    /// Seconds of the processor.
    pub(crate) fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// Runs a program and measures it.
///
/// The system keeps one maximum for all children of a process, so this process starts itself anew for each of them.
pub(crate) fn measure(command: &Command) -> Result<Usage, String> {
    let own = std::env::current_exe().map_err(|error| format!("can't find the own program: {error}"))?;
    let mut helper = Command::new(own);
    helper.arg("run").arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        helper.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => helper.env(name, value),
            None => helper.env_remove(name),
        };
    }
    let output = helper.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("can't start the helper: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{}` failed", shown(command)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the helper said nonsense: {error}"))
}

/// The helper: runs a program, whose output nobody wants unless it fails, and prints what it took.
pub(crate) fn run(words: &[OsString]) -> Result<String, String> {
    let [program, arguments @ ..] = words else { return Err("say which program to run".to_owned()) };
    let start = Instant::now();
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).output();
    let output = output.map_err(|error| format!("can't run {}: {error}", program.display()))?;
    let wall = start.elapsed().as_secs_f64();
    if !output.status.success() {
        // Where nobody reads it, the exit code still tells.
        let _ = io::stderr().write_all(&output.stderr);
        return Err(format!("{} failed", program.display()));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("can't read the usage: {error}"))?;
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 };
    let usage = Usage {
        wall,
        user: seconds(usage.user_time()),
        system: seconds(usage.system_time()),
        peak: usage.max_rss() as f64 * unit,
    };
    serde_json::to_string(&usage).map_err(|error| error.to_string())
}

/// Runs a program that is not measured; what it says on stderr is passed on.
pub(crate) fn quietly(command: &mut Command) -> Result<(), String> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("`{}` failed", shown(command))),
        Err(error) => Err(format!("can't run `{}`: {error}", shown(command))),
    }
}

/// What a program says on stdout.
pub(crate) fn said(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(_) => Err(format!("`{}` failed", shown(command))),
        Err(error) => Err(format!("can't run `{}`: {error}", shown(command))),
    }
}

/// The processor time that this process has taken so far.
pub(crate) fn own_cpu() -> Result<Duration, String> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).map_err(|error| format!("can't read the usage: {error}"))?;
    Ok(Duration::from_secs_f64(seconds(usage.user_time()) + seconds(usage.system_time())))
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
