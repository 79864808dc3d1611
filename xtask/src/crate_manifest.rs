//! The `Cargo.toml` of a generated crate.
//!
//! In the repository it is kept by hand, but for the features that follow from the document. A crate that is written
//! elsewhere gets one that is written as a whole.

use std::path::{Component, Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Value};

use crate::failure::Failure;
use crate::generation::{CRATE, root, shown};

/// Feature that stands for all that follow from the document.
const ALL: &str = "all";

/// The package that every generated crate stands on.
const RUNTIME: &str = "polar-client-runtime";

const WEBHOOKS: &str = "webhooks";

/// The features of the document that the runtime has a part in, which generated code exports again.
const SHARED: [&str; 2] = ["oauth2", WEBHOOKS];

/// How a manifest begins that is written as a whole.
pub(crate) const WRITTEN: &str = "# Written by cargo xtask regenerate.\n";

/// A manifest kept by hand, with its features brought up to date.
pub(crate) fn update(path: &Path, text: &str, features: &[&str]) -> Result<String, Failure> {
    let hint = format!("mend the file, or choose another directory: only a crate that depends on {RUNTIME} is taken");
    let mut manifest: DocumentMut =
        text.parse().map_err(|error| Failure::new(format!("{} is no TOML: {error}", shown(path)), &hint))?;
    if manifest.get("dependencies").and_then(|dependencies| dependencies.get(RUNTIME)).is_none() {
        return Err(Failure::new(format!("{} belongs to another crate", shown(path)), &hint));
    }
    let table = manifest.entry("features").or_insert_with(toml_edit::table);
    let Some(table) = table.as_table_mut() else {
        return Err(Failure::new(format!("`features` of {} is no table", shown(path)), &hint));
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
        // The comment above stands with the key, which stays.
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
    Ok(manifest.to_string())
}

/// What a feature of the document switches on elsewhere.
fn needs(feature: &str) -> Array {
    SHARED.contains(&feature).then(|| format!("{RUNTIME}/{feature}")).into_iter().collect()
}

/// A list with a line for each element.
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

/// A whole manifest, for a crate in a directory of its own.
pub(crate) fn whole(directory: &Path, features: &[&str]) -> String {
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
         {ALL} = [\n{all}]\n{each}\n\
         [dependencies]\n\
         {RUNTIME} = {{ path = {runtime}, default-features = false }}\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// The way from one directory to another. Links on the way are followed first: `..` leaves the directory itself.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let (from, to) = (existing(from), existing(to));
    let steps = |path: &Path| path.components().map(|c| c.as_os_str().to_owned()).collect::<Vec<_>>();
    let (from, to) = (steps(&from), steps(&to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| Component::ParentDir.as_os_str().to_owned());
    up.chain(to[common..].iter().cloned()).collect()
}

/// The path without links, also where its last parts do not exist yet.
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
        update(Path::new("Cargo.toml"), text, &["new"]).unwrap_or_else(|failure| failure.to_string())
    }

    #[test]
    fn only_features_of_the_document_change() {
        let text = updated(KEPT);
        assert_eq!(
            text,
            "# ours\n[features]\n# each\nall = [\n    \"new\",\n]\nmine = [\"dep:x\"]\nnew = []\n\n[dependencies]\npolar-client-runtime = \"0.1\"\n"
        );
        assert_eq!(updated(&text), text);
    }

    #[test]
    fn a_feature_that_the_runtime_has_a_part_in_comes_with_it() {
        let webhooks = "webhooks = [\"polar-client-runtime/webhooks\"]\n";
        let names = ["oauth2", "orders", WEBHOOKS];
        let kept = update(Path::new("Cargo.toml"), KEPT, &names).unwrap_or_else(|failure| failure.to_string());
        assert!(kept.contains(webhooks), "{kept}");
        assert!(kept.contains("oauth2 = [\"polar-client-runtime/oauth2\"]\n"), "{kept}");
        let whole = |names: &[&str]| whole(&root().join("elsewhere"), names);
        assert!(whole(&names).contains(webhooks));
        assert!(whole(&names).contains("axum = [\"webhooks\", \"polar-client-runtime/axum\"]\n"));
        assert!(!whole(&["orders"]).contains("axum"));
    }

    #[test]
    fn a_crate_of_someone_else_is_left_alone() {
        assert!(updated("[package]\nname = \"other\"\n").contains("belongs to another crate"));
    }
}
