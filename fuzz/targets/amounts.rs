//! The exact functions of expressions, on decimals as texts and as numbers of JSON: what they give is the result of
//! arithmetic with integers, digit by digit, or nothing.
//!
//! The input is two decimals and a number of places, one a line.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use updater::routes::expression::{
    Bindings, Compiler, EvaluationLimits, Expression, Names, on_deep_stack,
};

/// Digits of an operand at most, so that 128 bits hold every step here.
const MOST_DIGITS: usize = 16;
/// A double keeps these apart from their neighbours.
const DIGITS_OF_A_NUMBER: usize = 15;

struct Functions {
    compiler: Compiler,
    add: Expression,
    sub: Expression,
    mul: Expression,
    div: Expression,
    round: Expression,
    floor: Expression,
    ceil: Expression,
}

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let compiler = Compiler::new(EvaluationLimits::default());
    let compile = |source: &str| {
        let compiled = on_deep_stack(|| Expression::compile(&compiler, source, &Names::event()));
        compiled.expect("a thread").expect("an expression")
    };
    Functions {
        add: compile("add(event.data.a, event.data.b)"),
        sub: compile("sub(event.data.a, event.data.b)"),
        mul: compile("mul(event.data.a, event.data.b)"),
        div: compile("div(event.data.a, event.data.b, event.data.places)"),
        round: compile("round(event.data.a, event.data.places)"),
        floor: compile("floor(event.data.a)"),
        ceil: compile("ceil(event.data.a)"),
        compiler,
    }
});

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut lines = text.split('\n');
    let (a, b) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
    let (Some(left), Some(right)) = (Exact::plain(a), Exact::plain(b)) else {
        return;
    };
    let places = lines.next().and_then(|line| line.parse().ok()).unwrap_or(2) % 7;
    check(&left, &right, places, a.into(), b.into());
    if let (Ok(a), Ok(b)) = (serde_json::from_str(a), serde_json::from_str(b))
        && left.digits().max(right.digits()) <= DIGITS_OF_A_NUMBER
    {
        check(&left, &right, places, a, b);
    }
});

fn check(left: &Exact, right: &Exact, places: u32, a: Value, b: Value) {
    let functions = &*FUNCTIONS;
    let event = json!({"data": {"a": a, "b": b, "places": places}});
    let bindings = Bindings::new(&functions.compiler, &event);
    let scale = left.places.max(right.places);
    let (x, y) = (left.at(scale), right.at(scale));
    let expected = [
        (&functions.add, Exact::of(x + y, scale)),
        (&functions.sub, Exact::of(x - y, scale)),
        (
            &functions.mul,
            Exact::of(left.mantissa * right.mantissa, left.places + right.places),
        ),
        (&functions.round, left.rounded(places)),
        (&functions.floor, left.whole(i128::div_euclid)),
        (
            &functions.ceil,
            left.whole(|x, unit| -(-x).div_euclid(unit)),
        ),
    ];
    for (function, expected) in expected {
        compare(function, &bindings, Some(expected));
    }
    let quotient = (y != 0).then(|| Exact::of(divided(x * power(places), y), places));
    compare(&functions.div, &bindings, quotient);
}

fn compare(function: &Expression, bindings: &Bindings, expected: Option<Exact>) {
    let result = function.evaluate(bindings);
    match (result, expected) {
        (Ok(Value::Number(number)), Some(expected)) => {
            let found = Exact::with_exponent(&number.to_string());
            assert_eq!(found, Some(expected), "{}", function.source());
        }
        (Ok(_), _) => panic!("{} gave no number", function.source()),
        (Err(_), None) => {}
        (Err(error), Some(expected)) => assert!(
            expected.digits() > DIGITS_OF_A_NUMBER,
            "{}: {error}",
            function.source()
        ),
    }
}

/// `mantissa` ÷ 10^`places`, without zeros at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exact {
    mantissa: i128,
    places: u32,
}

impl Exact {
    fn of(mut mantissa: i128, mut places: u32) -> Self {
        while places > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            places -= 1;
        }
        Self { mantissa, places }
    }

    /// `-12.50`; nothing for texts of another form and for long ones.
    fn plain(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let digits = format!("{whole}{fraction}");
        let is_plain = !whole.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain || digits.len() > MOST_DIGITS {
            return None;
        }
        let mantissa: i128 = digits.parse().ok()?;
        let sign = if text.starts_with('-') { -1 } else { 1 };
        Some(Self::of(
            sign * mantissa,
            u32::try_from(fraction.len()).ok()?,
        ))
    }

    /// A number of JSON, such as `2.5e-7`.
    fn with_exponent(text: &str) -> Option<Self> {
        let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
        Some(match u32::try_from(exponent) {
            Ok(zeros) => Self::of(mantissa.checked_mul(10_i128.checked_pow(zeros)?)?, 0),
            Err(_) => Self::of(mantissa, exponent.unsigned_abs()),
        })
    }

    fn digits(&self) -> usize {
        self.mantissa.unsigned_abs().to_string().len()
    }

    fn at(&self, places: u32) -> i128 {
        self.mantissa * power(places - self.places)
    }

    fn rounded(&self, places: u32) -> Self {
        if self.places <= places {
            return self.clone();
        }
        Self::of(divided(self.mantissa, power(self.places - places)), places)
    }

    fn whole(&self, divide: impl Fn(i128, i128) -> i128) -> Self {
        Self::of(divide(self.mantissa, power(self.places)), 0)
    }
}

fn power(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

/// The quotient, what lies half-way away from zero.
fn divided(dividend: i128, divisor: i128) -> i128 {
    let sign = dividend.signum() * divisor.signum();
    let (dividend, divisor) = (dividend.abs(), divisor.abs());
    sign * ((2 * dividend + divisor) / (2 * divisor))
}
