//! Amounts with their currency, exact prices of units, and prices in words.
//!
//! - [`Money`] is an amount in the smallest unit of its currency, as everywhere in the API.
//! - [`UnitPrice`] is an exact decimal, for metered prices, which can be fractions of a cent.
//! - [`describe`](DescribePrice::describe) says what a price is: fixed, free, pay what you want, metered, per seat or
//!   unit with tiers, legacy.
//!
//! ```
//! use polar_client_kit::money::{Money, UnitPrice};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! assert_eq!(Money::new(123_450, "usd").to_string(), "1,234.50 USD");
//! assert_eq!(Money::new(1500, "jpy").to_string(), "1,500 JPY");
//!
//! let price = UnitPrice::parse("0.123456", "usd")?;
//! assert_eq!(price.to_string(), "0.00123456 USD");
//! assert_eq!(price.total(10_000)?, Money::new(1235, "usd"));
//! # Ok(())
//! # }
//! ```
//!
//! # Smallest units
//!
//! The smallest unit is Polar's, which differs from ISO 4217 for some currencies. Amounts of `isk` and `ugx` have two
//! decimals in the API although these currencies have no coins below 1, and amounts of `mga` have none. [`exponent`]
//! returns the number of decimals. Currencies with three decimals, which Polar does not offer yet, follow ISO 4217.

mod amount;
mod describe;
mod price;

pub use amount::{Money, MoneyError, exponent};
pub use describe::{DescribePrice, PriceDescription, PriceKind, PriceTier, TierMode};
pub use price::UnitPrice;
#[doc(no_inline)]
pub use rust_decimal::Decimal;
