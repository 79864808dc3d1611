//! The table of features in the README.

use polar_codegen::Feature;

use crate::marked;

/// Where the table stands, from the repository's root.
pub(crate) const FILE: &str = "README.md";

/// Lines around the table, which is written between them.
const BEGIN: &str = "<!-- features: written by cargo xtask regenerate -->\n";
const END: &str = "<!-- end of features -->\n";

/// The text with its table brought up to date. A text without the lines around a table has none.
pub(crate) fn update(text: &str, features: &[Feature]) -> String {
    marked::replace(text, BEGIN, END, &table(features)).unwrap_or_else(|| text.to_owned())
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
    fn the_table_is_written_between_its_lines_and_nowhere_else() {
        let feature = Feature { name: "orders".to_owned(), operations: 9, types: 120 };
        let text = format!("# A\n{BEGIN}old\n{END}b\n");
        let updated = update(&text, std::slice::from_ref(&feature));
        assert!(updated.starts_with("# A\n") && updated.ends_with("b\n") && !updated.contains("old"));
        assert!(updated.contains("| `orders` | 9 | 120 |\n"));
        assert_eq!(update(&updated, &[feature]), updated);
        assert_eq!(update("none", &[]), "none");
    }
}
