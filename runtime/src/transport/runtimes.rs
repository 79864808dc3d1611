//! The tokio runtimes that send requests, and a `reqwest::Client` for each of them.
//!
//! A connection belongs to the runtime that opened it: it ends with that runtime, and makes no progress while the
//! runtime is idle. A client that is used from several runtimes, for example a `static` in tests with `#[tokio::test]`,
//! must therefore not send a request of one runtime over a connection of another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;

/// A `reqwest::Client` with its own connections for each runtime.
pub(super) struct ClientPerRuntime {
    make: Make,
    clients: Arc<Mutex<Clients>>,
    /// Dropped with the transport, which ends the tasks that wait for the end of a runtime.
    alive: watch::Sender<()>,
}

type Make = Box<dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync>;

struct Clients {
    /// A client that no runtime uses yet.
    spare: Option<reqwest::Client>,
    used: Vec<(Id, reqwest::Client)>,
}

impl ClientPerRuntime {
    /// Builds the first client immediately, so that invalid settings are found early.
    pub(super) fn new(
        make: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        let clients = Clients { spare: Some(make()?), used: Vec::new() };
        let (alive, _) = watch::channel(());
        Ok(Self { make: Box::new(make), clients: Arc::new(Mutex::new(clients)), alive })
    }

    /// Returns the client of a runtime. It is dropped when the runtime ends.
    pub(super) fn get(&self, runtime: &Handle) -> reqwest::Result<reqwest::Client> {
        let id = runtime.id();
        let mut clients = lock(&self.clients);
        if let Some((_, client)) = clients.used.iter().find(|(used_by, _)| *used_by == id) {
            return Ok(client.clone());
        }
        let client = clients.spare.take().map_or_else(&self.make, Ok)?;
        clients.used.push((id, client.clone()));
        drop(clients);
        let (end, mut alive) = (End { id, clients: Arc::downgrade(&self.clients) }, self.alive.subscribe());
        runtime.spawn(async move {
            let _end = end;
            // An error means that the transport was dropped.
            let _ = alive.changed().await;
        });
        Ok(client)
    }
}

/// Dropped with the tasks of a runtime, when the runtime ends.
struct End {
    id: Id,
    clients: Weak<Mutex<Clients>>,
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(clients) = self.clients.upgrade() {
            lock(&clients).used.retain(|(id, _)| *id != self.id);
        }
    }
}

fn lock(clients: &Mutex<Clients>) -> MutexGuard<'_, Clients> {
    clients.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn a_client_ends_with_its_runtime() {
        let clients = ClientPerRuntime::new(|| crate::transport::reqwest_client_builder().unwrap().build()).unwrap();
        let used = || lock(&clients.clients).used.len();
        let other = Builder::new_current_thread().build().unwrap();
        for _ in 0..3 {
            let runtime = Builder::new_current_thread().build().unwrap();
            for handle in [runtime.handle(), other.handle(), runtime.handle()] {
                clients.get(handle).unwrap();
            }
            assert_eq!(used(), 2);
            drop(runtime);
            assert_eq!(used(), 1);
        }
        drop(clients);
        other.block_on(tokio::task::yield_now());
        assert_eq!(other.metrics().num_alive_tasks(), 0, "nothing waits for the end of a runtime any more");
    }
}
