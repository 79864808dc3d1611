//! The guard over SQLite: one table, one transaction for each change.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use polar_client_runtime::webhooks::{Claim, Lease, ReplayGuard};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a statement waits for a lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An event in progress has a token and the end of its lease; an event that is done has the time of its completion.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS polar_webhook_events (
        id TEXT PRIMARY KEY,
        token BLOB NOT NULL,
        lease_ends_at INTEGER NOT NULL,
        done_at INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS polar_webhook_events_done_at
        ON polar_webhook_events (done_at) WHERE done_at IS NOT NULL;
";

/// A [`ReplayGuard`] in a SQLite database. Clones share the connection.
///
/// Each change is one transaction that is on the disk when the method returns. If the process crashes between claim and
/// completion, the lease ends and the next delivery of the event is new.
///
/// All processes on one machine can open the same file. Leases are compared with the machine's clock, so do not share
/// the file between machines. Statements run on tokio's blocking threads.
///
/// An event that is done is kept for 30 days by default, which is longer than the server retries; see
/// [`keep`](Self::keep).
#[derive(Clone)]
pub struct SqliteReplayGuard {
    connection: Arc<Mutex<Connection>>,
    keep: Duration,
    now: fn() -> SystemTime,
}

impl SqliteReplayGuard {
    /// Default time for which an event that is done is kept: 30 days.
    pub const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// Opens the database at `path`, and creates it if it does not exist.
    ///
    /// The database is switched to write-ahead logging.
    ///
    /// # Errors
    /// The file can't be opened or is not a SQLite database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A power failure must not lose a completion that the server knows about.
        connection.pragma_update(None, "synchronous", "FULL")?;
        Self::with_connection(connection)
    }

    /// Uses an existing connection, for example to the database of the program. Creates the table
    /// `polar_webhook_events` if it does not exist.
    ///
    /// The guard sets the connection's busy timeout and does not change other settings. With `synchronous` below
    /// `FULL`, a power failure can undo a completion, and the event is handled again.
    ///
    /// # Errors
    /// The table can't be created.
    pub fn with_connection(connection: Connection) -> Result<Self, Error> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), keep: Self::KEEP, now: SystemTime::now })
    }

    /// Sets how long an event that is done is kept.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(mut self, now: fn() -> SystemTime) -> Self {
        self.now = now;
        self
    }

    /// Runs `change` in a transaction, on a thread that may block.
    async fn transact<T: Send + 'static>(
        &self,
        lease: &Lease,
        change: impl FnOnce(&Transaction<'_>, &Lease, i64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, BoxError> {
        let (connection, lease, now) = (Arc::clone(&self.connection), lease.clone(), self.now);
        let result = tokio::task::spawn_blocking(move || {
            // A panic while the lock was held has rolled its transaction back.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // Takes the write lock immediately: two readers that both start to write would fail instead of waiting.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction, &lease, millis(now()))?;
            transaction.commit()?;
            Ok::<_, rusqlite::Error>(result)
        });
        Ok(result.await?.map_err(Error)?)
    }
}

impl ReplayGuard for SqliteReplayGuard {
    async fn claim(&self, lease: &Lease) -> Result<Claim, BoxError> {
        let keep = duration_millis(self.keep);
        self.transact(lease, move |transaction, lease, now| claim(transaction, lease, now, keep)).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), BoxError> {
        self.transact(lease, complete).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), BoxError> {
        self.transact(lease, release).await
    }
}

fn claim(transaction: &Transaction<'_>, lease: &Lease, now: i64, keep: i64) -> rusqlite::Result<Claim> {
    transaction
        .prepare_cached("DELETE FROM polar_webhook_events WHERE done_at <= ?1")?
        .execute([now.saturating_sub(keep)])?;
    let held: Option<(i64, Option<i64>)> = transaction
        .prepare_cached("SELECT lease_ends_at, done_at FROM polar_webhook_events WHERE id = ?1")?
        .query_row([lease.id()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match held {
        Some((_, Some(_))) => return Ok(Claim::Done),
        Some((ends, None)) if ends > now => {
            let left = u64::try_from(ends.saturating_sub(now)).unwrap_or_default();
            return Ok(Claim::InProgress { retry_after: Duration::from_millis(left) });
        }
        _ => {}
    }
    let ends = now.saturating_add(duration_millis(lease.duration()));
    transaction
        .prepare_cached(
            "INSERT INTO polar_webhook_events (id, token, lease_ends_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET token = excluded.token, lease_ends_at = excluded.lease_ends_at",
        )?
        .execute(params![lease.id(), token(lease), ends])?;
    Ok(Claim::New)
}

/// It applies even if another delivery has claimed the event since: the event was handled.
fn complete(transaction: &Transaction<'_>, lease: &Lease, now: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO polar_webhook_events (id, token, lease_ends_at, done_at) VALUES (?1, ?2, ?3, ?3)
             ON CONFLICT (id) DO UPDATE SET done_at = coalesce(done_at, excluded.done_at)",
        )?
        .execute(params![lease.id(), token(lease), now])?;
    Ok(())
}

fn release(transaction: &Transaction<'_>, lease: &Lease, _: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM polar_webhook_events WHERE id = ?1 AND token = ?2 AND done_at IS NULL")?
        .execute(params![lease.id(), token(lease)])?;
    Ok(())
}

fn token(lease: &Lease) -> [u8; 16] {
    lease.token().into_bytes()
}

/// Milliseconds since the Unix epoch. A clock before the epoch counts as the epoch.
fn millis(time: SystemTime) -> i64 {
    duration_millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn duration_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Debug for SqliteReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteReplayGuard").field("keep", &self.keep).finish_non_exhaustive()
    }
}

/// An error of the database.
#[derive(Debug)]
pub struct Error(rusqlite::Error);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the SQLite replay guard failed: {}", self.0)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self(error)
    }
}
