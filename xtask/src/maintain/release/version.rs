//! Sets the version of all packages.

use toml_edit::{Item, Value};

use super::{MANIFEST, manifest};
use crate::error::CommandError;
use crate::generation::{root, shown};
use crate::maintain::import::write;

/// Sets `workspace.package.version`, and the exact versions by which our own crates depend on each other.
pub(super) fn set(version: &str) -> Result<String, CommandError> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, _) = version.split_once('-').unwrap_or((version, ""));
    if numbers.split('.').count() != 3 || !numbers.split('.').all(is_number) {
        let message = format!("`{version}` is not a version");
        return Err(CommandError::new(message, "write three numbers, for example --set-version 0.2.0"));
    }
    let path = root().join(MANIFEST);
    let mut manifest = manifest(&path)?;
    let Some(workspace) = manifest.get_mut("workspace").and_then(Item::as_table_mut) else {
        return Err(CommandError::at("the manifest has no workspace", &path, "run the command in the repository"));
    };
    if let Some(current) = workspace.get_mut("package").and_then(|package| package.get_mut("version")) {
        replace(current, version);
    }
    let dependencies = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut);
    for (_, dependency) in dependencies.into_iter().flat_map(toml_edit::TableLike::iter_mut) {
        let is_own = dependency.get("path").is_some();
        if let Some(accepted) = dependency.get_mut("version").filter(|_| is_own) {
            replace(accepted, &format!("={version}"));
        }
    }
    write(&path, &manifest.to_string())?;
    Ok(format!(
        "{}: version {version}\n  next: rename the entry in CHANGELOG.md, run `cargo xtask regenerate`, and commit\n",
        shown(&path)
    ))
}

/// Replaces a text, and leaves the spaces and comments around it.
fn replace(item: &mut Item, text: &str) {
    if let Some(value) = item.as_value_mut() {
        let decor = value.decor().clone();
        *value = Value::from(text);
        *value.decor_mut() = decor;
    }
}
