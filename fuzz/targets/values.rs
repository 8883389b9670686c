//! Amounts, quantities, currencies and times as texts and as numbers, against arithmetic of another kind: exact, and
//! the same after writing and reading.
//!
//! Of the head, `currency` and `time` are read as such; the body is an amount.

#![no_main]

use events::{Currency, Limits, Money, MoneyError, Timestamp, from_publisher_within, items};
use fuzz::{NOW, Parts};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|input: &[u8]| {
    let parts = Parts::of(input);
    let currency = parts.text("currency").map(Currency::parse);
    if let Some(Ok(currency)) = currency {
        assert_eq!(Currency::parse(currency.as_str()), Ok(currency));
        assert!(currency.minor_units() <= 4);
    }
    if let Some(text) = parts.text("time") {
        check_time(text);
    }
    let Ok(text) = std::str::from_utf8(parts.body) else {
        return;
    };
    let currency = currency.and_then(Result::ok).unwrap_or(Currency::NONE);
    check_amount(text, currency);
    if let Ok(number @ Value::Number(_)) = serde_json::from_str(text) {
        check_number(text, &number, currency);
        check_event(number, currency);
    }
    check_event(text.into(), currency);
});

fn check_time(text: &str) {
    let Ok(time) = Timestamp::parse_rfc3339(text) else {
        return;
    };
    let written = time.to_rfc3339();
    let again = Timestamp::parse_rfc3339(&written).expect("what is written can be read");
    assert_eq!(again.to_rfc3339(), written);
    // An offset can lead out of the years that RFC 3339 writes, by less than a day.
    assert!(time.since(again).max(again.since(time)).as_secs() < 24 * 60 * 60);
    if !written.starts_with("0000-01-01") && !written.starts_with("9999-12-31") {
        assert_eq!(again, time);
    }
}

fn check_amount(text: &str, currency: Currency) {
    let money = Money::parse(text, currency);
    if let Some(expected) = plain_micros(text) {
        let expected = i64::try_from(expected).map_err(|_| MoneyError::TooLarge);
        assert_eq!(money.map(Money::micros), expected, "{text:?}");
    }
    let Ok(money) = money else {
        return;
    };
    assert_eq!(money.currency(), currency);
    let written = money.to_decimal_string();
    assert_eq!(Money::parse(&written, currency), Ok(money), "{written}");
    assert_eq!(Money::from_json(&written.into(), currency), Ok(money));
    let negated = 0_i64.checked_sub(money.micros());
    let difference = Money::from_micros(0, currency).checked_sub(money);
    assert_eq!(difference.ok().map(Money::micros), negated);
    assert_eq!(money.checked_mul_quantity(1), Ok(money));
}

/// A number of JSON is the amount that was written, as far as a double can hold it.
fn check_number(text: &str, number: &Value, currency: Currency) {
    let money = Money::from_json(number, currency);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 && !text.contains(['e', 'E']) {
        assert_eq!(money, Money::parse(text, currency), "{text}");
    }
    if let Some(whole) = number.as_i64() {
        let micros = whole.checked_mul(1_000_000);
        assert_eq!(money.ok().map(Money::micros), micros, "{text}");
    }
}

/// Normalising changes no amount and no quantity.
fn check_event(value: Value, currency: Currency) {
    let event = |key: &str| {
        let mut item = json!({"item_id": "a", "price": "1.5", "quantity": 2});
        item[key] = value.clone();
        let data = json!({"items": [item], "currency": currency});
        json!({"eventType": "view_item", "eventId": "e", "data": data})
    };
    let accepted = |event: Value| from_publisher_within(event, NOW, Limits::default()).ok();
    if let Some(update) = accepted(event("price")) {
        let price = items(&update)[0].price.map(Money::micros);
        let expected = Money::from_json(&value, currency).ok().map(Money::micros);
        assert_eq!(price, expected);
    }
    if let Some(update) = accepted(event("quantity")) {
        let quantity = items(&update)[0].quantity;
        let expected = match &value {
            Value::String(text) => plain_micros(text),
            number => plain_micros(&number.to_string()),
        };
        if let Some(micros) = expected {
            assert_eq!(i128::from(quantity) * 1_000_000, micros);
        }
        let stored = &update.data["items"][0]["quantity"];
        assert_eq!(stored.as_i64(), Some(quantity));
    }
}

/// Micros of a plain decimal, rounded half to even; `None` for texts of another form and for very long ones.
fn plain_micros(text: &str) -> Option<i128> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 30 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i128 = digits.parse().ok()?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    // At most thirty digits and six more fit 127 bits.
    let scaled = number * 1_000_000;
    let (quotient, rest) = (scaled / scale, scaled % scale);
    let up = match (rest * 2).cmp(&scale) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    let micros = quotient + i128::from(up);
    Some(if text.starts_with('-') {
        -micros
    } else {
        micros
    })
}
