//! Amounts with their currency.

use std::error::Error as StdError;
use std::fmt;

use rust_decimal::Decimal;

/// Currencies whose amounts have no decimals in the API.
const ZERO: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];

/// Currencies with three decimals by ISO 4217.
const THREE: &[&str] = &["bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"];

/// Returns how many decimals an amount of this currency has in the API: 2 for `usd`, 0 for `jpy`.
#[must_use]
pub fn exponent(currency: &str) -> u32 {
    let is = |list: &[&str]| list.iter().any(|code| code.eq_ignore_ascii_case(currency));
    match (is(ZERO), is(THREE)) {
        (true, _) => 0,
        (_, true) => 3,
        _ => 2,
    }
}

/// An amount in the smallest unit of its currency: 1050 in `usd` is 10 dollars and 50 cents.
///
/// `Display` is for people: `1,234.50 USD`. Amounts in different currencies are never equal and can't be added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    amount: i64,
    /// In lower case, as in the API.
    currency: String,
}

impl Money {
    /// Creates an amount in the smallest unit of a currency, as the API has it in `amount` and `currency`.
    #[must_use]
    pub fn new(amount: i64, currency: impl AsRef<str>) -> Self {
        Self { amount, currency: currency.as_ref().to_ascii_lowercase() }
    }

    /// Creates an amount from whole units and their decimals: `10.50` in `usd`.
    ///
    /// # Errors
    /// The number has more decimals than the currency, or is too large.
    pub fn from_decimal(units: Decimal, currency: impl AsRef<str>) -> Result<Self, MoneyError> {
        let smallest = scale(units, exponent(currency.as_ref()))?;
        if !smallest.is_integer() {
            return Err(MoneyError::TooPrecise);
        }
        Ok(Self::new(i64::try_from(smallest).map_err(|_| MoneyError::TooLarge)?, currency))
    }

    /// Returns the amount in the smallest unit.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// Returns the currency in lower case, such as `usd`.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Returns the amount in whole units: `10.50` for 1050 in `usd`.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        Decimal::from_i128_with_scale(self.amount.into(), exponent(&self.currency))
    }

    /// Returns whether the amount is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.amount == 0
    }

    /// Adds an amount.
    ///
    /// # Errors
    /// It has another currency, or the sum is too large.
    pub fn checked_add(&self, other: &Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_add)
    }

    /// Subtracts an amount.
    ///
    /// # Errors
    /// It has another currency, or the difference is too large.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, MoneyError> {
        self.with(other, i64::checked_sub)
    }

    /// Multiplies the amount: a price by a quantity.
    ///
    /// # Errors
    /// The product is too large.
    pub fn checked_mul(&self, quantity: i64) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(quantity).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, currency: self.currency.clone() })
    }

    fn with(&self, other: &Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies { left: self.currency.clone(), right: other.currency.clone() });
        }
        let amount = operation(self.amount, other.amount).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, currency: self.currency.clone() })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(self.to_decimal(), &self.currency))
    }
}

/// Multiplies by a power of ten.
pub(super) fn scale(number: Decimal, exponent: u32) -> Result<Decimal, MoneyError> {
    let factor = Decimal::from(10_i64.pow(exponent));
    Ok(number.checked_mul(factor).ok_or(MoneyError::TooLarge)?.normalize())
}

/// Writes whole units with a comma between thousands, and the currency.
pub(super) fn text(units: Decimal, currency: &str) -> String {
    let number = units.to_string();
    let (sign, digits) = number.strip_prefix('-').map_or(("", &*number), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::with_capacity(number.len() + 8);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{decimals} {}", currency.to_ascii_uppercase())
}

/// Why an amount can't be calculated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoneyError {
    /// The result is too large.
    TooLarge,
    /// The number has more decimals than the currency.
    TooPrecise,
    /// The text is not a decimal number.
    NotANumber,
    /// The amounts have different currencies.
    Currencies {
        /// The currency of the first amount.
        left: String,
        /// The currency of the second amount.
        right: String,
    },
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the amount is too large"),
            Self::TooPrecise => f.write_str("the number has more decimals than its currency; round it first"),
            Self::NotANumber => f.write_str("the text is not a decimal number"),
            Self::Currencies { left, right } => write!(f, "an amount in {left} and one in {right} can't be added"),
        }
    }
}

impl StdError for MoneyError {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn amounts_read_well_in_every_currency() {
        let shown = |amount, currency| Money::new(amount, currency).to_string();
        assert_eq!(shown(0, "usd"), "0.00 USD");
        assert_eq!(shown(5, "EUR"), "0.05 EUR");
        assert_eq!(shown(-123_456_789, "usd"), "-1,234,567.89 USD");
        assert_eq!(shown(100_000, "krw"), "100,000 KRW");
        assert_eq!(shown(1_234_567, "kwd"), "1,234.567 KWD");
        assert_eq!(shown(i64::MIN, "jpy"), "-9,223,372,036,854,775,808 JPY");
        assert_eq!(format!("{:>12}", Money::new(100, "usd")), "    1.00 USD");
    }

    #[test]
    fn decimals_follow_the_api_and_not_iso() {
        assert_eq!(["isk", "ugx", "huf", "twd", "usd"].map(exponent), [2; 5]);
        assert_eq!(["mga", "jpy", "XPF"].map(exponent), [0; 3]);
    }

    #[test]
    fn whole_units_convert_exactly_or_not_at_all() {
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        for (amount, currency) in [(1050, "usd"), (-1, "eur"), (7, "jpy"), (i64::MAX, "kwd")] {
            let money = Money::new(amount, currency);
            assert_eq!(Money::from_decimal(money.to_decimal(), currency), Ok(money));
        }
        assert_eq!(Money::from_decimal(decimal("10.5"), "USD"), Ok(Money::new(1050, "usd")));
        assert_eq!(Money::from_decimal(decimal("10.505"), "usd"), Err(MoneyError::TooPrecise));
        assert_eq!(Money::from_decimal(decimal("10.5"), "jpy"), Err(MoneyError::TooPrecise));
        assert_eq!(Money::from_decimal(decimal("1e20"), "usd"), Err(MoneyError::TooLarge));
    }

    #[test]
    fn currencies_do_not_mix_and_sums_do_not_wrap() {
        let (dollar, euro) = (Money::new(100, "usd"), Money::new(100, "eur"));
        assert_eq!(dollar.checked_add(&Money::new(50, "USD")), Ok(Money::new(150, "usd")));
        assert_eq!(dollar.checked_sub(&Money::new(150, "usd")), Ok(Money::new(-50, "usd")));
        let error = dollar.checked_add(&euro).unwrap_err();
        assert_eq!(error.to_string(), "an amount in usd and one in eur can't be added");
        assert_eq!(Money::new(i64::MAX, "usd").checked_add(&dollar), Err(MoneyError::TooLarge));
        assert_eq!(Money::new(i64::MAX, "usd").checked_mul(2), Err(MoneyError::TooLarge));
    }
}
