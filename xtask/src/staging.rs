//! Locks on an output directory, and files that are complete before they appear in it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::CommandError;

/// The directory of files until all are complete. It is on the same file system, and cargo does not look into it.
const STAGING: &str = ".regenerate.tmp";

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
    pub(crate) fn new(directory: &'a Path) -> Result<Self, CommandError> {
        let waiting = directory.join(STAGING);
        match fs::remove_dir_all(&waiting) {
            // An interrupted run may have left one.
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(CommandError::file("remove the directory", &waiting, &error, "remove it"))
            }
            _ => Ok(Self { directory, waiting }),
        }
    }

    /// Writes a complete file.
    pub(crate) fn add(&self, path: &str, text: &str) -> Result<(), CommandError> {
        let file = self.waiting.join(path);
        make_parent(&file)?;
        fs::write(&file, text)
            .map_err(|error| CommandError::file("write the file", &self.directory.join(path), &error, HINT))
    }

    /// Moves a complete file to its place.
    pub(crate) fn place(&self, path: &str) -> Result<(), CommandError> {
        let file = self.directory.join(path);
        make_parent(&file)?;
        fs::rename(self.waiting.join(path), &file)
            .map_err(|error| CommandError::file("write the file", &file, &error, HINT))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // If this fails, the next run removes it.
        let _ = fs::remove_dir_all(&self.waiting);
    }
}

fn make_parent(file: &Path) -> Result<(), CommandError> {
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).map_err(|error| CommandError::file("create the directory", parent, &error, HINT))
}
