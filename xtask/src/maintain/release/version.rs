//! Sets the version of all packages.

use toml_edit::{Item, Value};

use super::{MANIFEST, manifest};
use crate::error::CommandError;
use crate::generation::{root, shown};
use crate::maintain::import::write;

/// Sets `workspace.package.version`, and the exact versions by which our own crates depend on each other, in the
/// workspace and in those below it.
pub(super) fn set(version: &str) -> Result<String, CommandError> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, _) = version.split_once('-').unwrap_or((version, ""));
    if numbers.split('.').count() != 3 || !numbers.split('.').all(is_number) {
        let message = format!("`{version}` is not a version");
        return Err(CommandError::new(message, "write three numbers, for example --set-version 0.2.0"));
    }
    let path = root().join(MANIFEST);
    let mut workspace = manifest(&path)?;
    let Some(table) = workspace.get_mut("workspace") else {
        return Err(CommandError::at("the manifest has no workspace", &path, "run the command in the repository"));
    };
    if let Some(current) = table.get_mut("package").and_then(|package| package.get_mut("version")) {
        replace(current, version);
    }
    require(table, version);
    let excluded = table.get("exclude").and_then(Item::as_array).into_iter().flatten();
    let excluded: Vec<_> = excluded.filter_map(Value::as_str).map(|name| root().join(name).join(MANIFEST)).collect();
    let mut written = vec![(path, workspace.to_string())];
    for path in excluded.into_iter().filter(|path| path.exists()) {
        let mut manifest = manifest(&path)?;
        let before = manifest.to_string();
        require(manifest.as_item_mut(), version);
        if manifest.to_string() != before {
            written.push((path, manifest.to_string()));
        }
    }
    let mut text = String::new();
    for (path, content) in &written {
        write(path, content)?;
        text.push_str(&format!("{}: version {version}\n", shown(path)));
    }
    text.push_str("  next: rename the entry in CHANGELOG.md, run `cargo xtask regenerate`, and commit\n");
    Ok(text)
}

/// Requires the exact version of each of our own crates that a version is required of.
fn require(table: &mut Item, version: &str) {
    let dependencies = table.get_mut("dependencies").and_then(Item::as_table_like_mut);
    for (_, dependency) in dependencies.into_iter().flat_map(toml_edit::TableLike::iter_mut) {
        let is_own = dependency.get("path").is_some();
        if let Some(accepted) = dependency.get_mut("version").filter(|_| is_own) {
            replace(accepted, &format!("={version}"));
        }
    }
}

/// Replaces a text, and leaves the spaces and comments around it.
fn replace(item: &mut Item, text: &str) {
    if let Some(value) = item.as_value_mut() {
        let decor = value.decor().clone();
        *value = Value::from(text);
        *value.decor_mut() = decor;
    }
}
