//! A mistake in the routes file, shown as a compiler would: place, what is wrong, the line with a caret, what would
//! be right.

use std::fmt;
use std::sync::Arc;

/// One mistake, or one warning. Displayed as
///
/// ```text
/// routes.yaml:12:7: unknown key 'timeot'
///      timeot: 5s
///      ^
///   did you mean 'timeout'?
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Name of the file, as it was handed in.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right, when that can be said.
    pub hint: Option<String>,
    /// The line of the file, for showing.
    pub source_line: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )?;
        let shown = self.source_line.trim_end();
        if !shown.is_empty() {
            // Tabs stay tabs, so that the caret stands below its character.
            let before = shown.chars().take(self.column.saturating_sub(1));
            let indent: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            write!(formatter, "\n  {shown}\n  {indent}^")?;
        }
        match &self.hint {
            Some(hint) => write!(formatter, "\n  {hint}"),
            None => Ok(()),
        }
    }
}

/// A place in the file; line and column from 1, the offset in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Collects everything that is wrong with one file.
pub(super) struct Report<'a> {
    file: Arc<str>,
    pub(super) source: &'a str,
    mistakes: Vec<Mistake>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: &str, source: &'a str) -> Self {
        Self {
            file: file.into(),
            source,
            mistakes: Vec::new(),
        }
    }

    /// Adds a mistake without a hint.
    pub(super) fn add(&mut self, place: Place, message: impl Into<String>) {
        let mistake = self.describe(place, message.into(), None);
        self.mistakes.push(mistake);
    }

    /// Adds a mistake and what would be right.
    pub(super) fn add_with_hint(
        &mut self,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let mistake = self.describe(place, message.into(), Some(hint.into()));
        self.mistakes.push(mistake);
    }

    /// A mistake that is not added: a warning.
    pub(super) fn describe(&self, place: Place, message: String, hint: Option<String>) -> Mistake {
        let hint = hint
            .map(|hint| hint.trim_start_matches("; ").to_owned())
            .filter(|hint| !hint.is_empty());
        let source_line = self
            .source
            .lines()
            .nth(place.line.saturating_sub(1))
            .unwrap_or("")
            .to_owned();
        Mistake {
            file: Arc::clone(&self.file),
            line: place.line.max(1),
            column: place.column.max(1),
            message,
            hint,
            source_line,
        }
    }

    /// All mistakes, in the order of the file.
    pub(super) fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes
            .sort_by_key(|mistake| (mistake.line, mistake.column));
        self.mistakes
    }
}
