//! Files of others, links that lead out, and runs that are cut off.

use std::fs;
use std::os::unix::fs::symlink;

use crate::sandbox::{Run, Sandbox, XTASK, shop};

const FOREIGN: &str = "error: regenerate did not write these files, so it changes nothing:\n";
const LIST: &str = "out/generated-files.txt";

#[test]
fn foreign_files_in_the_source_directory() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("out/src/lib.rs", "mine\n");
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.starts_with(&format!("{FOREIGN}    out/src/lib.rs\n  hint: move them away, ")), "{complaint}");

    let sandbox = Sandbox::generated();
    sandbox.write("out/src/deep/er/mine.rs", "mine\n");
    sandbox.write("out/README.md", "mine\n");
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.starts_with(&format!("{FOREIGN}    out/src/deep/er/mine.rs\n  hint: ")), "{complaint}");
    sandbox.remove("out/src/deep/er/mine.rs");
    sandbox.regenerate(&[]).done();
    assert_eq!(sandbox.read("out/README.md"), "mine\n");
}

#[test]
fn the_crate_of_someone_else() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("out/Cargo.toml", "[package]\nname = \"other\"\n");
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.starts_with("error: out/Cargo.toml belongs to another crate\n  hint: "), "{complaint}");
    sandbox.write("out/Cargo.toml", "[package\n");
    assert!(sandbox.regenerate_refusal().starts_with("error: out/Cargo.toml is not valid TOML: "));
    sandbox.write("out/Cargo.toml", b"\xff");
    assert_eq!(sandbox.regenerate_refusal().lines().nth(1), Some("    out/Cargo.toml"));
}

#[test]
fn a_hand_written_manifest_stays() {
    let sandbox = Sandbox::generated();
    let manifest = format!("# Mine.\n{}", sandbox.read("out/Cargo.toml"));
    sandbox.write("out/Cargo.toml", &manifest);
    sandbox.regenerate(&[]).done();
    assert_eq!(sandbox.read("out/Cargo.toml"), manifest);
    assert!(!sandbox.read(LIST).contains("Cargo.toml"));
    sandbox.regenerate(&["--check"]).done();
}

#[test]
fn outputs_that_are_not_directories() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("out", "a file");
    for check in [&["--check"][..], &[]] {
        let refusal = |out| sandbox.refusal(&[&["regenerate", "--spec", "shop.json", "--out", out], check].concat());
        let hint = "  hint: choose a directory with --out DIR\n";
        assert_eq!(refusal("out"), format!("error: the output is not a directory\n  at out\n{hint}"));
        let below = "error: can't find the directory: Not a directory (os error 20)\n  at out/crate\n";
        assert_eq!(refusal("out/crate"), format!("{below}{hint}"));
    }
}

#[test]
fn directories_in_place_of_files() {
    let sandbox = Sandbox::generated();
    sandbox.remove("out/src/lib.rs");
    fs::create_dir(sandbox.path("out/src/lib.rs")).expect("a directory");
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.ends_with("\n  at out/src/lib.rs\n  hint: remove it\n"), "{complaint}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_written() {
    let sandbox = Sandbox::with(&shop().to_string());
    let complaint = sandbox.refusal(&["regenerate", "--spec", "shop.json", "--out", "/proc/crate/out"]);
    assert!(complaint.starts_with("error: can't create the directory: "), "{complaint}");
    assert!(
        complaint
            .ends_with("  at /proc/crate/out\n  hint: make it writable, or choose another directory with --out DIR\n")
    );
}

#[test]
fn a_list_that_claims_foreign_files() {
    let sandbox = Sandbox::generated();
    sandbox.write("mine.rs", "mine\n");
    sandbox.write("out/README.md", "mine\n");
    let list = sandbox.read(LIST);
    let absolute = sandbox.path("mine.rs").display().to_string();
    for line in [
        "../mine.rs",
        "src/../../mine.rs",
        "README.md",
        "src",
        "src/",
        "src//etc/passwd",
        "src/..",
        "<<<<<<< HEAD",
        &absolute,
    ] {
        sandbox.write(LIST, format!("{list}{line}\n"));
        let before = sandbox.listing();
        let complaint = sandbox.regenerate(&[]).failed();
        let said =
            format!("error: the list names `{line}`, which regenerate never writes\n  at {LIST}\n  hint: restore");
        assert!(complaint.starts_with(&said), "{complaint}");
        assert!(before == sandbox.listing());
    }
}

#[test]
fn a_missing_list() {
    let sandbox = Sandbox::generated();
    sandbox.remove(LIST);
    let complaint = sandbox.regenerate_refusal();
    assert!(complaint.starts_with(&format!("{FOREIGN}    out/Cargo.toml\n    out/src/")), "{complaint}");
}

#[test]
fn links_out_of_the_crate() {
    // In the place of the source directory, of a directory below it, and of one that the list claims as a file.
    for (link, claim) in [("out/src", ""), ("out/src/models", ""), ("out/src/models", "src/models\n")] {
        let sandbox = Sandbox::generated();
        fs::rename(sandbox.path(link), sandbox.path("elsewhere")).expect("moved");
        symlink(sandbox.path("elsewhere"), sandbox.path(link)).expect("a link");
        sandbox.write(LIST, sandbox.read(LIST) + claim);
        sandbox.write("shop.json", shop().to_string().replace("Product", "Thing"));
        let complaint = sandbox.regenerate_refusal();
        assert!(complaint.starts_with(&format!("{FOREIGN}    {link}\n")), "{complaint}");
    }
}

#[test]
fn links_in_place_of_files_are_replaced() {
    let sandbox = Sandbox::generated();
    let good = sandbox.listing_of("out");
    sandbox.write("elsewhere.rs", "mine\n");
    sandbox.remove("out/src/lib.rs");
    symlink(sandbox.path("elsewhere.rs"), sandbox.path("out/src/lib.rs")).expect("a link");
    sandbox.regenerate(&[]).done();
    assert_eq!(sandbox.read("elsewhere.rs"), "mine\n");
    assert!(good == sandbox.listing_of("out"));
}

#[test]
fn a_temporary_directory_of_someone_else_stays() {
    let sandbox = Sandbox::generated();
    sandbox.write("shop.json", shop().to_string().replace("Product", "Thing"));
    let said = "error: regenerate did not create this directory, and needs its name temporarily\n  \
                at out/.regenerate.tmp\n  hint: remove or rename it\n";
    sandbox.write("out/.regenerate.tmp/mine.rs", "mine\n");
    assert_eq!(sandbox.regenerate_refusal(), said);
    fs::remove_dir_all(sandbox.path("out/.regenerate.tmp")).expect("removed");
    sandbox.write("elsewhere/mine", "mine\n");
    symlink(sandbox.path("elsewhere"), sandbox.path("out/.regenerate.tmp")).expect("a link");
    assert_eq!(sandbox.regenerate_refusal(), said);
    sandbox.remove("out/.regenerate.tmp");
    // What a run leaves that was cut off at once.
    fs::create_dir(sandbox.path("out/.regenerate.tmp")).expect("a directory");
    sandbox.regenerate(&[]).done();
    assert!(!sandbox.path("out/.regenerate.tmp").exists());
}

#[test]
fn the_output_directory_may_be_a_link() {
    let sandbox = Sandbox::with(&shop().to_string());
    fs::create_dir(sandbox.path("elsewhere")).expect("a directory");
    symlink(sandbox.path("elsewhere"), sandbox.path("out")).expect("a link");
    sandbox.regenerate(&[]).done();
    sandbox.regenerate(&["--check"]).done();
    assert!(sandbox.path("elsewhere/src/lib.rs").is_file());
}

/// Regenerates with a limit on the size of files, which is met halfway. The command ends there, or sees an error.
fn limited(sandbox: &Sandbox, trap: &str) -> std::process::Output {
    let script = format!("{trap} ulimit -f 1; exec \"$0\" regenerate --spec shop.json --out out");
    sandbox.command("sh").args(["-c", &script, XTASK]).output().expect("a shell")
}

#[test]
fn a_full_disk_changes_nothing() {
    for sandbox in [Sandbox::with(&shop().to_string()), Sandbox::generated()] {
        sandbox.write("shop.json", shop().to_string().replace("Product", "Thing"));
        let before = sandbox.listing();
        let complaint = Run::of(limited(&sandbox, "trap '' XFSZ;")).failed();
        assert!(complaint.starts_with("error: can't write the file: File too large"), "{complaint}");
        assert!(complaint.contains("\n  at out/"), "{complaint}");
        assert!(before == sandbox.listing());
    }
}

#[test]
fn the_next_run_completes_an_interrupted_one() {
    let good = Sandbox::generated().listing_of("out");
    for sandbox in [Sandbox::with(&shop().to_string()), Sandbox::generated()] {
        let document = shop().to_string();
        sandbox.write("shop.json", document.replace("Product", "Thing"));
        assert_eq!(limited(&sandbox, "").status.code(), None, "cut off while files are prepared");
        assert!(sandbox.path("out/.regenerate.tmp").is_dir());
        sandbox.write("shop.json", document);
        sandbox.regenerate(&[]).done();
        assert!(good == sandbox.listing_of("out"));
    }
    // Cut off while files move: the list holds those of before and after, and some are where they belong.
    let sandbox = Sandbox::generated();
    sandbox.write("out/src/models/former.rs", "// of before\n");
    sandbox.write(LIST, sandbox.read(LIST) + "src/models/former.rs\nsrc/models/gone.rs\n");
    sandbox.remove("out/src/lib.rs");
    sandbox.regenerate(&[]).done();
    assert!(good == sandbox.listing_of("out"));
}

#[test]
fn concurrent_runs_give_one_crate() {
    let sandbox = Sandbox::with(&shop().to_string());
    sandbox.write("other/shop.json", shop().to_string().replace("Product", "Thing").replace("products", "things"));
    let start = |spec| {
        let mut command = sandbox.command(XTASK);
        command.args(["regenerate", "--spec", spec, "--out", "out"]);
        command.stdout(std::process::Stdio::null()).spawn().expect("the command")
    };
    for _ in 0..5 {
        let runs = ["shop.json", "other/shop.json", "shop.json", "other/shop.json"].map(start);
        for mut run in runs {
            assert!(run.wait().expect("the command").success());
        }
        let is = |spec| sandbox.run(&["regenerate", "--spec", spec, "--out", "out", "--check"]).code == Some(0);
        assert!(is("shop.json") ^ is("other/shop.json"));
    }
}
