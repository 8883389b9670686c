//! Printing: results to standard output, all else to standard error. A reader that went away ends a command quietly.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// Prints a line of the result.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Prints the result for a program, on one line per call.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(value)?;
    Ok(line(text)?)
}

/// Tells a person something that is not the result. There is nobody left to tell when this fails.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether `error` only says that nobody reads the result any more, as in `talaria … | head`.
pub(crate) fn is_reader_gone(error: &anyhow::Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// Shows on a terminal how far a long work is; elsewhere nothing.
pub(crate) struct Progress {
    terminal: bool,
    every: u64,
    done: u64,
}

impl Progress {
    /// Tells after each `every` steps.
    pub(crate) fn new(every: u64) -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            every,
            done: 0,
        }
    }

    /// One step more is done.
    pub(crate) fn step(&mut self, what: &str) {
        self.done += 1;
        if self.terminal && self.done.is_multiple_of(self.every) {
            let _ = write!(io::stderr().lock(), "\r{} {what}", self.done);
        }
    }

    /// The work is done; the next note begins a line of its own.
    pub(crate) fn finish(&self) {
        if self.terminal && self.done >= self.every {
            note("");
        }
    }
}

/// Rows in columns of their own width, below a header. Texts are made safe for a terminal.
pub(crate) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let mut widths = header.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(printable(cell).chars().count());
        }
    }
    let header = header.map(str::to_owned);
    let lines = std::iter::once(&header).chain(rows).map(|row| {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let cell = printable(cell);
            format!("{cell:<width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text without control characters, which could rewrite what a terminal shows; line breaks stay out, too.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Each line of `text` with `indent` before it.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    text.lines()
        .map(|line| format!("{indent}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `1 event`, `2 events`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_columns_and_no_control_characters() {
        let rows = [
            ["a\u{1b}[2J".to_owned(), "x".to_owned()],
            ["longer than that".to_owned(), "y".to_owned()],
        ];
        let expected = "ID                NAME\na\u{fffd}[2J             x\nlonger than that  y";
        assert_eq!(table(["ID", "NAME"], &rows), expected);
    }
}
