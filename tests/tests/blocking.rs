//! Blocking calls, from threads without async code.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::uuid::Uuid;
use polar_client::{Polar, RetryPolicy};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Fault, Server};
use serde_json::json;

/// A client whose list of products has two pages.
fn two_pages() -> (Polar, MockTransport) {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::json(200, &products(&["a", "b"], 3, 2)));
    mock.on("products:list", Reply::json(200, &products(&["c"], 3, 2)));
    (Polar::builder().transport(mock.clone()).build().unwrap(), mock)
}

/// Starts a server on a thread of its own, which ends with the test's process.
fn server(script: Vec<Fault>) -> Server {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            sender.send(Server::script(script).await.unwrap()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

#[test]
fn a_call_waits_for_its_answer() {
    let product = sample("Product", json!({"name": "Pro"}));
    let server = server(vec![
        Fault::answer("503 Service Unavailable", "", ""),
        Fault::json("200 OK", &product),
        Fault::json("404 Not Found", &json!({"error": "ResourceNotFound", "detail": "Not found"})),
    ]);
    let retry = RetryPolicy::new().first_delay(Duration::ZERO);
    let polar = Polar::builder().base_url(&server.url).retry_policy(retry).build().unwrap();
    assert_eq!(polar.products().get(Uuid::nil()).send_blocking().unwrap().name, "Pro");
    assert!(polar.products().get(Uuid::nil()).send_blocking().unwrap_err().is_not_found());
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_list_is_an_iterator() {
    let (polar, mock) = two_pages();
    let mut names = String::new();
    for item in polar.products().list().items() {
        names.push_str(&item.unwrap().name);
    }
    assert_eq!((names.as_str(), mock.sent().len()), ("abc", 2));

    let (polar, mock) = two_pages();
    let first: Vec<_> = polar.products().list().items().take(2).collect::<Result<_, _>>().unwrap();
    assert_eq!((first.len(), mock.sent().len()), (2, 1), "the second page is not fetched for nothing");
}

#[test]
fn an_error_ends_the_iterator() {
    let mock = MockTransport::new();
    mock.on("products:list", Reply::json(200, &products(&["a"], 2, 2)));
    mock.on("products:list", Reply::json(500, &json!({})));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    let items: Vec<_> = polar.products().list().items().collect();
    assert_eq!(items.len(), 2);
    assert!(items[0].is_ok() && items[1].as_ref().unwrap_err().is_server_error());
}

#[test]
fn many_threads_wait_at_once() {
    let server = server(vec![Fault::json("200 OK", &products(&["a"], 1, 1))]);
    let polar = Polar::builder().base_url(&server.url).build().unwrap();
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let polar = polar.clone();
            thread::spawn(move || polar.products().list().items().prefetch().count())
        })
        .collect();
    assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>(), 16);
    assert_eq!(server.asked().len(), 16);
}

#[tokio::test]
async fn a_thread_of_an_async_runtime_is_told_not_to_wait() {
    let (polar, mock) = two_pages();
    let error = polar.products().list().send_blocking().unwrap_err();
    assert!(error.is_request() && error.attempts() == 0);
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): not sent: a thread of an async runtime must not block: \
         use `.await` instead of the blocking call"
    );
    let mut items: Vec<_> = polar.products().list().items().collect();
    assert_eq!(items.len(), 1);
    assert!(items.remove(0).unwrap_err().is_request());
    assert!(mock.sent().is_empty());
}
