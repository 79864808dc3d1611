//! A server that misbehaves: each fault ends in a correct result or in one clear error, and nothing is done twice.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use polar_client::models::{CheckoutUpdatePublic, Reason, RefundCreate, SubscriptionCancel};
use polar_client::runtime::{Bytes, Transport, TransportError, http};
use polar_client::uuid::Uuid;
use polar_client::{ApiError, Builder, Error, ErrorBody, Polar, RetryPolicy};
use polar_testkit::sample::{products, sample};
use polar_testkit::server::{Fault, Server, Told, message};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio::task::JoinSet;

const ID: Uuid = Uuid::from_u128(0x1111_1111_1111_1111_1111_1111_1111_1111);

/// Long enough for a loopback connection, short enough for a test.
const SHORT: Duration = Duration::from_millis(150);

const NO_BYTES: Vec<u8> = Vec::new();

/// The usual policy, without waits.
fn at_once() -> RetryPolicy {
    RetryPolicy::new().first_delay(Duration::ZERO)
}

fn builder(url: &str) -> Builder {
    Polar::builder().base_url(url).access_token("polar_oat_hidden").retry_policy(at_once())
}

fn polar(server: &Server) -> Polar {
    builder(&server.url).build().unwrap()
}

async fn server(script: impl IntoIterator<Item = Fault>) -> Server {
    Server::script(script).await.unwrap()
}

fn refund() -> RefundCreate {
    RefundCreate::new(ID, Reason::CustomerRequest, 100).comment("hidden")
}

/// Returns the error of a call that reads, and the number of requests that the server received.
async fn reading(script: impl IntoIterator<Item = Fault>) -> (Error, usize) {
    let server = server(script).await;
    let error = polar(&server).products().list().attempt_timeout(SHORT).await.unwrap_err();
    (error, server.asked().len())
}

/// Returns the error of a call that moves money, and the number of requests that the server received.
async fn paying(script: impl IntoIterator<Item = Fault>) -> (Error, usize) {
    let server = server(script).await;
    let error = polar(&server).refunds().create(refund()).attempt_timeout(SHORT).await.unwrap_err();
    (error, server.asked().len())
}

fn empty_page() -> Fault {
    Fault::json("200 OK", &products(&[], 0, 0))
}

/// A response whose announced length is larger than its body.
fn half() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"items\":[".to_vec()
}

// Incomplete responses.

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_for_a_call_that_reads() {
    for fault in [Fault::Close(NO_BYTES), Fault::Reset(NO_BYTES), Fault::Close(half()), Fault::Reset(half())] {
        let (error, asked) = reading([fault.clone()]).await;
        assert_eq!((asked, error.attempts()), (3, 3), "{fault:?}");
        assert!(error.is_retryable() && !error.is_connect() && !error.is_timeout() && error.status().is_none());
        assert!(error.to_string().contains("products:list (GET /v1/products/): no complete response from 127.0.0.1:"));

        let server = server([fault.clone(), fault, empty_page()]).await;
        assert!(polar(&server).products().list().await.unwrap().items.is_empty());
        assert_eq!(server.asked().len(), 3);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_never_pays_twice() {
    for fault in [Fault::Close(NO_BYTES), Fault::Reset(NO_BYTES), Fault::Close(half()), Fault::Reset(half())] {
        let (error, asked) = paying([fault.clone()]).await;
        assert_eq!((asked, error.attempts()), (1, 1), "{fault:?}");
        assert!(!error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn time_runs_out_at_each_stage_of_an_answer() {
    for stage in [NO_BYTES, b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), half()] {
        let (error, asked) = reading([Fault::Stall(stage.clone())]).await;
        assert!(error.is_timeout() && error.is_retryable());
        assert_eq!((asked, error.attempts()), (3, 3));
        assert!(error.to_string().ends_with(" within 150ms"), "{error}");

        let (error, asked) = paying([Fault::Stall(stage)]).await;
        assert!(error.is_timeout() && !error.is_retryable());
        assert_eq!((asked, error.attempts()), (1, 1));
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_also_to_pay() {
    // A port that was free a moment ago, and on which nothing listens.
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = builder(&url).build().unwrap().refunds().create(refund()).await.unwrap_err();
    assert!(error.is_connect() && error.is_retryable());
    assert_eq!(error.attempts(), 3);
    assert!(
        error.to_string().contains("refunds:create (POST /v1/refunds/): could not connect to 127.0.0.1:"),
        "{error}"
    );
    let causes = std::iter::successors(error.source(), |cause| (**cause).source());
    assert!(causes.map(ToString::to_string).any(|cause| cause.contains("refused")));
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_has_a_time_of_its_own() {
    // Nothing accepts, and after the queue is full the kernel lets a connection wait.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await {
        queue.push(stream);
    }
    let polar = builder(&format!("http://{address}")).connect_timeout(Duration::from_millis(20)).build().unwrap();
    let error = polar.refunds().create(refund()).await.unwrap_err();
    assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(error.attempts(), 3);

    // If the request's own timeout ends first, it is unknown how far it got.
    let error = polar.refunds().create(refund()).timeout(Duration::from_millis(5)).await.unwrap_err();
    assert!(error.is_timeout() && error.attempts() == 1, "{error:?}");
}

#[tokio::test]
async fn what_is_no_http_is_one_clear_error() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for bytes in ["SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 9 Odd\r\n\r\n", &format!("{chunked}zz\r\n{{}}\r\n0\r\n\r\n")] {
        let (error, asked) = paying([Fault::Close(bytes.into())]).await;
        assert!(error.to_string().contains("no complete response from"), "{error}");
        assert_eq!(asked, 1);
    }
}

// A complete response that can't be used.

#[tokio::test]
async fn an_answer_that_is_not_what_was_asked_for_is_told_and_not_fetched_again() {
    let json = "content-type: application/json\r\n";
    for (fault, problem) in [
        (Fault::answer("200 OK", json, r#"{"items":[{"id":"#), "EOF while parsing a value"),
        (Fault::answer("200 OK", json, r#"{"items":[],"pagination":{"total_count":"x"}}"#), "pagination.total_count"),
        (Fault::answer("200 OK", json, b"{\"items\":[\"\xff\xfe\"]}"), "not valid UTF-8 at byte 11"),
        (Fault::answer("200 OK", json, ""), "the body is empty, expected JSON"),
        (Fault::answer("204 No Content", "", ""), "the body is empty, expected JSON"),
        (
            Fault::answer("200 OK", "content-type: text/html\r\n", "<html>Sign in</html>"),
            "its content type is `text/html`, expected JSON",
        ),
        (
            Fault::answer("200 OK", &format!("{json}content-encoding: gzip\r\n"), b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
            "its content encoding is `gzip`, which was not requested",
        ),
    ] {
        let (error, asked) = reading([fault]).await;
        assert!(error.is_decode() && !error.is_retryable(), "{error}");
        assert_eq!((asked, error.attempts()), (1, 1), "{error}");
        assert!(error.to_string().contains("products:list (GET /v1/products/): the response with status 20"));
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[tokio::test]
async fn json_counts_whatever_the_content_type_says() {
    let body = products(&["Pro"], 1, 1).to_string();
    for headers in ["", "content-type: text/plain\r\n", "content-type: application/json; charset=utf-8\r\n"] {
        let server = server([Fault::answer("200 OK", headers, &body)]).await;
        assert_eq!(polar(&server).products().list().await.unwrap().items[0].name, "Pro");
    }
}

#[tokio::test]
async fn compression_is_not_asked_for() {
    let server = server([empty_page()]).await;
    polar(&server).products().list().await.unwrap();
    assert!(!server.asked()[0].headers.contains_key("accept-encoding"));

    // A compressed error keeps its status, and its bytes are not in the message.
    let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let (error, _) = reading([Fault::answer("400 Bad Request", headers, b"\x1f\x8b\x08\x00\x00\x00\x00\x00")]).await;
    assert_eq!(error.to_string(), "products:list (GET /v1/products/): 400 Bad Request");
}

#[tokio::test]
async fn text_that_is_no_text_is_told() {
    for (headers, body, problem) in [
        ("content-type: text/csv\r\n", &b"id\n\xff"[..], "the text is not valid UTF-8 at byte 3"),
        ("content-encoding: gzip\r\n", b"\x1f\x8b\x08", "its content encoding is `gzip`, which was not requested"),
    ] {
        let server = server([Fault::answer("200 OK", headers, body)]).await;
        let error = polar(&server).customers().export().await.unwrap_err();
        assert!(error.is_decode() && error.to_string().ends_with(problem), "{error}");
    }
}

#[tokio::test]
async fn twenty_megabytes_are_an_answer_unless_told_otherwise() {
    let page = json!({"items": [], "pagination": {"total_count": 0, "max_page": 0}, "padding": "x".repeat(20 << 20)});
    let body = page.to_string();
    let plain = message("200 OK", "content-type: application/json\r\n", body.as_bytes());
    let mut chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len()).into_bytes();
    chunked.extend_from_slice(body.as_bytes());
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    for bytes in [plain, chunked] {
        let server = server([Fault::Answer(bytes)]).await;
        assert!(polar(&server).products().list().await.unwrap().items.is_empty());

        let own = reqwest::Client::new();
        for builder in [builder(&server.url), builder(&server.url).reqwest_client(own)] {
            let small = builder.max_answer_size(1 << 20).build().unwrap();
            let error = small.products().list().await.unwrap_err();
            assert!(error.to_string().contains("the response from 127.0.0.1:"), "{error}");
            assert!(error.to_string().ends_with(" is too large"), "{error}");
            let cause = error.source().unwrap().source().unwrap();
            assert_eq!(cause.to_string(), "the response is larger than 1048576 bytes");
            assert!(!error.is_retryable() && error.attempts() == 1);
        }
        assert_eq!(server.asked().len(), 3);
    }
}

// Errors of the server, or of something in front of it.

#[tokio::test]
async fn a_page_of_a_proxy_is_told_by_its_title() {
    let page = "<!doctype html><html><head><title>502 Bad\nGateway</title></head><body>hidden</body></html>";
    let (error, asked) = reading([Fault::answer("502 Bad Gateway", "content-type: text/html\r\n", page)]).await;
    assert_eq!(error.to_string(), "products:list (GET /v1/products/): 502 Bad Gateway");
    assert_eq!(error.detail(), Some("502 Bad Gateway"));
    assert!(error.is_server_error() && error.is_retryable());
    assert!(matches!(error.body(), ErrorBody::Undocumented(bytes) if bytes == page));
    assert_eq!(error.raw_body().unwrap(), page);
    assert_eq!((asked, error.attempts()), (3, 3));
}

#[tokio::test]
async fn unavailable_servers_are_asked_again_but_not_to_pay() {
    let cloudflare = ["520 Unknown", "521 Down", "522 Timed Out", "523 Unreachable", "524 Timeout"];
    let known = ["408 Request Timeout", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"];
    for status in known.into_iter().chain(cloudflare) {
        let fault = Fault::answer(status, "retry-after: 0\r\n", "");
        let server = server([fault.clone(), empty_page()]).await;
        polar(&server).products().list().await.unwrap();
        assert_eq!(server.asked().len(), 2);

        let (error, asked) = paying([fault.clone()]).await;
        assert_eq!((asked, error.attempts(), error.is_retryable()), (1, 1, false), "{error}");
    }
    for status in ["500 Internal Server Error", "501 Not Implemented", "525 Handshake Failed"] {
        assert_eq!(reading([Fault::answer(status, "", "")]).await.1, 1, "{status}");
    }
}

#[tokio::test]
async fn methods_that_can_be_repeated_are_and_the_others_are_not() {
    let unavailable = || Fault::answer("503 Service Unavailable", "", "");
    let deleting = server([unavailable(), Fault::answer("204 No Content", "", "")]).await;
    polar(&deleting).customers().delete(ID).await.unwrap();
    assert_eq!(deleting.asked().len(), 2);

    let changing = server([unavailable()]).await;
    let error = polar(&changing).subscriptions().update(ID, SubscriptionCancel::new(true)).await.unwrap_err();
    assert_eq!((changing.asked().len(), error.is_retryable()), (1, false));
}

#[tokio::test]
async fn a_limit_that_passes_is_waited_for_also_to_pay() {
    let refund_answer = || Fault::json("201 Created", &sample("Refund", json!({})));
    let now = "date: Wed, 21 Oct 2026 07:28:00 GMT\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n";
    for headers in ["retry-after: 0\r\n", now] {
        let server = server([Fault::answer("429 Too Many Requests", headers, ""), refund_answer()]).await;
        polar(&server).refunds().create(refund()).await.unwrap();
        let asked = server.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0], asked[1], "both tries send the same");
    }
}

#[tokio::test]
async fn a_limit_that_does_not_pass_is_told_at_once() {
    let body = json!({"error": "ManualRetryLimitExceeded", "detail": "No more retries"});
    for fault in [
        Fault::answer("429 Too Many Requests", "", ""),
        Fault::answer("429 Too Many Requests", "retry-after: soon\r\n", ""),
        Fault::json("429 Too Many Requests", &body),
    ] {
        let (error, asked) = reading([fault]).await;
        assert!(error.is_rate_limited() && !error.is_retryable());
        assert_eq!((asked, error.attempts(), error.retry_after()), (1, 1, None));
    }
    let (error, _) = paying([Fault::json("429 Too Many Requests", &body)]).await;
    assert_eq!(
        error.to_string(),
        "refunds:create (POST /v1/refunds/): 429 Too Many Requests: ManualRetryLimitExceeded: No more retries"
    );
}

#[tokio::test]
async fn an_error_tells_the_limits_where_the_server_does() {
    let headers = "retry-after: 7\r\nx-ratelimit-limit: 500\r\nx-ratelimit-remaining: 0\r\nx-request-id: req_1\r\n";
    let server = server([Fault::answer("429 Too Many Requests", headers, "")]).await;
    let error = polar(&server).products().list().retry_policy(RetryPolicy::never()).await.unwrap_err();
    let limit = error.rate_limit().unwrap();
    assert_eq!((limit.limit, limit.remaining, limit.retry_after), (Some(500), Some(0), Some(Duration::from_secs(7))));
    assert_eq!(error.retry_after(), limit.retry_after);
    assert_eq!(error.to_string(), "products:list (GET /v1/products/): 429 Too Many Requests [request req_1]");
}

#[tokio::test]
async fn locked_rows_are_retried_and_no_other_conflict() {
    let conflict = |code: &str| Fault::json("409 Conflict", &json!({"error": code, "detail": "Busy"}));
    let changed = Fault::json("200 OK", &sample("Subscription", json!({})));
    let locked = server([conflict("SubscriptionLocked"), changed]).await;
    polar(&locked).subscriptions().update(ID, SubscriptionCancel::new(true)).await.unwrap();
    assert_eq!(locked.asked().len(), 2);

    let confirmed = Fault::json("200 OK", &sample("CheckoutPublic", json!({})));
    let locked = server([conflict("CheckoutLocked"), confirmed]).await;
    polar(&locked).checkouts().client_update("polar_c_hidden", CheckoutUpdatePublic::new()).await.unwrap();
    assert_eq!(locked.asked().len(), 2);

    let (error, asked) = paying([conflict("AlreadyCanceledSubscription")]).await;
    assert_eq!((asked, error.is_retryable(), error.code()), (1, false, Some("AlreadyCanceledSubscription")));
}

#[tokio::test]
async fn a_missing_thing_and_a_missing_version_are_told_apart() {
    let (error, _) = reading([Fault::json("404 Not Found", &json!({"detail": "Not Found"}))]).await;
    assert!(error.is_not_found() && error.is_unknown_version());
    let hint = "(the resource does not exist, or the API no longer supports version 2026-10)";
    assert!(error.to_string().ends_with(hint), "{error}");

    let body = json!({"error": "ResourceNotFound", "detail": "Not found"});
    let (error, _) = reading([Fault::json("404 Not Found", &body)]).await;
    assert!(error.is_not_found() && !error.is_unknown_version());
    assert!(matches!(error.body(), ErrorBody::Documented(ApiError::ResourceNotFound(_))));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = server([empty_page()]).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/v1/products/?token=polar_cst_hidden\r\n", elsewhere.url);
        let (error, asked) = reading([Fault::answer(status, &location, "")]).await;
        assert_eq!(asked, 1);
        let expected = format!("products:list (GET /v1/products/): {status} to 127.0.0.1, which is not followed");
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_own_client_that_follows_redirects_takes_no_token_elsewhere() {
    let elsewhere = server([empty_page()]).await;
    let location = format!("location: {}/v1/products/\r\n", elsewhere.url);
    let server = server([Fault::answer("307 Temporary Redirect", &location, "")]).await;
    let polar = builder(&server.url).reqwest_client(reqwest::Client::new()).build().unwrap();
    polar.products().list().await.unwrap();
    assert_eq!(server.asked()[0].headers["authorization"], "Bearer polar_oat_hidden");
    assert!(!format!("{:?}", elsewhere.asked()).contains("polar_oat_hidden"));
}

// Many calls, and cancelled calls.

#[tokio::test]
async fn a_thousand_calls_at_once_all_get_their_own_answer() {
    let product = sample("Product", json!({}));
    let server = Server::start(move |request| {
        let id = request.path.rsplit('/').next().unwrap_or_default();
        let Value::Object(mut product) = product.clone() else { return Fault::Stall(Vec::new()) };
        product.insert("id".to_owned(), id.into());
        Fault::json("200 OK", &product.into())
    })
    .await
    .unwrap();
    let polar = polar(&server);
    let mut calls = JoinSet::new();
    for number in 0..1000 {
        let polar = polar.clone();
        let id = Uuid::from_u128(number);
        calls.spawn(async move { polar.products().get(id).await.unwrap().id == id });
    }
    let right = calls.join_all().await.into_iter().filter(|right| *right).count();
    assert_eq!((right, server.asked().len()), (1000, 1000));
    assert!(server.connections() <= 100, "{} connections", server.connections());
}

#[tokio::test]
async fn calls_that_nobody_waits_for_keep_no_place() {
    let server = server([empty_page()]).await;
    let polar = polar(&server);
    // As many as are allowed at once, each started and then left alone.
    let mut begun = Vec::new();
    for _ in 0..100 {
        let mut call = Box::pin(polar.products().list().into_future());
        std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending())).await;
        begun.push(call);
    }
    polar.products().list().await.unwrap();
    for call in begun {
        call.await.unwrap();
    }
    assert_eq!(server.asked().len(), 101);
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection_and_is_not_tried_again() {
    for fault in [Fault::Stall(NO_BYTES), Fault::Stall(half())] {
        let server = server([fault]).await;
        let polar = polar(&server);
        tokio::select! {
            _ = polar.products().list().into_future() => {}
            () = server.got_one() => {}
        }
        server.all_closed().await;
        assert_eq!((server.asked().len(), server.connections()), (1, 1));
    }
}

/// A transport that is never available and never wakes up from a sleep.
#[derive(Default)]
struct Sleepy {
    sent: AtomicUsize,
    asleep: Notify,
}

impl Transport for Sleepy {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        Err(TransportError::connect("unplugged"))
    }

    async fn sleep(&self, _: Duration) {
        self.asleep.notify_one();
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_is_not_tried_again() {
    let sleepy = Arc::new(Sleepy::default());
    let polar = builder("http://127.0.0.1:1").transport(Arc::clone(&sleepy)).build().unwrap();
    tokio::select! {
        _ = polar.products().list().into_future() => {}
        () = sleepy.asleep.notified() => {}
    }
    assert_eq!(sleepy.sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn http_2_takes_many_calls_over_an_own_client() {
    let server = Server::start(|_| Told::json(200, &products(&["Pro"], 1, 1))).await.unwrap();
    let own = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let polar = builder(&server.url).reqwest_client(own).build().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let polar = polar.clone();
        calls.spawn(async move { polar.products().list().send_with_response().await.unwrap().items.len() });
    }
    assert_eq!(calls.join_all().await.into_iter().sum::<usize>(), 50);
    let asked = server.asked();
    assert_eq!(asked.len(), 50);
    // HTTP/2 has no `Host`: it is part of the request's own fields.
    assert!(asked.iter().all(|asked| asked.path == "/v1/products/" && !asked.headers.contains_key("host")));
}

#[test]
fn outside_of_tokio_a_call_is_an_error_and_no_panic() {
    let polar = builder("http://127.0.0.1:1").build().unwrap();
    let mut call = Box::pin(polar.products().list().into_future());
    let polled = call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(Err(error)) = polled else { unreachable!("nothing to wait for") };
    assert!(error.is_connect(), "{error}");
    let cause = error.source().unwrap().source().unwrap().to_string();
    assert!(cause.contains("Tokio"), "{cause}");
}

// Contents of errors.

/// Returns everything that a program could print of an error.
fn everything(error: &Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| (**cause).source());
    causes.map(|cause| format!("{cause}\n{cause:?}\n{cause:#?}\n")).collect()
}

#[tokio::test]
async fn no_error_tells_a_token_a_secret_or_a_body() {
    let echo = json!({
        "error": "Refused",
        "detail": [{"loc": ["body", "customer_email"], "msg": "Not good for polar_c_hidden", "input": "hidden@example.com"}],
    });
    let wrong = json!({"client_secret": "polar_c_hidden", "id": {"a": ["hidden"]}});
    for fault in [
        Fault::json("422 Unprocessable Entity", &echo),
        Fault::json("200 OK", &wrong),
        Fault::answer("500 Internal Server Error", "set-cookie: a=hidden\r\n", "<html><body>hidden</body></html>"),
        Fault::answer("302 Found", "location: https://me:hidden@polar.sh/hidden?a=hidden#hidden\r\n", ""),
        Fault::Close(half()),
        Fault::Reset(NO_BYTES),
        Fault::Stall(half()),
        Fault::Close(b"HTTP/1.1 200 OK\r\nx: \x00hidden\r\n\r\n".to_vec()),
    ] {
        let server = server([fault.clone()]).await;
        let polar = polar(&server);
        let body = CheckoutUpdatePublic::new().customer_email("hidden@example.com");
        let update = polar.checkouts().client_update("polar_c_hidden", body).access_token("polar_cst_hidden");
        let error = update.header("x-key", "hidden").attempt_timeout(SHORT).await.unwrap_err();
        assert!(!everything(&error).contains("hidden"), "{fault:?}: {}", everything(&error));

        let error = polar.customers().list().query("hidden").attempt_timeout(SHORT).await.unwrap_err();
        assert!(!everything(&error).contains("hidden"), "{fault:?}: {}", everything(&error));
    }
}
