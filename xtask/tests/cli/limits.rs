//! Documents that are far too large or deep: refused soon, and in little memory.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::sandbox::{Run, Sandbox, XTASK};

const DEPTH: usize = 10_000;

/// Runs the command with at most half a gigabyte of addresses.
fn bounded(sandbox: &Sandbox) -> String {
    let start = Instant::now();
    let mut shell: Command = sandbox.command("sh");
    shell.args(["-c", "ulimit -v 524288; exec \"$0\" regenerate --spec shop.json --out out", XTASK]);
    let before = sandbox.listing();
    let complaint = Run::of(shell.output().expect("a shell")).failed();
    assert!(before == sandbox.listing(), "{complaint}");
    assert!(start.elapsed() < Duration::from_secs(20), "{complaint}");
    complaint
}

#[test]
fn a_document_of_a_hundred_megabytes() {
    for (start, line, end) in
        [("{\"openapi\": \"3.1.0\", \"x\": [0", ",\n0", "]}"), ("openapi: 3.1.0\nx:\n", "- y\n", "")]
    {
        let sandbox = Sandbox::with("");
        let mut file = BufWriter::new(File::create(sandbox.path("shop.json")).expect("a file"));
        file.write_all(start.as_bytes()).expect("written");
        let block = line.repeat(1 << 20);
        for _ in 0..(100 << 20) / block.len() {
            file.write_all(block.as_bytes()).expect("written");
        }
        file.write_all(end.as_bytes()).expect("written");
        file.flush().expect("written");
        let complaint = bounded(&sandbox);
        assert!(complaint.starts_with("error: the file has more than 16777216 bytes, the maximum\n"), "{complaint}");
    }
}

#[test]
fn a_file_that_never_ends() {
    let complaint = Sandbox::new().refusal(&["names", "--spec", "/dev/zero"]);
    assert!(complaint.starts_with("error: the file has more than 16777216 bytes, the maximum\n"), "{complaint}");
}

#[test]
fn deep_nesting() {
    let yaml: String = (1..4000).map(|depth| format!("{:depth$}a:\n", "")).collect();
    let documents = [
        format!("{{\"openapi\": \"3.1.0\", \"x\": {}{}}}", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!("{{\"openapi\": \"3.1.0\", \"x\": {}", "{\"a\":".repeat(DEPTH)),
        format!("openapi: 3.1.0\nx: {}{}\n", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!("openapi: 3.1.0\nx:\n  {}\n", "- ".repeat(DEPTH)),
        format!("openapi: 3.1.0\nx:\n{yaml}"),
    ];
    for document in documents {
        let complaint = bounded(&Sandbox::with(&document));
        assert!(complaint.starts_with("error: nested more than 100 levels deep\n  at shop.json:"), "{complaint}");
        assert!(complaint.contains("  hint: look for a missing closing bracket"), "{complaint}");
    }
}
