//! Lists with several pages.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use polar_client::models::EventPage;
use polar_client::runtime::mock::{MockTransport, Reply};
use polar_client::runtime::{Bytes, Transport, TransportError, http};
use polar_client::{Polar, RetryPolicy};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Fault, Server, message};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const LIST: &str = "products:list";

fn polar(transport: impl Transport) -> Polar {
    Polar::builder().transport(transport).retry_policy(RetryPolicy::never()).build().unwrap()
}

/// A client whose list of products has these pages.
fn list(pages: &[Value]) -> (Polar, MockTransport) {
    let mock = MockTransport::new();
    pages.iter().for_each(|page| mock.on(LIST, Reply::json(200, page)));
    (polar(mock.clone()), mock)
}

/// The queries of all requests so far.
fn queries(mock: &MockTransport) -> Vec<String> {
    mock.sent().iter().map(|sent| sent.request.uri().query().unwrap_or_default().to_owned()).collect()
}

fn three_pages() -> [Value; 3] {
    [products(&["a", "b"], 5, 3), products(&["c", "d"], 5, 3), products(&["e"], 5, 3)]
}

#[tokio::test]
async fn items_come_page_after_page_in_order_and_each_page_once() {
    let (polar, mock) = list(&three_pages());
    let products = polar.products().list().limit(2).is_archived(false).items().try_collect().await.unwrap();
    assert_eq!(products.iter().map(|product| product.name.as_str()).collect::<String>(), "abcde");
    assert_eq!(
        queries(&mock),
        ["limit=2&is_archived=false&page=1", "limit=2&is_archived=false&page=2", "limit=2&is_archived=false&page=3"]
    );
}

#[tokio::test]
async fn a_page_is_fetched_when_it_is_asked_for() {
    let (polar, mock) = list(&three_pages());
    let mut items = polar.products().list().items();
    assert_eq!((mock.sent().len(), items.total_count(), items.page()), (0, None, 1));
    items.next().await.unwrap().unwrap();
    items.next().await.unwrap().unwrap();
    assert_eq!((mock.sent().len(), items.total_count(), items.page()), (1, Some(5), 2));
    items.next().await.unwrap().unwrap();
    assert_eq!((mock.sent().len(), items.page()), (2, 3));
}

#[tokio::test]
async fn pages_come_whole() {
    let (polar, mock) = list(&three_pages());
    let mut pages = polar.products().list().pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().items.len());
    }
    assert_eq!((sizes, mock.sent().len()), (vec![2, 2, 1], 3));
    assert!(pages.next().await.is_none(), "the end stays the end");
    assert_eq!(mock.sent().len(), 3);
}

#[tokio::test]
async fn a_list_ends_at_its_last_page_or_at_an_empty_one() {
    for (pages, items, requests) in [
        // No items: the number of the last page is zero.
        (vec![products(&[], 0, 0)], 0, 1),
        // The only page, and one whose number is now beyond the last one.
        (vec![products(&["a"], 1, 1)], 1, 1),
        (vec![products(&["a"], 1, 0)], 1, 1),
        // Items were deleted meanwhile.
        (vec![products(&["a"], 3, 3), products(&[], 1, 3), products(&["never"], 3, 3)], 1, 2),
        (vec![products(&["a"], 3, 3), products(&["b"], 2, 2), products(&["never"], 3, 3)], 2, 2),
        // Items were added.
        (vec![products(&["a"], 1, 2), products(&["b"], 3, 3), products(&["c"], 3, 3)], 3, 3),
    ] {
        let (polar, mock) = list(&pages);
        let found = polar.products().list().items().try_collect().await.unwrap();
        assert_eq!((found.len(), mock.sent().len()), (items, requests), "{pages:?}");
    }
}

#[tokio::test]
async fn a_list_goes_on_from_any_page() {
    let (polar, mock) = list(&three_pages()[1..]);
    let found = polar.products().list().page(2).items().try_collect().await.unwrap();
    assert_eq!((found.len(), queries(&mock)), (3, vec!["page=2".to_owned(), "page=3".to_owned()]));
}

#[tokio::test]
async fn a_page_that_can_not_be_is_told_and_not_asked_for() {
    let (polar, mock) = list(&three_pages());
    let error = polar.products().list().page(-1).items().try_collect().await.unwrap_err();
    assert!(error.is_request(), "{error}");
    assert!(error.to_string().ends_with("not sent: query parameter `page`: the first page is 1"), "{error}");
    assert!(mock.sent().is_empty());
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_list_and_says_where_to_go_on() {
    let mock = MockTransport::new();
    mock.on(LIST, Reply::json(200, &three_pages()[0]));
    mock.on(LIST, Reply::json(500, &json!({})));
    mock.on(LIST, Reply::json(200, &three_pages()[1]));
    mock.on(LIST, Reply::json(200, &three_pages()[2]));
    let polar = polar(mock.clone());

    let mut items = polar.products().list().items();
    let mut names = String::new();
    let error = loop {
        match items.next().await.unwrap() {
            Ok(product) => names.push_str(&product.name),
            Err(error) => break error,
        }
    };
    assert!(error.is_server_error());
    assert_eq!((names.as_str(), items.page()), ("ab", 2));
    assert!(items.next().await.is_none());

    let page = i64::try_from(items.page()).unwrap();
    for product in polar.products().list().page(page).items().try_collect().await.unwrap() {
        names.push_str(&product.name);
    }
    assert_eq!(names, "abcde");
    assert_eq!(queries(&mock), ["page=1", "page=2", "page=2", "page=3"]);
}

#[tokio::test]
async fn a_page_that_fails_for_a_moment_is_tried_again() {
    let mock = MockTransport::new();
    mock.on(LIST, Reply::json(200, &three_pages()[0]));
    mock.on(LIST, Reply::reset());
    mock.on(LIST, Reply::json(200, &three_pages()[1]));
    mock.on(LIST, Reply::json(503, &json!({})));
    mock.on(LIST, Reply::json(200, &three_pages()[2]));
    let polar = Polar::builder().transport(mock.clone()).build().unwrap();
    assert_eq!(polar.products().list().items().try_collect().await.unwrap().len(), 5);
    assert_eq!(queries(&mock), ["page=1", "page=2", "page=2", "page=3", "page=3"]);
}

#[tokio::test]
async fn a_page_of_another_shape_is_an_error() {
    let (polar, mock) = list(&[json!({"data": [], "cursor": "x"})]);
    let error = polar.products().list().items().try_collect().await.unwrap_err();
    assert!(error.is_decode() && error.attempts() == 1, "{error}");
    assert_eq!(mock.sent().len(), 1);
}

#[tokio::test]
async fn events_come_in_either_shape_of_page() {
    let event = sample("SystemEvent", json!({}));
    let event = if event.get("name").is_some() { event } else { sample("UserEvent", json!({})) };
    for (pagination, counted) in
        [(json!({"total_count": 1, "max_page": 1}), true), (json!({"has_next_page": false}), false)]
    {
        let mock = MockTransport::new();
        mock.on("events:list", Reply::json(200, &json!({"items": [event], "pagination": pagination})));
        let page = polar(mock).events().list().await.unwrap();
        assert_eq!(matches!(page, EventPage::Counted(_)), counted);
        assert_eq!(page.items().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn events_go_on_in_either_shape_of_page() {
    let counted = |page: i64| json!({"total_count": 3, "max_page": 3, "page": page});
    let cursor = |page: i64| json!({"has_next_page": page < 3});
    let unknown = |_: i64| json!({"next": "b"});
    for (pagination, items) in [(counted as fn(i64) -> Value, Some(3)), (cursor, Some(3)), (unknown, None)] {
        let mock = MockTransport::new();
        for page in 1..=3 {
            let event = sample("UserEvent", json!({}));
            mock.on("events:list", Reply::json(200, &json!({"items": [event], "pagination": pagination(page)})));
        }
        let events = polar(mock.clone()).events().list().items().try_collect().await;
        assert_eq!(events.as_ref().ok().map(Vec::len), items);
        assert_eq!(mock.sent().len(), items.unwrap_or(1));
    }
}

#[tokio::test]
async fn the_next_page_comes_while_the_current_one_is_worked_on() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let pages = three_pages();
    // Each page takes a connection of its own, so that fetching it takes more than one step.
    let next = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        sender.send(format!("{} {}?{}", request.method, request.path, request.query)).unwrap();
        let page = &pages[next.fetch_add(1, Ordering::SeqCst)];
        Fault::Close(message("200 OK", "connection: close\r\n", page.to_string().as_bytes()))
    })
    .await
    .unwrap();
    let polar = Polar::builder().base_url(&server.url).build().unwrap();

    let mut items = polar.products().list().items().prefetch();
    assert_eq!(items.next().await.unwrap().unwrap().name, "a");
    // Nothing has polled the third item yet.
    for page in [1, 2] {
        let next = tokio::time::timeout(Duration::from_secs(10), seen.recv()).await;
        assert_eq!(next.unwrap().unwrap(), format!("GET /v1/products/?page={page}"));
    }
    let rest = items.try_collect().await.unwrap();
    assert_eq!(rest.iter().map(|product| product.name.as_str()).collect::<String>(), "bcde");
    assert_eq!(seen.recv().await.unwrap(), "GET /v1/products/?page=3");
    assert!(seen.try_recv().is_err(), "no page is fetched twice, and none after the last");
}

#[tokio::test]
async fn an_error_ahead_is_told_after_the_items_before_it() {
    let mock = MockTransport::new();
    mock.on(LIST, Reply::json(200, &three_pages()[0]));
    mock.on(LIST, Reply::json(404, &json!({"error": "ResourceNotFound"})));
    let mut pages = polar(mock.clone()).products().list().pages().prefetch();
    assert_eq!(pages.next().await.unwrap().unwrap().items.len(), 2);
    assert_eq!((mock.sent().len(), pages.page()), (2, 2));
    assert!(pages.next().await.unwrap().unwrap_err().is_not_found());
    assert!(pages.next().await.is_none());
    assert_eq!(mock.sent().len(), 2);
}

/// A list of so many pages, which counts how many responses are alive at once.
#[derive(Default)]
struct Endless {
    alive: Arc<AtomicUsize>,
    most: AtomicUsize,
    page: Vec<u8>,
}

/// The body of a response.
struct Alive {
    count: Arc<AtomicUsize>,
    bytes: Vec<u8>,
}

impl AsRef<[u8]> for Alive {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Endless {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let alive = self.alive.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(alive, Ordering::SeqCst);
        let body = Alive { count: Arc::clone(&self.alive), bytes: self.page.clone() };
        Ok(http::Response::new(Bytes::from_owner(body)))
    }
}

#[tokio::test]
async fn a_thousand_pages_keep_no_more_than_two_answers() {
    let page = products(&["a", "b"], 2000, 1000).to_string().into_bytes();
    let endless = Arc::new(Endless { page, ..Endless::default() });
    let mut items = polar(Arc::clone(&endless)).products().list().items().prefetch();
    let mut count = 0;
    while let Some(item) = items.next().await {
        item.unwrap();
        count += 1;
    }
    assert_eq!((count, items.page()), (2000, 1000));
    assert!(endless.most.load(Ordering::SeqCst) <= 2);
    assert_eq!(endless.alive.load(Ordering::SeqCst), 0);
}
