//! Creates checkouts from queries.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::request::Parts;
use polar_client::models::{AddressInput, CheckoutCreate};
use polar_client::uuid::Uuid;
use polar_client::{Nullable, Polar, serde_json};
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use super::service::{Redirect, Route};
use super::{Report, RouteError};

/// Colors of the checkout page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Creates a checkout from the query of a request, and redirects the browser to it.
///
/// The token needs the scope `checkouts:write`. A link on a page can look like this:
/// `/checkout?products=01234567-89ab-cdef-0123-456789abcdef&customerEmail=ada@example.com`.
///
/// | parameter | what it sets |
/// |---|---|
/// | `products` | identifier of a product; repeat it for several, of which the first is selected |
/// | `customerEmail`, `customerName`, `customerTaxId` | what the form shows; the buyer can change it |
/// | `customerBillingAddress` | the address, as JSON |
/// | `seats` | number of seats, for a product that is sold per seat |
/// | `customerId`, `customerExternalId` | who buys (needs [`trust_query`](Self::trust_query)) |
/// | `customerIpAddress`, `customerMetadata`, `metadata` | data of the checkout, metadata as JSON (needs it too) |
/// | `discountId`, `allowDiscountCodes` | discounts (needs it too) |
///
/// Anybody who can open the link can change its query. Parameters that a visitor must not choose are rejected (400)
/// unless you call [`trust_query`](Self::trust_query). Other parameters are ignored.
#[derive(Clone)]
pub struct CheckoutRedirect {
    polar: Polar,
    products: Option<Vec<Uuid>>,
    success_url: Option<String>,
    return_url: Option<String>,
    theme: Option<Theme>,
    trusts_query: bool,
    report: Report,
}

impl CheckoutRedirect {
    /// Creates the route.
    #[must_use]
    pub fn new(polar: &Polar) -> Self {
        Self {
            polar: polar.clone(),
            products: None,
            success_url: None,
            return_url: None,
            theme: None,
            trusts_query: false,
            report: Arc::new(|_| ()),
        }
    }

    /// Sells only these products. By default, all products of the organization can be bought.
    #[must_use]
    pub fn only_products(self, products: impl IntoIterator<Item = Uuid>) -> Self {
        Self { products: Some(products.into_iter().collect()), ..self }
    }

    /// Sets where the buyer goes after success. `checkoutId=...` is added to its query, which
    /// `waiting::Wait::checkout` takes.
    #[must_use]
    pub fn success_url(self, url: impl Into<String>) -> Self {
        Self { success_url: Some(with_checkout_id(&url.into())), ..self }
    }

    /// Sets the URL of the checkout's back button. By default, there is no button.
    #[must_use]
    pub fn return_url(self, url: impl Into<String>) -> Self {
        Self { return_url: Some(url.into()), ..self }
    }

    /// Sets the colors of the page. By default they are those of the buyer's system.
    #[must_use]
    pub fn theme(self, theme: Theme) -> Self {
        Self { theme: Some(theme), ..self }
    }

    /// Accepts all parameters. Use it only if all requests to the route come from your own program: with these
    /// parameters, a visitor can see the e-mail address of another customer, and choose a discount.
    #[must_use]
    pub fn trust_query(self) -> Self {
        Self { trusts_query: true, ..self }
    }

    /// Calls `report` for each error that a visitor gets. Use it for logs.
    #[must_use]
    pub fn on_error(self, report: impl Fn(&RouteError) + Send + Sync + 'static) -> Self {
        Self { report: Arc::new(report), ..self }
    }

    /// Creates a checkout and returns the URL for the browser.
    ///
    /// # Errors
    /// The query is invalid, or the API rejects it or can't be reached.
    pub async fn url(&self, query: &str) -> Result<String, RouteError> {
        let checkout = self.polar.checkouts().create(self.read(query)?).await?;
        let Some(theme) = self.theme else { return Ok(checkout.url) };
        let mut url = Url::parse(&checkout.url).map_err(RouteError::internal)?;
        url.query_pairs_mut().append_pair(
            "theme",
            match theme {
                Theme::Light => "light",
                Theme::Dark => "dark",
            },
        );
        Ok(url.into())
    }

    fn read(&self, query: &str) -> Result<CheckoutCreate, RouteError> {
        let mut create = CheckoutCreate::new([]);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "products" => create.products.push(self.product(&value)?),
                "customerEmail" => create.customer_email = Nullable::Value(value),
                "customerName" => create.customer_name = Nullable::Value(value),
                "customerTaxId" => create.customer_tax_id = Nullable::Value(value),
                "customerBillingAddress" => {
                    create.customer_billing_address = Nullable::Value(json::<AddressInput>(&name, &value)?);
                }
                "seats" => create.seats = Nullable::Value(text(&name, &value)?),
                "customerId" | "customerExternalId" | "customerIpAddress" | "customerMetadata" | "metadata"
                | "discountId" | "allowDiscountCodes"
                    if !self.trusts_query =>
                {
                    let message = format!("Visitors may not set the parameter `{name}`.");
                    return Err(RouteError::bad_request(message));
                }
                "customerId" => create.customer_id = Nullable::Value(text(&name, &value)?),
                "customerExternalId" => create.external_customer_id = Nullable::Value(value),
                "customerIpAddress" => create.customer_ip_address = Nullable::Value(value),
                "customerMetadata" => create.customer_metadata = Some(json(&name, &value)?),
                "metadata" => create.metadata = Some(json(&name, &value)?),
                "discountId" => create.discount_id = Nullable::Value(text(&name, &value)?),
                "allowDiscountCodes" => create.allow_discount_codes = Some(text(&name, &value)?),
                _ => {}
            }
        }
        if create.products.is_empty() {
            return Err(RouteError::bad_request("The parameter `products` is missing."));
        }
        create.success_url = self.success_url.clone().map_or(Nullable::Absent, Nullable::Value);
        create.return_url = self.return_url.clone().map_or(Nullable::Absent, Nullable::Value);
        Ok(create)
    }

    fn product(&self, value: &str) -> Result<Uuid, RouteError> {
        let product = text("products", value)?;
        match &self.products {
            Some(products) if !products.contains(&product) => {
                Err(RouteError::bad_request("The product can't be bought here."))
            }
            _ => Ok(product),
        }
    }
}

impl Route for CheckoutRedirect {
    fn report(&self) -> &Report {
        &self.report
    }

    async fn redirect(&self, request: Parts) -> Result<Redirect, RouteError> {
        Ok(self.url(request.uri.query().unwrap_or_default()).await?.into())
    }
}

impl fmt::Debug for CheckoutRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckoutRedirect")
            .field("products", &self.products)
            .field("success_url", &self.success_url)
            .field("return_url", &self.return_url)
            .field("theme", &self.theme)
            .field("trusts_query", &self.trusts_query)
            .finish_non_exhaustive()
    }
}

fn text<T: FromStr>(name: &str, value: &str) -> Result<T, RouteError> {
    value.parse().map_err(|_| RouteError::bad_request(format!("The parameter `{name}` is not valid.")))
}

fn json<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, RouteError> {
    serde_json::from_str(value).map_err(|error| {
        RouteError::bad_request(format!("The parameter `{name}` is not valid JSON of the expected structure."))
            .with_source(error)
    })
}

/// Adds the parameter that Polar replaces with the identifier of the checkout.
fn with_checkout_id(url: &str) -> String {
    let (address, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}checkoutId={{CHECKOUT_ID}}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_id_is_added_to_the_query() {
        let added = ["https://a.example/", "https://a.example/?b=1", "https://a.example/#c"].map(with_checkout_id);
        assert_eq!(added[0], "https://a.example/?checkoutId={CHECKOUT_ID}");
        assert_eq!(added[1], "https://a.example/?b=1&checkoutId={CHECKOUT_ID}");
        assert_eq!(added[2], "https://a.example/?checkoutId={CHECKOUT_ID}#c");
    }
}
