//! Explains an expression that can't be parsed. The parser's own words are those of its grammar; people make a few
//! slips again and again, which are looked for here first: `=` for `==`, `and` for `&&`, a quote or bracket that is
//! never closed.

use cel::ParseErrors;

use super::error::ExpressionMistake;

/// The mistakes of `source`, which the parser refused with `errors`; at least one.
pub(super) fn explain(source: &str, errors: &ParseErrors) -> Vec<ExpressionMistake> {
    let slips = Scanner::new(source).scan();
    if !slips.is_empty() {
        return slips;
    }
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |error| error.pos);
    let offset = offset_of(source, line, column);
    let message = first.map_or_else(
        || "this can't be read".to_owned(),
        |error| plain_words(&error.msg),
    );
    vec![ExpressionMistake::at(source, offset, message)]
}

/// Byte offset of a place in lines and characters from 1; the parser's place may lie outside the text.
fn offset_of(source: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let Ok(column) = usize::try_from(column) else {
        return 0;
    };
    let start: usize = source
        .split_inclusive('\n')
        .take(line - 1)
        .map(str::len)
        .sum();
    let rest = &source[start.min(source.len())..];
    start
        + rest
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(rest.len(), |(offset, _)| offset)
}

fn plain_words(message: &str) -> String {
    let message = message.trim_start_matches("Syntax error: ");
    let quoted = message.split('\'').nth(1).unwrap_or("this");
    if message.contains("<EOF>") && !message.starts_with("missing") {
        "the expression ends too early".into()
    } else if message.contains("Recursion limit") {
        "the expression nests too deep; use fewer brackets".into()
    } else if message.contains("invalid argument to has()") {
        "has() takes a field, such as has(event.userId)".into()
    } else if message.contains("must be a simple name") {
        "the first argument here is a new name for the element, such as items.map(item, item.price)"
            .into()
    } else if message.starts_with("missing") {
        message
            .replace("<EOF>", "the end")
            .replace(" at ", " before ")
    } else if message.starts_with("extraneous input") || message.starts_with("mismatched input") {
        format!("unexpected '{quoted}'")
    } else if message.starts_with("no viable alternative")
        || message.starts_with("token recognition")
    {
        "this can't be read here".into()
    } else {
        message.to_owned()
    }
}

struct Scanner<'a> {
    source: &'a str,
    offset: usize,
    /// Brackets that are open, with their places.
    open: Vec<(char, usize)>,
    found: Vec<ExpressionMistake>,
}

impl<'a> Scanner<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            offset: 0,
            open: Vec::new(),
            found: Vec::new(),
        }
    }

    fn scan(mut self) -> Vec<ExpressionMistake> {
        while let Some(character) = self.rest().chars().next() {
            match character {
                '"' | '\'' => self.skip_quoted(character),
                '/' if self.rest().starts_with("//") => {
                    self.offset += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                '(' | '[' | '{' => {
                    self.open.push((character, self.offset));
                    self.offset += 1;
                }
                ')' | ']' | '}' => self.close(character),
                '=' | '!' | '<' | '>' | '&' | '|' => self.operator(),
                ';' => self.slip("an expression has no ';'", 1),
                _ if character.is_alphabetic() || character == '_' => self.word(),
                _ => self.offset += character.len_utf8(),
            }
        }
        for (bracket, offset) in std::mem::take(&mut self.open) {
            self.report(offset, format!("this '{bracket}' is never closed"));
        }
        self.found.sort_by_key(|mistake| mistake.offset);
        self.found
    }

    fn rest(&self) -> &'a str {
        &self.source[self.offset..]
    }

    fn report(&mut self, offset: usize, message: String) {
        self.found
            .push(ExpressionMistake::at(self.source, offset, message));
    }

    fn slip(&mut self, message: &str, length: usize) {
        self.report(self.offset, message.to_owned());
        self.offset += length;
    }

    fn skip_quoted(&mut self, quote: char) {
        let start = self.offset;
        let triple = quote.to_string().repeat(3);
        let closing = if self.rest().starts_with(&triple) {
            triple
        } else {
            quote.to_string()
        };
        self.offset += closing.len();
        while let Some(character) = self.rest().chars().next() {
            if self.rest().starts_with(&closing) {
                self.offset += closing.len();
                return;
            }
            if closing.len() == 1 && character == '\n' {
                break;
            }
            self.offset += character.len_utf8();
            if character == '\\' {
                self.offset += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
        self.report(start, "this quote is never closed".into());
    }

    fn close(&mut self, bracket: char) {
        let wanted = match bracket {
            ')' => '(',
            ']' => '[',
            _ => '{',
        };
        match self.open.pop() {
            Some((open, _)) if open == wanted => {}
            Some((open, place)) => {
                self.report(
                    self.offset,
                    format!("'{bracket}' can't close the '{open}' before it"),
                );
                self.open.push((open, place));
                if self.open.iter().any(|(open, _)| *open == wanted) {
                    self.open.clear();
                }
            }
            None => self.report(self.offset, format!("'{bracket}' closes nothing")),
        }
        self.offset += 1;
    }

    fn operator(&mut self) {
        const RIGHT: &[&str] = &["==", "!=", "<=", ">=", "&&", "||"];
        let rest = self.rest();
        if rest.starts_with("===") || rest.starts_with("!==") {
            return self.slip("compare with == or !=", 3);
        }
        if rest.starts_with("<>") {
            return self.slip("write != for 'is not'", 2);
        }
        if rest.starts_with("=>") {
            return self.slip("write >= for 'at least'", 2);
        }
        if RIGHT.iter().any(|right| rest.starts_with(right)) {
            self.offset += 2;
            return;
        }
        match rest.as_bytes().first() {
            Some(b'=') => self.slip("compare with ==; a single = means nothing here", 1),
            Some(b'&') => self.slip("write && for 'and'", 1),
            Some(b'|') => self.slip("write || for 'or'", 1),
            _ => self.offset += 1,
        }
    }

    fn word(&mut self) {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let is_field = self.source[..self.offset].trim_end().ends_with('.');
        let message = match word {
            _ if is_field => None,
            "and" | "AND" => Some("write && for 'and'"),
            "or" | "OR" => Some("write || for 'or'"),
            "not" | "NOT" => Some("write ! for 'not'"),
            "if" | "then" | "else" => Some("write condition ? this : that"),
            _ => None,
        };
        match message {
            Some(message) => self.slip(message, length),
            None => self.offset += length,
        }
    }
}
