//! The arithmetic operators. JSON knows one kind of number, CEL three that never mix: `value * 10` would fail for
//! 10.5 or for 10, depending on the event. Here a whole number meets a fractional one as a fractional one, and all
//! that standard CEL accepts keeps its meaning.

use cel::common::types::{CelDouble, CelInt, CelMap, CelUInt, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::error::refusal;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Declares `@add` and its siblings, to which the operators are rewritten.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let two = || vec![DYN_TYPE, DYN_TYPE];
    env.add_overload("@add", "@add", two(), add)?;
    env.add_overload("@sub", "@sub", two(), subtract)?;
    env.add_overload("@mul", "@mul", two(), multiply)?;
    env.add_overload("@div", "@div", two(), divide)?;
    env.add_overload("@rem", "@rem", two(), remainder)
}

/// Both operands, as doubles when they are numbers of different kinds.
fn promoted<'b, 'v>(
    arguments: Arguments<'b, 'v>,
) -> Result<(CowVal<'b, 'v>, CowVal<'b, 'v>), ExecutionError> {
    let [left, right]: [CowVal<'b, 'v>; 2] =
        arguments
            .try_into()
            .map_err(|arguments: Arguments<'b, 'v>| {
                ExecutionError::invalid_argument_count(2, arguments.len())
            })?;
    if left.get_type() == right.get_type() {
        return Ok((left, right));
    }
    match (as_double(left.as_ref()), as_double(right.as_ref())) {
        (Some(left), Some(right)) => Ok((
            CowVal::owned(CelDouble::from(left)),
            CowVal::owned(CelDouble::from(right)),
        )),
        _ => Ok((left, right)),
    }
}

/// A number of any kind as a double.
pub(super) fn as_double(value: &dyn Val) -> Option<f64> {
    if let Some(double) = value.downcast_ref::<CelDouble>() {
        return Some(*double.inner());
    }
    if let Some(int) = value.downcast_ref::<CelInt>() {
        return Some(*int.inner() as f64);
    }
    value
        .downcast_ref::<CelUInt>()
        .map(|uint| *uint.inner() as f64)
}

fn no_overload(operator: &str, left: &dyn Val, right: &dyn Val) -> ExecutionError {
    let types = [left, right].map(|value| value.get_type().name().to_owned());
    ExecutionError::no_such_overload(operator, types.to_vec())
}

fn add<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let (left, right) = promoted(arguments)?;
    // To a list the engine would add an object's keys, in an order that is another in each process.
    let operation = left
        .as_adder()
        .filter(|_| right.downcast_ref::<CelMap>().is_none())
        .ok_or_else(|| no_overload("+", left.as_ref(), right.as_ref()))?;
    Ok(CowVal::Owned(operation.add(right.as_ref())?.into_owned()))
}

fn subtract<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let (left, right) = promoted(arguments)?;
    let operation = left
        .as_subtractor()
        .ok_or_else(|| no_overload("-", left.as_ref(), right.as_ref()))?;
    Ok(CowVal::Owned(operation.sub(right.as_ref())?.into_owned()))
}

fn multiply<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let (left, right) = promoted(arguments)?;
    let operation = left
        .as_multiplier()
        .ok_or_else(|| no_overload("*", left.as_ref(), right.as_ref()))?;
    Ok(CowVal::Owned(operation.mul(right.as_ref())?.into_owned()))
}

fn divide<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let (left, right) = promoted(arguments)?;
    refuse_zero("/", right.as_ref())?;
    let operation = left
        .as_divider()
        .ok_or_else(|| no_overload("/", left.as_ref(), right.as_ref()))?;
    Ok(CowVal::Owned(operation.div(right.as_ref())?.into_owned()))
}

fn remainder<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let (left, right) = promoted(arguments)?;
    refuse_zero("%", right.as_ref())?;
    if let (Some(left), Some(right)) = (
        left.downcast_ref::<CelDouble>(),
        right.downcast_ref::<CelDouble>(),
    ) {
        return Ok(CowVal::owned(CelDouble::from(left.inner() % right.inner())));
    }
    let operation = left
        .as_modder()
        .ok_or_else(|| no_overload("%", left.as_ref(), right.as_ref()))?;
    Ok(CowVal::Owned(
        operation.modulo(right.as_ref())?.into_owned(),
    ))
}

/// Doubles would give an infinity, which is noticed only when the whole result can't be sent.
fn refuse_zero(operator: &str, divisor: &dyn Val) -> Result<(), ExecutionError> {
    match as_double(divisor) {
        Some(0.0) => Err(refusal(operator, "division by zero")),
        _ => Ok(()),
    }
}
