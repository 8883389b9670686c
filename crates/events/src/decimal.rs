//! Decimal numbers as they are written, digit by digit. Amounts and quantities are read through here, so no float is
//! ever multiplied, added or rounded.

use std::fmt;

use serde_json::Number;

/// `digits` × 10^`exponent`. Digits have no zeros at either end and are empty for zero, so equal numbers have equal fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads `-12.50`, `+3`, `.5`, with blanks around. No exponent, no separators, no `NaN`, no other script's digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let written = format!("{whole}{fraction}");
        if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent = -i64::try_from(fraction.len()).ok()?;
        Some(Self::trimmed(negative, &written, exponent))
    }

    /// A JSON number by its shortest decimal text, which is the text it was written as (see `money.rs`).
    pub(crate) fn from_number(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let mut decimal = Self::parse(mantissa)?;
        if !decimal.digits.is_empty() {
            decimal.exponent = decimal.exponent.checked_add(power.parse().ok()?)?;
        }
        Some(decimal)
    }

    fn trimmed(negative: bool, written: &str, exponent: i64) -> Self {
        let significant = written.trim_end_matches('0');
        let dropped = written.len() - significant.len();
        let digits = significant.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self {
                negative: false,
                digits,
                exponent: 0,
            };
        }
        Self {
            negative,
            digits,
            exponent: exponent.saturating_add(i64::try_from(dropped).unwrap_or(i64::MAX)),
        }
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// The number itself, when it is whole and fits.
    pub(crate) fn to_whole(&self) -> Option<i64> {
        if self.is_whole() {
            self.scaled(0)
        } else {
            None
        }
    }

    /// Millionths, rounded half to even; `None` when they do not fit.
    pub(crate) fn to_micros(&self) -> Option<i64> {
        self.scaled(6)
    }

    /// The number × 10^`places`, rounded half to even.
    fn scaled(&self, places: i64) -> Option<i64> {
        let shift = self.exponent.checked_add(places)?;
        let magnitude = if self.digits.is_empty() {
            0
        } else if shift >= 0 {
            self.raised(shift)?
        } else {
            self.rounded(usize::try_from(shift.unsigned_abs()).ok()?)?
        };
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }

    fn raised(&self, zeros: i64) -> Option<i128> {
        let length = i64::try_from(self.digits.len()).ok()?;
        // Nineteen digits are all that an i64 can have, and what keeps the i128 from overflowing.
        if length.checked_add(zeros)? > 19 {
            return None;
        }
        let power = 10_i128.pow(u32::try_from(zeros).ok()?);
        Some(self.digits.parse::<i128>().ok()? * power)
    }

    fn rounded(&self, dropped: usize) -> Option<i128> {
        let Some(kept_length) = self.digits.len().checked_sub(dropped) else {
            return Some(0);
        };
        if kept_length > 19 {
            return None;
        }
        let (kept, rest) = self.digits.split_at(kept_length);
        let kept = if kept.is_empty() {
            0
        } else {
            kept.parse::<i128>().ok()?
        };
        // Digits never end in a zero, so anything behind a five makes it more than half.
        let up = match rest.as_bytes() {
            [b'5'] => kept % 2 == 1,
            [first, ..] => *first >= b'5',
            [] => false,
        };
        Some(kept + i128::from(up))
    }

    /// All digits written out, without an exponent.
    pub(crate) fn plain_text(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        if let Ok(zeros) = usize::try_from(self.exponent) {
            return format!("{sign}{}{}", self.digits, "0".repeat(zeros));
        }
        let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        let padded = format!("{:0>width$}", self.digits, width = places.saturating_add(1));
        let (whole, fraction) = padded.split_at(padded.len() - places);
        format!("{sign}{whole}.{fraction}")
    }

    /// The JSON number that reads back as this very decimal; `None` when a double would change a digit.
    pub(crate) fn to_number(&self) -> Option<Number> {
        if let Some(whole) = self.to_whole() {
            return Some(whole.into());
        }
        let number = Number::from_f64(self.to_string().parse().ok()?)?;
        (Self::from_number(&number).as_ref() == Some(self)).then_some(number)
    }
}

/// One text for one number: `0`, `-15e-1`, `12e3`, and whole numbers of up to 19 digits plainly. The content hash is made of it.
impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(whole) = self.to_whole() {
            return write!(formatter, "{whole}");
        }
        let sign = if self.negative { "-" } else { "" };
        write!(formatter, "{sign}{}e{}", self.digits, self.exponent)
    }
}

#[cfg(test)]
mod tests;
