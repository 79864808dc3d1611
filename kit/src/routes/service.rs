//! The service of all routes: a request is answered with a redirect.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum_core::body::Body;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tower_service::Service;

use super::login::{LoginCallback, LoginStart, SessionStore};
use super::{BoxFuture, CheckoutRedirect, PortalRedirect, Report, RouteError};

/// The target of the redirect, and further headers of the response.
pub(super) struct Redirect {
    pub(super) url: String,
    pub(super) headers: HeaderMap,
}

impl From<String> for Redirect {
    fn from(url: String) -> Self {
        Self { url, headers: HeaderMap::new() }
    }
}

/// Handles the head of a request. No body is read.
pub(super) trait Route: Clone + Send + Sync + 'static {
    fn report(&self) -> &Report;
    fn redirect(&self, request: Parts) -> impl Future<Output = Result<Redirect, RouteError>> + Send;
}

async fn respond(route: impl Route, request: Parts) -> Response<Body> {
    // Each route creates something, which a HEAD request must not do.
    if request.method != Method::GET {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Use GET.");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    let redirected = route.redirect(request).await.and_then(|redirect| {
        let location = HeaderValue::try_from(redirect.url).map_err(RouteError::internal)?;
        Ok((location, redirect.headers))
    });
    let mut response = match redirected {
        Ok((location, headers)) => {
            let mut response = text(StatusCode::SEE_OTHER, "");
            response.headers_mut().extend(headers);
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Err(error) => {
            (route.report())(&error);
            text(error.status(), &error.to_string())
        }
    };
    // The URL may contain the token of a session.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn text(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(message.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

macro_rules! service {
    ($route:ty $(, $store:ident)?) => {
        impl<B $(, $store: SessionStore)?> Service<Request<B>> for $route {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = BoxFuture<Result<Response<Body>, Infallible>>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<B>) -> Self::Future {
                let (route, (head, _)) = (self.clone(), request.into_parts());
                Box::pin(async move { Ok(respond(route, head).await) })
            }
        }
    };
}

service!(CheckoutRedirect);
service!(PortalRedirect);
service!(LoginStart<S>, S);
service!(LoginCallback<S>, S);
