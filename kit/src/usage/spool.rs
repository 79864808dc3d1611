//! A queue on disk that survives the process.
//!
//! The directory contains segments, `00000001.jsonl` and so on, with one event per line. Events are only appended. A
//! segment is deleted after the server has responded for all of its events. After a crash, the events of the first
//! segment may be sent again; the server recognizes them by their identifiers.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polar_client::serde_json;

use super::queue::{Entry, PushError};

/// Settings of a spool: a directory in which events are stored until they are sent.
///
/// An event is on disk before [`record`](super::UsageRecorder::record) returns, so that it survives a crash of the
/// process. With [`sync`](Self::sync) it also survives a crash of the machine. Only one recorder can use a directory at
/// a time; a second one gets an error when it starts.
#[derive(Clone, Debug)]
pub struct SpoolOptions {
    directory: PathBuf,
    max_bytes: u64,
    segment_bytes: u64,
    sync: bool,
}

impl SpoolOptions {
    /// Default maximum size of the directory: 256 MiB.
    pub const MAX_BYTES: u64 = 256 * 1024 * 1024;

    /// Creates the settings of a spool in this directory, which is created if it does not exist.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), max_bytes: Self::MAX_BYTES, segment_bytes: 1024 * 1024, sync: false }
    }

    /// Sets the maximum size of the directory in bytes. At this size the recorder is full.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        Self { max_bytes: bytes, ..self }
    }

    /// Sets the size at which a file is complete and the next one begins, 1 MiB by default. A file is deleted as a
    /// whole, so this is also the amount that may be sent again after a crash.
    #[must_use]
    pub fn segment_bytes(self, bytes: u64) -> Self {
        Self { segment_bytes: bytes.max(1), ..self }
    }

    /// Flushes each event to the device (`fsync`) before [`record`](super::UsageRecorder::record) returns. This takes
    /// as long as the device needs, typically milliseconds.
    #[must_use]
    pub fn sync(self, sync: bool) -> Self {
        Self { sync, ..self }
    }
}

/// A file that events are appended to.
pub(super) trait SegmentFile: Write + Send {
    /// Flushes what was written to the device.
    fn sync(&mut self) -> io::Result<()>;
    /// Removes the remains of a failed write after `len` bytes.
    fn cut(&mut self, len: u64) -> io::Result<()>;
}

impl SegmentFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// Creates the file of a segment.
pub(super) type CreateFile = Arc<dyn Fn(&Path) -> io::Result<Box<dyn SegmentFile>> + Send + Sync>;

fn create_file(path: &Path) -> io::Result<Box<dyn SegmentFile>> {
    Ok(Box::new(OpenOptions::new().append(true).create_new(true).open(path)?))
}

/// The segment that events are appended to.
struct Active {
    number: u64,
    file: Box<dyn SegmentFile>,
    len: u64,
    /// A failed write may have left a part of a line.
    torn: bool,
}

/// Position of the next read.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Position {
    segment: u64,
    offset: u64,
}

pub(super) struct Spool {
    options: SpoolOptions,
    create: CreateFile,
    /// Number of the first segment that is not deleted, and of the next one that is created.
    first: u64,
    next: u64,
    active: Option<Active>,
    /// Bytes in all segments.
    bytes: u64,
    front: Position,
    peeked: Position,
    /// Locked while the spool is in use.
    lock: File,
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Closing the file does not unlock it while a process that was just forked has it too. If unlocking fails,
        // closing unlocks it eventually.
        let _ = self.lock.unlock();
    }
}

impl Spool {
    /// Opens the directory. Returns how many events wait in it.
    pub(super) fn open(options: SpoolOptions) -> io::Result<(Self, u64)> {
        Self::open_with(options, Arc::new(create_file))
    }

    pub(super) fn open_with(options: SpoolOptions, create: CreateFile) -> io::Result<(Self, u64)> {
        fs::create_dir_all(&options.directory)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(options.directory.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::WouldBlock,
                "another recorder uses this spool; use a different directory for each process",
            ),
            TryLockError::Error(error) => error,
        })?;
        let mut numbers = Vec::new();
        for file in fs::read_dir(&options.directory)? {
            let name = file?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".jsonl")?.parse::<u64>().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        let first = numbers.first().copied().unwrap_or(1);
        let start = Position { segment: first, offset: 0 };
        let mut spool = Self {
            options,
            create,
            first,
            next: numbers.last().map_or(1, |last| last.saturating_add(1)),
            active: None,
            bytes: 0,
            front: start,
            peeked: start,
            lock,
        };
        let mut waiting = 0;
        for number in numbers {
            let path = spool.path(number);
            match lines(BufReader::new(File::open(&path)?))? {
                // A process died during its first write.
                0 => fs::remove_file(&path)?,
                count => {
                    spool.bytes += fs::metadata(&path)?.len();
                    waiting += count;
                }
            }
        }
        Ok((spool, waiting))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.options.directory.join(format!("{number:08}.jsonl"))
    }

    pub(super) fn push(&mut self, entry: &Entry) -> Result<(), PushError> {
        let mut line = serde_json::to_vec(entry).map_err(|error| PushError::Disk(error.into()))?;
        line.push(b'\n');
        let len = line.len() as u64;
        if len > self.options.max_bytes {
            let message = format!("an event of {len} bytes can't fit; raise `max_bytes` of the spool");
            return Err(PushError::Disk(io::Error::new(io::ErrorKind::FileTooLarge, message)));
        }
        if self.bytes.saturating_add(len) > self.options.max_bytes {
            return Err(PushError::Full);
        }
        self.append(&line).map_err(PushError::Disk)
    }

    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if self.active.as_ref().is_some_and(|active| active.len >= self.options.segment_bytes || active.torn) {
            self.active = None;
        }
        if self.active.is_none() {
            let file = (self.create)(&self.path(self.next))?;
            if self.options.sync {
                sync_directory(&self.options.directory)?;
            }
            self.active = Some(Active { number: self.next, file, len: 0, torn: false });
            self.next += 1;
        }
        let Some(active) = &mut self.active else { return Ok(()) };
        let mut written = active.file.write_all(line).and_then(|()| active.file.flush());
        if self.options.sync {
            written = written.and_then(|()| active.file.sync());
        }
        match written {
            Ok(()) => {
                active.len += line.len() as u64;
                self.bytes += line.len() as u64;
                Ok(())
            }
            // The caller still has the event, so this line must not be read later.
            Err(error) => {
                active.torn = active.file.cut(active.len).is_err();
                Err(error)
            }
        }
    }

    /// Returns up to `count` events from the front. A line that is incomplete was never acknowledged and is skipped.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut at = self.front;
        while at.segment < self.next && entries.len() < count {
            let limit = self.active.as_ref().filter(|active| active.number == at.segment).map(|active| active.len);
            let mut file = match File::open(self.path(at.segment)) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    at = Position { segment: at.segment + 1, offset: 0 };
                    continue;
                }
                Err(error) => return Err(error),
            };
            file.seek(SeekFrom::Start(at.offset))?;
            let left = limit.map_or(u64::MAX, |limit| limit.saturating_sub(at.offset));
            let mut reader = BufReader::new(file.take(left));
            let mut line = Vec::new();
            while entries.len() < count && reader.read_until(b'\n', &mut line)? > 0 {
                at.offset += line.len() as u64;
                entries.extend(serde_json::from_slice::<Entry>(&line).ok());
                line.clear();
            }
            let exhausted = entries.len() < count;
            if exhausted && limit.is_some() {
                break;
            }
            if exhausted {
                at = Position { segment: at.segment + 1, offset: 0 };
            }
        }
        self.peeked = at;
        Ok(entries)
    }

    /// Removes the events of the last [`peek`](Self::peek) from the front, and deletes segments that are done.
    pub(super) fn advance(&mut self) -> io::Result<()> {
        self.front = self.peeked;
        if self.active.as_ref().is_some_and(|active| {
            active.number == self.front.segment && active.len == self.front.offset && active.len > 0
        }) {
            // All events are done: the next one starts a new segment.
            self.active = None;
            self.front = Position { segment: self.next, offset: 0 };
        } else if self.active.as_ref().is_none_or(|active| active.number != self.front.segment) {
            let len = fs::metadata(self.path(self.front.segment)).map_or(0, |metadata| metadata.len());
            if self.front.offset >= len && self.front.segment < self.next {
                self.front = Position { segment: self.front.segment + 1, offset: 0 };
            }
        }
        self.peeked = self.front;
        while self.first < self.front.segment {
            let path = self.path(self.first);
            match fs::metadata(&path) {
                Ok(metadata) => {
                    fs::remove_file(&path)?;
                    self.bytes = self.bytes.saturating_sub(metadata.len());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            self.first += 1;
        }
        Ok(())
    }
}

/// Makes a new file in the directory survive a crash of the machine.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Other systems have no such call.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Counts the lines that are events.
fn lines(mut reader: impl BufRead) -> io::Result<u64> {
    let (mut count, mut line) = (0, Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        count += u64::from(serde_json::from_slice::<Entry>(&line).is_ok());
        line.clear();
    }
    Ok(count)
}
