//! Requests to the storage service, which contain no Polar token.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

/// How long a connection may be idle.
const SILENCE: Duration = Duration::from_secs(60);

/// Maximum number of attempts.
pub(super) const ATTEMPTS: u32 = 4;

/// Creates a client without default headers.
pub(super) fn client(redirects: Policy) -> Result<Client, StorageError> {
    let builder = Client::builder().redirect(redirects).read_timeout(SILENCE).connect_timeout(Duration::from_secs(10));
    Ok(builder.retry(reqwest::retry::never()).build()?)
}

/// Follows some redirects to equally safe hosts, for downloads.
pub(super) fn few_redirects() -> Policy {
    Policy::custom(|attempt| {
        let downgrade =
            attempt.previous().last().is_some_and(|from| from.scheme() == "https") && attempt.url().scheme() != "https";
        if downgrade || attempt.previous().len() > 5 { attempt.stop() } else { attempt.follow() }
    })
}

/// Returns the headers that the API requires.
pub(super) fn headers(headers: Option<&BTreeMap<String, String>>) -> Result<HeaderMap, StorageError> {
    let pairs = headers.into_iter().flatten();
    pairs
        .map(|(name, value)| {
            let name = HeaderName::try_from(name).map_err(|_| StorageError::invalid("a header of the signed link"))?;
            let value =
                HeaderValue::try_from(value).map_err(|_| StorageError::invalid("a header of the signed link"))?;
            Ok((name, value))
        })
        .collect()
}

pub(super) fn url(url: &str) -> Result<Url, StorageError> {
    Url::parse(url).map_err(|_| StorageError::invalid("the signed link"))
}

/// Waits before the next attempt.
pub(super) async fn pause(attempt: u32) {
    let longest = Duration::from_millis(500).saturating_mul(1 << attempt.min(6));
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}

/// Why a request to the storage service failed. It shows no signed links.
#[derive(Debug)]
pub struct StorageError(Kind);

#[derive(Debug)]
enum Kind {
    Request(reqwest::Error),
    Status(StatusCode),
    Invalid(&'static str),
}

impl StorageError {
    pub(super) fn status_of(status: StatusCode) -> Self {
        Self(Kind::Status(status))
    }

    pub(super) fn invalid(what: &'static str) -> Self {
        Self(Kind::Invalid(what))
    }

    /// Returns the status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.0 {
            Kind::Status(status) => Some(status.as_u16()),
            _ => None,
        }
    }

    /// Returns whether the same request may succeed later.
    pub(super) fn may_pass(&self) -> bool {
        match &self.0 {
            Kind::Request(error) => !error.is_builder() && !error.is_redirect(),
            Kind::Status(status) => status.is_server_error() || [408, 429].contains(&status.as_u16()),
            Kind::Invalid(_) => false,
        }
    }
}

impl From<reqwest::Error> for StorageError {
    fn from(error: reqwest::Error) -> Self {
        Self(Kind::Request(error.without_url()))
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Request(_) => f.write_str("no response from the storage service"),
            Kind::Status(status) if status.is_redirection() => {
                write!(f, "the storage service redirects (status {}), which is not followed", status.as_u16())
            }
            Kind::Status(status) if [401, 403, 410].contains(&status.as_u16()) => {
                write!(
                    f,
                    "the storage service rejects the signed link (status {}): it may have expired",
                    status.as_u16()
                )
            }
            Kind::Status(status) => write!(f, "the storage service responds with status {}", status.as_u16()),
            Kind::Invalid(what) => write!(f, "{what} is invalid"),
        }
    }
}

impl StdError for StorageError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Kind::Request(error) => Some(error),
            _ => None,
        }
    }
}
