//! Parts of a hand-written text that a command writes: the lines between two markers.

/// Replaces the part between two markers, or returns `None` if the text does not have both.
pub(crate) fn replace(text: &str, begin: &str, end: &str, part: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{part}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn only_the_part_between_the_markers_changes() {
        let replaced = replace("a\n<1>\nold\n<2>\nb\n", "<1>\n", "<2>\n", "new\n");
        assert_eq!(replaced.as_deref(), Some("a\n<1>\nnew\n<2>\nb\n"));
        assert_eq!(replace("a\n<1>\n", "<1>\n", "<2>\n", "new\n"), None);
    }
}
