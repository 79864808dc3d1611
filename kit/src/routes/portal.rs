//! Sends signed-in customers to the customer portal.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use polar_client::models::{CustomerSessionCustomerExternalIDCreate, CustomerSessionCustomerIDCreate};
use polar_client::runtime::BoxError;
use polar_client::{Nullable, Polar};

use super::service::{Redirect, Route};
use super::{BoxFuture, Report, RouteError};
use crate::CustomerKey;

/// Identifies the signed-in user.
type Find = dyn Fn(Parts) -> BoxFuture<Result<Option<CustomerKey>, BoxError>> + Send + Sync;

/// Sends the signed-in customer to the customer portal.
///
/// A closure identifies the customer from the head of the request: by a cookie, or by an extension that a layer has
/// set. It must not use the query, because the named customer's portal is opened. `None` means that nobody is signed
/// in: the response is 401, or a redirect to [`sign_in_url`](Self::sign_in_url).
///
/// The token needs the scope `customer_sessions:write`.
#[derive(Clone)]
pub struct PortalRedirect {
    polar: Polar,
    find: Arc<Find>,
    return_url: Option<String>,
    sign_in_url: Option<String>,
    report: Report,
}

impl PortalRedirect {
    /// Creates the route.
    pub fn new<F, R, E>(polar: &Polar, customer: F) -> Self
    where
        F: Fn(Parts) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Option<CustomerKey>, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let find: Arc<Find> = Arc::new(move |request| {
            let found = customer(request);
            Box::pin(async move { found.await.map_err(Into::into) })
        });
        Self { polar: polar.clone(), find, return_url: None, sign_in_url: None, report: Arc::new(|_| ()) }
    }

    /// Sets the URL of the portal's back button. By default, there is no button.
    #[must_use]
    pub fn return_url(self, url: impl Into<String>) -> Self {
        Self { return_url: Some(url.into()), ..self }
    }

    /// Sets the page for visitors who are not signed in.
    #[must_use]
    pub fn sign_in_url(self, url: impl Into<String>) -> Self {
        Self { sign_in_url: Some(url.into()), ..self }
    }

    /// Calls `report` for each error that a visitor gets. Use it for logs.
    #[must_use]
    pub fn on_error(self, report: impl Fn(&RouteError) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    /// Creates a session for this customer and returns the URL of the portal. It contains a token that is valid for an
    /// hour: send it only to the customer's own browser, and don't log it.
    ///
    /// # Errors
    /// The API rejects the customer or can't be reached.
    pub async fn url(&self, customer: &CustomerKey) -> Result<String, RouteError> {
        let return_url = self.return_url.clone().map_or(Nullable::Absent, Nullable::Value);
        let sessions = self.polar.customer_sessions();
        let session = match customer {
            CustomerKey::Id(id) => {
                sessions.create(CustomerSessionCustomerIDCreate::new(*id).return_url(return_url)).await
            }
            CustomerKey::External(id) => {
                sessions.create(CustomerSessionCustomerExternalIDCreate::new(id).return_url(return_url)).await
            }
        };
        Ok(session?.customer_portal_url)
    }
}

impl Route for PortalRedirect {
    fn report(&self) -> &Report {
        &self.report
    }

    async fn redirect(&self, request: Parts) -> Result<Redirect, RouteError> {
        let found = (self.find)(request).await;
        match found.map_err(RouteError::internal)? {
            Some(customer) => Ok(self.url(&customer).await?.into()),
            None => match &self.sign_in_url {
                Some(url) => Ok(url.clone().into()),
                None => Err(RouteError::new(StatusCode::UNAUTHORIZED, "Please sign in first.")),
            },
        }
    }
}

impl fmt::Debug for PortalRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalRedirect")
            .field("return_url", &self.return_url)
            .field("sign_in_url", &self.sign_in_url)
            .finish_non_exhaustive()
    }
}
