//! Amounts as whole millionths.

use serde_json::Value;

/// Of a number, or of a text that is one. More than six decimals are no business of these tests.
pub fn micros(value: &Value) -> i128 {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let unsigned = text.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    assert!(fraction.len() <= 6, "{text} has too many decimals");
    let digits: i128 = format!("{whole}{fraction:0<6}").parse().expect("a decimal");
    if text.starts_with('-') {
        -digits
    } else {
        digits
    }
}

/// With the decimals that the currency is written with, and more where they are needed.
pub fn written(micros: i128, currency: &str) -> String {
    let least = match currency {
        "JPY" | "VND" => 0,
        "KWD" => 3,
        _ => 2,
    };
    let (whole, fraction) = (micros.abs() / 1_000_000, micros.abs() % 1_000_000);
    let fraction = format!("{fraction:06}");
    let decimals = fraction.trim_end_matches('0').len().max(least);
    let sign = if micros < 0 { "-" } else { "" };
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{}", &fraction[..decimals])
}
