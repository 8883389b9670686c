//! Paths. What the author writes between quotes is trusted; whatever an event puts in is percent-encoded where it is
//! put in, so that the item `SETS/DINNER-4` is one segment and no event chooses another address.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::common::types::{CelString, DYN_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};

use super::arithmetic::as_double;
use super::error::{ExpressionMistake, refusal};
use super::rewrite::{call, wrap};
use super::shape::start;

/// Declares `@segment`, which encodes one evaluated part of a path.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@segment", "@segment", vec![DYN_TYPE], segment)
}

/// Wraps every part of a chain of `+` that is not literal text; both branches of a condition are such chains.
/// The mistakes found on the way are returned.
pub(super) fn encode_parts(
    expression: &mut IdedExpr,
    source: &SourceInfo,
) -> Vec<ExpressionMistake> {
    let mut mistakes = Vec::new();
    encode_chain(expression, source, true, &mut mistakes);
    mistakes
}

fn encode_chain(
    part: &mut IdedExpr,
    source: &SourceInfo,
    first: bool,
    mistakes: &mut Vec<ExpressionMistake>,
) {
    let offset = start(part, source);
    let mut report =
        |message: &str| mistakes.push(ExpressionMistake::at(&source.source, offset, message));
    match &mut part.expr {
        Expr::Literal(LiteralValue::String(text)) => {
            if first && !text.inner().starts_with('/') {
                report("a path starts with \"/\"");
            }
            if text.inner().contains(['?', '#']) {
                report("a path holds no ? or #; give the query under query:");
            } else if !text.inner().bytes().all(is_allowed) {
                report("percent-encode what is not a plain character of a path");
            }
        }
        Expr::Call(chain) if chain.func_name == operators::ADD && chain.target.is_none() => {
            for (index, operand) in chain.args.iter_mut().enumerate() {
                encode_chain(operand, source, first && index == 0, mistakes);
            }
        }
        Expr::Call(condition)
            if condition.func_name == operators::CONDITIONAL && condition.target.is_none() =>
        {
            for branch in condition.args.iter_mut().skip(1) {
                encode_chain(branch, source, first, mistakes);
            }
        }
        _ if first => report("a path starts with text in quotes: \"/…\" + …"),
        _ => wrap(part, |inner| call("@segment", vec![inner])),
    }
}

/// True when `path` starts at the root, holds only characters of a path and no `.` or `..` that would leave its place.
pub(crate) fn is_acceptable(path: &str) -> bool {
    let plain = |segment: &str| segment.replace("%2e", ".").replace("%2E", ".");
    path.starts_with('/')
        && path.bytes().all(is_allowed)
        && !path
            .split('/')
            .any(|segment| matches!(plain(segment).as_str(), "." | ".."))
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte)
}

fn segment<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = arguments
        .first()
        .ok_or_else(|| ExecutionError::invalid_argument_count(1, 0))?;
    let text = match (value.downcast_ref::<CelString>(), as_double(value.as_ref())) {
        (Some(text), _) => text.inner().to_owned(),
        (None, Some(number)) if number.is_finite() => number.to_string(),
        _ => return Err(refusal("a path", "only text and numbers can be part of it")),
    };
    // "/stock/" + "" would be the address of the whole collection.
    if text.is_empty() {
        return Err(refusal("a path", "a part of it is empty"));
    }
    Ok(CowVal::owned(CelString::from(percent_encode(&text))))
}
