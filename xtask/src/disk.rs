//! Changes to files and directories. In tests a run can be stopped after any of them.

use std::fs;
use std::io;
use std::path::Path;

pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    step()?;
    fs::write(path, text)
}

pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    fs::rename(from, to)
}

/// Exchanges two directories in one step.
///
/// # Errors
/// The system or the file system does not support it. Then nothing has changed.
pub(crate) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    step()?;
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    {
        let _ = (one, other);
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(crate) fn create_dir_all(path: &Path) -> io::Result<()> {
    step()?;
    fs::create_dir_all(path)
}

pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_file(path)
}

/// Removes an empty directory.
pub(crate) fn remove_dir(path: &Path) -> io::Result<()> {
    step()?;
    fs::remove_dir(path)
}

/// Removes a file, or a directory with what is in it.
pub(crate) fn remove_all(path: &Path) -> io::Result<()> {
    step()?;
    match fs::symlink_metadata(path)?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

#[cfg(not(test))]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use stop::after;
#[cfg(test)]
use stop::step;

#[cfg(test)]
mod stop {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        /// Number of changes that the thread may still make.
        static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    /// Runs a function that is stopped after so many changes, as if its process were killed. Returns whether it was.
    pub(crate) fn after(changes: usize, run: impl FnOnce()) -> bool {
        LEFT.set(changes);
        run();
        LEFT.replace(usize::MAX) == 0
    }

    pub(super) fn step() -> io::Result<()> {
        let left = LEFT.get().checked_sub(1).ok_or_else(|| io::Error::other("killed"))?;
        LEFT.set(left);
        Ok(())
    }
}
