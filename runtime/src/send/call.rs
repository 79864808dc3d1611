//! The futures that send a request and return the result of the operation.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, StatusCode};

use super::execute::execute;
use crate::api::Operation;
use crate::error::{Error, ErrorInner};
use crate::futures::BoxFuture;
use crate::request::Request;
use crate::response::{RateLimit, RawResponse, ResponseError, request_id};

/// A request that is sent when this future is first polled.
///
/// Dropping it cancels the call; the server may already have received the request.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T, B = serde_json::Value> {
    sending: Sending,
    read: fn(&RawResponse) -> Result<T, ResponseError>,
    error_body: PhantomData<fn() -> B>,
}

/// The part of a call that is independent of the operation: all operations have the same future behind the pointer.
struct Sending {
    operation: &'static Operation,
    future: BoxFuture<'static, Result<RawResponse, Box<ErrorInner>>>,
}

impl Sending {
    /// Not generic, so that sending is compiled in this crate, and not in each program.
    fn new(request: Request) -> Self {
        Self { operation: request.operation(), future: Box::pin(execute(request)) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<RawResponse, Box<ErrorInner>>> {
        self.future.as_mut().poll(cx)
    }
}

impl Request {
    /// Returns the future that sends the request and reads the response.
    pub fn call<T, B>(self, read: fn(&RawResponse) -> Result<T, ResponseError>) -> Call<T, B> {
        Call { sending: Sending::new(self), read, error_body: PhantomData }
    }
}

impl<T, B> Call<T, B> {
    /// Returns status and headers too.
    pub fn with_response(self) -> CallWithResponse<T, B> {
        CallWithResponse(self)
    }

    // What programs compile for each type of a response is written with `match`: `?`, `map` and `ready!` are functions
    // for each type.
    pub(crate) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<(T, RawResponse), Error<B>>> {
        Poll::Ready(match self.sending.poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(failure)) => Err(failure.into()),
            Poll::Ready(Ok(answer)) => match (self.read)(&answer) {
                Ok(value) => Ok((value, answer)),
                Err(error) => Err(ErrorInner::unreadable(answer, error).into()),
            },
        })
    }
}

impl<T, B> Future for Call<T, B> {
    type Output = Result<T, Error<B>>;

    /// Like `poll_answer`, without the pair of value and response, whose code would be compiled for each type, too.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let call = self.get_mut();
        Poll::Ready(match call.sending.poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(failure)) => Err(failure.into()),
            Poll::Ready(Ok(answer)) => match (call.read)(&answer) {
                Ok(value) => Ok(value),
                Err(error) => Err(ErrorInner::unreadable(answer, error).into()),
            },
        })
    }
}

impl<T, B> fmt::Debug for Call<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.sending.operation.id)
    }
}

/// Like [`Call`], but returns a [`Response`].
#[must_use = "a call does nothing until it is awaited"]
pub struct CallWithResponse<T, B = serde_json::Value>(Call<T, B>);

impl<T, B> Future for CallWithResponse<T, B> {
    type Output = Result<Response<T>, Error<B>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut().0.poll_answer(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok((value, answer))) => Poll::Ready(Ok(Response::new(value, answer))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}

impl<T, B> fmt::Debug for CallWithResponse<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The result of an operation, with status and headers. `Debug` does not show the headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// The result.
    pub value: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> Response<T> {
    fn new(value: T, answer: RawResponse) -> Self {
        Self { value, status: answer.status, headers: answer.headers }
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the limits that the response reports.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::from_headers(&self.headers)
    }

    /// Returns the server's id of this request, for its support. `None` if there is none, or if it does not look like
    /// an id: it contains whitespace, has more than 100 characters, or is a token.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status.as_u16())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// Decodes the value.
impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
