//! Which files of a generated crate are ours, and how they change: all of them or none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;
use crate::generation::shown;
use crate::hold::Staging;
use crate::table::limited;

/// The list of files that regenerate owns in a crate.
pub(crate) const OWNED: &str = "generated-files.txt";

const OWNED_HEADER: &str =
    "# Files that cargo xtask regenerate owns: it rewrites and removes them, and touches no other.\n";

/// The directory in which no other files are allowed.
const SOURCE: &str = "src";

/// The one file outside of [`SOURCE`] that regenerate may own.
pub(crate) const MANIFEST: &str = "Cargo.toml";

/// What a file becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Changed,
    Removed,
}

/// What a run would do to a crate. All paths are relative to its directory.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    directory: PathBuf,
    pub(crate) changes: BTreeMap<String, Change>,
    /// What added and changed files will hold.
    texts: BTreeMap<String, String>,
    /// Files of ours before the run.
    pub(crate) former: BTreeSet<String>,
    /// Files of ours after the run.
    pub(crate) owned: BTreeSet<String>,
}

/// Compares what is wanted with what is there. `shared` are files that regenerate may change, but does not own.
pub(crate) fn plan(
    directory: &Path,
    wanted: BTreeMap<String, String>,
    shared: BTreeMap<String, String>,
) -> Result<Plan, Failure> {
    let former = former(directory)?;
    let owned: BTreeSet<String> = wanted.keys().cloned().collect();
    let mut present = present(directory)?;
    present.retain(|path| !shared.contains_key(path));
    refuse_foreign(directory, &present, &former, &owned)?;
    let removed = present.difference(&owned).map(|path| (path.clone(), Change::Removed));
    let mut plan =
        Plan { directory: directory.to_path_buf(), changes: removed.collect(), texts: BTreeMap::new(), former, owned };
    let list = (OWNED.to_owned(), list(&plan.owned));
    for (path, text) in wanted.into_iter().chain(shared).chain([list]) {
        let file = directory.join(&path);
        let change = match fs::read(&file) {
            Ok(bytes) if bytes == text.as_bytes() => continue,
            Ok(_) => Change::Changed,
            Err(error) if error.kind() == ErrorKind::NotFound => Change::Added,
            Err(error) => return Err(Failure::file("read the file", &file, &error, "remove it by hand")),
        };
        plan.changes.insert(path.clone(), change);
        plan.texts.insert(path, text);
    }
    Ok(plan)
}

fn list(paths: &BTreeSet<String>) -> String {
    let lines: String = paths.iter().map(|path| format!("{path}\n")).collect();
    format!("{OWNED_HEADER}{lines}")
}

/// The files that the crate's list names.
fn former(directory: &Path) -> Result<BTreeSet<String>, Failure> {
    let hint = "restore the file from version control";
    let path = directory.join(OWNED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Failure::file("read the file", &path, &error, hint)),
    };
    let lines: BTreeSet<String> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    match lines.iter().find(|line| !can_be_ours(line)) {
        Some(line) => Err(Failure::at(format!("the list names `{line}`, which is no file of regenerate"), &path, hint)),
        None => Ok(lines),
    }
}

/// Whether regenerate could have written the file: a list that says otherwise is not to be trusted.
fn can_be_ours(path: &str) -> bool {
    let is_below = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let in_source = path.strip_prefix(SOURCE).and_then(|rest| rest.strip_prefix('/'));
    path == MANIFEST || in_source.is_some_and(|rest| !rest.is_empty() && is_below(rest))
}

/// What is there in the places where files of ours can be. A link counts as a file, even one to a directory.
fn present(directory: &Path) -> Result<BTreeSet<String>, Failure> {
    let failed = |action, path: &Path, error| Failure::file(action, path, &error, "make it readable");
    let mut found = BTreeSet::new();
    let mut open = vec![MANIFEST.to_owned(), SOURCE.to_owned()];
    while let Some(name) = open.pop() {
        let path = directory.join(&name);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {
                for entry in path.read_dir().map_err(|error| failed("list the directory", &path, error))? {
                    let entry = entry.map_err(|error| failed("list the directory", &path, error))?;
                    open.push(format!("{name}/{}", entry.file_name().to_string_lossy()));
                }
            }
            Ok(_) => {
                found.insert(name);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("find the file", &path, error)),
        }
    }
    Ok(found)
}

/// Refuses files of others, and whatever stands where a directory of ours has to be: it may be a link that leads out.
fn refuse_foreign(
    directory: &Path,
    present: &BTreeSet<String>,
    former: &BTreeSet<String>,
    owned: &BTreeSet<String>,
) -> Result<(), Failure> {
    let is_directory = |path: &str| {
        let below = format!("{path}/");
        former.union(owned).any(|ours| ours.starts_with(&below))
    };
    let foreign = present.iter().filter(|path| !former.contains(*path) || is_directory(path));
    let lines: Vec<_> = foreign.map(|path| format!("    {}", shown(&directory.join(path)))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!(
            "these files were not written by regenerate, so it leaves everything as it is:\n{}",
            limited(&lines).trim_end()
        ),
        format!("move them away, or choose another directory with --out DIR; {OWNED} in the crate lists what is ours"),
    ))
}

impl Plan {
    /// Carries it out. Every file is complete before the first one moves to its place.
    pub(crate) fn carry_out(&self) -> Result<(), Failure> {
        let staging = Staging::new(&self.directory)?;
        if self.changes.is_empty() {
            return Ok(());
        }
        let files = || self.texts.iter().filter(|(path, _)| *path != OWNED);
        for (path, text) in files() {
            staging.add(path, text)?;
        }
        // Until all is done both lists are ours, so that a run that was cut off is mended by the next one.
        let both = self.former.union(&self.owned).cloned().collect();
        staging.add(OWNED, &list(&both))?;
        staging.place(OWNED)?;
        for (path, _) in files() {
            staging.place(path)?;
        }
        for (path, _) in self.changes.iter().filter(|(_, change)| **change == Change::Removed) {
            self.remove(path)?;
        }
        staging.add(OWNED, &list(&self.owned))?;
        staging.place(OWNED)
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        let file = self.directory.join(path);
        fs::remove_file(&file).map_err(|error| Failure::file("remove the file", &file, &error, "remove it by hand"))?;
        for parent in file.ancestors().skip(1).take_while(|parent| *parent != self.directory) {
            // A directory that still holds something stays.
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(())
    }
}
