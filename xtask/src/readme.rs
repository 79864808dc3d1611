//! The table of features in the README.

use polar_codegen::Feature;

use crate::markers;

/// The file with the table, relative to the repository.
pub(crate) const FILE: &str = "README.md";

/// The markers around the table.
const BEGIN: &str = "<!-- features: written by cargo xtask regenerate -->\n";
const END: &str = "<!-- end of features -->\n";

/// Updates the table in a text. A text without the markers is returned unchanged.
pub(crate) fn update(text: &str, features: &[Feature]) -> String {
    markers::replace(text, BEGIN, END, &table(features)).unwrap_or_else(|| text.to_owned())
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
        let updated = update(&text, std::slice::from_ref(&feature));
        assert!(updated.starts_with("# A\n") && updated.ends_with("b\n") && !updated.contains("old"));
        assert!(updated.contains("| `orders` | 9 | 120 |\n"));
        assert_eq!(update(&updated, &[feature]), updated);
        assert_eq!(update("none", &[]), "none");
    }
}
