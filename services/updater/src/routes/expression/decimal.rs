//! Exact decimal numbers for money and points: an integer and a number of decimal places, never a binary fraction.
//! 29.99 × 0.1 is 2.999 here, and `floor` of it 2, whatever a float would make of it.

/// No result keeps more places than this.
const MOST_PLACES: u32 = 28;

/// Why a calculation has no exact result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DecimalError {
    #[error("this is not a decimal number")]
    NotDecimal,
    #[error("the number is too large, or has too many decimal places")]
    TooLarge,
    #[error("division by zero")]
    DivisionByZero,
    #[error("the result has more digits than a JSON number keeps; round(x, 2) it first")]
    TooPrecise,
}

/// `mantissa` ÷ 10^`places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: i128,
    places: u32,
}

/// The same number as JSON will hold it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Whole(i64),
    Fraction(f64),
}

impl Decimal {
    pub(super) const ZERO: Self = Self {
        mantissa: 0,
        places: 0,
    };

    /// Reads `-12.50`; no exponent, no spaces, no separators.
    pub(super) fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let written = !whole.is_empty() && (!fraction.is_empty() || !digits.contains('.'));
        if !written
            || !whole
                .bytes()
                .chain(fraction.bytes())
                .all(|byte| byte.is_ascii_digit())
        {
            return Err(DecimalError::NotDecimal);
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|mantissa| mantissa.checked_add(i128::from(digit - b'0')))
                .ok_or(DecimalError::TooLarge)?;
        }
        let places = u32::try_from(fraction.len()).map_err(|_| DecimalError::TooLarge)?;
        Self {
            mantissa: if negative { -mantissa } else { mantissa },
            places,
        }
        .checked()
    }

    pub(super) fn from_whole(whole: i128) -> Self {
        Self {
            mantissa: whole,
            places: 0,
        }
    }

    /// The decimal that a double is written as in JSON. Rust's own text may be another: of two that are as short and
    /// as near, each takes the one it likes.
    pub(super) fn from_double(double: f64) -> Result<Self, DecimalError> {
        let number = serde_json::Number::from_f64(double).ok_or(DecimalError::NotDecimal)?;
        let text = number.to_string();
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| DecimalError::NotDecimal)?;
        let Self { mantissa, places } = Self::parse(digits)?;
        let power = exponent.unsigned_abs();
        match exponent {
            0.. => Self {
                mantissa: times_ten(mantissa, power)?,
                places,
            },
            _ => Self {
                mantissa,
                places: places.saturating_add(power),
            },
        }
        .checked()
    }

    pub(super) fn add(self, other: Self) -> Result<Self, DecimalError> {
        let places = self.places.max(other.places);
        let sum = self.scaled(places)?.checked_add(other.scaled(places)?);
        Self {
            mantissa: sum.ok_or(DecimalError::TooLarge)?,
            places,
        }
        .checked()
    }

    pub(super) fn subtract(self, other: Self) -> Result<Self, DecimalError> {
        self.add(Self {
            mantissa: -other.mantissa,
            ..other
        })
    }

    pub(super) fn multiply(self, other: Self) -> Result<Self, DecimalError> {
        let mantissa = self
            .mantissa
            .checked_mul(other.mantissa)
            .ok_or(DecimalError::TooLarge)?;
        Self {
            mantissa,
            places: self.places + other.places,
        }
        .checked()
    }

    /// The quotient to so many places; what lies half-way is rounded away from zero.
    pub(super) fn divide(self, other: Self, places: u32) -> Result<Self, DecimalError> {
        if other.mantissa == 0 {
            return Err(DecimalError::DivisionByZero);
        }
        let dividend = times_ten(self.mantissa, places.saturating_add(other.places))?;
        let divisor = times_ten(other.mantissa, self.places)?;
        Self {
            mantissa: divide_half_away(dividend, divisor)?,
            places,
        }
        .checked()
    }

    /// Rounded to so many places, half-way away from zero.
    pub(super) fn round(self, places: u32) -> Result<Self, DecimalError> {
        if self.places <= places {
            return Ok(self);
        }
        let unit = times_ten(1, self.places - places)?;
        Self {
            mantissa: divide_half_away(self.mantissa, unit)?,
            places,
        }
        .checked()
    }

    /// The next whole number at or below.
    pub(super) fn floor(self) -> Result<Self, DecimalError> {
        Ok(Self::from_whole(
            self.mantissa.div_euclid(times_ten(1, self.places)?),
        ))
    }

    /// The next whole number at or above.
    pub(super) fn ceil(self) -> Result<Self, DecimalError> {
        let unit = times_ten(1, self.places)?;
        Ok(Self::from_whole(-(-self.mantissa).div_euclid(unit)))
    }

    /// The JSON number that prints as exactly this decimal.
    pub(super) fn to_number(self) -> Result<Number, DecimalError> {
        let decimal = self.checked()?;
        if decimal.places == 0 {
            return i64::try_from(decimal.mantissa)
                .map(Number::Whole)
                .map_err(|_| DecimalError::TooLarge);
        }
        let double: f64 = decimal
            .to_string()
            .parse()
            .map_err(|_| DecimalError::TooLarge)?;
        match Self::from_double(double) {
            Ok(printed) if printed == decimal => Ok(Number::Fraction(double)),
            _ => Err(DecimalError::TooPrecise),
        }
    }

    /// Without trailing zeros, so that equal numbers are equal values; refused when out of range.
    fn checked(self) -> Result<Self, DecimalError> {
        let Self {
            mut mantissa,
            mut places,
        } = self;
        while places > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            places -= 1;
        }
        // i128::MIN has no opposite; leaving it out lets every other number be negated.
        if places > MOST_PLACES || mantissa == i128::MIN {
            return Err(DecimalError::TooLarge);
        }
        Ok(Self { mantissa, places })
    }

    fn scaled(self, places: u32) -> Result<i128, DecimalError> {
        times_ten(self.mantissa, places - self.places)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let places = self.places as usize;
        let digits = format!(
            "{:0>width$}",
            self.mantissa.unsigned_abs(),
            width = places + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let point = if places > 0 { "." } else { "" };
        write!(formatter, "{sign}{whole}{point}{fraction}")
    }
}

fn times_ten(number: i128, exponent: u32) -> Result<i128, DecimalError> {
    10_i128
        .checked_pow(exponent)
        .and_then(|power| number.checked_mul(power))
        .ok_or(DecimalError::TooLarge)
}

fn divide_half_away(dividend: i128, divisor: i128) -> Result<i128, DecimalError> {
    let quotient = dividend
        .checked_div(divisor)
        .ok_or(DecimalError::TooLarge)?;
    let rest = (dividend % divisor).unsigned_abs();
    let half_or_more = rest >= divisor.unsigned_abs() - rest;
    let away = if (dividend < 0) == (divisor < 0) {
        1
    } else {
        -1
    };
    Ok(if rest > 0 && half_or_more {
        quotient + away
    } else {
        quotient
    })
}
