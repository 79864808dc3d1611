//! Documentation pages of which commands write sections.

use std::fs;

use crate::error::CommandError;
use crate::generation::root;
use crate::markers;

/// A page that is written by people, except for the sections between markers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The file, relative to the repository.
    path: &'static str,
}

/// The results of `verify` and `fuzz`.
pub(crate) const FIDELITY: Page = Page { path: "docs/fidelity.md" };

/// The results of `perf bench`.
pub(crate) const BENCHMARKS: Page = Page { path: "docs/benchmarks.md" };

impl Page {
    /// Writes a section into the page. With `check` it only compares, and a difference is an error.
    pub(crate) fn publish(self, name: &str, command: &str, section: &str, check: bool) -> Result<(), CommandError> {
        let path = root().join(self.path);
        let hint = "restore the page from version control";
        let page =
            fs::read_to_string(&path).map_err(|error| CommandError::file("read the page", &path, &error, hint))?;
        let begin = format!("<!-- {name}: written by {command} -->\n");
        let end = format!("<!-- end of {name} -->\n");
        let updated = markers::replace(&page, &begin, &end, &format!("\n{section}\n")).ok_or_else(|| {
            CommandError::at(format!("the page does not have the markers of section {name}"), &path, hint)
        })?;
        if updated == page {
            return Ok(());
        }
        if check {
            let hint = format!("run `{command}` and commit the page");
            return Err(CommandError::at(format!("section {name} of the page is not up to date"), &path, hint));
        }
        fs::write(&path, updated)
            .map_err(|error| CommandError::file("write the file", &path, &error, "make it writable"))
    }
}
