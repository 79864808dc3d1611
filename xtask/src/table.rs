//! Tables and lists as text.

/// The most lines of a list.
const LISTED: usize = 20;

/// The first lines of a list, and the number of lines that follow.
pub(crate) fn limited(lines: &[String]) -> String {
    let mut text: String = lines.iter().take(LISTED).map(|line| format!("{line}\n")).collect();
    if lines.len() > LISTED {
        text.push_str(&format!("    and {} more\n", lines.len() - LISTED));
    }
    text
}

/// Aligns the columns of a table, two spaces apart, without spaces at the end of a line.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "1".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(columns(&rows), "a     1\nlong\n");
    }
}
