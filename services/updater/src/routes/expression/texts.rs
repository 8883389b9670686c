//! The functions on texts and times: `time(x)`, `time_ms(x)`, `date(x)`, `sha256(text)`, `lower(text)`,
//! `upper(text)`; and the guarded forms of `replace` and `join`.

use cel::common::types::{CelDouble, CelList, CelString, CelTimestamp, DYN_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::error::refusal;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// `replace` and `join` make at most this much text.
const MOST_TEXT_BYTES: usize = 1 << 20;

/// Declares the functions.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let any = |count| (0..count).map(|_| DYN_TYPE).collect::<Vec<_>>();
    env.add_overload("time", "time", any(1), |a| {
        Ok(text(
            moment("time", &a)?.to_rfc3339_opts(SecondsFormat::Millis, true),
        ))
    })?;
    env.add_overload("time_ms", "time_ms", any(1), |a| {
        Ok(CowVal::owned(CelDouble::from(
            moment("time_ms", &a)?.timestamp_millis() as f64,
        )))
    })?;
    env.add_overload("date", "date", any(1), |a| {
        Ok(text(moment("date", &a)?.format("%Y-%m-%d").to_string()))
    })?;
    env.add_overload("sha256", "sha256", any(1), |a| {
        let digest = Sha256::digest(argument("sha256", &a, 0)?.as_bytes());
        Ok(text(
            digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    })?;
    env.add_overload("lower", "lower", any(1), |a| {
        Ok(text(argument("lower", &a, 0)?.to_lowercase()))
    })?;
    env.add_overload("upper", "upper", any(1), |a| {
        Ok(text(argument("upper", &a, 0)?.to_uppercase()))
    })?;
    env.add_overload("@replace", "@replace", any(3), replace)?;
    env.add_overload("@join", "@join_plain", any(1), join)?;
    env.add_overload("@join", "@join", any(2), join)
}

fn text<'b, 'v>(text: String) -> CowVal<'b, 'v> {
    CowVal::owned(CelString::from(text))
}

fn argument<'a>(
    function: &str,
    arguments: &'a [CowVal<'_, '_>],
    index: usize,
) -> Result<&'a str, ExecutionError> {
    let value = arguments
        .get(index)
        .ok_or_else(|| ExecutionError::invalid_argument_count(index + 1, index))?;
    let mismatch =
        || ExecutionError::no_such_overload(function, vec![value.get_type().name().to_owned()]);
    value
        .downcast_ref::<CelString>()
        .map(|text| text.inner())
        .ok_or_else(mismatch)
}

/// A moment given as milliseconds since 1970 (a number, or its digits), as RFC 3339 text, or as CEL's own timestamp.
fn moment(function: &str, arguments: &[CowVal<'_, '_>]) -> Result<DateTime<Utc>, ExecutionError> {
    let value = arguments
        .first()
        .ok_or_else(|| ExecutionError::invalid_argument_count(1, 0))?
        .as_ref();
    if let Some(timestamp) = value.downcast_ref::<CelTimestamp>() {
        return Ok(timestamp.inner().to_utc());
    }
    let milliseconds = |number: f64| {
        let in_range = number.fract() == 0.0 && number.abs() < 9e15;
        in_range
            .then(|| DateTime::from_timestamp_millis(number as i64))
            .flatten()
    };
    let moment = if let Some(number) = super::arithmetic::as_double(value) {
        milliseconds(number)
    } else {
        let text = argument(function, arguments, 0)?;
        match text.parse::<i64>() {
            Ok(number) => milliseconds(number as f64),
            Err(_) => DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|moment| moment.to_utc()),
        }
    };
    moment.ok_or_else(|| {
        refusal(
            function,
            "this is neither whole milliseconds since 1970 nor RFC 3339 text",
        )
    })
}

/// `text.replace(old, new)`: how long the result will be is known before it is made.
fn replace<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let whole = argument("replace", &arguments, 0)?;
    let (old, new) = (
        argument("replace", &arguments, 1)?,
        argument("replace", &arguments, 2)?,
    );
    let found = if old.is_empty() {
        whole.chars().count() + 1
    } else {
        whole.matches(old).count()
    };
    refuse_long(
        "replace",
        whole.len().saturating_add(found.saturating_mul(new.len())),
    )?;
    Ok(text(whole.replace(old, new)))
}

/// `list.join()` and `list.join(separator)`.
fn join<'b, 'v>(arguments: Arguments<'b, 'v>) -> Outcome<'b, 'v> {
    let list = arguments
        .first()
        .and_then(|list| list.downcast_ref::<CelList>());
    let elements = list
        .ok_or_else(|| refusal("join", "only a list of texts can be joined"))?
        .inner();
    let separator = if arguments.len() > 1 {
        argument("join", &arguments, 1)?
    } else {
        ""
    };
    let mut texts = Vec::with_capacity(elements.len());
    for element in elements {
        let element = element.downcast_ref::<CelString>().map(|text| text.inner());
        texts.push(
            element.ok_or_else(|| refusal("join", "every element must be text; use string(x)"))?,
        );
    }
    let length: usize = texts.iter().map(|text| text.len()).sum();
    refuse_long(
        "join",
        length.saturating_add(separator.len().saturating_mul(texts.len())),
    )?;
    Ok(text(texts.join(separator)))
}

fn refuse_long(function: &str, bytes: usize) -> Result<(), ExecutionError> {
    if bytes > MOST_TEXT_BYTES {
        return Err(refusal(function, "the result would be larger than 1 MiB"));
    }
    Ok(())
}
