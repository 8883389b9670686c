//! The exact functions on amounts: `add(x, y)`, `sub`, `mul`, `div(x, y, places)`, `round(x, places)`, `floor(x)`,
//! `ceil(x)` and `sum(list)`. Operands are numbers or decimal text (`"0.1"`); halves are rounded away from zero. The
//! result prints as a JSON number with exactly its decimal digits, or is refused.

use cel::common::types::{CelDouble, CelInt, CelList, CelString, CelUInt, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::decimal::{Decimal, DecimalError, Number};
use super::error::refusal;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Most decimal places that may be asked for.
const MOST_PLACES_ASKED: f64 = 18.0;
/// Doubles up to here are whole numbers without gaps.
const WHOLE_LIMIT: u64 = 1 << 53;

/// Declares the functions.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let any = |count| (0..count).map(|_| DYN_TYPE).collect::<Vec<_>>();
    env.add_overload("add", "add", any(2), |a| {
        calculate("add", a, |a| a[0].add(a[1]))
    })?;
    env.add_overload("sub", "sub", any(2), |a| {
        calculate("sub", a, |a| a[0].subtract(a[1]))
    })?;
    env.add_overload("mul", "mul", any(2), |a| {
        calculate("mul", a, |a| a[0].multiply(a[1]))
    })?;
    env.add_overload("div", "div", any(3), |a| {
        rounded("div", a, |a, places| a[0].divide(a[1], places))
    })?;
    env.add_overload("round", "round", any(2), |a| {
        rounded("round", a, |a, places| a[0].round(places))
    })?;
    env.add_overload("floor", "floor", any(1), |a| {
        calculate("floor", a, |a| a[0].floor())
    })?;
    env.add_overload("ceil", "ceil", any(1), |a| {
        calculate("ceil", a, |a| a[0].ceil())
    })?;
    env.add_overload("sum", "sum", any(1), sum)
}

fn calculate<'b, 'v>(
    function: &str,
    arguments: Arguments<'b, 'v>,
    calculation: impl Fn(&[Decimal]) -> Result<Decimal, DecimalError>,
) -> Outcome<'b, 'v> {
    let operands: Result<Vec<Decimal>, ExecutionError> = arguments
        .iter()
        .map(|argument| operand(function, argument.as_ref()))
        .collect();
    result(function, calculation(&operands?))
}

/// The same, with a number of decimal places as the last argument.
fn rounded<'b, 'v>(
    function: &str,
    mut arguments: Arguments<'b, 'v>,
    calculation: impl Fn(&[Decimal], u32) -> Result<Decimal, DecimalError>,
) -> Outcome<'b, 'v> {
    let places = arguments
        .pop()
        .and_then(|places| super::arithmetic::as_double(places.as_ref()));
    match places {
        Some(places) if (0.0..=MOST_PLACES_ASKED).contains(&places) && places.fract() == 0.0 => {
            calculate(function, arguments, |operands| {
                calculation(operands, places as u32)
            })
        }
        _ => Err(refusal(
            function,
            "the number of decimal places is a whole number from 0 to 18",
        )),
    }
}

fn sum<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let list = arguments
        .first()
        .and_then(|list| list.downcast_ref::<CelList>());
    let list = list.ok_or_else(|| refusal("sum", "its argument is a list of numbers"))?;
    let mut total = Ok(Decimal::ZERO);
    for element in list.inner() {
        let element = operand("sum", element.as_ref())?;
        total = total.and_then(|total| total.add(element));
    }
    result("sum", total)
}

fn operand(function: &str, value: &dyn Val) -> Result<Decimal, ExecutionError> {
    let decimal = if let Some(text) = value.downcast_ref::<CelString>() {
        Decimal::parse(text.inner())
    } else if let Some(double) = value.downcast_ref::<CelDouble>() {
        Decimal::from_double(*double.inner())
    } else if let Some(int) = value.downcast_ref::<CelInt>() {
        Ok(Decimal::from_whole(i128::from(*int.inner())))
    } else if let Some(uint) = value.downcast_ref::<CelUInt>() {
        Ok(Decimal::from_whole(i128::from(*uint.inner())))
    } else {
        return Err(ExecutionError::no_such_overload(
            function,
            vec![value.get_type().name().to_owned()],
        ));
    };
    decimal.map_err(|error| refusal(function, &error.to_string()))
}

fn result<'b, 'v>(function: &str, decimal: Result<Decimal, DecimalError>) -> Outcome<'b, 'v> {
    match decimal.and_then(Decimal::to_number) {
        Ok(Number::Whole(whole)) if whole.unsigned_abs() > WHOLE_LIMIT => {
            Ok(CowVal::owned(CelInt::from(whole)))
        }
        Ok(Number::Whole(whole)) => Ok(CowVal::owned(CelDouble::from(whole as f64))),
        Ok(Number::Fraction(fraction)) => Ok(CowVal::owned(CelDouble::from(fraction))),
        Err(error) => Err(refusal(function, &error.to_string())),
    }
}
