//! Identifiers of customers.

use polar_client::uuid::Uuid;

/// Identifies a customer: by Polar's identifier, or by your own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CustomerKey {
    /// Polar's identifier.
    Id(Uuid),
    /// Your own identifier of the customer. The server can't find one with a slash.
    External(String),
}

impl From<Uuid> for CustomerKey {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for CustomerKey {
    fn from(external_id: &str) -> Self {
        Self::External(external_id.to_owned())
    }
}

impl From<String> for CustomerKey {
    fn from(external_id: String) -> Self {
        Self::External(external_id)
    }
}
