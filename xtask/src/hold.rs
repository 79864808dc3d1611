//! Hold of an output directory, and files that are complete before they appear in it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Where files wait until all are complete: on the file system of their places, and out of sight of cargo.
const STAGING: &str = ".regenerate.tmp";

const HINT: &str = "make it writable, or choose another directory with --out DIR";

/// Refuses an output path at which something else than a directory stands.
pub(crate) fn expect_directory(path: &Path) -> Result<(), Failure> {
    let hint = "choose a directory with --out DIR";
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Failure::at("the output is not a directory", path, hint)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file("find the directory", path, &error, hint)),
    }
}

/// Hold of a directory against other runs. Directories that were made for it and stayed empty go with it.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Innermost first.
    made: Vec<PathBuf>,
    _lock: Option<File>,
}

impl Hold {
    /// Makes the directory where there is none, and waits until no other run holds it.
    pub(crate) fn take(directory: &Path) -> Result<Self, Failure> {
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made = directory.ancestors().take_while(missing).map(Path::to_path_buf).collect();
        let mut hold = Self { made, _lock: None };
        fs::create_dir_all(directory)
            .map_err(|error| Failure::file("create the directory", directory, &error, HINT))?;
        // Some systems lock no directories. There the last one of two runs wins.
        hold._lock = File::open(directory).and_then(|file| file.lock().map(|()| file)).ok();
        Ok(hold)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for directory in &self.made {
            // One that is in use stays.
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Files that wait to be moved to their places in a directory. Those that are not moved go with it.
#[derive(Debug)]
pub(crate) struct Staging<'a> {
    directory: &'a Path,
    waiting: PathBuf,
}

impl<'a> Staging<'a> {
    pub(crate) fn new(directory: &'a Path) -> Result<Self, Failure> {
        let waiting = directory.join(STAGING);
        match fs::remove_dir_all(&waiting) {
            // A run that was cut off may have left one.
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::file("remove the directory", &waiting, &error, "remove it by hand"))
            }
            _ => Ok(Self { directory, waiting }),
        }
    }

    /// Completes a file.
    pub(crate) fn add(&self, path: &str, text: &str) -> Result<(), Failure> {
        let file = self.waiting.join(path);
        make_parent(&file)?;
        fs::write(&file, text)
            .map_err(|error| Failure::file("write the file", &self.directory.join(path), &error, HINT))
    }

    /// Moves a complete file to its place.
    pub(crate) fn place(&self, path: &str) -> Result<(), Failure> {
        let file = self.directory.join(path);
        make_parent(&file)?;
        fs::rename(self.waiting.join(path), &file).map_err(|error| Failure::file("write the file", &file, &error, HINT))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // If it stays, the next run removes it.
        let _ = fs::remove_dir_all(&self.waiting);
    }
}

fn make_parent(file: &Path) -> Result<(), Failure> {
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).map_err(|error| Failure::file("create the directory", parent, &error, HINT))
}
