//! Pages of a list with several structures, like the list of events, and lists as streams.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_core::Stream;
use polar_client_runtime::http::{Request as HttpRequest, Response};
use polar_client_runtime::serde_json::{self, Value, json};
use polar_client_runtime::{
    Bytes, Endpoint, Items, Operation, Page, PageInfo, Paged, RawResponse, ResponseError, Transport, TransportError,
    api_requests, response,
};
use serde::{Deserialize, Deserializer};
use support::{LIST, builder};

/// The code that the generator writes for a page with several structures.
#[derive(Debug)]
enum EventPage {
    Counted { items: Vec<String>, total_count: i64, max_page: i64 },
    Cursor { items: Vec<String>, has_next_page: bool },
    Unknown,
}

impl<'de> Deserialize<'de> for EventPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let page = Value::deserialize(deserializer)?;
        let items = page["items"].as_array().into_iter().flatten();
        let items = items.filter_map(|item| item.as_str().map(str::to_owned)).collect();
        let about = &page["pagination"];
        Ok(match (about["total_count"].as_i64(), about["max_page"].as_i64(), about["has_next_page"].as_bool()) {
            (Some(total_count), Some(max_page), _) => Self::Counted { items, total_count, max_page },
            (_, _, Some(has_next_page)) => Self::Cursor { items, has_next_page },
            _ => Self::Unknown,
        })
    }
}

impl Page for EventPage {
    type Item = String;

    fn page_info(&self) -> PageInfo {
        match self {
            Self::Counted { items, total_count, max_page } => PageInfo::counted(items.len(), *total_count, *max_page),
            Self::Cursor { items, has_next_page } => PageInfo::cursor(items.len(), *has_next_page),
            Self::Unknown => PageInfo::default(),
        }
    }

    fn into_items(self) -> Option<Vec<String>> {
        match self {
            Self::Counted { items, .. } | Self::Cursor { items, .. } => Some(items),
            Self::Unknown => None,
        }
    }
}

api_requests!(Value);

enum EventsListOperation {}

impl Endpoint for EventsListOperation {
    const OPERATION: &'static Operation = &LIST;
    type Output = EventPage;

    fn read(response: &RawResponse) -> Result<EventPage, ResponseError> {
        response::json(response)
    }
}

impl Paged for EventsListOperation {}

type EventsList = ApiRequest<EventsListOperation>;

/// Returns one page after the other.
struct Book {
    pages: Vec<Value>,
    asked: Mutex<Vec<String>>,
}

impl Transport for Book {
    async fn send(&self, request: HttpRequest<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut asked = self.asked.lock().unwrap();
        let page = serde_json::to_vec(&self.pages[asked.len()]).unwrap();
        asked.push(request.uri().query().unwrap_or_default().to_owned());
        Ok(Response::new(page.into()))
    }
}

fn list(pages: &[Value]) -> (EventsList, Arc<Book>) {
    let book = Arc::new(Book { pages: pages.to_vec(), asked: Mutex::default() });
    let client = builder().transport(Arc::clone(&book)).build().unwrap();
    (EventsList::new(&client), book)
}

fn counted(items: &[&str], total_count: i64, max_page: i64) -> Value {
    json!({"items": items, "pagination": {"total_count": total_count, "max_page": max_page}})
}

fn cursor(items: &[&str], has_next_page: bool) -> Value {
    json!({"items": items, "pagination": {"has_next_page": has_next_page}})
}

async fn all(pages: &[Value]) -> (String, usize) {
    let (list, book) = list(pages);
    let items = list.items().try_collect().await.unwrap();
    let asked = book.asked.lock().unwrap().len();
    (items.concat(), asked)
}

#[tokio::test]
async fn both_shapes_of_page_say_when_a_list_ends() {
    assert_eq!(all(&[counted(&["a", "b"], 3, 2), counted(&["c"], 3, 2)]).await, ("abc".to_owned(), 2));
    assert_eq!(all(&[cursor(&["a", "b"], true), cursor(&["c"], false)]).await, ("abc".to_owned(), 2));
    assert_eq!(all(&[cursor(&[], false)]).await, (String::new(), 1));
    assert_eq!(all(&[cursor(&["a"], true), cursor(&[], true)]).await, ("a".to_owned(), 2));
    // The structure may change from page to page.
    assert_eq!(all(&[counted(&["a"], 3, 3), cursor(&["b"], true), cursor(&["c"], false)]).await, ("abc".to_owned(), 3));
}

#[tokio::test]
async fn a_page_of_a_shape_that_nobody_knows_is_an_error_and_the_end() {
    let (list, book) = list(&[cursor(&["a"], true), json!({"data": [], "next": "x"})]);
    let mut items = list.items();
    assert_eq!(items.next().await.unwrap().unwrap(), "a");
    let error = items.next().await.unwrap().unwrap_err();
    assert!(error.is_decode() && !error.is_request() && error.attempts() == 1);
    assert_eq!(
        error.to_string(),
        "products:list (GET /v1/products/): the response with status 200 OK could not be read: \
         the page has a structure that this version of the crate does not know"
    );
    assert_eq!(error.raw_body().unwrap(), r#"{"data":[],"next":"x"}"#);
    assert!(items.next().await.is_none());
    assert_eq!(*book.asked.lock().unwrap(), ["page=1", "page=2"]);
}

#[tokio::test]
async fn pages_hand_over_a_shape_that_nobody_knows_and_end() {
    let (list, _) = list(&[json!({"data": []})]);
    let mut pages = list.pages();
    assert!(matches!(pages.next().await, Some(Ok(EventPage::Unknown))));
    assert!(pages.next().await.is_none());
}

async fn next(items: &mut Items<EventPage, Value>) -> Option<String> {
    poll_fn(|cx| Pin::new(&mut *items).poll_next(cx)).await.map(Result::unwrap)
}

#[tokio::test]
async fn a_stream_knows_its_size_once_a_page_tells_it() {
    let (counted, _) = list(&[counted(&["a", "b"], 3, 2), counted(&["c"], 3, 2)]);
    let mut items = counted.items();
    let size = |items: &Items<EventPage, Value>| Stream::size_hint(items);
    assert_eq!((size(&items), items.total_count()), ((0, None), None));
    assert_eq!(next(&mut items).await.unwrap(), "a");
    assert_eq!((size(&items), items.total_count()), ((1, Some(2)), Some(3)));
    assert_eq!(next(&mut items).await.unwrap(), "b");
    assert_eq!(size(&items), (0, Some(1)));
    assert_eq!(next(&mut items).await.unwrap(), "c");
    assert_eq!((next(&mut items).await, size(&items)), (None, (0, Some(0))));

    let (cursor, _) = list(&[cursor(&["a", "b"], true), cursor(&["c"], false)]);
    let mut items = cursor.items();
    next(&mut items).await;
    assert_eq!((size(&items), items.total_count()), ((1, None), None));
}

#[test]
fn lists_show_where_they_are_and_no_items() {
    let (list, _) = list(&[]);
    let text = format!("{:?} {:?}", list.clone().items(), list.pages());
    assert!(text.contains("page: 1, ended: false"), "{text}");
}
