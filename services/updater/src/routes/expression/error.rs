//! What can be wrong with an expression: mistakes found when it is read, each with its place, and errors met when it
//! is evaluated. Neither ever prints a value of an event, because both end up in logs.

use cel::ExecutionError;

/// A mistake in an expression's text. `line` and `column` count from 1, `column` in characters; `offset` in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionMistake {
    /// Bytes from the start of the expression.
    pub offset: usize,
    /// Line within the expression, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl ExpressionMistake {
    /// A mistake at a byte offset of `source`; an offset past the end, or inside a character, is moved back.
    pub fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &source[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            offset,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// Why an evaluation gave no value. The caller's choices differ: a missing field makes a `when` false, everything
/// else is a failed expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The event does not have what the expression reads.
    #[error("{path} is missing")]
    Missing {
        /// The path as the expression's author wrote it, or a general word when the name came from the event.
        path: String,
    },
    /// The step budget ran out.
    #[error("the expression takes too many steps")]
    Budget,
    /// An operator or function was given something it can't work with.
    #[error("{operation} can't work with {given}")]
    TypeMismatch {
        /// The operator or function.
        operation: String,
        /// The kinds of its operands.
        given: String,
    },
    /// The result can't be written as JSON without losing its meaning.
    #[error("{}{what}", if pointer.is_empty() { String::new() } else { format!("{pointer}: ") })]
    NotSendable {
        /// JSON pointer into the result.
        pointer: String,
        /// What stands there, and what would be right.
        what: &'static str,
    },
    /// The result is larger than the output limit.
    #[error("the result is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A function or operator refused its operands.
    #[error("{function}: {reason}")]
    Failed {
        /// The function or operator.
        function: String,
        /// Why, in words that name no value.
        reason: String,
    },
}

/// Prefix of the reasons our own functions give: they are written to hold no value, so they may be shown.
pub(super) const SHOWABLE: &str = "\u{1}";

/// Name under which the budget's functions report that it is used up.
pub(super) const BUDGET: &str = "@budget";

/// An error of one of our functions, with a reason that holds no value.
pub(super) fn refusal(function: &str, reason: &str) -> ExecutionError {
    ExecutionError::function_error(function, format!("{SHOWABLE}{reason}"))
}

/// Translates the engine's error, whose text may contain values, into ours. `path_of` finds the author's spelling of
/// a missing key.
pub(super) fn translate(
    error: ExecutionError,
    path_of: impl Fn(&str) -> String,
) -> EvaluationError {
    use ExecutionError as E;
    match error {
        E::NoSuchKey(key) => EvaluationError::Missing {
            path: path_of(&key),
        },
        E::IndexOutOfBounds(_) => EvaluationError::Missing {
            path: "an element of a list".into(),
        },
        E::NoSuchOverload(overload) => mismatch(
            overload.function(),
            overload
                .argument_types()
                .iter()
                .map(|name| kind(name))
                .collect(),
        ),
        E::UnsupportedBinaryOperator(operator, left, right) => mismatch(
            operator,
            vec![
                kind(&left.type_of().to_string()),
                kind(&right.type_of().to_string()),
            ],
        ),
        E::ValuesNotComparable(left, right) => mismatch(
            "a comparison",
            vec![
                kind(&left.type_of().to_string()),
                kind(&right.type_of().to_string()),
            ],
        ),
        E::UnsupportedIndex(index, _) => mismatch("[ ]", vec![kind(&index.type_of().to_string())]),
        E::UnsupportedKeyType(_) => mismatch("an object's key", vec!["anything but text"]),
        E::UnexpectedType { want, .. } => EvaluationError::TypeMismatch {
            operation: "the expression".into(),
            given: format!("anything but {} here", kind(&want)),
        },
        E::FunctionError { function, .. } if function == BUDGET => EvaluationError::Budget,
        E::FunctionError { function, .. } if function == "value" => EvaluationError::Missing {
            path: "the value of an empty optional".into(),
        },
        E::FunctionError { function, message } => failed(
            &function,
            message
                .strip_prefix(SHOWABLE)
                .unwrap_or("its argument is not one it can use"),
        ),
        E::DivisionByZero(_) | E::RemainderByZero(_) => failed("/", "division by zero"),
        E::Overflow(operator, ..) => failed(operator, "the number is too large"),
        E::DuplicateKey(_) => failed("{ }", "the same key stands in the object twice"),
        E::UnsupportedTargetType { .. } | E::NotSupportedAsMethod { .. } => {
            mismatch("a function", vec!["this value"])
        }
        _ => failed("the expression", "it could not be evaluated"),
    }
}

fn failed(function: &str, reason: &str) -> EvaluationError {
    EvaluationError::Failed {
        function: spelling(function).to_owned(),
        reason: reason.to_owned(),
    }
}

fn mismatch(operation: &str, given: Vec<&'static str>) -> EvaluationError {
    EvaluationError::TypeMismatch {
        operation: spelling(operation).to_owned(),
        given: given.join(" and "),
    }
}

/// An operator as its author wrote it.
fn spelling(function: &str) -> &str {
    match function {
        "@add" | "_+_" | "add" => "+",
        "@sub" | "_-_" | "sub" | "-_" => "-",
        "@mul" | "_*_" | "mul" => "*",
        "@div" | "_/_" | "div" => "/",
        "@rem" | "_%_" | "rem" => "%",
        "_<_" => "<",
        "_<=_" => "<=",
        "_>_" => ">",
        "_>=_" => ">=",
        "_&&_" => "&&",
        "_||_" => "||",
        "!_" => "!",
        "@in" => "in",
        "_._" | "_?._" => "a field",
        "_[_]" | "_[?_]" => "[ ]",
        "@replace" => "replace",
        "@join" => "join",
        "@segment" => "a path",
        other => other,
    }
}

/// A type in the words of the documentation; a fixed list, so that a name from elsewhere is never shown.
fn kind(name: &str) -> &'static str {
    match name {
        "int" | "uint" | "double" | "float" | "i64" | "u64" | "f64" => "a number",
        "string" | "Arc<String>" => "text",
        "bool" => "true or false",
        "list" | "iterable" => "a list",
        "map" => "an object",
        "null_type" | "null" => "null",
        "bytes" => "bytes",
        "optional_type" | "opaque" => "an optional (add .orValue(…))",
        "timestamp" | "google.protobuf.Timestamp" => "a time",
        "duration" | "google.protobuf.Duration" => "a duration",
        _ => "another kind of value",
    }
}
