//! Pages of which commands write parts.

use std::fs;

use crate::failure::Failure;
use crate::generation::root;
use crate::marked;

/// A page, hand-written around the parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// The file, from the repository's root.
    path: &'static str,
    /// What the command of each part begins with; the name of the part follows.
    command: &'static str,
}

/// What judges that are not ours say.
pub(crate) const FIDELITY: Page = Page { path: "docs/fidelity.md", command: "cargo xtask" };

/// What is measured.
pub(crate) const BENCHMARKS: Page = Page { path: "docs/benchmarks.md", command: "cargo xtask bench" };

impl Page {
    /// Puts a part into the page, or only looks whether it is there.
    pub(crate) fn publish(self, name: &str, section: &str, check: bool) -> Result<(), Failure> {
        let path = root().join(self.path);
        let command = format!("{} {name}", self.command);
        let hint = "take the page from the last commit";
        let page = fs::read_to_string(&path).map_err(|error| Failure::file("read the page", &path, &error, hint))?;
        let begin = format!("<!-- {name}: written by {command} -->\n");
        let end = format!("<!-- end of {name} -->\n");
        let updated = marked::replace(&page, &begin, &end, &format!("\n{section}\n"))
            .ok_or_else(|| Failure::at(format!("the page has no lines around {name}"), &path, hint))?;
        if updated == page {
            return Ok(());
        }
        if check {
            let hint = format!("run `{command}` and commit the page");
            return Err(Failure::at(format!("the page says something else on {name}"), &path, hint));
        }
        fs::write(&path, updated).map_err(|error| Failure::file("write the page", &path, &error, "make it writable"))
    }
}
