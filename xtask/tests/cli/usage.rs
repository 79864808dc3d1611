//! The command line itself: help, wrong usage, and what is printed where.

use std::fs::File;
use std::process::Stdio;

use polar_codegen::repository::DOCUMENT;
use serde_json::Value;

use crate::sandbox::{Run, Sandbox, XTASK, shop};

#[test]
fn invalid_command_lines_exit_with_two() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &str); 11] = [
        (&[], "Usage: cargo xtask <COMMAND>"),
        (&["regenrate"], "'regenerate'"),
        (&["verify"], "Usage: cargo xtask verify <COMMAND>"),
        (&["conformance"], "unrecognized subcommand 'conformance'"),
        (&["regenerate", "--wrong"], "unexpected argument '--wrong' found"),
        (&["regenerate", "--spec"], "a value is required for '--spec <FILE>'"),
        (&["regenerate", "--out="], "a value is required for '--out <DIR>'"),
        (&["regenerate", "--stats", "xml"], "invalid value 'xml' for '--stats <FORMAT>'"),
        (&["regenerate", "--check", "--stats", "json"], "cannot be used with"),
        (&["scopes"], "Usage: cargo xtask scopes [OPTIONS] <OPERATION>..."),
        (&["coverage", "--format", "xml"], "[possible values: table, json]"),
    ];
    for (arguments, words) in cases {
        let run = sandbox.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
    assert!(sandbox.listing().is_empty());
}

#[test]
fn help_lists_commands_options_and_exit_codes() {
    let sandbox = Sandbox::new();
    let default = format!("[default: {DOCUMENT}");
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--help"], &["regenerate", "coverage", "names", "verify", "perf", "Exit codes:\n  0  Success", "--version"]),
        (
            &["regenerate", "--help"],
            &["--spec <FILE>", "--overlay <FILE>", "--out <DIR>", "--check", "--stats <FORMAT>"],
        ),
        (&["coverage", "--help"], &["--spec <FILE>", "--overlay <FILE>", "--format <FORMAT>", "table", "json"]),
        (&["scopes", "--help"], &["<OPERATION>...", "`products:list`", "--spec <FILE>", "--overlay <FILE>"]),
        (&["names", "--help"], &["--spec <FILE>", "--overlay <FILE>", &default]),
        (&["verify", "--help"], &["conformance", "instances", "official", "or skipped because"]),
        (&["perf", "--help"], &["bench", "instructions"]),
        (&["platforms", "--help"], &["no-c", "wasm", "musl", "or skipped because"]),
    ];
    for (arguments, words) in cases {
        let help = sandbox.run(arguments).done();
        for word in words {
            assert!(help.contains(word), "{word} in {help}");
        }
    }
}

#[test]
fn a_second_document_must_exist() {
    let complaint = Sandbox::new().refusal(&["perf", "bench", "generate", "--official", "nope.json"]);
    assert_eq!(
        complaint,
        "error: can't read the file: No such file or directory (os error 2)\n  at nope.json\n  \
         hint: name an OpenAPI document with --official FILE\n"
    );
}

#[test]
fn recordings_are_skipped_without_their_data() {
    let skipped = |more: &[&str]| Sandbox::new().run(&[&["verify", "recordings"], more].concat()).done();
    let start = "skipped: cargo xtask verify recordings: ";
    assert_eq!(skipped(&[]), format!("{start}name a directory with --recordings DIR\n"));
    assert_eq!(skipped(&["--recordings", "."]), format!("{start}name a directory with --cases DIR\n"));
    let missing = skipped(&["--recordings", ".", "--cases", "nope"]);
    assert_eq!(missing, format!("{start}the directory nope does not exist\n"));
}

#[test]
fn unknown_features_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("generated/Cargo.toml", "[features]\nall = [\"orders\"]\norders = []\n");
    let complaint = sandbox.refusal(&["features", "order"]);
    assert_eq!(complaint, "error: the crate has no feature `order`\n  hint: choose from: all, orders\n");
}

#[test]
fn figures_are_one_json_object() {
    let sandbox = Sandbox::with(&shop().to_string());
    let figures = |text: String| serde_json::from_str::<Value>(&text).expect("one JSON value");
    let first = figures(sandbox.regenerate(&["--stats", "json"]).done());
    let count = |figures: &Value, name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name} in {figures}"));
    assert_eq!((first["document"].as_str(), first["out"].as_str()), (Some("shop.json"), Some("out")));
    assert_eq!((count(&first, "operations"), count(&first, "webhooks"), count(&first, "types")), (1, 0, 1));
    assert_eq!((count(&first, "changed"), count(&first, "removed")), (0, 0));
    assert!(count(&first, "added") > count(&first, "files"), "Cargo.toml and the list are not below src");
    assert!(count(&first, "bytes") > count(&first, "lines") && count(&first, "lines") > 0);
    assert!(count(&first, "milliseconds") < 60_000);
    assert!(first["items_added"].as_array().is_some_and(|items| !items.is_empty()));
    let second = figures(sandbox.regenerate(&["--stats", "json"]).done());
    assert_eq!((count(&second, "added"), count(&second, "changed"), count(&second, "removed")), (0, 0, 0));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let sandbox = Sandbox::with(&shop().to_string());
    for arguments in [&["names", "--spec", "shop.json"][..], &["coverage", "--spec", "shop.json"]] {
        let mut child = sandbox
            .command(XTASK)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command");
        drop(child.stdout.take());
        Run::of(child.wait_with_output().expect("the command")).done();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::with(&shop().to_string());
    let full = || File::options().write(true).open("/dev/full").expect("/dev/full");
    let names = || {
        let mut command = sandbox.command(XTASK);
        command.args(["names", "--spec", "shop.json"]).stdout(full());
        command
    };
    let complaint = Run::of(names().output().expect("the command")).failed();
    assert!(complaint.starts_with("error: can't print: No space left"), "{complaint}");
    let status = names().stderr(full()).status().expect("the command");
    assert_eq!(status.code(), Some(1), "the exit code tells where no message can");
}
