//! Uploads and downloads against a storage service on loopback that fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Cursor;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use polar_client::http::Request;
use polar_client::mock::{MockTransport, Reply};
use polar_client::models::{FileDownload, FileRead};
use polar_client::serde_json::{self, Value, json};
use polar_client::{Polar, RetryPolicy, Transport, TransportError};
use polar_client_kit::files::{Download, DownloadError, FileKind, PendingUpload, Progress, Upload, download};
use polar_testkit::sample::sample;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;

const MIB: usize = 1024 * 1024;

fn checksum(content: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(content))
}

/// A file whose parts differ.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|index| (index / 1000 % 251) as u8).collect()
}

/// A storage service that checks what it gets, and fails as it is told.
#[derive(Clone, Default)]
struct Storage(Arc<Mutex<Stored>>);

#[derive(Default)]
struct Stored {
    parts: BTreeMap<u32, Vec<u8>>,
    puts: Vec<u32>,
    headers: Vec<HeaderMap>,
    /// How often a part is refused, and with which status.
    faults: BTreeMap<u32, (u32, u16)>,
    file: Vec<u8>,
    /// After how many bytes the connection breaks, once for each.
    breaks: Vec<usize>,
    /// How many bytes the client has.
    received: watch::Sender<u64>,
    ranges: Vec<String>,
    ignores_ranges: bool,
}

impl Storage {
    fn stored(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.0.lock().unwrap()
    }

    /// Starts the service, and returns its address.
    async fn start(&self) -> String {
        let router = Router::new()
            .route("/part/{number}", put(put_part))
            .route("/file", get(get_file))
            .route("/link", get(|| async { (StatusCode::FOUND, [("location", "/file")]) }))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        address
    }
}

async fn put_part(
    State(storage): State<Storage>,
    Path(number): Path<u32>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut stored = storage.stored();
    stored.puts.push(number);
    if let Some((times, status)) = stored.faults.get_mut(&number)
        && *times > 0
    {
        *times -= 1;
        let status = StatusCode::from_u16(*status).unwrap();
        return (status, [("location", "/part/99")]).into_response();
    }
    if headers["x-amz-checksum-sha256"] != checksum(&body) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    stored.headers.push(headers);
    stored.parts.insert(number, body.to_vec());
    (StatusCode::OK, [("etag", format!("\"etag {number}\""))]).into_response()
}

async fn get_file(State(storage): State<Storage>, headers: HeaderMap) -> Response {
    let mut stored = storage.stored();
    let range = headers.get("range").map(|range| range.to_str().unwrap().to_owned());
    let start = match &range {
        Some(range) if !stored.ignores_ranges => range["bytes=".len()..range.len() - 1].parse::<usize>().unwrap(),
        _ => 0,
    };
    let partial = range.is_some() && !stored.ignores_ranges;
    stored.ranges.extend(range);
    stored.headers.push(headers);
    let status = if partial { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let rest = stored.file[start..].to_vec();
    let length = rest.len().to_string();
    let body = match stored.breaks.pop() {
        Some(at) => {
            let (first, mut received) = (Some(Bytes::from(rest[..at].to_vec())), stored.received.subscribe());
            let arrived = Box::pin(async move { drop(received.wait_for(|bytes| *bytes >= (start + at) as u64).await) });
            Body::from_stream(Broken { first, arrived })
        }
        None => Body::from(rest),
    };
    (status, [("content-length", length)], body).into_response()
}

/// A body that breaks after its first bytes, once the client has them.
struct Broken {
    first: Option<Bytes>,
    arrived: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl futures_core::Stream for Broken {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        ready!(self.arrived.as_mut().poll(cx));
        Poll::Ready(Some(Err(std::io::Error::other("the connection breaks"))))
    }
}

/// The API: it signs links for the parts that it is asked for, and keeps what is reported.
#[derive(Clone)]
struct Api {
    storage: String,
    mock: MockTransport,
}

impl Api {
    fn new(storage: &str) -> Self {
        Self { storage: storage.to_owned(), mock: MockTransport::new() }
    }

    fn polar(&self) -> Polar {
        let builder = Polar::builder().access_token("polar_oat_secret").retry_policy(RetryPolicy::never());
        builder.transport(self.clone()).build().unwrap()
    }

    /// The body of the last request of an operation.
    fn sent(&self, operation: &str) -> Value {
        let sent = self.mock.sent();
        sent.iter().rev().find(|sent| sent.operation == operation).unwrap().json().unwrap()
    }
}

impl Transport for Api {
    async fn send(&self, request: Request<Bytes>) -> Result<polar_client::http::Response<Bytes>, TransportError> {
        if request.uri().path() == "/v1/files/" && request.method() == "POST" {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            let parts: Vec<_> = body["upload"]["parts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| {
                    let mut part = part.clone();
                    part["url"] = json!(format!("{}/part/{}?signature=secret", self.storage, part["number"]));
                    part["expires_at"] = json!("2099-01-01T00:00:00Z");
                    part["headers"] = json!({"x-amz-checksum-sha256": part["checksum_sha256_base64"]});
                    part
                })
                .collect();
            let upload = json!({"id": "upload1", "path": "downloadable/1/a.bin", "parts": parts});
            let answer =
                sample("FileUpload", json!({"size": body["size"], "upload": upload, "service": body["service"]}));
            self.mock.on("files:create", Reply::json(201, &answer));
        }
        self.mock.send(request).await
    }
}

fn uploaded() -> Value {
    sample("DownloadableFileRead", json!({"is_uploaded": true}))
}

#[tokio::test]
async fn a_file_is_uploaded_in_parts_without_a_token() {
    let storage = Storage::default();
    let api = Api::new(&storage.start().await);
    api.mock.on("files:uploaded", Reply::json(200, &uploaded()));
    let file = content(6 * MIB);
    let progress = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&progress);
    let upload = Upload::new(&api.polar(), "a.bin", "application/octet-stream")
        .unwrap()
        .part_size(5 * MIB as u64)
        .version("7")
        .on_progress(move |progress| seen.lock().unwrap().push(progress.bytes / MIB as u64));
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), &file).unwrap();
    let read = upload.send_path(path.path()).await.unwrap();
    assert!(matches!(read, FileRead::Downloadable(_)));

    let stored = storage.stored();
    assert_eq!(stored.parts.values().flatten().copied().collect::<Vec<u8>>(), file);
    assert_eq!(stored.parts.values().map(Vec::len).collect::<Vec<_>>(), [5 * MIB, MIB]);
    assert!(stored.headers.iter().all(|headers| {
        let shown = format!("{headers:?}");
        headers.get("authorization").is_none() && !shown.contains("polar_oat_secret")
    }));
    assert_eq!(*progress.lock().unwrap(), [5, 6]);
    let create = api.sent("files:create");
    assert_eq!((&create["checksum_sha256_base64"], &create["version"]), (&json!(checksum(&file)), &json!("7")));
    let completed = api.sent("files:uploaded");
    assert_eq!(completed["id"], "upload1");
    assert_eq!(completed["parts"][1]["checksum_etag"], "\"etag 2\"");
    assert_eq!(completed["parts"][1]["checksum_sha256_base64"], json!(checksum(&file[5 * MIB..])));
}

#[tokio::test]
async fn a_part_that_fails_is_sent_again() {
    let storage = Storage::default();
    storage.stored().faults.insert(1, (2, 503));
    let api = Api::new(&storage.start().await);
    api.mock.on("files:uploaded", Reply::json(200, &uploaded()));
    let upload = Upload::new(&api.polar(), "a.png", "image/png").unwrap().kind(FileKind::ProductMedia);
    upload.send(&mut Cursor::new(content(10))).await.unwrap();
    assert_eq!(storage.stored().puts, [1, 1, 1]);
    assert_eq!(api.sent("files:create")["service"], "product_media");
}

#[tokio::test]
async fn only_missing_parts_are_sent_after_a_failure() {
    let storage = Storage::default();
    storage.stored().faults.insert(2, (1, 403));
    let api = Api::new(&storage.start().await);
    api.mock.on("files:uploaded", Reply::json(200, &uploaded()));
    let file = content(6 * MIB);
    let upload = Upload::new(&api.polar(), "a.bin", "application/octet-stream").unwrap().part_size(5 * MIB as u64);
    let mut error = upload.send(&mut Cursor::new(&file)).await.unwrap_err();
    assert_eq!(error.storage().unwrap().status(), Some(403));
    let shown = format!("{error} {error:?} {}", error.storage().unwrap());
    assert!(!shown.contains("signature=secret"), "{shown}");

    // Another process goes on.
    let pending = serde_json::to_string(&error.take_pending().unwrap()).unwrap();
    let pending: PendingUpload = serde_json::from_str(&pending).unwrap();
    assert_eq!(pending.missing_parts(), 1);
    upload.resume(pending, &mut Cursor::new(&file)).await.unwrap();
    let stored = storage.stored();
    assert_eq!(stored.puts, [1, 2, 2]);
    assert_eq!(stored.parts.values().flatten().copied().collect::<Vec<u8>>(), file);
}

#[tokio::test]
async fn a_redirect_gets_no_data() {
    let storage = Storage::default();
    storage.stored().faults.insert(1, (9, 307));
    let api = Api::new(&storage.start().await);
    let upload = Upload::new(&api.polar(), "a.bin", "text/plain").unwrap();
    let error = upload.send(&mut Cursor::new(content(10))).await.unwrap_err();
    assert_eq!(error.storage().unwrap().status(), Some(307));
    assert_eq!(storage.stored().puts, [1], "it is neither followed nor repeated");
}

#[tokio::test]
async fn a_file_that_changes_meanwhile_is_not_completed() {
    let storage = Storage::default();
    storage.stored().faults.insert(1, (1, 403));
    let api = Api::new(&storage.start().await);
    let upload = Upload::new(&api.polar(), "a.bin", "text/plain").unwrap();
    let mut error = upload.send(&mut Cursor::new(content(5000))).await.unwrap_err();
    let mut changed = content(5000);
    changed[4000] = 99;
    let error = upload.resume(error.take_pending().unwrap(), &mut Cursor::new(changed)).await.unwrap_err();
    assert!(error.is_changed());
    assert!(storage.stored().parts.is_empty());
}

#[tokio::test]
async fn a_lost_answer_to_the_last_request_is_looked_up() {
    let storage = Storage::default();
    let api = Api::new(&storage.start().await);
    api.mock.on("files:uploaded", Reply::timeout());
    let page = json!({"items": [uploaded()], "pagination": {"total_count": 1, "max_page": 1}});
    api.mock.on("files:list", Reply::json(200, &page));
    let upload = Upload::new(&api.polar(), "a.bin", "text/plain").unwrap();
    let file = upload.send(&mut Cursor::new(content(10))).await.unwrap();
    assert!(matches!(file, FileRead::Downloadable(file) if file.is_uploaded));
}

fn downloadable(url: &str, file: &[u8]) -> FileDownload {
    let download = json!({"url": url, "headers": {}, "expires_at": "2099-01-01T00:00:00Z"});
    let members = json!({"size": file.len(), "checksum_sha256_base64": checksum(file), "download": download});
    serde_json::from_value(sample("FileDownload", members)).unwrap()
}

#[tokio::test]
async fn a_download_follows_the_link_and_is_checked() {
    let storage = Storage::default();
    let file = content(MIB);
    storage.stored().file = file.clone();
    let address = storage.start().await;
    let mut written = Vec::new();
    let bytes = download(&downloadable(&format!("{address}/link"), &file), &mut written).await.unwrap();
    assert_eq!((bytes, written == file), (MIB as u64, true));
    assert!(storage.stored().headers[0].get("authorization").is_none());

    storage.stored().file[5] = 255;
    let error = download(&downloadable(&format!("{address}/file"), &file), &mut Vec::new()).await.unwrap_err();
    assert!(matches!(error, DownloadError::Corrupt));
    storage.stored().file = content(2 * MIB);
    let mut written = Vec::new();
    let error = download(&downloadable(&format!("{address}/file"), &file), &mut written).await.unwrap_err();
    assert!(matches!(error, DownloadError::Corrupt) && written.len() <= file.len());
}

#[tokio::test]
async fn a_broken_download_goes_on_at_the_same_place() {
    for ignores_ranges in [false, true] {
        let storage = Storage::default();
        let file = content(MIB);
        storage.stored().file = file.clone();
        storage.stored().breaks = vec![MIB / 3, MIB / 3];
        storage.stored().ignores_ranges = ignores_ranges;
        let address = storage.start().await;
        let mut written = Vec::new();
        let download = Download::new().unwrap();
        let received = storage.stored().received.clone();
        let link = downloadable(&format!("{address}/file"), &file);
        let report = |progress: Progress| _ = received.send_replace(progress.bytes);
        download.write_with(&link, &mut written, report).await.unwrap();
        assert!(written == file, "{} bytes", written.len());
        assert!(!storage.stored().ranges.is_empty());
    }
}

#[tokio::test]
async fn an_old_link_is_an_error_that_says_so() {
    let storage = Storage::default();
    let address = storage.start().await;
    let file = downloadable(&format!("{address}/gone?signature=secret"), b"1");
    let error = download(&file, &mut Vec::new()).await.unwrap_err();
    assert!(matches!(&error, DownloadError::Storage(error) if error.status() == Some(404)));
    assert!(!format!("{error:?}").contains("secret"));
}
