//! The known state of one customer.

use std::sync::Arc;
use std::time::Duration;

use polar_client::Error;
use polar_client::models::{CustomerState, CustomerStateBenefitGrant, CustomerStateMeter, CustomerStateSubscription};
use polar_client::uuid::Uuid;

use super::store::Known;

/// The entitlements of a customer, as last known.
#[derive(Clone, Debug)]
pub struct Entitlements {
    known: Known,
    stale: bool,
    error: Option<Arc<Error>>,
}

impl Entitlements {
    pub(super) fn new(known: Known, stale: bool, error: Option<Arc<Error>>) -> Self {
        Self { known, stale, error }
    }

    /// Returns the customer with its state, or `None` if Polar does not know the customer.
    #[must_use]
    pub fn customer(&self) -> Option<&CustomerState> {
        self.known.state.as_deref()
    }

    /// Returns the age of the state. It may have changed since.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.known.age()
    }

    /// Returns whether a newer state could not be read, so that this is the last known one.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.stale
    }

    /// Returns why a newer state could not be read.
    #[must_use]
    pub fn refresh_error(&self) -> Option<&Error> {
        self.error.as_deref()
    }

    /// Returns whether the customer has this benefit.
    #[must_use]
    pub fn has_benefit(&self, benefit_id: Uuid) -> bool {
        self.benefit(benefit_id).is_some()
    }

    /// Returns the grant of this benefit. If there are several, it is the first.
    #[must_use]
    pub fn benefit(&self, benefit_id: Uuid) -> Option<&CustomerStateBenefitGrant> {
        let grants = self.customer()?.granted_benefits()?;
        grants.iter().find(|grant| grant.benefit_id == benefit_id)
    }

    /// Returns the balance of this meter: credited units minus consumed ones, negative if more was consumed. `None` if
    /// the customer has no such meter.
    ///
    /// Polar updates meters shortly after it gets events, so that the balance lags behind your own counts.
    #[must_use]
    pub fn meter_balance(&self, meter_id: Uuid) -> Option<f64> {
        Some(self.meter(meter_id)?.balance)
    }

    /// Returns the customer's values for this meter.
    #[must_use]
    pub fn meter(&self, meter_id: Uuid) -> Option<&CustomerStateMeter> {
        let meters = self.customer()?.active_meters()?;
        meters.iter().find(|meter| meter.meter_id == meter_id)
    }

    /// Returns whether the customer has a subscription to this product that is active or in its trial.
    ///
    /// A product that was bought once is not part of the state. Give it a benefit, and check that.
    #[must_use]
    pub fn active_product(&self, product_id: Uuid) -> bool {
        self.active_subscription(product_id).is_some()
    }

    /// Returns the customer's subscription to this product, if it is active or in its trial.
    #[must_use]
    pub fn active_subscription(&self, product_id: Uuid) -> Option<&CustomerStateSubscription> {
        self.active_subscriptions().iter().find(|subscription| subscription.product_id == product_id)
    }

    /// Returns all subscriptions that are active or in their trials.
    #[must_use]
    pub fn active_subscriptions(&self) -> &[CustomerStateSubscription] {
        self.customer().and_then(CustomerState::active_subscriptions).map_or(&[], |subscriptions| subscriptions)
    }
}
