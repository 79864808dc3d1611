//! How a file is cut into parts, and their checksums.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use polar_client::models::{S3FileCreateMultipart, S3FileCreatePart};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Maximum number of parts in the storage service.
const MAX_PARTS: u64 = 10_000;

/// Minimum size of parts except the last one.
pub(super) const MIN_PART: u64 = 5 * 1024 * 1024;

/// What one pass over a file shows.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) size: u64,
    pub(super) checksum: String,
    pub(super) parts: S3FileCreateMultipart,
}

/// Reads the file to its end.
pub(super) async fn plan(reader: &mut (impl AsyncRead + Unpin), size: u64, part_size: u64) -> io::Result<Plan> {
    let part_size = part_size.max(size.div_ceil(MAX_PARTS)).max(1);
    let mut whole = Sha256::new();
    let mut parts = Vec::new();
    let mut start = 0;
    while start < size || parts.is_empty() {
        let end = (start + part_size).min(size);
        let mut part = Sha256::new();
        let mut left = reader.take(end - start);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = left.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            let bytes = buffer.get(..read).unwrap_or_default();
            part.update(bytes);
            whole.update(bytes);
        }
        if left.limit() > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let number = parts.len() as i64 + 1;
        let part = S3FileCreatePart::new(number, signed(start)?, signed(end)?).checksum_sha256_base64(encode(part));
        parts.push(part);
        start = end;
    }
    Ok(Plan { size, checksum: encode(whole), parts: S3FileCreateMultipart::new(parts) })
}

/// Encodes a checksum in the format of the API.
pub(super) fn encode(digest: Sha256) -> String {
    BASE64_STANDARD.encode(digest.finalize())
}

pub(super) fn signed(size: u64) -> io::Result<i64> {
    i64::try_from(size).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    async fn bounds(size: u64, part_size: u64) -> Vec<(i64, i64)> {
        let content = vec![7; usize::try_from(size).unwrap()];
        let plan = plan(&mut &content[..], size, part_size).await.unwrap();
        plan.parts.parts.iter().map(|part| (part.chunk_start, part.chunk_end)).collect()
    }

    #[tokio::test]
    async fn parts_follow_each_other_without_gaps() {
        assert_eq!(bounds(25, 10).await, [(0, 10), (10, 20), (20, 25)]);
        assert_eq!(bounds(20, 10).await, [(0, 10), (10, 20)]);
        assert_eq!(bounds(0, 10).await, [(0, 0)], "an empty file has one empty part");
        assert_eq!(bounds(25_000, 1).await.len(), 8334, "at most 10,000 parts");
    }

    #[tokio::test]
    async fn a_file_that_is_shorter_than_it_says_is_an_error() {
        let error = plan(&mut &b"1234"[..], 5, 10).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
