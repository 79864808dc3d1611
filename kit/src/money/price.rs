//! Exact prices of one unit.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::amount::{scale, text};
use super::{Money, MoneyError, exponent};

/// An exact price of one unit, which can be a fraction of the smallest unit of the currency.
///
/// The API sends it as text in the smallest unit: `unit_amount: "0.123456"` in `usd` is 0.00123456 dollars. `Display`
/// is for people: `0.00123456 USD`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnitPrice {
    /// In the smallest unit.
    amount: Decimal,
    currency: String,
}

impl UnitPrice {
    /// Parses a `unit_amount` of the API.
    ///
    /// # Errors
    /// The text is not a decimal number.
    pub fn parse(unit_amount: &str, currency: impl AsRef<str>) -> Result<Self, MoneyError> {
        let amount = Decimal::from_str_exact(unit_amount).map_err(|_| MoneyError::NotANumber)?;
        Ok(Self { amount: amount.normalize(), currency: currency.as_ref().to_ascii_lowercase() })
    }

    /// Returns the price in the smallest unit of the currency, without rounding.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    /// Returns the currency in lower case, such as `usd`.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Returns whether a unit is free.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }

    /// Returns the price of several units without rounding, for example of a million tokens.
    ///
    /// # Errors
    /// The price is too large.
    pub fn per(&self, units: impl Into<Decimal>) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(units.into()).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount: amount.normalize(), currency: self.currency.clone() })
    }

    /// Returns the charge for a quantity, rounded to the smallest unit of the currency. Half a unit is rounded away
    /// from zero, as Polar does.
    ///
    /// # Errors
    /// The price is too large.
    pub fn total(&self, quantity: impl Into<Decimal>) -> Result<Money, MoneyError> {
        let total = self.per(quantity)?.amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        Ok(Money::new(i64::try_from(total).map_err(|_| MoneyError::TooLarge)?, &self.currency))
    }
}

impl From<Money> for UnitPrice {
    fn from(money: Money) -> Self {
        Self { amount: money.amount().into(), currency: money.currency().to_owned() }
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = exponent(&self.currency);
        let units = scale(Decimal::ONE, decimals).ok().and_then(|factor| self.amount.checked_div(factor));
        // At least the decimals of the currency, so that a whole amount looks like other amounts.
        let mut units = units.unwrap_or(self.amount);
        if units.scale() < decimals {
            units.rescale(decimals);
        }
        f.pad(&text(units, &self.currency))
    }
}

/// Parses the format of [`Display`](fmt::Display) without a comma, such as `0.0015 usd`: whole units and a currency.
impl FromStr for UnitPrice {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (units, currency) = text.trim().split_once(' ').ok_or(MoneyError::NotANumber)?;
        let units = Decimal::from_str_exact(units).map_err(|_| MoneyError::NotANumber)?;
        let currency = currency.trim().to_ascii_lowercase();
        Ok(Self { amount: scale(units, exponent(&currency))?, currency })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn price(text: &str) -> UnitPrice {
        UnitPrice::parse(text, "usd").unwrap()
    }

    #[test]
    fn all_twelve_decimals_are_kept() {
        assert_eq!(price("0.123456789012").to_string(), "0.00123456789012 USD");
        assert_eq!(price("0.123456000000").to_string(), "0.00123456 USD");
        assert_eq!(price("100.000000000000").to_string(), "1.00 USD");
        assert_eq!(price("150").to_string(), "1.50 USD");
        assert_eq!(UnitPrice::parse("0.5", "jpy").unwrap().to_string(), "0.5 JPY");
        assert_eq!(UnitPrice::parse("7", "JPY").unwrap().to_string(), "7 JPY");
    }

    #[test]
    fn totals_are_exact_before_they_are_rounded() {
        // With floating point, 0.1 * 3 is more than 0.3, and 1.005 * 100 is less than 100.5.
        assert_eq!(price("0.1").per(3).unwrap().amount(), Decimal::new(3, 1));
        assert_eq!(price("1.005").total(100).unwrap(), Money::new(101, "usd"));
        assert_eq!(price("0.5").total(1).unwrap(), Money::new(1, "usd"));
        assert_eq!(price("0.5").total(5).unwrap(), Money::new(3, "usd"));
        assert_eq!(price("0.000000000001").total(1_000_000_000_000_i64).unwrap(), Money::new(1, "usd"));
        assert_eq!(price("9223372036854775807").total(2), Err(MoneyError::TooLarge));
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for text in ["", "1,5", "abc", "1.2.3"] {
            assert_eq!(UnitPrice::parse(text, "usd"), Err(MoneyError::NotANumber), "{text}");
        }
        assert_eq!("0.0015 usd".parse::<UnitPrice>().unwrap(), price("0.15"));
    }
}
