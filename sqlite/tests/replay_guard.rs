//! The guard as an endpoint uses it, with processes that crash and compete.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use polar_client_runtime::webhooks::{Claim, Lease, ReplayGuard};
use polar_client_sqlite::SqliteReplayGuard;

const MINUTE: Duration = Duration::from_secs(60);

fn lease(id: &str) -> Lease {
    Lease::new(id, MINUTE)
}

fn guard(path: &Path) -> SqliteReplayGuard {
    SqliteReplayGuard::open(path).unwrap()
}

fn after_the_lease() -> SystemTime {
    SystemTime::now() + 2 * MINUTE
}

#[tokio::test]
async fn a_done_event_stays_done_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    let first = lease("msg_1");
    assert_eq!(guard(&path).claim(&first).await.unwrap(), Claim::New);
    guard(&path).complete(&first).await.unwrap();
    assert_eq!(guard(&path).clock(after_the_lease).claim(&lease("msg_1")).await.unwrap(), Claim::Done);
}

#[tokio::test]
async fn a_duplicate_in_progress_learns_when_to_retry() {
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(&folder.path().join("events.sqlite"));
    guard.claim(&lease("msg_1")).await.unwrap();
    let Claim::InProgress { retry_after } = guard.claim(&lease("msg_1")).await.unwrap() else {
        panic!("the event is in progress")
    };
    assert!(retry_after > Duration::ZERO && retry_after <= MINUTE, "{retry_after:?}");
}

#[tokio::test]
async fn release_by_an_old_token_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    let old = lease("msg_1");
    guard(&path).claim(&old).await.unwrap();
    let later = guard(&path).clock(after_the_lease);
    let new = lease("msg_1");
    assert_eq!(later.claim(&new).await.unwrap(), Claim::New, "the first lease has ended");
    later.release(&old).await.unwrap();
    assert!(matches!(later.claim(&lease("msg_1")).await.unwrap(), Claim::InProgress { .. }));
    later.release(&new).await.unwrap();
    assert_eq!(later.claim(&lease("msg_1")).await.unwrap(), Claim::New);
}

#[tokio::test]
async fn completion_holds_after_the_lease_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    let (slow, other) = (lease("msg_1"), lease("msg_1"));
    guard(&path).claim(&slow).await.unwrap();
    let later = guard(&path).clock(after_the_lease);
    later.claim(&other).await.unwrap();
    later.complete(&slow).await.unwrap();
    later.release(&other).await.unwrap();
    assert_eq!(later.claim(&lease("msg_1")).await.unwrap(), Claim::Done);
}

#[tokio::test]
async fn a_done_event_is_forgotten_after_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    let done = lease("msg_1");
    guard(&path).claim(&done).await.unwrap();
    guard(&path).complete(&done).await.unwrap();
    let later = guard(&path).keep(MINUTE).clock(after_the_lease);
    assert_eq!(later.claim(&lease("msg_1")).await.unwrap(), Claim::New);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    std::fs::write(&path, "this is a text file, and longer than a header of SQLite is, which is 100 bytes".repeat(3))
        .unwrap();
    let error = SqliteReplayGuard::open(&path).unwrap_err().to_string();
    assert_eq!(error, "the SQLite replay guard failed: file is not a database");
}

/// Selects what [`child`] does, in a process that the tests below start.
const ROLE: &str = "POLAR_SQLITE_TEST_ROLE";
const FILE: &str = "POLAR_SQLITE_TEST_FILE";

/// The other processes of the tests. Does nothing in a normal run of the tests.
#[test]
fn child() {
    let (Ok(role), Some(path)) = (std::env::var(ROLE), std::env::var_os(FILE)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let guard = guard(Path::new(&path));
    let lease = lease("msg_1");
    runtime.block_on(async {
        let claim = guard.claim(&lease).await.unwrap();
        if role == "claim" {
            // The test reads this line from the process's output.
            println!("claimed: {}", claim == Claim::New);
            return;
        }
        if role == "complete-and-crash" {
            guard.complete(&lease).await.unwrap();
        }
        std::process::abort();
    });
}

fn start(role: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(ROLE, role).env(FILE, path);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

#[tokio::test]
async fn a_crash_before_completion_gives_the_event_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    assert!(!start("claim-and-crash", &path).status().unwrap().success());
    let now = guard(&path);
    assert!(matches!(now.claim(&lease("msg_1")).await.unwrap(), Claim::InProgress { .. }), "the lease holds");
    assert_eq!(now.clock(after_the_lease).claim(&lease("msg_1")).await.unwrap(), Claim::New);
}

#[tokio::test]
async fn a_crash_after_completion_keeps_the_event_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    assert!(!start("complete-and-crash", &path).status().unwrap().success());
    let later = guard(&path).clock(after_the_lease);
    assert_eq!(later.claim(&lease("msg_1")).await.unwrap(), Claim::Done);
}

#[test]
fn one_of_several_processes_gets_the_claim() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    let children: Vec<_> = (0..8).map(|_| start("claim", &path).spawn().unwrap()).collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let claimed =
        |text: &str| outputs.iter().filter(|output| String::from_utf8_lossy(&output.stdout).contains(text)).count();
    assert_eq!((claimed("claimed: true"), claimed("claimed: false")), (1, 7));
}
