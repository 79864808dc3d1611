//! The checklist of a release, on a small workspace.

use crate::sandbox::{Sandbox, repository};

const MANIFEST: &str = r#"[workspace]
resolver = "3"
members = ["client", "runtime", "tools"]

[workspace.package]
version = "0.2.0"
edition = "2024"
rust-version = "1.89"
license = "Apache-2.0"
publish = false

[workspace.dependencies]
runtime = { path = "runtime", version = "=0.2.0" }
tools = { path = "tools" }
"#;

fn package(name: &str, publish: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\ndescription = \"A crate.\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\nkeywords = [\"billing\"]\n\
         categories = [\"api-bindings\"]\n{publish}\n\n[package.metadata.docs.rs]\nall-features = true\n\
         rustdoc-args = [\"--cfg\", \"docsrs\"]\n\n[dependencies]\n{dependencies}\n"
    )
}

/// A workspace that is ready for a release.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.write("LICENSE", "License\n");
    sandbox.write("CHANGELOG.md", "# Changelog\n\n## [0.2.0] - unreleased\n\n### Added\n\n- Everything.\n");
    sandbox.write("docs/versions.md", "Rust 1.89\n");
    sandbox.write(".github/workflows/ci.yml", "Rust 1.89\n");
    let publish = "publish.workspace = true";
    // Tests of `client` need a package that is not published.
    let client = package("client", publish, "runtime.workspace = true\n\n[dev-dependencies]\ntools.workspace = true");
    sandbox.write("client/Cargo.toml", client);
    sandbox.write("runtime/Cargo.toml", package("runtime", publish, ""));
    sandbox.write("tools/Cargo.toml", package("tools", "publish = false", ""));
    for name in ["client", "runtime", "tools"] {
        sandbox.write(&format!("{name}/src/lib.rs"), "");
        sandbox.write(&format!("{name}/LICENSE"), "License\n");
        sandbox.write(&format!("{name}/README.md"), "# A crate\n");
    }
    sandbox
}

const READY: &str = "\
Release 0.2.0
  ok    all packages have the same version
  ok    our crates depend on each other by exact versions
  ok    published crates depend on published crates only
  ok    published crates have description, license and Rust version
  ok    published crates have keywords, categories and settings for docs.rs
  ok    published crates have README and LICENSE
  ok    CHANGELOG.md has an entry for the version
  ok    the version policy and the CI know the Rust version and the API versions
  ok    all public names are approved
";

#[test]
fn a_ready_workspace_passes_every_check() {
    let note = "  note: nothing can be published: `workspace.package.publish` in Cargo.toml is false\n\
                skipped: the packages are not built: add --packages\n";
    assert_eq!(workspace().run(&["release", "--check"]).done(), format!("{READY}{note}"));
}

#[test]
fn what_is_not_ready_is_listed() {
    let sandbox = workspace();
    sandbox.write("Cargo.toml", MANIFEST.replace("=0.2.0", "0.1.0").replace("publish = false", "publish = true"));
    sandbox.write(
        "runtime/Cargo.toml",
        package("runtime", "publish.workspace = true", "")
            .replace("version.workspace = true\nedition", "version = \"0.1.0\"\nedition"),
    );
    sandbox.write("client/LICENSE", "Another\n");
    sandbox.remove("runtime/README.md");
    sandbox.write("spec/polar-2026-10.yaml", "");
    sandbox.write("spec/names.lock", "type\t#/a\tA\tnew\n");
    let complaint = sandbox.run(&["release", "--check"]).failed();
    for line in [
        "error: the release is not ready (7 problems)",
        "          runtime has version 0.1.0, not 0.2.0: use `version.workspace = true`",
        "          client accepts runtime ^0.1.0: require `=0.2.0` in the workspace",
        "          the LICENSE of client differs from that of the repository: copy it",
        "          runtime has no README.md in its package",
        "          the entry `## [0.2.0]` of CHANGELOG.md has no date: write `## [0.2.0] - YYYY-MM-DD`",
        "          docs/versions.md does not name the API version 2026-10",
        "          1 names in spec/names.lock are new, such as type #/a A: review them, then `cargo xtask names --approve`",
        "  hint: correct what is listed, then run `cargo xtask release --check` again",
    ] {
        assert!(complaint.lines().any(|found| found == line), "{line} in {complaint}");
    }
}

#[test]
fn packages_compile_without_the_workspace() {
    let sandbox = workspace();
    // `client` is packaged without the file that it reads from the other crate.
    let command = |sandbox: &Sandbox| {
        let mut command = sandbox.command(crate::sandbox::XTASK);
        command.args(["release", "--check", "--packages"]).env("CARGO_TARGET_DIR", sandbox.path("target"));
        command.env("CARGO_NET_OFFLINE", "true").output().expect("the command")
    };
    let output = command(&sandbox);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.ends_with("  ok    client, runtime compile from their packages alone\n"), "{output:?}");
    sandbox.write("client/src/lib.rs", "pub const OTHER: &str = include_str!(\"../../runtime/README.md\");\n");
    let output = command(&sandbox);
    assert!(!output.status.success());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("error: the packages do not compile by themselves\n"), "{complaint}");
}

#[test]
fn one_command_sets_the_version_everywhere() {
    let sandbox = workspace();
    let manifest = MANIFEST.replace("[workspace.package]", "exclude = [\"apart\", \"gone\"]\n\n[workspace.package]");
    sandbox.write("Cargo.toml", &manifest);
    let apart = "[workspace]\n\n[package]\nname = \"apart\"\nversion = \"7.0.0\"\n\n[dependencies]\n\
                 runtime = { path = \"../runtime\", version = \"0.2.0\" } # ours\nserde = \"1\"\n";
    sandbox.write("apart/Cargo.toml", apart);
    let text = sandbox.run(&["release", "--set-version", "0.3.0"]).done();
    assert!(text.starts_with("Cargo.toml: version 0.3.0\napart/Cargo.toml: version 0.3.0\n"), "{text}");
    assert_eq!(sandbox.read("Cargo.toml"), manifest.replace("0.2.0", "0.3.0"));
    assert_eq!(sandbox.read("apart/Cargo.toml"), apart.replace("\"0.2.0\"", "\"=0.3.0\""));
    for wrong in ["0.3", "x.y.z", "1.0.0.0"] {
        let complaint = sandbox.refusal(&["release", "--set-version", wrong]);
        assert!(complaint.starts_with(&format!("error: `{wrong}` is not a version\n")), "{complaint}");
    }
}

#[test]
fn the_repository_is_in_order() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(crate::sandbox::XTASK);
    command.env("CARGO_MANIFEST_DIR", repository().join("xtask")).current_dir(repository());
    let output = command.args(["release", "--check"]).output().expect("the command");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    // New names are approved before a release, not before each commit.
    let problems: Vec<_> = complaint.lines().filter(|line| line.starts_with("          ")).collect();
    assert!(problems.iter().all(|problem| problem.contains("cargo xtask names --approve")), "{complaint}");
}
