//! The `Cargo.toml` of a generated crate.
//!
//! In the repository it is written by hand, except for the features that follow from the document. A crate in another
//! directory gets a manifest that is written as a whole.

use std::path::{Component, Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use crate::error::CommandError;
use crate::generation::{CRATE, root, shown};

/// The feature that enables all features that follow from the document.
const ALL: &str = "all";

/// The package that every generated crate depends on.
const RUNTIME: &str = "polar-client-runtime";

const WEBHOOKS: &str = "webhooks";

/// Features of the document that also enable a feature of the runtime.
const SHARED: [&str; 2] = ["oauth2", WEBHOOKS];

/// The first line of a manifest that is written as a whole.
pub(crate) const WRITTEN: &str = "# Written by cargo xtask regenerate.\n";

/// The features that follow from the documents.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Features<'a> {
    /// Of resources.
    pub(crate) resources: &'a [&'a str],
    /// Of versions of the API beside the default one.
    pub(crate) versions: &'a [&'a str],
}

/// The comment above the features of versions.
const ABOUT_VERSIONS: &str =
    "# Versions of the API beside the default one, each a module of that name. `all` enables none of them.\n";

/// Updates the features of a hand-written manifest.
pub(crate) fn update(path: &Path, text: &str, features: Features<'_>) -> Result<String, CommandError> {
    let Features { resources: features, versions } = features;
    let hint = format!("fix the file, or choose another directory with --out DIR: the crate must depend on {RUNTIME}");
    let mut manifest: DocumentMut = text
        .parse()
        .map_err(|error| CommandError::new(format!("{} is not valid TOML: {error}", shown(path)), &hint))?;
    if manifest.get("dependencies").and_then(|dependencies| dependencies.get(RUNTIME)).is_none() {
        return Err(CommandError::new(format!("{} belongs to another crate", shown(path)), &hint));
    }
    let table = manifest.entry("features").or_insert_with(toml_edit::table);
    let Some(table) = table.as_table_mut() else {
        return Err(CommandError::new(format!("`features` of {} is not a table", shown(path)), &hint));
    };
    let former: Vec<String> = table
        .get(ALL)
        .and_then(Item::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    for name in former.iter().filter(|name| !features.contains(&name.as_str())) {
        table.remove(name);
    }
    let all = Item::Value(Value::Array(lines(features)));
    match table.get_mut(ALL) {
        // The key stays, and with it the comment above.
        Some(item) => *item = all,
        None => {
            table.insert(ALL, all);
        }
    }
    for name in features {
        if !table.contains_key(name) {
            table.insert(name, Item::Value(Value::Array(needs(name))));
        }
    }
    update_versions(table, versions);
    Ok(manifest.to_string())
}

/// The features of versions are the last ones, with a comment above the first.
fn update_versions(table: &mut Table, versions: &[&str]) {
    let former: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).filter(|name| is_version(name)).collect();
    if former == versions {
        return;
    }
    former.iter().for_each(|name| _ = table.remove(name));
    for (index, name) in versions.iter().enumerate() {
        table.insert(name, Item::Value(Value::Array(Array::new())));
        if let Some(mut key) = table.key_mut(name).filter(|_| index == 0) {
            key.leaf_decor_mut().set_prefix(ABOUT_VERSIONS);
        }
    }
}

/// Whether a feature is that of a version, as in `v2026-10`.
pub(crate) fn is_version(feature: &str) -> bool {
    feature.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The features of other packages that a feature of the document enables.
fn needs(feature: &str) -> Array {
    SHARED.contains(&feature).then(|| format!("{RUNTIME}/{feature}")).into_iter().collect()
}

/// An array with one element on each line.
fn lines(features: &[&str]) -> Array {
    let mut list = Array::new();
    for feature in features {
        let mut value = Value::from(*feature);
        value.decor_mut().set_prefix("\n    ");
        list.push_formatted(value);
    }
    list.set_trailing("\n");
    list.set_trailing_comma(true);
    list
}

/// Writes a whole manifest, for a crate outside the repository.
pub(crate) fn whole(directory: &Path, features: Features<'_>) -> String {
    let Features { resources: features, versions } = features;
    let versions = versions.iter().map(|name| format!("{name} = []\n")).collect::<String>();
    let runtime = relative(directory, &root().join("runtime"));
    let runtime = Value::from(runtime.to_string_lossy().replace('\\', "/"));
    let all = features.iter().map(|name| format!("    \"{name}\",\n")).collect::<String>();
    let each = features.iter().map(|name| format!("{name} = {}\n", needs(name))).collect::<String>();
    let axum = match features.contains(&WEBHOOKS) {
        true => format!("axum = [\"{WEBHOOKS}\", \"{RUNTIME}/axum\"]\n"),
        false => String::new(),
    };
    format!(
        "{WRITTEN}[package]\n\
         name = \"{CRATE}\"\n\
         version = \"{version}\"\n\
         edition = \"2024\"\n\
         license = \"Apache-2.0\"\n\
         publish = false\n\n\
         [workspace]\n\n\
         [features]\n\
         default = [\"{ALL}\", \"rustls\"]\n\
         {axum}\
         blocking = [\"{RUNTIME}/blocking\"]\n\
         mock = [\"{RUNTIME}/mock\"]\n\
         rate-limit = [\"{RUNTIME}/rate-limit\"]\n\
         reqwest = [\"{RUNTIME}/reqwest\"]\n\
         rustls = [\"reqwest\", \"{RUNTIME}/rustls\"]\n\
         tracing = [\"{RUNTIME}/tracing\"]\n\
         {ALL} = [\n{all}]\n{each}{versions}\n\
         [dependencies]\n\
         {RUNTIME} = {{ path = {runtime}, default-features = false }}\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// The relative path from one directory to another. Links are resolved first, because `..` leaves the real directory.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to) = (existing(from), existing(to));
    let steps = |path: &Path| path.components().map(|c| c.as_os_str().to_owned()).collect::<Vec<_>>();
    let (from, to) = (steps(&from), steps(&to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| Component::ParentDir.as_os_str().to_owned());
    up.chain(to[common..].iter().cloned()).collect()
}

/// The path with links resolved; its last parts need not exist yet.
fn existing(path: &Path) -> PathBuf {
    match (path.canonicalize(), path.parent(), path.file_name()) {
        (Ok(path), _, _) => path,
        (Err(_), Some(parent), Some(name)) if !parent.as_os_str().is_empty() => existing(parent).join(name),
        (Err(_), _, Some(name)) => std::env::current_dir().unwrap_or_default().join(name),
        (Err(_), ..) => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = "# ours\n[features]\n# each\nall = [\"old\"]\nold = []\nmine = [\"dep:x\"]\n\n[dependencies]\npolar-client-runtime = \"0.1\"\n";

    fn updated(text: &str) -> String {
        let features = Features { resources: &["new"], versions: &["v2027-01"] };
        update(Path::new("Cargo.toml"), text, features).unwrap_or_else(|failure| failure.to_string())
    }

    #[test]
    fn only_features_of_the_document_change() {
        let text = updated(KEPT);
        assert_eq!(
            text,
            format!(
                "# ours\n[features]\n# each\nall = [\n    \"new\",\n]\nmine = [\"dep:x\"]\nnew = []\n{ABOUT_VERSIONS}v2027-01 = []\n\n[dependencies]\npolar-client-runtime = \"0.1\"\n"
            )
        );
        assert_eq!(updated(&text), text);
        let without = text.replace("v2027-01", "v2026-04");
        assert_eq!(updated(&without), text, "a version that is gone takes its feature along");
    }

    #[test]
    fn shared_features_enable_the_runtimes() {
        let webhooks = "webhooks = [\"polar-client-runtime/webhooks\"]\n";
        let names = ["oauth2", "orders", WEBHOOKS];
        let features = Features { resources: &names, versions: &[] };
        let kept = update(Path::new("Cargo.toml"), KEPT, features).unwrap_or_else(|failure| failure.to_string());
        assert!(kept.contains(webhooks), "{kept}");
        assert!(kept.contains("oauth2 = [\"polar-client-runtime/oauth2\"]\n"), "{kept}");
        let whole =
            |names: &[&str]| whole(&root().join("elsewhere"), Features { resources: names, versions: &["v2027-01"] });
        assert!(whole(&names).contains(webhooks));
        assert!(whole(&names).contains("v2027-01 = []\n"));
        assert!(whole(&names).contains("axum = [\"webhooks\", \"polar-client-runtime/axum\"]\n"));
        assert!(!whole(&["orders"]).contains("axum"));
    }

    #[test]
    fn manifests_of_other_crates_are_refused() {
        assert!(updated("[package]\nname = \"other\"\n").contains("belongs to another crate"));
    }
}
