//! Files: upload in parts, and download to a writer.
//!
//! Polar keeps files in a storage service. [`Upload`] reads a file twice: first for the checksums of its parts, then to
//! send them. It keeps one part in memory at a time. [`download`] writes a file as it arrives, checks it, and continues
//! after a broken connection.
//!
//! Neither sends a Polar token to the storage service: it uses signed links and a separate HTTP client. An upload
//! follows no redirect.
//!
//! ```no_run
//! use polar_client::Polar;
//! use polar_client::models::FileRead;
//! use polar_client_kit::files::Upload;
//!
//! # async fn example(polar: Polar) -> Result<FileRead, Box<dyn std::error::Error>> {
//! let upload = Upload::new(&polar, "manual.pdf", "application/pdf")?
//!     .on_progress(|progress| println!("{} of {} bytes", progress.bytes, progress.total));
//! let mut error = match upload.send_path("manual.pdf").await {
//!     Ok(file) => return Ok(file),
//!     Err(error) => error,
//! };
//! // Parts that arrived need not be sent again. `pending` can also be stored, and used by another process.
//! let Some(pending) = error.take_pending() else { return Err(error.into()) };
//! let mut file = tokio::fs::File::open("manual.pdf").await?;
//! Ok(upload.resume(pending, &mut file).await?)
//! # }
//! ```
//!
//! HTTPS needs a TLS backend of `reqwest`; the default features of `polar-client` include one.

mod download;
mod plan;
mod storage;
mod upload;

pub use download::{Download, DownloadError, download};
pub use storage::StorageError;
pub use upload::{FileKind, PendingUpload, Upload, UploadError};

/// The progress of an upload or a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have arrived.
    pub bytes: u64,
    /// Bytes of the file.
    pub total: u64,
}
