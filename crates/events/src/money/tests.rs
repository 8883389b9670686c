//! Amounts: exact from text and from doubles, added only with their own currency, written as people write them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap_or_else(|_| panic!("{code} should be a currency"))
}

#[test]
fn amounts_are_written_with_the_currencys_digits_and_more_only_when_needed() {
    let cases = [
        ("184.5", "EUR", "184.50"),
        ("12900", "JPY", "12900"),
        ("12.5", "JPY", "12.5"),
        ("1.5", "KWD", "1.500"),
        ("0.000001", "EUR", "0.000001"),
        ("-0.5", "USD", "-0.50"),
        ("0", "GBP", "0.00"),
        ("7", "XXX", "7.00"),
        ("-9223372036854.775808", "EUR", "-9223372036854.775808"),
    ];
    for (text, code, written) in cases {
        let money =
            Money::parse(text, currency(code)).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(money.to_decimal_string(), written, "{text} {code}");
    }
}

#[test]
fn what_is_no_amount_is_refused_by_kind() {
    let euro = currency("EUR");
    for value in [
        json!("NaN"),
        json!("12,50"),
        json!(""),
        json!(null),
        json!(true),
        json!([1]),
        json!({"value": 1}),
    ] {
        assert_eq!(
            Money::from_json(&value, euro),
            Err(MoneyError::NotDecimal),
            "{value}"
        );
    }
    for value in [
        json!(1e300),
        json!(u64::MAX),
        json!(-9_223_372_036_855_i64),
        json!("9223372036854.775808"),
    ] {
        assert_eq!(
            Money::from_json(&value, euro),
            Err(MoneyError::TooLarge),
            "{value}"
        );
    }
}

#[test]
fn sums_hold_within_one_currency_and_never_wrap() {
    let (euro, krona) = (currency("EUR"), currency("SEK"));
    let one = Money::from_micros(1_000_000, euro);
    assert_eq!(
        one.checked_add(one),
        Ok(Money::from_micros(2_000_000, euro))
    );
    assert_eq!(
        one.checked_sub(one).and_then(|zero| zero.checked_sub(one)),
        Ok(Money::from_micros(-1_000_000, euro))
    );
    assert_eq!(
        one.checked_mul_quantity(10),
        Ok(Money::from_micros(10_000_000, euro))
    );
    assert_eq!(
        one.checked_add(Money::from_micros(1, krona)),
        Err(MoneyError::CurrenciesDiffer)
    );
    assert_eq!(
        one.checked_mul_quantity(i64::MAX),
        Err(MoneyError::TooLarge)
    );
    assert_eq!(
        Money::from_micros(i64::MAX, euro).checked_add(one),
        Err(MoneyError::TooLarge)
    );
    assert_eq!(
        Money::from_micros(i64::MIN, euro).checked_sub(one),
        Err(MoneyError::TooLarge)
    );
}

#[test]
fn ten_cents_added_ten_times_are_one() {
    let ten_cents = Money::from_json(&json!(0.1), currency("EUR")).expect("an amount");
    let sum = (1..10)
        .try_fold(ten_cents, |sum, _| sum.checked_add(ten_cents))
        .expect("fits");
    assert_eq!(sum.to_decimal_string(), "1.00");
}

proptest! {
    #[test]
    fn an_amount_survives_its_own_text(micros in any::<i64>(), code in prop::sample::select(vec!["EUR", "JPY", "KWD", "XXX"])) {
        let money = Money::from_micros(micros, currency(code));
        prop_assert_eq!(Money::parse(&money.to_decimal_string(), currency(code)), Ok(money));
    }

    #[test]
    fn a_double_of_fifteen_digits_is_read_exactly(digits in -999_999_999_999_999_i64..=999_999_999_999_999, decimals in 3_usize..=6) {
        let micros = digits * 10_i64.pow(6 - u32::try_from(decimals).expect("small"));
        let text = Money::from_micros(micros, currency("EUR")).to_decimal_string();
        let parsed: Value = serde_json::from_str(&text).expect("a JSON number");
        prop_assert_eq!(Money::from_json(&parsed, currency("EUR")).map(Money::micros), Ok(micros));
    }

    #[test]
    fn cents_are_exact_over_all_amounts_that_fit(cents in -922_337_203_685_477_i64..=922_337_203_685_477) {
        let text = format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100);
        let parsed: Value = serde_json::from_str(&text).expect("a JSON number");
        prop_assert_eq!(Money::from_json(&parsed, currency("EUR")).map(Money::micros), Ok(cents * 10_000));
    }
}
