//! `cargo xtask release`: checks what has to be right before a release, and sets the version.

mod packages;
mod version;

use std::fs;
use std::path::Path;

use polar_codegen::Names;
use polar_codegen::repository::NAMES;
use polar_maintain::release::{Check, Facts, check};
use toml_edit::{DocumentMut, Item};

use super::options;
use crate::error::CommandError;
use crate::generation::root;

/// The manifest of the workspace.
const MANIFEST: &str = "Cargo.toml";

pub(crate) fn run(options: &options::Release) -> Result<String, CommandError> {
    if let Some(version) = &options.set_version {
        return version::set(version);
    }
    let facts = facts()?;
    let checks = check(&facts);
    let mut text = format!("Release {}\n{}", facts.version, table(&checks));
    text.push_str(match (facts.is_publishable, checks.iter().all(|check| check.problems.is_empty())) {
        (false, _) => "  note: nothing can be published: `workspace.package.publish` in Cargo.toml is false\n",
        (true, true) => "  next: `cargo publish --workspace`, and a tag\n",
        (true, false) => "",
    });
    let problems = checks.iter().map(|check| check.problems.len()).sum::<usize>();
    if problems > 0 {
        let plural = if problems == 1 { "" } else { "s" };
        return Err(CommandError::new(
            format!("the release is not ready ({problems} problem{plural})\n{}", text.trim_end()),
            "correct what is listed, then run `cargo xtask release --check` again",
        ));
    }
    if options.packages {
        text.push_str(&packages::build(&facts)?);
    } else {
        text.push_str("skipped: the packages are not built: add --packages\n");
    }
    Ok(text)
}

fn table(checks: &[Check]) -> String {
    let mut text = String::new();
    for Check { title, problems } in checks {
        let state = if problems.is_empty() { "ok  " } else { "FAIL" };
        text.push_str(&format!("  {state}  {title}\n"));
        for problem in problems {
            text.push_str(&format!("          {problem}\n"));
        }
    }
    text
}

/// Reads the facts that are checked.
fn facts() -> Result<Facts, CommandError> {
    let manifest = manifest(&root().join(MANIFEST))?;
    let shared = manifest.get("workspace").and_then(|workspace| workspace.get("package"));
    let value = |name: &str| shared.and_then(|shared| shared.get(name));
    let text = |name: &str| value(name).and_then(Item::as_str).unwrap_or_default().to_owned();
    // A missing file counts as one without the text that a check needs.
    let file = |name: &str| fs::read_to_string(root().join(name)).unwrap_or_default();
    let lock = Names::parse(NAMES, &file(NAMES));
    let lock = lock.map_err(|errors| CommandError::from(polar_codegen::Diagnostics::default().and(errors)))?;
    Ok(Facts {
        version: text("version"),
        rust_version: text("rust-version"),
        // A list of registries also enables publishing.
        is_publishable: value("publish").is_none_or(|publish| publish.as_bool() != Some(false)),
        packages: packages::read()?,
        changelog: file("CHANGELOG.md"),
        license_text: file("LICENSE"),
        policy: file("docs/versions.md"),
        workflow: file(".github/workflows/ci.yml"),
        api_versions: api_versions(),
        unapproved_names: lock.marked_new().map(|(kind, key, name)| format!("{kind} {key} {name}")).collect(),
    })
}

/// The API versions with a file in `spec/`.
fn api_versions() -> Vec<String> {
    let entries = fs::read_dir(root().join("spec")).into_iter().flatten().filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let version = |name: String| Some(name.strip_prefix("polar-")?.strip_suffix(".yaml")?.to_owned());
    let mut versions: Vec<_> = names.filter_map(version).collect();
    versions.sort();
    versions
}

/// Reads a manifest.
fn manifest(path: &Path) -> Result<DocumentMut, CommandError> {
    let text = fs::read_to_string(path)
        .map_err(|error| CommandError::file("read the file", path, &error, "make the file readable"))?;
    text.parse().map_err(|error| CommandError::at(format!("not valid TOML: {error}"), path, "fix the file"))
}
