//! Downloads to a writer.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use polar_client::models::FileDownload;
use reqwest::header::RANGE;
use reqwest::{Client, Response, StatusCode};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::Progress;
use super::plan::encode;
use super::storage::{ATTEMPTS, StorageError, client, few_redirects, headers, pause, url};

/// Writes a customer's file to a writer: a short form of [`Download`].
///
/// ```no_run
/// use polar_client::Polar;
/// use polar_client_kit::files::download;
///
/// # async fn example(portal: Polar) -> Result<(), Box<dyn std::error::Error>> {
/// let mut files = portal.customer_portal().downloadables().list().items();
/// while let Some(downloadable) = files.next().await {
///     let file = downloadable?.file;
///     download(&file, &mut tokio::fs::File::create(file.id.to_string()).await?).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The errors of [`Download::write_to`].
pub async fn download(file: &FileDownload, writer: &mut (impl AsyncWrite + Unpin)) -> Result<u64, DownloadError> {
    Download::new()?.write_to(file, writer).await
}

/// Downloads files. It can be used for many files, and reuses connections.
#[derive(Clone, Debug)]
pub struct Download {
    client: Client,
}

impl Download {
    /// Creates a client for downloads.
    ///
    /// # Errors
    /// The HTTP client can't be created, for example because the TLS backend finds no certificates.
    pub fn new() -> Result<Self, DownloadError> {
        Ok(Self { client: client(few_redirects())? })
    }

    /// Writes a file as it arrives, checks its size and its checksum, and returns the number of bytes.
    ///
    /// After a broken connection it continues at the same position, up to three times.
    ///
    /// # Errors
    /// The storage service fails, the writer fails, or the file has another size or checksum than Polar says. What was
    /// written can't be used then.
    pub async fn write_to(
        &self,
        file: &FileDownload,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<u64, DownloadError> {
        self.write_with(file, writer, |_| ()).await
    }

    /// Does the same as [`write_to`](Self::write_to), and calls `report` as bytes arrive.
    ///
    /// # Errors
    /// The errors of [`write_to`](Self::write_to).
    pub async fn write_with(
        &self,
        file: &FileDownload,
        writer: &mut (impl AsyncWrite + Unpin),
        report: impl Fn(Progress),
    ) -> Result<u64, DownloadError> {
        let total = u64::try_from(file.size).unwrap_or_default();
        let mut sink = Sink { writer, checksum: Sha256::new(), bytes: 0, total, report };
        let mut attempt = 1;
        while let Err(error) = self.go_on(file, &mut sink).await {
            let passes = matches!(&error, DownloadError::Storage(error) if error.may_pass());
            if attempt >= ATTEMPTS || !passes {
                return Err(error);
            }
            pause(attempt).await;
            attempt += 1;
        }
        sink.writer.flush().await?;
        let checksum = encode(sink.checksum);
        let same = file.checksum_sha256_base64.as_ref().is_none_or(|expected| *expected == checksum);
        if sink.bytes != total || !same {
            return Err(DownloadError::Corrupt);
        }
        Ok(total)
    }

    /// Requests the missing bytes and writes them.
    async fn go_on<W: AsyncWrite + Unpin>(
        &self,
        file: &FileDownload,
        sink: &mut Sink<'_, W, impl Fn(Progress)>,
    ) -> Result<(), DownloadError> {
        let mut request = self.client.get(url(&file.download.url)?).headers(headers(file.download.headers.as_ref())?);
        if sink.bytes > 0 {
            request = request.header(RANGE, format!("bytes={}-", sink.bytes));
        }
        let mut response = request.send().await.map_err(StorageError::from)?;
        let mut skip = match response.status() {
            StatusCode::PARTIAL_CONTENT => 0,
            StatusCode::OK => sink.bytes,
            status => return Err(StorageError::status_of(status).into()),
        };
        while let Some(mut chunk) = chunk(&mut response).await? {
            let known = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip -= known as u64;
            sink.write(&chunk.split_off(known)).await?;
        }
        Ok(())
    }
}

async fn chunk(response: &mut Response) -> Result<Option<bytes::Bytes>, StorageError> {
    Ok(response.chunk().await?)
}

struct Sink<'a, W, F> {
    writer: &'a mut W,
    checksum: Sha256,
    bytes: u64,
    total: u64,
    report: F,
}

impl<W: AsyncWrite + Unpin, F: Fn(Progress)> Sink<'_, W, F> {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        if self.bytes + bytes.len() as u64 > self.total {
            return Err(DownloadError::Corrupt);
        }
        self.writer.write_all(bytes).await?;
        self.checksum.update(bytes);
        self.bytes += bytes.len() as u64;
        (self.report)(Progress { bytes: self.bytes, total: self.total });
        Ok(())
    }
}

/// Why a download failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The storage service could not be reached or rejects the link. List the files again for a new link.
    Storage(StorageError),
    /// The writer failed.
    Write(io::Error),
    /// Size or checksum of the file are wrong.
    Corrupt,
}

impl From<StorageError> for DownloadError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<io::Error> for DownloadError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Storage(_) => "the file could not be read from the storage service",
            Self::Write(_) => "the file could not be written",
            Self::Corrupt => "the file is incomplete or was changed in transit; download it again",
        })
    }
}

impl StdError for DownloadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Corrupt => None,
        }
    }
}
