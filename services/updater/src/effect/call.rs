//! The call of one effect: method, path and query, headers, body; evaluated, encoded and checked.

use serde_json::Value;

use super::FailedExpression;
use crate::routes::expression::{Bindings, Expression, is_acceptable, percent_encode};
use crate::routes::{Method, Route, header};

/// Longest path and query together, in bytes; more is refused by many servers.
const MOST_TARGET_BYTES: usize = 8 << 10;

/// A call, complete but for the destination's url, auth and Idempotency-Key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCall {
    /// The method.
    pub method: Method,
    /// Percent-encoded; empty, or begins with `/` or `?`. For [`crate::routes::Destination::address`].
    pub path_and_query: String,
    /// The route's headers; the destination's own are not among them.
    pub headers: Vec<PlannedHeader>,
    /// JSON with sorted keys: the same event gives the same bytes.
    pub body: Option<Vec<u8>>,
}

/// A header of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedHeader {
    /// As the route spells it.
    pub name: String,
    /// Visible ASCII.
    pub value: String,
}

/// Evaluates everything the route sends.
pub(super) fn plan(route: &Route, bindings: &Bindings) -> Result<PlannedCall, FailedExpression> {
    let mut path_and_query = match &route.path {
        Some(path) => plan_path(path, bindings)?,
        None => String::new(),
    };
    plan_query(&route.query, bindings, &mut path_and_query)?;
    if path_and_query.len() > MOST_TARGET_BYTES {
        return Err(FailedExpression::new(
            "path",
            "path and query are longer than 8 KiB",
        ));
    }
    let mut headers = Vec::with_capacity(route.headers.len());
    for (name, expression) in &route.headers {
        headers.push(plan_header(name, expression, bindings)?);
    }
    let body = match &route.body {
        Some(body) => {
            let value = body
                .evaluate(bindings)
                .map_err(|error| FailedExpression::new("body", error))?;
            let mut bytes = Vec::new();
            write_sorted(&value, &mut bytes);
            Some(bytes)
        }
        None => None,
    };
    Ok(PlannedCall {
        method: route.method,
        path_and_query,
        headers,
        body,
    })
}

fn plan_path(path: &Expression, bindings: &Bindings) -> Result<String, FailedExpression> {
    match path.evaluate(bindings) {
        Ok(Value::String(path)) if is_acceptable(&path) => Ok(path),
        Ok(Value::String(_)) => Err(FailedExpression::new(
            "path",
            "it leaves its place, or is no path",
        )),
        Ok(_) => Err(FailedExpression::new("path", "the result is not text")),
        Err(error) => Err(FailedExpression::new("path", error)),
    }
}

fn plan_query(
    query: &[(String, Expression)],
    bindings: &Bindings,
    path_and_query: &mut String,
) -> Result<(), FailedExpression> {
    let mut separator = '?';
    for (name, expression) in query {
        let failed = |reason: String| FailedExpression::new(format!("query.{name}"), reason);
        let value = expression
            .evaluate(bindings)
            .map_err(|error| failed(error.to_string()))?;
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        for value in values {
            let text = scalar_text(value).ok_or_else(|| {
                failed("a parameter is text, a number, true or false, or a list of them".into())
            })?;
            path_and_query.push(separator);
            separator = '&';
            path_and_query.push_str(&format!(
                "{}={}",
                percent_encode(name),
                percent_encode(&text)
            ));
        }
    }
    Ok(())
}

fn plan_header(
    name: &str,
    expression: &Expression,
    bindings: &Bindings,
) -> Result<PlannedHeader, FailedExpression> {
    let failed = |reason: String| FailedExpression::new(format!("headers.{name}"), reason);
    let value = expression
        .evaluate(bindings)
        .map_err(|error| failed(error.to_string()))?;
    let value = scalar_text(value)
        .ok_or_else(|| failed("a header is text, a number, true or false".into()))?;
    if !header::is_value(&value) {
        return Err(failed(
            "the result holds a character no header can have".into(),
        ));
    }
    Ok(PlannedHeader {
        name: name.to_owned(),
        value,
    })
}

fn scalar_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Writes JSON without spaces and with sorted keys, whatever order the map type keeps.
pub(super) fn write_sorted(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Array(elements) => {
            bytes.push(b'[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                write_sorted(element, bytes);
            }
            bytes.push(b']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            bytes.push(b'{');
            for (index, (name, element)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                bytes.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
                bytes.push(b':');
                write_sorted(element, bytes);
            }
            bytes.push(b'}');
        }
        scalar => bytes.extend_from_slice(scalar.to_string().as_bytes()),
    }
}
