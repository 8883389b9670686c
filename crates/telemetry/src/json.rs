//! Lines for Google Cloud's logging: one JSON object each, in the structure that it reads from a container's output.

use serde_json::{Map, Number, Value as Json, json};
use tracing::Level;

use crate::fields::Value;
use crate::lines::{Line, Trace};
use crate::panics::PANIC_TARGET;

/// Keys that mean something to Google Cloud or to us, beside all that begin with [`RESERVED_PREFIX`].
const RESERVED: [&str; 8] = [
    "httpRequest",
    "logger",
    "message",
    "severity",
    "time",
    "timestamp",
    "timestampNanos",
    "timestampSeconds",
];
const RESERVED_PREFIX: &str = "logging.googleapis.com/";

/// The line with its line break.
pub(crate) fn line(line: &Line, google_project: Option<&str>) -> String {
    let mut object = Map::new();
    for (name, value) in line.of_spans.iter().chain(line.fields.iter()) {
        object.insert(key(name), plain(value));
    }
    if let Some(trace) = &line.trace {
        add_trace(&mut object, trace, google_project);
    }
    let target = line.metadata.target();
    object.insert("severity".into(), severity(line).into());
    object.insert("time".into(), line.time.as_str().into());
    object.insert("logger".into(), target.into());
    if let Some(message) = &line.message {
        object.insert("message".into(), message.as_str().into());
    }
    if let (Level::ERROR, Some(file), Some(number)) = (
        *line.metadata.level(),
        line.metadata.file(),
        line.metadata.line(),
    ) && target != PANIC_TARGET
    {
        // The number is an int64 there, which is a text in JSON.
        let location = json!({"file": file, "line": number.to_string()});
        object.insert(format!("{RESERVED_PREFIX}sourceLocation"), location);
    }
    let mut text = Json::Object(object).to_string();
    text.push('\n');
    text
}

fn severity(line: &Line) -> &'static str {
    if line.metadata.target() == PANIC_TARGET {
        return "CRITICAL";
    }
    match *line.metadata.level() {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

fn key(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if RESERVED.contains(&name) || name.starts_with(RESERVED_PREFIX) {
        format!("field_{name}")
    } else {
        name.to_owned()
    }
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Flag(value) => Json::Bool(*value),
        Value::Signed(value) => (*value).into(),
        Value::Unsigned(value) => (*value).into(),
        Value::Text(value) => value.as_str().into(),
        // JSON has no word for what is not finite.
        Value::Float(value) => {
            Number::from_f64(*value).map_or_else(|| value.to_string().into(), Json::Number)
        }
        // Readers make doubles of wide numbers.
        Value::Wide(value) => value.to_string().into(),
    }
}

fn add_trace(object: &mut Map<String, Json>, trace: &Trace, google_project: Option<&str>) {
    let id = format!("{:032x}", trace.trace_id);
    match google_project {
        Some(project) => {
            let name = format!("projects/{project}/traces/{id}");
            object.insert(format!("{RESERVED_PREFIX}trace"), name.into());
        }
        None => {
            object.insert("trace_id".into(), id.into());
        }
    }
    if let Some(span_id) = trace.span_id {
        let id = format!("{span_id:016x}");
        object.insert(format!("{RESERVED_PREFIX}spanId"), id.into());
    }
    if let Some(sampled) = trace.sampled {
        object.insert(format!("{RESERVED_PREFIX}trace_sampled"), sampled.into());
    }
}
