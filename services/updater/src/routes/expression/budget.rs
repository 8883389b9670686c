//! The step budget of one evaluation. The engine has none: nested macros over lists would run for as long as they
//! like, text can be doubled until memory ends, and one call can read a megabyte for each element of a list. Functions
//! that no author can write are put into every expression (see `rewrite`) and count down: `@step` for an element, `@weigh`
//! for what was made, `@heed` for what is going to be read, `@pairs` for a list whose elements are compared with each
//! other, and `@each`, which gives a macro the keys of an object in their order.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cel::common::types::{CelBool, CelBytes, CelInt, CelList, CelMap, CelOptional, CelString};
use cel::common::value::{CowVal, Val};
use cel::{Context, ExecutionError, FunctionContext};

use super::error::BUDGET;

type Function = Box<
    dyn for<'context, 'call> Fn(
            &mut FunctionContext<'context, 'call>,
        ) -> Result<CowVal<'context, 'call>, ExecutionError>
        + Send
        + Sync,
>;

/// One step is taken for each kibibyte of a value that is made; a value counts 64 bytes and its text.
const BYTES_A_STEP: u64 = 1024;
const BYTES_A_VALUE: u64 = 64;
/// One step is taken for so many keys that are put in order.
const KEYS_A_STEP: u64 = 16;

/// What is left of the steps; below zero once it was asked for more than there was.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicI64);

impl Budget {
    pub(super) fn refill(&self, steps: u32) {
        self.0.store(i64::from(steps), Ordering::Relaxed);
    }

    /// True after a refused charge, even when a later `true` of an `exists` has hidden the error.
    pub(super) fn is_exhausted(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    fn charge(&self, steps: u64) -> Result<(), ExecutionError> {
        let steps = i64::try_from(steps).unwrap_or(i64::MAX);
        let left = self.0.load(Ordering::Relaxed);
        if left < steps {
            self.0.store(-1, Ordering::Relaxed);
            return Err(ExecutionError::function_error(BUDGET, "used up"));
        }
        self.0.store(left - steps, Ordering::Relaxed);
        Ok(())
    }
}

/// Makes these functions known to the expressions evaluated in `context`.
///
/// # Errors
/// When the engine has its own functions of these names, which a later version might.
pub(super) fn install(
    context: &mut Context,
    budget: &Arc<Budget>,
) -> Result<(), cel::DeclarationError> {
    let counter = Arc::clone(budget);
    let step: Function = Box::new(move |call| {
        let steps = call
            .args
            .first()
            .and_then(|count| count.downcast_ref::<CelInt>().map(|count| *count.inner()));
        counter.charge(steps.map_or(1, i64::unsigned_abs))?;
        Ok(CowVal::owned(CelBool::from(true)))
    });
    context.add_function("@step", step)?;
    context.add_function(
        "@weigh",
        passing(budget, |value| 1 + weight(value) / BYTES_A_STEP),
    )?;
    context.add_function(
        "@heed",
        passing(budget, |value| weight(value) / BYTES_A_STEP),
    )?;
    context.add_function("@pairs", passing(budget, pairs))?;
    let counter = Arc::clone(budget);
    let each: Function = Box::new(move |call| {
        let range = only_argument(call)?;
        let Some(object) = range.downcast_ref::<CelMap>() else {
            return Ok(range);
        };
        counter.charge(object.inner().len() as u64 / KEYS_A_STEP)?;
        Ok(CowVal::owned(sorted_keys(object)))
    });
    context.add_function("@each", each)
}

/// A function that gives back what it is given, once its price is paid.
fn passing(
    budget: &Arc<Budget>,
    price: impl Fn(&dyn Val) -> u64 + Send + Sync + 'static,
) -> Function {
    let counter = Arc::clone(budget);
    Box::new(move |call| {
        let value = only_argument(call)?;
        counter.charge(price(value.as_ref()))?;
        Ok(value)
    })
}

fn only_argument<'context, 'call>(
    call: &mut FunctionContext<'context, 'call>,
) -> Result<CowVal<'context, 'call>, ExecutionError> {
    call.args
        .pop()
        .ok_or_else(|| ExecutionError::invalid_argument_count(1, 0))
}

/// So many comparisons of a plain value with another take as long as reading a kibibyte.
fn pairs(value: &dyn Val) -> u64 {
    let elements = value
        .downcast_ref::<CelList>()
        .map_or(1, |list| list.inner().len() as u64);
    elements.saturating_mul(weight(value)) / (BYTES_A_STEP * BYTES_A_VALUE)
}

/// The engine's own order of keys is another in each process: a call that is made again would have another body.
fn sorted_keys<'v>(object: &CelMap<'v>) -> CelList<'v> {
    let mut keys: Vec<_> = object.inner().keys().collect();
    keys.sort_unstable();
    let keys = keys.into_iter().map(|key| key.inner().clone_as_boxed());
    CelList::from(keys.collect::<Vec<Box<dyn Val + 'v>>>())
}

/// About how many bytes a value takes, its parts included.
fn weight(value: &dyn Val) -> u64 {
    let parts: u64 = if let Some(text) = value.downcast_ref::<CelString>() {
        text.inner().len() as u64
    } else if let Some(list) = value.downcast_ref::<CelList>() {
        list.inner()
            .iter()
            .map(|element| weight(element.as_ref()))
            .sum()
    } else if let Some(map) = value.downcast_ref::<CelMap>() {
        map.inner()
            .iter()
            .map(|(key, element)| weight(key.inner()) + weight(element.as_ref()))
            .sum()
    } else if let Some(optional) = value.downcast_ref::<CelOptional>() {
        optional.option().map_or(0, weight)
    } else if let Some(bytes) = value.downcast_ref::<CelBytes>() {
        bytes.inner().len() as u64
    } else {
        0
    };
    BYTES_A_VALUE + parts
}
