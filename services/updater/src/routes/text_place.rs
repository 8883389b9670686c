//! Where in the file a place of an expression is. YAML folds and escapes some texts; the place is exact where the file
//! shows the text as it is (plain, quoted without escapes, `|` blocks), and the text's beginning elsewhere.

use super::expression::ExpressionMistake;
use super::mistake::Place;

/// The mistake's place in the file, or nothing when YAML changed the text too much to tell.
pub(super) fn locate(
    source: &str,
    text: &str,
    start: Place,
    mistake: &ExpressionMistake,
) -> Option<Place> {
    let raw = source.get(start.offset..)?;
    let quote = usize::from(raw.starts_with(['"', '\'']));
    if raw
        .get(quote..)
        .is_some_and(|raw| raw.starts_with(text.trim_end()))
        && !text.trim_end().contains('\n')
    {
        let offset = start.offset + quote + mistake.offset;
        return Some(Place {
            offset,
            line: start.line,
            column: start.column + quote + mistake.column - 1,
        });
    }
    locate_in_block(source, text, start, mistake)
}

/// A `|` block: each line of the file is the text's line after the same indentation.
fn locate_in_block(
    source: &str,
    text: &str,
    start: Place,
    mistake: &ExpressionMistake,
) -> Option<Place> {
    let line = start.line + mistake.line - 1;
    let shown = source.lines().nth(line - 1)?;
    let written = text.lines().nth(mistake.line - 1).unwrap_or("");
    let indentation = start.column - 1;
    let is_same = shown
        .get(indentation..)
        .is_some_and(|shown| shown.trim_end() == written.trim_end());
    if !is_same {
        return None;
    }
    Some(Place {
        offset: start.offset,
        line,
        column: indentation + mistake.column,
    })
}
