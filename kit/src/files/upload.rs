//! Uploads in parts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error as StdError;
use std::fmt;
use std::io::{self, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use polar_client::models::{
    DownloadableFileCreate, FileCreate, FileRead, FileUpload, FileUploadCompleted, OrganizationAvatarFileCreate,
    ProductMediaFileCreate, S3FileUploadCompletedPart, S3FileUploadPart,
};
use polar_client::{Error, Nullable, Polar};
use reqwest::Client;
use reqwest::header::ETAG;
use reqwest::redirect::Policy;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt};

use super::Progress;
use super::plan::{MIN_PART, Plan, encode, plan, signed};
use super::storage::{ATTEMPTS, StorageError, client, headers, pause, url};

/// The purpose of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A file that customers download as a benefit.
    #[default]
    Downloadable,
    /// An image of a product, up to 10 MB.
    ProductMedia,
    /// The image of an organization, up to 1 MB.
    OrganizationAvatar,
}

/// An upload of one file. The token needs the scope `files:write`.
#[derive(Clone)]
#[must_use = "nothing is sent before `send` or `send_path`"]
pub struct Upload {
    polar: Polar,
    client: Client,
    name: String,
    mime_type: String,
    kind: FileKind,
    version: Option<String>,
    part_size: u64,
    report: Arc<dyn Fn(Progress) + Send + Sync>,
}

impl Upload {
    /// Default size of parts: 8 MiB.
    pub const PART_SIZE: u64 = 8 * 1024 * 1024;

    /// Creates an upload with the name that customers see and its media type, such as `application/pdf`.
    ///
    /// # Errors
    /// The HTTP client can't be created, for example because the TLS backend finds no certificates.
    pub fn new(polar: &Polar, name: impl Into<String>, mime_type: impl Into<String>) -> Result<Self, UploadError> {
        Ok(Self {
            polar: polar.clone(),
            client: client(Policy::none())?,
            name: name.into(),
            mime_type: mime_type.into(),
            kind: FileKind::default(),
            version: None,
            part_size: Self::PART_SIZE,
            report: Arc::new(|_| ()),
        })
    }

    /// Sets the purpose of the file. The default is a download for customers.
    pub fn kind(self, kind: FileKind) -> Self {
        Self { kind, ..self }
    }

    /// Sets the version of the file, any text.
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Sets the size of parts, which is also the memory that is used. The storage service requires at least 5 MiB; a
    /// smaller value counts as that. A file of more than 10,000 parts gets larger ones.
    pub fn part_size(self, bytes: u64) -> Self {
        Self { part_size: bytes.max(MIN_PART), ..self }
    }

    /// Calls `report` after each part.
    pub fn on_progress(self, report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    /// Uploads the file at this path.
    ///
    /// # Errors
    /// The errors of [`send`](Self::send).
    pub async fn send_path(&self, path: impl AsRef<Path>) -> Result<FileRead, UploadError> {
        self.send(&mut tokio::fs::File::open(path).await?).await
    }

    /// Uploads the whole content of the reader, from its start to its end.
    ///
    /// The content is read twice, so the reader has to be seekable. Write a stream to a temporary file first, and wrap
    /// a `Vec` in a [`Cursor`](std::io::Cursor).
    ///
    /// # Errors
    /// The file can't be read or changes meanwhile, the API rejects it, or the storage service fails several times.
    /// Then [`UploadError::take_pending`] has what [`resume`](Self::resume) needs.
    pub async fn send<R: AsyncRead + AsyncSeek + Unpin>(&self, reader: &mut R) -> Result<FileRead, UploadError> {
        let size = reader.seek(SeekFrom::End(0)).await?;
        reader.rewind().await?;
        let plan = plan(reader, size, self.part_size).await?;
        let upload = self.polar.files().create(self.create(plan)?).await?;
        self.resume(PendingUpload { upload, etags: BTreeMap::new() }, reader).await
    }

    /// Sends the missing parts, and completes the upload.
    ///
    /// The links in a pending upload work for about an hour. Afterwards, start again with [`send`](Self::send).
    ///
    /// # Errors
    /// The errors of [`send`](Self::send).
    pub async fn resume<R: AsyncRead + AsyncSeek + Unpin>(
        &self,
        mut pending: PendingUpload,
        reader: &mut R,
    ) -> Result<FileRead, UploadError> {
        match self.finish(&mut pending, reader).await {
            Ok(file) => Ok(file),
            Err(mut error) => {
                error.pending = Some(Box::new(pending));
                Err(error)
            }
        }
    }

    async fn finish<R: AsyncRead + AsyncSeek + Unpin>(
        &self,
        pending: &mut PendingUpload,
        reader: &mut R,
    ) -> Result<FileRead, UploadError> {
        let total = u64::try_from(pending.upload.size).unwrap_or_default();
        let mut bytes = 0;
        for part in &pending.upload.upload.parts {
            let part_size = u64::try_from(part.chunk_end - part.chunk_start).map_err(io::Error::other)?;
            if let Entry::Vacant(missing) = pending.etags.entry(part.number) {
                let content = read(reader, part, part_size).await?;
                missing.insert(self.put(part, content).await?);
            }
            bytes += part_size;
            (self.report)(Progress { bytes, total });
        }
        self.complete(pending).await
    }

    /// Sends a part. The storage service checks it against its checksum, so that it may be sent again.
    async fn put(&self, part: &S3FileUploadPart, content: bytes::Bytes) -> Result<String, StorageError> {
        let (url, headers) = (url(&part.url)?, headers(part.headers.as_ref())?);
        let mut attempt = 1;
        loop {
            let request = self.client.put(url.clone()).headers(headers.clone()).body(content.clone());
            let error = match request.send().await {
                Ok(response) if response.status().is_success() => {
                    let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
                    return Ok(etag.ok_or(StorageError::invalid("the response without an ETag"))?.to_owned());
                }
                Ok(response) => StorageError::status_of(response.status()),
                Err(error) => error.into(),
            };
            if attempt >= ATTEMPTS || !error.may_pass() {
                return Err(error);
            }
            pause(attempt).await;
            attempt += 1;
        }
    }

    async fn complete(&self, pending: &PendingUpload) -> Result<FileRead, UploadError> {
        let upload = &pending.upload;
        let parts = upload.upload.parts.iter().filter_map(|part| {
            let etag = pending.etags.get(&part.number)?;
            Some(S3FileUploadCompletedPart::new(part.number, etag, part.checksum_sha256_base64.clone()))
        });
        let body = FileUploadCompleted::new(&upload.upload.id, &upload.upload.path, parts);
        let error = match self.polar.files().uploaded(upload.id, body).await {
            Ok(file) => return Ok(file),
            Err(error) => error,
        };
        // An earlier attempt may have been carried out, and a second one always fails.
        let files = self.polar.files().list().ids(upload.id).await;
        let uploaded = files.ok().into_iter().flat_map(|page| page.items).find(is_uploaded);
        uploaded.ok_or(error.into())
    }

    fn create(&self, plan: Plan) -> io::Result<FileCreate> {
        let (name, mime_type, size) = (&self.name, &self.mime_type, signed(plan.size)?);
        let version = self.version.clone().map_or(Nullable::Absent, Nullable::Value);
        macro_rules! create {
            ($kind:ident) => {
                $kind::new(name, mime_type, size, plan.parts)
                    .checksum_sha256_base64(plan.checksum)
                    .version(version)
                    .into()
            };
        }
        Ok(match self.kind {
            FileKind::Downloadable => create!(DownloadableFileCreate),
            FileKind::ProductMedia => create!(ProductMediaFileCreate),
            FileKind::OrganizationAvatar => create!(OrganizationAvatarFileCreate),
        })
    }
}

/// Reads a part, and checks that it has not changed since its checksum was computed.
async fn read<R: AsyncRead + AsyncSeek + Unpin>(
    reader: &mut R,
    part: &S3FileUploadPart,
    size: u64,
) -> Result<bytes::Bytes, UploadError> {
    reader.seek(SeekFrom::Start(u64::try_from(part.chunk_start).map_err(io::Error::other)?)).await?;
    let mut content = Vec::with_capacity(usize::try_from(size).map_err(io::Error::other)?);
    reader.take(size).read_to_end(&mut content).await?;
    let checksum = encode(Sha256::new_with_prefix(&content));
    let same = part.checksum_sha256_base64.as_ref().is_none_or(|expected| *expected == checksum);
    if content.len() as u64 != size || !same {
        return Err(Kind::Changed.into());
    }
    Ok(content.into())
}

fn is_uploaded(file: &FileRead) -> bool {
    match file {
        FileRead::Downloadable(file) => file.is_uploaded,
        FileRead::ProductMedia(file) => file.is_uploaded,
        FileRead::OrganizationAvatar(file) => file.is_uploaded,
        _ => false,
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .field("mime_type", &self.mime_type)
            .field("kind", &self.kind)
            .field("part_size", &self.part_size)
            .finish_non_exhaustive()
    }
}

/// An incomplete upload. It serializes including its signed links: store it where nobody else can read it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingUpload {
    upload: FileUpload,
    /// Identifiers of the stored parts in the storage service, by number.
    etags: BTreeMap<i64, String>,
}

impl PendingUpload {
    /// Returns the number of missing parts.
    #[must_use]
    pub fn missing_parts(&self) -> usize {
        self.upload.upload.parts.len().saturating_sub(self.etags.len())
    }
}

impl fmt::Debug for PendingUpload {
    /// Shows no signed links.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingUpload")
            .field("id", &self.upload.id)
            .field("missing_parts", &self.missing_parts())
            .finish_non_exhaustive()
    }
}

/// Why an upload failed.
#[derive(Debug)]
pub struct UploadError {
    kind: Kind,
    pending: Option<Box<PendingUpload>>,
}

#[derive(Debug)]
enum Kind {
    Read(io::Error),
    Changed,
    Polar(Error),
    Storage(StorageError),
}

impl UploadError {
    /// Takes what [`Upload::resume`] needs, if the API already knows the file.
    pub fn take_pending(&mut self) -> Option<PendingUpload> {
        self.pending.take().map(|pending| *pending)
    }

    /// Returns the error of the API, if it rejected the file.
    #[must_use]
    pub fn api(&self) -> Option<&Error> {
        match &self.kind {
            Kind::Polar(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the storage service.
    #[must_use]
    pub fn storage(&self) -> Option<&StorageError> {
        match &self.kind {
            Kind::Storage(error) => Some(error),
            _ => None,
        }
    }

    /// Returns whether the file changed while it was read.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        matches!(self.kind, Kind::Changed)
    }
}

impl From<Kind> for UploadError {
    fn from(kind: Kind) -> Self {
        Self { kind, pending: None }
    }
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> Self {
        Kind::Read(error).into()
    }
}

impl From<Error> for UploadError {
    fn from(error: Error) -> Self {
        Kind::Polar(error).into()
    }
}

impl From<StorageError> for UploadError {
    fn from(error: StorageError) -> Self {
        Kind::Storage(error).into()
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.kind {
            Kind::Read(_) => "the file could not be read",
            Kind::Changed => "the file changed while it was uploaded; upload it again",
            Kind::Polar(_) => "the API rejected the file",
            Kind::Storage(_) => "a part could not be sent to the storage service",
        })
    }
}

impl StdError for UploadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::Read(error) => Some(error),
            Kind::Changed => None,
            Kind::Polar(error) => Some(error),
            Kind::Storage(error) => Some(error),
        }
    }
}
