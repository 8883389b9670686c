//! One typed field: what it may look like, and what it becomes.

use serde_json::{Map, Number, Value};

use crate::decimal::Decimal;
use crate::json_text::{identifier_text, remove_null};
use crate::validation::Checker;
use crate::{Currency, Timestamp};

/// What a field holds. A `null` is removed whatever the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything, as it came.
    Text,
    /// A name that a number may stand for: becomes text.
    Identifier,
    /// Money: a decimal that fits 64 bits of micros.
    Amount(Sign),
    /// A whole number of pieces.
    Quantity(Sign),
    /// Any decimal.
    Number,
    /// A boolean, or its name as text. Other things stay, for a route to look at.
    Flag,
    /// Milliseconds since the epoch, or RFC 3339. Other things stay.
    Moment,
    /// A code of ISO 4217.
    Currency,
}

/// Whether a number may be below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    NotNegative,
}

/// What would be right, said to the sender.
type Complaint = String;

/// Puts the field right in place. False when it could not be, which is reported with the field's pointer.
pub(super) fn normalise(
    map: &mut Map<String, Value>,
    key: &str,
    kind: Kind,
    parent: &str,
    checker: &mut Checker,
) -> bool {
    remove_null(map, key);
    let Some(value) = map.get_mut(key) else {
        return true;
    };
    match normalised(value, kind, checker.limits.max_name_bytes) {
        Ok(Some(better)) => *value = better,
        Ok(None) => {}
        Err(complaint) => {
            checker.report(format!("{parent}/{key}"), complaint);
            return false;
        }
    }
    true
}

/// The value to put in its place, or `None` when it is right as it is.
fn normalised(
    value: &Value,
    kind: Kind,
    max_name_bytes: usize,
) -> Result<Option<Value>, Complaint> {
    match kind {
        Kind::Text => Ok(None),
        Kind::Identifier => identifier(value, max_name_bytes),
        Kind::Amount(sign) => amount(value, sign),
        Kind::Quantity(sign) => quantity(value, sign),
        Kind::Number => decimal_of(value).map(|decimal| number_for(value, &decimal)),
        Kind::Flag => Ok(flag(value)),
        Kind::Moment => Ok(moment_ms(value).map(Value::from)),
        Kind::Currency => currency(value),
    }
}

fn identifier(value: &Value, max_bytes: usize) -> Result<Option<Value>, Complaint> {
    let text = identifier_text(value).ok_or("must be a text or a number")?;
    if text.len() > max_bytes || text.chars().any(char::is_control) {
        return Err(format!(
            "must have at most {max_bytes} bytes and no control characters"
        ));
    }
    Ok(value.is_number().then_some(Value::String(text)))
}

/// The rule for the envelope's identifiers; emptiness is the caller's to judge.
pub(crate) fn check_identifier(text: &str, max_characters: usize) -> Result<(), Complaint> {
    if text.chars().nth(max_characters).is_some() || text.chars().any(char::is_control) {
        return Err(format!(
            "must have at most {max_characters} characters and no control characters"
        ));
    }
    Ok(())
}

fn amount(value: &Value, sign: Sign) -> Result<Option<Value>, Complaint> {
    if is_plain(value) {
        return Ok(None);
    }
    let decimal = decimal_of(value)?;
    check_sign(&decimal, sign)?;
    decimal
        .to_micros()
        .ok_or("must be at most 9223372036854.775807")?;
    Ok(number_for(value, &decimal))
}

/// What nearly every amount and quantity is: a number of JSON that is neither negative nor anywhere near a limit. It is
/// right as it is, which needs no look at its digits.
fn is_plain(value: &Value) -> bool {
    const FAR_FROM_LIMITS: f64 = 1e12;
    value.as_f64().is_some_and(|number| {
        (0.0..FAR_FROM_LIMITS).contains(&number) && !number.is_sign_negative()
    })
}

fn quantity(value: &Value, sign: Sign) -> Result<Option<Value>, Complaint> {
    if is_plain(value) && value.is_u64() {
        return Ok(None);
    }
    let decimal = decimal_of(value)?;
    check_sign(&decimal, sign)?;
    let whole = decimal.to_whole().ok_or(if decimal.is_whole() {
        "must be at most 9223372036854775807"
    } else {
        "must be a whole number such as 2"
    })?;
    Ok((value.as_i64() != Some(whole)).then(|| whole.into()))
}

fn check_sign(decimal: &Decimal, sign: Sign) -> Result<(), Complaint> {
    if sign == Sign::NotNegative && decimal.is_negative() {
        return Err("must not be negative".to_owned());
    }
    Ok(())
}

fn decimal_of(value: &Value) -> Result<Decimal, Complaint> {
    let decimal = match value {
        Value::Number(number) => Decimal::from_number(number),
        Value::String(text) => Decimal::parse(text),
        _ => None,
    };
    decimal.ok_or_else(|| "must be a decimal number such as 12.50".to_owned())
}

/// The number a text stands for. A text with more digits than a number can keep stays text.
fn number_for(value: &Value, decimal: &Decimal) -> Option<Value> {
    if value.is_string() {
        decimal.to_number().map(Value::Number)
    } else {
        None
    }
}

fn flag(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("true") || is("false")).then(|| Value::Bool(is("true")))
}

/// Milliseconds for a whole number, its text, or RFC 3339.
pub(crate) fn moment_ms(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number)),
        Value::String(text) => match Decimal::parse(text) {
            Some(decimal) => decimal.to_whole(),
            None => Timestamp::parse_rfc3339(text).ok().map(Timestamp::millis),
        },
        _ => None,
    }
}

fn whole(number: &Number) -> Option<i64> {
    Decimal::from_number(number)?.to_whole()
}

fn currency(value: &Value) -> Result<Option<Value>, Complaint> {
    let text = value.as_str().unwrap_or_default();
    let currency =
        Currency::parse(text).map_err(|_| "must be a currency code of ISO 4217, such as EUR")?;
    Ok((currency.as_str() != text).then(|| currency.as_str().into()))
}
