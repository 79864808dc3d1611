//! Recorded or written exchanges as the replies of a server.

use std::sync::{Arc, Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{Asked, Told};
use crate::wire::pairs;

/// A request, and the response to it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// HTTP method in upper case.
    pub method: String,
    /// Path. Percent-encoding makes no difference.
    pub path: String,
    /// Query. Neither percent-encoding nor the order makes a difference.
    pub query: String,
    /// The response.
    pub told: Told,
}

impl Exchange {
    /// An exchange without a query.
    #[must_use]
    pub fn new(method: &str, path: &str, told: Told) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), query: String::new(), told }
    }

    /// Sets the query.
    #[must_use]
    pub fn query(self, query: &str) -> Self {
        Self { query: query.to_owned(), ..self }
    }

    /// Returns whether the request matches.
    #[must_use]
    pub fn fits(&self, asked: &Asked) -> bool {
        self.method == asked.method
            && segments(&self.path) == segments(&asked.path)
            && parameters(&self.query) == parameters(&asked.query)
    }
}

/// Exchanges that a server replies with: the first one that matches, after it was used the next one that matches, and
/// the last one again and again. Clones share them.
///
/// ```no_run
/// # async fn run() -> std::io::Result<()> {
/// use polar_mock::server::{Exchange, Exchanges, Server, Told};
///
/// let exchanges = Exchanges::default();
/// exchanges.add(Exchange::new("GET", "/v1/orders/7/receipt", Told::empty(202)));
/// let server = Server::start(exchanges.replies()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Exchanges(Arc<Mutex<Vec<(Exchange, bool)>>>);

impl Exchanges {
    /// Adds an exchange.
    pub fn add(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((exchange, false));
    }

    /// Removes all exchanges, and replies with this one from now on.
    pub fn set(&self, exchange: Exchange) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = vec![(exchange, false)];
    }

    /// Returns the function that a server replies with.
    pub fn replies(&self) -> impl Fn(&Asked) -> Told + Send + Sync + 'static {
        let exchanges = self.clone();
        move |asked| exchanges.reply(asked)
    }

    fn reply(&self, asked: &Asked) -> Told {
        if let Some(refusal) = asked.refusal() {
            return refusal;
        }
        let mut exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits: Vec<usize> = (0..exchanges.len()).filter(|index| exchanges[*index].0.fits(asked)).collect();
        match fits.iter().find(|index| !exchanges[**index].1).or(fits.last()) {
            Some(&index) => {
                exchanges[index].1 = true;
                exchanges[index].0.told.clone()
            }
            None => {
                let request = format!("{} {}?{}", asked.method, asked.path, asked.query);
                Told::json(501, &json!({"error": "NoExchange", "detail": format!("no exchange for {request}")}))
            }
        }
    }
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(|segment| percent_decode_str(segment).collect()).collect()
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let mut parameters = pairs(query);
    parameters.sort();
    parameters
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Version};

    use super::*;

    fn asked(method: &str, target: &str) -> Asked {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        Asked { version: Version::HTTP_11, method, path, query, headers: HeaderMap::new(), body: Vec::new() }
    }

    fn get(path: &str, query: &str, status: u16) -> Exchange {
        Exchange::new("GET", path, Told::empty(status)).query(query)
    }

    #[test]
    fn a_request_is_recognized_however_it_is_encoded() {
        let exchange = get("/a/b c", "x=1&y=ü&x=2", 200);
        assert!(exchange.fits(&asked("GET", "/a/b%20c?y=%C3%BC&x=2&x=1")));
        assert!(!exchange.fits(&asked("GET", "/a%2Fb%20c?y=%C3%BC&x=2&x=1")));
        assert!(!exchange.fits(&asked("GET", "/a/b%20c?y=%C3%BC&x=1")));
        assert!(!exchange.fits(&asked("HEAD", "/a/b%20c?y=%C3%BC&x=1&x=2")));
    }

    #[test]
    fn exchanges_of_one_request_follow_one_another() {
        let exchanges = Exchanges::default();
        [get("/a", "", 202), get("/b", "", 404), get("/a", "", 200)].into_iter().for_each(|each| exchanges.add(each));
        let status = |target: &str| exchanges.reply(&asked("GET", target)).status;
        assert_eq!(["/a", "/a", "/a", "/b", "/c"].map(status), [202, 200, 200, 404, 501]);
        exchanges.set(get("/c", "", 204));
        assert_eq!(["/a", "/c"].map(status), [501, 204]);
    }

    #[test]
    fn a_method_with_a_body_needs_a_length() {
        let exchanges = Exchanges::default();
        exchanges.add(Exchange::new("POST", "/a", Told::empty(204)));
        let mut request = asked("POST", "/a");
        assert_eq!(exchanges.reply(&request).status, 411);
        request.headers.insert("content-length", 0.into());
        assert_eq!(exchanges.reply(&request).status, 204);
        let http2 = Asked { version: Version::HTTP_2, ..asked("POST", "/a") };
        assert_eq!(exchanges.reply(&http2).status, 204);
    }
}
