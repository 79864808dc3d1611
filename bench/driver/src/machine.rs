//! What was measured, and on what.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The machine in one line, without its name or the time. Where the system does not tell, the line says so.
pub(crate) fn facts() -> String {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let plural = if cores == 1 { "" } else { "s" };
    let kilobytes = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let memory = kilobytes.map_or_else(|| "memory unknown".to_owned(), |kb| format!("{:.0} GB", kb / 1024.0 / 1024.0));
    let system = field("/etc/os-release", "PRETTY_NAME").unwrap_or_else(|| std::env::consts::OS.to_owned());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the numbers tells who built the kernel, and nothing of how fast it is.
    let kernel: String = kernel.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    format!("{cpu}, {cores} core{plural}, {memory}; {system}, kernel {kernel}")
}

/// The version of the compiler that builds everything.
pub(crate) fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    said.split(' ').take(2).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The versions of packages as a lock file pins them: `serde 1.0.1, reqwest 0.12.1 and 0.13.0`.
pub(crate) fn versions(lock: &Path, packages: &[&str]) -> String {
    let lock = fs::read_to_string(lock).unwrap_or_default();
    let said = packages.iter().map(|package| format!("{package} {}", pinned(&lock, package).join(" and ")));
    said.collect::<Vec<_>>().join(", ")
}

fn pinned<'a>(lock: &'a str, package: &str) -> Vec<&'a str> {
    let head = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while lines.any(|line| line == head) {
        found.extend(lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')));
    }
    found
}

/// The first value of a name in a file of `name: value` or `name="value"` lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    let (_, value) = line.split_once([':', '='])?;
    Some(value.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::pinned;

    #[test]
    fn all_versions_of_a_package_are_found() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"3.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(pinned(lock, "a"), ["1.0.0", "2.0.0"]);
        assert_eq!(pinned(lock, "c"), [""; 0]);
    }
}
