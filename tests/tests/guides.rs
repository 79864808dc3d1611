//! The table in docs/guides.md: each row names existing tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;

/// Returns the cells of each row of a table, without its head.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    cells.filter(|cells| !cells[0].starts_with("---") && cells[0] != "section of the guide").collect()
}

/// Texts and targets of the links in a cell.
fn links(cell: &str) -> Vec<(&str, &str)> {
    let link = |part: &'_ str| -> Option<(usize, usize)> { Some((part.find("](")?, part.find(')')?)) };
    let parts = cell.split('[').skip(1);
    parts
        .filter_map(|part| link(part).map(|(text, end)| (part[..text].trim_matches('`'), &part[text + 2..end])))
        .collect()
}

/// Returns whether a source has a test with this name: a function directly below an attribute that makes it one.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let head = format!("fn {name}()");
    let is_test = |index: usize| {
        lines[..index]
            .iter()
            .rev()
            .take_while(|line| line.starts_with("#["))
            .any(|line| line.contains("test]") || line.contains("test("))
    };
    lines.iter().enumerate().any(|(index, line)| line.trim_start_matches("async ").starts_with(&head) && is_test(index))
}

#[test]
fn every_row_names_tests_that_are_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let guides = fs::read_to_string(docs.join("guides.md")).unwrap();
    let rows = rows(&guides);
    assert!(rows.len() > 30, "{} rows", rows.len());
    for row in rows {
        let [what, call, tests] = row.as_slice() else { panic!("a row has three cells: {row:?}") };
        assert!(!what.is_empty() && !call.is_empty(), "{row:?}");
        let links = links(tests);
        assert!(!links.is_empty(), "no test in {row:?}");
        for (name, target) in links {
            let source = fs::read_to_string(docs.join(target)).unwrap_or_else(|error| panic!("{target}: {error}"));
            assert!(has_test(&source, name), "no test `{name}` in {target}");
        }
    }
}
