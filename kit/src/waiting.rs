//! Waiting for Polar's background work: checkouts, invoices, receipts and subscriptions.
//!
//! Each method repeats a request with growing delays until there is a result or the deadline has passed. Webhooks
//! report the same without polling. Use these methods if a program has to wait immediately: on the page that a buyer
//! returns to, or in a script.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use polar_client::Polar;
//! use polar_client::models::CheckoutStatus;
//! use polar_client::uuid::Uuid;
//! use polar_client_kit::waiting::WaitExt;
//!
//! # async fn example(polar: Polar, checkout_id: Uuid, order_id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
//! let checkout = polar.wait().deadline(Duration::from_secs(20)).checkout(checkout_id).await?;
//! if checkout.status == CheckoutStatus::Succeeded {
//!     let invoice = polar.wait().invoice(order_id).await?;
//!     println!("download it soon: {:?}", invoice.url);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It needs a tokio runtime with timers.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use polar_client::models::{Checkout, CheckoutStatus, OrderInvoice, OrderReceipt, Subscription};
use polar_client::resources::orders::OrdersReceiptOutput;
use polar_client::uuid::Uuid;
use polar_client::{Error, Polar};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Adds [`wait`](Self::wait) to the client.
pub trait WaitExt {
    /// Returns a wait with a deadline of 1 minute.
    fn wait(&self) -> Wait;
}

impl WaitExt for Polar {
    fn wait(&self) -> Wait {
        Wait {
            polar: self.clone(),
            deadline: Duration::from_secs(60),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(5),
        }
    }
}

/// How long to wait, and how often to send requests. Its methods determine what to wait for.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before one of its methods is awaited"]
pub struct Wait {
    polar: Polar,
    deadline: Duration,
    first: Duration,
    longest: Duration,
}

impl Wait {
    /// Sets the deadline, which includes the requests.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Sets the delay after the first request, 0.5 seconds by default, and the maximum delay, 5 seconds by default.
    /// Each delay is one and a half times the previous one.
    pub fn delays(self, first: Duration, longest: Duration) -> Self {
        Self { first, longest, ..self }
    }

    /// Waits until the checkout has succeeded, failed or expired, and returns it. Its `status` shows which.
    ///
    /// # Errors
    /// The deadline has passed, or the API rejects the request.
    pub async fn checkout(&self, checkout_id: Uuid) -> Result<Checkout, WaitError> {
        let mut poll = self.start();
        self.closed_checkout(&mut poll, checkout_id).await
    }

    /// Waits for the checkout and then for the subscription that it started.
    ///
    /// # Errors
    /// The errors of [`checkout`](Self::checkout), and [`WaitError::NoSubscription`] if the checkout has failed or
    /// expired, or its product is bought once.
    pub async fn subscription(&self, checkout_id: Uuid) -> Result<Subscription, WaitError> {
        let mut poll = self.start();
        let checkout = self.closed_checkout(&mut poll, checkout_id).await?;
        let bought_once = checkout.product.as_ref().is_some_and(|product| !product.is_recurring);
        if checkout.status != CheckoutStatus::Succeeded || bought_once {
            return Err(WaitError::NoSubscription(Box::new(checkout)));
        }
        loop {
            let mut subscriptions = self.polar.subscriptions().list().limit(100);
            if let Some(customer_id) = checkout.customer_id {
                subscriptions = subscriptions.customer_id(customer_id);
            }
            if let Some(product_id) = checkout.product_id {
                subscriptions = subscriptions.product_id(product_id);
            }
            let mut subscriptions = subscriptions.items();
            let search = async {
                while let Some(subscription) = subscriptions.next().await {
                    let subscription = subscription?;
                    if subscription.checkout_id == Some(checkout_id) {
                        return Ok(Some(subscription));
                    }
                }
                Ok(None)
            };
            if let Some(found) = poll.answer(search).await?.flatten() {
                return Ok(found);
            }
            poll.pause().await?;
        }
    }

    /// Returns the link to the invoice of an order. If there is no invoice yet, it is requested first.
    ///
    /// # Errors
    /// The deadline has passed, or the API rejects the request: for an invoice, the customer needs a billing name and
    /// address (`MissingInvoiceBillingDetails`).
    pub async fn invoice(&self, order_id: Uuid) -> Result<OrderInvoice, WaitError> {
        let mut poll = self.start();
        let orders = self.polar.orders();
        let mut requested = false;
        loop {
            let invoice = async {
                match orders.invoice(order_id).await {
                    Err(error) if error.is_not_found() => Ok(None),
                    result => result.map(Some),
                }
            };
            match poll.answer(invoice).await? {
                Some(Some(invoice)) => return Ok(invoice),
                // This also shows whether the order exists.
                Some(None) if !requested => {
                    let request = async { orders.generate_invoice(order_id).await };
                    requested = poll.answer(request).await?.is_some();
                }
                _ => {}
            }
            poll.pause().await?;
        }
    }

    /// Returns the link to the receipt of a paid order.
    ///
    /// # Errors
    /// The deadline has passed, or the API rejects the request: an order that is not paid has no receipt (404).
    pub async fn receipt(&self, order_id: Uuid) -> Result<OrderReceipt, WaitError> {
        let mut poll = self.start();
        let orders = self.polar.orders();
        loop {
            if let Some(OrdersReceiptOutput::Ok(receipt)) =
                poll.answer(async { orders.receipt(order_id).await }).await?
            {
                return Ok(receipt);
            }
            poll.pause().await?;
        }
    }

    async fn closed_checkout(&self, poll: &mut Poll, checkout_id: Uuid) -> Result<Checkout, WaitError> {
        loop {
            let checkout = poll.answer(async { self.polar.checkouts().get(checkout_id).await }).await?;
            if let Some(checkout) = checkout.filter(|checkout| is_closed(&checkout.status)) {
                return Ok(checkout);
            }
            poll.pause().await?;
        }
    }

    fn start(&self) -> Poll {
        Poll {
            deadline: Instant::now() + self.deadline,
            delay: self.first,
            longest: self.longest,
            asked: Duration::ZERO,
            error: None,
        }
    }
}

/// Returns whether the status is final. An unknown one may not be.
fn is_closed(status: &CheckoutStatus) -> bool {
    matches!(status, CheckoutStatus::Succeeded | CheckoutStatus::Failed | CheckoutStatus::Expired)
}

/// Requests until a deadline.
struct Poll {
    deadline: Instant,
    delay: Duration,
    longest: Duration,
    /// The time that the server asks to wait.
    asked: Duration,
    /// The last temporary error.
    error: Option<Error>,
}

impl Poll {
    /// Awaits a response. `None` for a temporary error: the server is down, or asks to wait.
    async fn answer<T>(&mut self, request: impl Future<Output = Result<T, Error>>) -> Result<Option<T>, WaitError> {
        match timeout_at(self.deadline, request).await {
            Ok(Ok(response)) => {
                self.error = None;
                Ok(Some(response))
            }
            Ok(Err(error)) if error.is_retryable() || error.is_server_error() => {
                self.asked = error.retry_after().unwrap_or_default();
                self.error = Some(error);
                Ok(None)
            }
            Ok(Err(error)) => Err(WaitError::Request(error)),
            Err(_) => Err(self.too_late()),
        }
    }

    /// Waits before the next request.
    async fn pause(&mut self) -> Result<(), WaitError> {
        let next = Instant::now() + self.delay.max(std::mem::take(&mut self.asked));
        if next >= self.deadline {
            sleep_until(self.deadline).await;
            return Err(self.too_late());
        }
        self.delay = self.delay.mul_f64(1.5).min(self.longest);
        sleep_until(next).await;
        Ok(())
    }

    fn too_late(&mut self) -> WaitError {
        WaitError::Deadline(self.error.take())
    }
}

/// Why a wait ended without a result.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitError {
    /// The deadline has passed. It contains the error of the last request, if it failed.
    Deadline(Option<Error>),
    /// The API rejects the request, so waiting does not help.
    Request(Error),
    /// The checkout starts no subscription: it has failed or expired, or its product is bought once.
    NoSubscription(Box<Checkout>),
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline(None) => f.write_str("it was not ready before the deadline"),
            Self::Deadline(Some(_)) => f.write_str("it was not ready before the deadline, and the last request failed"),
            Self::Request(_) => f.write_str("the API rejects the request"),
            Self::NoSubscription(checkout) if checkout.status == CheckoutStatus::Succeeded => {
                f.write_str("the checkout starts no subscription: its product is bought once")
            }
            Self::NoSubscription(checkout) => {
                write!(f, "the checkout starts no subscription: it is {}", checkout.status)
            }
        }
    }
}

impl StdError for WaitError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Deadline(error) => error.as_ref().map(|error| error as _),
            Self::Request(error) => Some(error),
            Self::NoSubscription(_) => None,
        }
    }
}
