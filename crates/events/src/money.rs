//! Money: integer micros (millionths) with a currency, never a float that is added up.
//!
//! JSON numbers arrive as doubles. A double keeps every decimal of up to 15 significant digits apart from its
//! neighbours, and its shortest decimal text is the one that was written; so reading that text instead of computing with the
//! double is exact. Fifteen digits hold every amount with two minor digits up to 9,999,999,999,999.99, which is more than
//! 64 bits of micros can hold (about 9,223,372,036,854). Amounts with more digits than that come exactly as text.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Currency;
use crate::decimal::Decimal;

const MICROS_PER_UNIT: u64 = 1_000_000;

/// An amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    micros: i64,
    currency: Currency,
}

/// Why something is not an amount, or two amounts have no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Neither a JSON number nor a plain decimal text.
    #[error("not an amount; write a decimal number such as 12.50")]
    NotDecimal,
    /// The amount has more micros than 64 bits hold.
    #[error("the amount is too large; at most 9223372036854.775807 is counted")]
    TooLarge,
    /// Amounts of two currencies are never added.
    #[error("amounts of two currencies have no sum; add up each currency alone")]
    CurrenciesDiffer,
}

impl Money {
    /// An amount of this many millionths.
    pub const fn from_micros(micros: i64, currency: Currency) -> Self {
        Self { micros, currency }
    }

    /// Millionths of the currency's unit.
    pub const fn micros(self) -> i64 {
        self.micros
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Reads a plain decimal text such as `184.50`. More than six decimals are rounded half to even.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Self::from_decimal(
            &Decimal::parse(text).ok_or(MoneyError::NotDecimal)?,
            currency,
        )
    }

    /// Reads a JSON number, or a text as [`Money::parse`] does.
    pub fn from_json(value: &Value, currency: Currency) -> Result<Self, MoneyError> {
        match value {
            Value::String(text) => Self::parse(text, currency),
            Value::Number(number) => Self::from_decimal(
                &Decimal::from_number(number).ok_or(MoneyError::NotDecimal)?,
                currency,
            ),
            _ => Err(MoneyError::NotDecimal),
        }
    }

    fn from_decimal(decimal: &Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let micros = decimal.to_micros().ok_or(MoneyError::TooLarge)?;
        Ok(Self { micros, currency })
    }

    /// The sum, of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, of one currency; it may be negative.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The price of so many.
    pub fn checked_mul_quantity(self, quantity: i64) -> Result<Self, MoneyError> {
        let micros = self
            .micros
            .checked_mul(quantity)
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self { micros, ..self })
    }

    fn combine(
        self,
        other: Self,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrenciesDiffer);
        }
        let micros = operation(self.micros, other.micros).ok_or(MoneyError::TooLarge)?;
        Ok(Self { micros, ..self })
    }

    /// Such as `184.50`: at least the currency's minor digits, more only where they are needed.
    pub fn to_decimal_string(self) -> String {
        let sign = if self.micros < 0 { "-" } else { "" };
        let whole = self.micros.unsigned_abs() / MICROS_PER_UNIT;
        let fraction = format!("{:06}", self.micros.unsigned_abs() % MICROS_PER_UNIT);
        let needed = fraction
            .trim_end_matches('0')
            .len()
            .max(self.currency.minor_units());
        match &fraction[..needed] {
            "" => format!("{sign}{whole}"),
            decimals => format!("{sign}{whole}.{decimals}"),
        }
    }
}

#[cfg(test)]
mod tests;
