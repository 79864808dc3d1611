//! The tables of features in the README.

use polar_codegen::{Feature, VersionOutput};

use crate::markers;

/// The file with the tables, relative to the repository.
pub(crate) const FILE: &str = "README.md";

/// The markers around the tables.
const BEGIN: &str = "<!-- features: written by cargo xtask regenerate -->\n";
const END: &str = "<!-- end of features -->\n";

/// Updates the tables in a text. A text without the markers is returned unchanged.
pub(crate) fn update(text: &str, features: &[Feature], versions: &[VersionOutput]) -> String {
    let tables = format!("{}{}", table(features), versions_table(versions));
    markers::replace(text, BEGIN, END, &tables).unwrap_or_else(|| text.to_owned())
}

fn versions_table(versions: &[VersionOutput]) -> String {
    if versions.is_empty() {
        return String::new();
    }
    let row = |version: &VersionOutput| {
        let VersionOutput { version, feature, module, own, .. } = version;
        format!("| `{feature}` | {version} | `{module}` | {} | {} |\n", own.operations, own.types)
    };
    let rows: String = versions.iter().map(row).collect();
    format!(
        "So is each other version of the API. What is the same as at the root of the crate is the same Rust item, so that a \
         version\ncompiles only what differs. `all` enables none of them.\n\n\
         | feature | API version | module | operations that differ | types that differ |\n|---|---|---|---|---|\n{rows}\n"
    )
}

fn table(features: &[Feature]) -> String {
    let row = |Feature { name, operations, types }: &Feature| format!("| `{name}` | {operations} | {types} |\n");
    let rows: String = features.iter().map(row).collect();
    format!("\n| feature | operations | types compiled with it alone |\n|---|---|---|\n{rows}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_between_the_markers_changes() {
        let feature = Feature { name: "orders".to_owned(), operations: 9, types: 120 };
        let text = format!("# A\n{BEGIN}old\n{END}b\n");
        let updated = update(&text, std::slice::from_ref(&feature), &[]);
        assert!(updated.starts_with("# A\n") && updated.ends_with("b\n") && !updated.contains("old"));
        assert!(updated.contains("| `orders` | 9 | 120 |\n"));
        assert_eq!(update(&updated, &[feature], &[]), updated);
        assert_eq!(update("none", &[], &[]), "none");
    }
}
