//! Lines for a person: time, level, where from, the message, the event's own fields, and the beginning of the trace's id.
//!
//! The spans' other fields are left to JSON: a person reads the message, which says by itself what happened.

use std::fmt::{self, Write};

use tracing::Level;

use crate::fields::Value;
use crate::lines::Line;

/// Digits of a trace's id that are enough to tell the traces of a day from each other.
const TRACE_DIGITS: usize = 8;

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// The line with its line break.
pub(crate) fn line(line: &Line, colours: bool) -> String {
    let mut text = String::with_capacity(256);
    // Only writing could fail, and a string takes everything.
    let _ = write(&mut text, line, colours);
    text
}

fn write(text: &mut String, line: &Line, colours: bool) -> fmt::Result {
    let level = *line.metadata.level();
    let (dim, bright, plain) = match colours {
        true => (DIM, colour(level), PLAIN),
        false => ("", "", ""),
    };
    write!(text, "{dim}{}{plain} {bright}{level:>5}{plain} ", line.time)?;
    write!(text, "{dim}{}:{plain}", line.metadata.target())?;
    if let Some(message) = &line.message {
        text.push(' ');
        push_safe(text, message);
    }
    for (name, value) in line.fields.iter() {
        let name = name.strip_prefix("r#").unwrap_or(name);
        write!(text, " {dim}{name}={plain}")?;
        match value {
            Value::Text(value) if !is_plain(value) => write!(text, "{value:?}")?,
            value => write!(text, "{value}")?,
        }
    }
    if let Some(trace) = &line.trace {
        let id = format!("{:032x}", trace.trace_id);
        write!(text, " {dim}trace={}{plain}", &id[..TRACE_DIGITS])?;
    }
    text.push('\n');
    Ok(())
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

fn is_plain(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"';
    !text.is_empty() && text.chars().all(plain)
}

/// Further lines are indented, so that none can pass for a line of its own; nothing steers the terminal.
fn push_safe(text: &mut String, message: &str) {
    for c in message.chars() {
        match c {
            '\n' => text.push_str("\n    "),
            '\t' => text.push(c),
            c if c.is_control() => text.extend(c.escape_default()),
            c => text.push(c),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(value) => write!(formatter, "{value}"),
            Self::Signed(value) => write!(formatter, "{value}"),
            Self::Unsigned(value) => write!(formatter, "{value}"),
            Self::Wide(value) => write!(formatter, "{value}"),
            Self::Float(value) => write!(formatter, "{value}"),
            Self::Text(value) => formatter.write_str(value),
        }
    }
}
