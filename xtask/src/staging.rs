//! Locks on an output directory, and files that are complete before they appear in it.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::disk;
use crate::error::CommandError;

/// The directory of files until all are complete. It is on the same file system, and cargo does not look into it.
const STAGING: &str = ".regenerate.tmp";

/// The file in it that says who made it. A directory without this file belongs to somebody else.
const MARKER: &str = "made-by-cargo-xtask-regenerate";

const MARKER_TEXT: &str =
    "Files of a run of `cargo xtask regenerate`. Without such a run, this directory can be removed.\n";

const HINT: &str = "make it writable, or choose another directory with --out DIR";

/// Refuses an output path that exists and is not a directory.
pub(crate) fn expect_directory(path: &Path) -> Result<(), CommandError> {
    let hint = "choose a directory with --out DIR";
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(CommandError::at("the output is not a directory", path, hint)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(CommandError::file("find the directory", path, &error, hint)),
    }
}

/// A lock on a directory against other runs. Dropping it also removes directories that it created and that are empty.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    /// The directories that this lock created, innermost first.
    created: Vec<PathBuf>,
    _file: Option<File>,
}

impl DirectoryLock {
    /// Creates the directory if it does not exist, and waits until no other run has the lock.
    pub(crate) fn acquire(directory: &Path) -> Result<Self, CommandError> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let created = directory.ancestors().take_while(missing).map(Path::to_path_buf).collect();
        let mut lock = Self { created, _file: None };
        fs::create_dir_all(directory)
            .map_err(|error| CommandError::file("create the directory", directory, &error, HINT))?;
        // Some systems cannot lock directories. The last of two runs wins there.
        lock._file = File::open(directory).and_then(|file| file.lock().map(|()| file)).ok();
        Ok(lock)
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        for directory in &self.created {
            // A directory that is not empty stays.
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Complete files that are not yet in their places in a directory. Dropping it removes those that were not moved.
#[derive(Debug)]
pub(crate) struct Staging<'a> {
    directory: &'a Path,
    waiting: PathBuf,
}

impl<'a> Staging<'a> {
    /// Removes what an interrupted run has left. Nothing is created before the first file is added.
    ///
    /// # Errors
    /// There is a file or a directory of this name that no run of ours made.
    pub(crate) fn new(directory: &'a Path) -> Result<Self, CommandError> {
        let waiting = directory.join(STAGING);
        match is_ours(&waiting) {
            Ok(true) => {}
            Ok(false) => {
                let message = "regenerate did not create this directory, and needs its name temporarily";
                return Err(CommandError::at(message, &waiting, "remove or rename it"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self { directory, waiting }),
            Err(error) => return Err(CommandError::file("read the directory", &waiting, &error, "remove it")),
        }
        clear(&waiting).map_err(|error| CommandError::file("remove the directory", &waiting, &error, "remove it"))?;
        Ok(Self { directory, waiting })
    }

    /// Writes a complete file.
    pub(crate) fn add(&self, path: &str, text: &str) -> Result<(), CommandError> {
        let marker = self.waiting.join(MARKER);
        if !marker.exists() {
            make_parent(&marker)?;
            disk::write(&marker, MARKER_TEXT)
                .map_err(|error| CommandError::file("write the file", &marker, &error, HINT))?;
        }
        let file = self.waiting.join(path);
        make_parent(&file)?;
        disk::write(&file, text)
            .map_err(|error| CommandError::file("write the file", &self.directory.join(path), &error, HINT))
    }

    /// Moves a complete file to its place.
    pub(crate) fn place(&self, path: &str) -> Result<(), CommandError> {
        let file = self.directory.join(path);
        make_parent(&file)?;
        disk::rename(&self.waiting.join(path), &file)
            .map_err(|error| CommandError::file("write the file", &file, &error, HINT))
    }

    /// Puts a directory of complete files in the place of one that exists, in one step. Returns whether the system can do
    /// that; nothing has changed if not.
    pub(crate) fn exchange(&self, path: &str) -> bool {
        disk::exchange(&self.waiting.join(path), &self.directory.join(path)).is_ok()
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // If this fails, the next run removes it.
        let _ = clear(&self.waiting);
    }
}

/// Whether a run of ours made the directory: it has the marker, or is still empty.
fn is_ours(waiting: &Path) -> io::Result<bool> {
    if !fs::symlink_metadata(waiting)?.is_dir() {
        return Ok(false);
    }
    let has_marker = fs::read(waiting.join(MARKER)).is_ok_and(|text| text == MARKER_TEXT.as_bytes());
    Ok(has_marker || fs::read_dir(waiting)?.next().is_none())
}

/// Removes the directory. The marker goes last, so that what is left of it stays ours.
fn clear(waiting: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(waiting) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name() != MARKER {
            disk::remove_all(&entry.path())?;
        }
    }
    match disk::remove_file(&waiting.join(MARKER)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => disk::remove_dir(waiting),
    }
}

fn make_parent(file: &Path) -> Result<(), CommandError> {
    let parent = file.parent().unwrap_or(file);
    if parent.is_dir() {
        return Ok(());
    }
    disk::create_dir_all(parent).map_err(|error| CommandError::file("create the directory", parent, &error, HINT))
}
