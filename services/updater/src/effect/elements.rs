//! The elements of a route's `each`, with keys that stay the same when the elements come in another order.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::FailedExpression;
use crate::routes::Each;
use crate::routes::expression::{Bindings, EvaluationError};

/// More than this is no order but a mistake, or an attack.
const MOST_ELEMENTS: usize = 500;

/// An element and its key within the event.
pub(super) struct Element {
    pub(super) key: String,
    pub(super) value: Value,
    /// Set when the element has no usable key; its key is made of its content then.
    pub(super) failed: Option<FailedExpression>,
}

/// Why there are no elements at all.
pub(super) enum Failure {
    Missing { path: String },
    Failed(FailedExpression),
}

/// The elements in the order of the list.
pub(super) fn read(each: &Each, bindings: &mut Bindings) -> Result<Vec<Element>, Failure> {
    let failed = |reason: &str| Failure::Failed(FailedExpression::new("each.in", reason));
    let values = match each.list.evaluate(bindings) {
        Ok(Value::Array(values)) => values,
        Ok(_) => return Err(failed("the result is not a list")),
        Err(EvaluationError::Missing { path }) => return Err(Failure::Missing { path }),
        Err(error) => return Err(Failure::Failed(FailedExpression::new("each.in", error))),
    };
    if values.len() > MOST_ELEMENTS {
        return Err(failed("the list has more than 500 elements"));
    }
    let read = values
        .into_iter()
        .map(|value| read_element(each, value, bindings));
    Ok(number_equal_keys(read.collect()))
}

fn read_element(each: &Each, value: Value, bindings: &mut Bindings) -> Element {
    bindings.bind_element(&each.element, &value);
    let reason = match each.key.evaluate(bindings) {
        Ok(Value::String(key)) if !key.is_empty() => {
            return Element {
                key,
                value,
                failed: None,
            };
        }
        Ok(Value::Number(number)) => {
            return Element {
                key: number.to_string(),
                value,
                failed: None,
            };
        }
        Ok(Value::String(_)) => "the key is empty".to_owned(),
        Ok(_) => "the key is neither text nor a number".to_owned(),
        Err(error) => error.to_string(),
    };
    let key = format!("?{}", &content_hash(&value)[..16]);
    Element {
        key,
        value,
        failed: Some(FailedExpression::new("each.key", reason)),
    }
}

/// Of elements with the same key, the second in the order of their content gets `#2`, the next `#3`; a number that
/// would make another element's own key is left out.
fn number_equal_keys(mut elements: Vec<Element>) -> Vec<Element> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, element) in elements.iter().enumerate() {
        groups.entry(element.key.clone()).or_default().push(index);
    }
    let mut taken: HashSet<String> = groups.keys().cloned().collect();
    for (key, mut indices) in groups {
        indices.sort_by_cached_key(|&index| content_hash(&elements[index].value));
        let mut number = 2;
        for &index in indices.iter().skip(1) {
            let mut numbered = format!("{key}#{number}");
            while !taken.insert(numbered.clone()) {
                number += 1;
                numbered = format!("{key}#{number}");
            }
            elements[index].key = numbered;
            number += 1;
        }
    }
    elements
}

fn content_hash(value: &Value) -> String {
    let mut canonical = Vec::new();
    super::call::write_sorted(value, &mut canonical);
    Sha256::digest(&canonical)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
