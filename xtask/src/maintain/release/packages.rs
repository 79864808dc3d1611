//! The packages of the workspace, and building the published ones from their packages alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polar_maintain::release::{Facts, Package};
use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item};

use super::{MANIFEST, manifest};
use crate::error::CommandError;
use crate::generation::{cargo, root, target};

/// Reads all packages from cargo.
pub(super) fn read() -> Result<Vec<Package>, CommandError> {
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--offline"]));
    let text =
        text.map_err(|error| CommandError::new(format!("cargo metadata failed: {error}"), "fix the manifests"))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| {
        CommandError::new(format!("can't read the output of cargo metadata: {error}"), "update cargo")
    })?;
    metadata.get("packages").and_then(Value::as_array).into_iter().flatten().map(package).collect()
}

fn package(value: &Value) -> Result<Package, CommandError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let path = PathBuf::from(text("manifest_path").unwrap_or_default());
    let name = text("name").unwrap_or_default();
    let is_published = follows_switch(&path)?;
    let dependencies = value.get("dependencies").and_then(Value::as_array).into_iter().flatten();
    let dependencies = dependencies
        .filter(|dependency| dependency.get("kind").and_then(Value::as_str) != Some("dev"))
        .filter_map(|one| Some((one.get("name")?.as_str()?.to_owned(), one.get("req")?.as_str()?.to_owned())));
    let listed = match is_published {
        true => output(cargo().args(["package", "--list", "--allow-dirty", "--offline", "--package", &name])),
        false => Ok(String::new()),
    };
    let (files, listing_error) = match listed {
        Ok(files) => (files, None),
        Err(error) => (String::new(), Some(error)),
    };
    Ok(Package {
        version: text("version").unwrap_or_default(),
        is_published,
        description: text("description"),
        license: text("license"),
        rust_version: text("rust_version"),
        dependencies: dependencies.collect(),
        listing_error,
        files: files.lines().map(|file| file.replace('\\', "/")).collect(),
        license_text: fs::read_to_string(path.with_file_name("LICENSE")).ok(),
        topics: ["keywords", "categories"].map(|list| texts(value.get(list))),
        is_documented_whole: is_documented_whole(value),
        name,
    })
}

/// Whether docs.rs builds all features, with the switch for what only nightly can show.
fn is_documented_whole(package: &Value) -> bool {
    let settings = package.pointer("/metadata/docs/rs");
    let setting = |name: &str| settings.and_then(|settings| settings.get(name));
    let is_whole = setting("all-features").and_then(Value::as_bool) == Some(true);
    is_whole && texts(setting("rustdoc-args")) == ["--cfg", "docsrs"]
}

/// A list of texts.
fn texts(list: Option<&Value>) -> Vec<String> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a package is published if `workspace.package.publish` says so.
fn follows_switch(path: &Path) -> Result<bool, CommandError> {
    let manifest = manifest(path)?;
    let publish = manifest.get("package").and_then(|package| package.get("publish"));
    Ok(publish.and_then(|publish| publish.get("workspace")).and_then(Item::as_bool) == Some(true))
}

/// Packages all published crates, and compiles each from its package and the packages of the others.
///
/// Cargo does this only for crates that can be published, so it is done in a copy whose switch is on.
pub(super) fn build(facts: &Facts) -> Result<String, CommandError> {
    let copy = target().join("release-check/sources");
    let names: Vec<&str> =
        facts.packages.iter().filter(|package| package.is_published).map(|package| package.name.as_str()).collect();
    let directories = directories()?;
    if copy.exists() {
        fs::remove_dir_all(&copy).map_err(|error| failed("remove the directory", &copy, &error))?;
    }
    for directory in &directories {
        copy_directory(&root().join(directory), &copy.join(directory))?;
    }
    for file in ["Cargo.lock", "README.md", "LICENSE", "clippy.toml"] {
        if root().join(file).exists() {
            fs::copy(root().join(file), copy.join(file))
                .map_err(|error| failed("copy the file", &copy.join(file), &error))?;
        }
    }
    write_manifest(&copy, &directories)?;
    let mut command = cargo();
    command.current_dir(&copy).args(["package", "--workspace", "--allow-dirty"]);
    command.env("CARGO_TARGET_DIR", target().join("release-check/target"));
    let status = command.status().map_err(CommandError::cargo)?;
    if !status.success() {
        return Err(CommandError::new("the packages do not compile by themselves", "see the messages of cargo above"));
    }
    Ok(format!("  ok    {} compile from their packages alone\n", names.join(", ")))
}

/// The directories of the published packages, relative to the repository.
fn directories() -> Result<Vec<String>, CommandError> {
    let manifest = manifest(&root().join(MANIFEST))?;
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members")).and_then(Item::as_array);
    let members = members.into_iter().flatten().filter_map(toml_edit::Value::as_str).map(str::to_owned);
    let mut published = Vec::new();
    for member in members {
        if follows_switch(&root().join(&member).join(MANIFEST))? {
            published.push(member);
        }
    }
    Ok(published)
}

/// The manifest of a workspace of the published packages only, with the switch on.
fn write_manifest(copy: &Path, directories: &[String]) -> Result<(), CommandError> {
    let mut manifest = manifest(&root().join(MANIFEST))?;
    let mut missing: Vec<String> = Vec::new();
    if let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) {
        workspace.insert("members", toml_edit::value(directories.iter().collect::<Array>()));
        workspace.remove("exclude");
        if let Some(package) = workspace.get_mut("package").and_then(Item::as_table_mut) {
            package.insert("publish", toml_edit::value(true));
        }
        // Others are not in the copy.
        let dependencies = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut);
        let is_copied = |item: &Item| match item.get("path").and_then(Item::as_str) {
            Some(path) => directories.iter().any(|directory| directory == path),
            None => true,
        };
        if let Some(dependencies) = dependencies {
            let names = dependencies.iter().filter(|(_, item)| !is_copied(item)).map(|(name, _)| name.to_owned());
            missing.extend(names);
            for name in &missing {
                dependencies.remove(name);
            }
        }
    }
    for directory in directories {
        remove_from_tests(&copy.join(directory).join(MANIFEST), &missing)?;
    }
    write(&copy.join(MANIFEST), &manifest)
}

/// Takes packages out of what the tests of a package need. Cargo leaves out of a package what has no version, too.
fn remove_from_tests(path: &Path, names: &[String]) -> Result<(), CommandError> {
    let mut manifest = manifest(path)?;
    if let Some(dependencies) = manifest.get_mut("dev-dependencies").and_then(Item::as_table_like_mut) {
        for name in names {
            dependencies.remove(name);
        }
    }
    write(path, &manifest)
}

fn write(path: &Path, manifest: &DocumentMut) -> Result<(), CommandError> {
    fs::write(path, manifest.to_string()).map_err(|error| failed("write the file", path, &error))
}

fn copy_directory(from: &Path, to: &Path) -> Result<(), CommandError> {
    fs::create_dir_all(to).map_err(|error| failed("create the directory", to, &error))?;
    let entries = fs::read_dir(from).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    for entry in entries.map_err(|error| failed("read the directory", from, &error))? {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if name != "target" {
                copy_directory(&path, &to.join(name))?;
            }
        } else {
            fs::copy(&path, to.join(name)).map_err(|error| failed("copy the file", &path, &error))?;
        }
    }
    Ok(())
}

fn failed(action: &str, path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::file(action, path, error, "make the target directory writable")
}

/// The output of a command, or the first of its errors.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.current_dir(root()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let error = message.lines().find_map(|line| line.strip_prefix("error: "));
    Err(error.unwrap_or(message.trim()).to_owned())
}
