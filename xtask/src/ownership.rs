//! Which files of a generated crate are ours, and how they change: all of them or none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::generation::shown;

/// The list of files that regenerate owns in a crate.
pub(crate) const OWNED: &str = "generated-files.txt";

const OWNED_HEADER: &str =
    "# Files that cargo xtask regenerate owns: it rewrites and removes them, and touches no other.\n";

/// The directory in which no other files are allowed.
const SOURCE: &str = "src";

/// What a file becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Changed,
    Removed,
}

/// What a run would do to a crate.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    directory: PathBuf,
    /// Wanted content by path below the directory, without what is there already.
    writes: BTreeMap<String, String>,
    /// Paths below the directory.
    removals: BTreeSet<String>,
    /// All changes by path, without the list of owned files itself.
    pub(crate) changes: BTreeMap<String, Change>,
    /// Paths that the crate has after the run.
    owned: BTreeSet<String>,
    /// Paths that it had before.
    former: BTreeSet<String>,
}

/// Compares what is wanted with what is there. `shared` are files that regenerate may change, but does not own.
pub(crate) fn plan(
    directory: &Path,
    wanted: BTreeMap<String, String>,
    shared: &BTreeMap<String, String>,
) -> Result<Plan, Failure> {
    let former = former(directory)?;
    let owned: BTreeSet<String> = wanted.keys().cloned().collect();
    refuse_foreign(directory, &former, &owned)?;
    let mut plan = Plan {
        directory: directory.to_path_buf(),
        writes: BTreeMap::new(),
        removals: former.difference(&owned).filter(|path| directory.join(path).exists()).cloned().collect(),
        changes: BTreeMap::new(),
        owned,
        former,
    };
    for (path, text) in wanted.iter().chain(shared) {
        let file = directory.join(path);
        let change = match fs::read(&file) {
            Ok(bytes) if bytes == text.as_bytes() => continue,
            Ok(_) => Change::Changed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Change::Added,
            Err(error) => return Err(Failure::file("read", &file, &error, "make it readable, or remove it")),
        };
        plan.changes.insert(path.clone(), change);
        plan.writes.insert(path.clone(), text.clone());
    }
    plan.changes.extend(plan.removals.iter().map(|path| (path.clone(), Change::Removed)));
    Ok(plan)
}

fn former(directory: &Path) -> Result<BTreeSet<String>, Failure> {
    let path = directory.join(OWNED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Failure::file("read", &path, &error, "restore it from version control")),
    };
    let lines: BTreeSet<String> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    match lines.iter().find(|line| !is_inside(line)) {
        Some(line) => Err(Failure::new(
            format!("{} lists `{line}`, which does not lie below the crate", shown(&path)),
            "restore the file from version control",
        )),
        None => Ok(lines),
    }
}

/// Whether a path stays below the directory that it is relative to.
fn is_inside(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn refuse_foreign(directory: &Path, former: &BTreeSet<String>, owned: &BTreeSet<String>) -> Result<(), Failure> {
    let mut foreign: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![SOURCE.to_owned()];
    while let Some(below) = open.pop() {
        let path = directory.join(&below);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(Failure::file("list", &path, &error, "choose a directory with --out DIR"));
            }
        };
        for entry in entries {
            let entry =
                entry.map_err(|error| Failure::file("list", &path, &error, "choose a directory with --out DIR"))?;
            let name = format!("{below}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(name);
            } else if !former.contains(&name) {
                foreign.insert(name);
            }
        }
    }
    let outside = owned.iter().filter(|path| !former.contains(*path) && directory.join(path).exists());
    foreign.extend(outside.cloned());
    if foreign.is_empty() {
        return Ok(());
    }
    let files: Vec<_> = foreign.iter().map(|path| format!("    {}", shown(&directory.join(path)))).collect();
    Err(Failure::new(
        format!("these files were not written by regenerate, so it leaves everything as it is:\n{}", files.join("\n")),
        format!("move them away, or choose another directory with --out DIR; {OWNED} in the crate lists what is ours"),
    ))
}

impl Plan {
    /// Whether nothing would change.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.former == self.owned
    }

    /// Files of the crate after the run.
    pub(crate) fn files(&self) -> usize {
        self.owned.len()
    }

    /// Carries it out. Every file is complete beside its place before the first one moves there.
    pub(crate) fn carry_out(&self) -> Result<(), Failure> {
        if self.is_empty() {
            return Ok(());
        }
        let mut staged = Vec::new();
        let moved = self.stage(&mut staged).and_then(|()| self.commit(&staged));
        if moved.is_err() {
            for (temporary, _) in &staged {
                // A file that has moved already is not there any more, which is fine.
                let _ = fs::remove_file(temporary);
            }
        }
        moved
    }

    fn stage(&self, staged: &mut Vec<(PathBuf, PathBuf)>) -> Result<(), Failure> {
        for (path, text) in &self.writes {
            staged.push(stage(&self.directory.join(path), text)?);
        }
        Ok(())
    }

    fn commit(&self, staged: &[(PathBuf, PathBuf)]) -> Result<(), Failure> {
        // Until all is done both lists are ours, so that a run that was cut off is mended by the next one.
        let both: BTreeSet<_> = self.former.union(&self.owned).cloned().collect();
        self.write_list(&both)?;
        for (temporary, file) in staged {
            rename(temporary, file)?;
        }
        for path in &self.removals {
            let file = self.directory.join(path);
            fs::remove_file(&file).map_err(|error| Failure::file("remove", &file, &error, "remove it by hand"))?;
            remove_empty_parents(&self.directory, &file);
        }
        self.write_list(&self.owned)
    }

    fn write_list(&self, paths: &BTreeSet<String>) -> Result<(), Failure> {
        let lines: String = paths.iter().map(|path| format!("{path}\n")).collect();
        write(&self.directory.join(OWNED), &format!("{OWNED_HEADER}{lines}"))
    }
}

/// Writes a file such that it is there whole or as it was.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let (temporary, file) = stage(file, text)?;
    rename(&temporary, &file)
}

fn stage(file: &Path, text: &str) -> Result<(PathBuf, PathBuf), Failure> {
    let hint = "make the directory writable, or choose another one with --out DIR";
    let parent = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| Failure::file("create", parent, &error, hint))?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = file.with_file_name(name);
    let written = fs::write(&temporary, text);
    if let Err(error) = written {
        // What can't be written may still have been created.
        let _ = fs::remove_file(&temporary);
        return Err(Failure::file("write", &temporary, &error, hint));
    }
    Ok((temporary, file.to_path_buf()))
}

fn rename(temporary: &Path, file: &Path) -> Result<(), Failure> {
    fs::rename(temporary, file).map_err(|error| Failure::file("write", file, &error, "make the directory writable"))
}

fn remove_empty_parents(directory: &Path, file: &Path) {
    for parent in file.ancestors().skip(1).take_while(|parent| *parent != directory) {
        // A directory that still holds something stays.
        if fs::remove_dir(parent).is_err() {
            return;
        }
    }
}
