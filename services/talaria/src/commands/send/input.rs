//! Events in files: JSON with one event or an array of them, or NDJSON, which is read line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::Context;

/// An event's text with the line of the file that it begins on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located {
    pub(super) line: usize,
    pub(super) text: String,
}

/// The events of one file, in its order. What is no JSON comes as it is; the publisher says what is wrong with it.
pub(super) enum Events {
    /// NDJSON: a line is read when it is needed.
    Lines {
        reader: Box<dyn BufRead + Send>,
        first: Option<Located>,
        line: usize,
    },
    /// JSON: all of it was read.
    Whole(std::vec::IntoIter<Located>),
}

impl Events {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let reader: Box<dyn BufRead + Send> = if path == Path::new("-") {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            let file =
                File::open(path).with_context(|| format!("can't read {}", path.display()))?;
            Box::new(BufReader::new(file))
        };
        let lines = path
            .extension()
            .is_some_and(|name| name == "jsonl" || name == "ndjson");
        Self::read(reader, lines).with_context(|| format!("can't read {}", path.display()))
    }

    /// Tells NDJSON from JSON: by its name, or because its first line is complete and isn't the only one.
    pub(super) fn read(mut reader: Box<dyn BufRead + Send>, lines: bool) -> std::io::Result<Self> {
        let mut line = 0;
        let Some(first) = next_line(reader.as_mut(), &mut line)? else {
            return Ok(Self::Whole(Vec::new().into_iter()));
        };
        if lines {
            return Ok(Self::Lines {
                reader,
                first: Some(first),
                line,
            });
        }
        match serde_json::from_str(&first.text) {
            Ok(serde_json::Value::Array(_)) | Err(_) => {}
            Ok(_) => {
                return Ok(Self::Lines {
                    reader,
                    first: Some(first),
                    line,
                });
            }
        }
        let start = first.line;
        let mut text = first.text;
        text.push('\n');
        reader.read_to_string(&mut text)?;
        let events = match serde_json::from_str(&text) {
            Ok(serde_json::Value::Array(_)) => elements(&text, start),
            Ok(_) => vec![Located { line: start, text }],
            // Neither: most likely NDJSON with a mistake in its first line.
            Err(_) => lines_of(&text, start),
        };
        Ok(Self::Whole(events.into_iter()))
    }
}

impl Iterator for Events {
    type Item = std::io::Result<Located>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Whole(events) => events.next().map(Ok),
            Self::Lines {
                reader,
                first,
                line,
            } => match first.take() {
                Some(first) => Some(Ok(first)),
                None => next_line(reader.as_mut(), line).transpose(),
            },
        }
    }
}

/// The next line that is not blank.
fn next_line(reader: &mut dyn BufRead, line: &mut usize) -> std::io::Result<Option<Located>> {
    loop {
        let mut text = String::new();
        if reader.read_line(&mut text)? == 0 {
            return Ok(None);
        }
        *line += 1;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() {
            return Ok(Some(Located {
                line: *line,
                text: text.to_owned(),
            }));
        }
    }
}

fn lines_of(text: &str, start: usize) -> Vec<Located> {
    let numbered = text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty());
    numbered
        .map(|(index, text)| Located {
            line: start + index,
            text: text.to_owned(),
        })
        .collect()
}

/// The elements of a JSON array that is known to be one, as they are written.
fn elements(text: &str, start: usize) -> Vec<Located> {
    let mut found = Vec::new();
    let (mut depth, mut line) = (0_usize, start);
    let (mut in_text, mut escaped) = (false, false);
    let mut element: Option<(usize, usize)> = None;
    for (offset, byte) in text.bytes().enumerate() {
        let outside = !in_text;
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if outside => depth += 1,
            b']' | b'}' if outside => depth -= 1,
            b'\n' => line += 1,
            _ => {}
        }
        let ends = outside && (depth == 0 || (depth == 1 && byte == b','));
        if ends {
            if let Some((from, line)) = element.take() {
                found.push(Located {
                    line,
                    text: text[from..offset].trim_end().to_owned(),
                });
            }
        } else if element.is_none() && !byte.is_ascii_whitespace() && !(depth == 1 && byte == b'[')
        {
            element = Some((offset, line));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events_of(text: &'static str, lines: bool) -> Vec<(usize, String)> {
        let events = Events::read(Box::new(text.as_bytes()), lines).expect("readable");
        events
            .map(|event| event.expect("readable"))
            .map(|event| (event.line, event.text))
            .collect()
    }

    #[test]
    fn events_are_found_in_every_form_with_their_lines() {
        type Found = &'static [(usize, &'static str)];
        let cases: [(&str, bool, Found); 9] = [
            ("", false, &[]),
            (
                "\n{\"a\":1}\n\n{\"a\":2}\n",
                false,
                &[(2, "{\"a\":1}"), (4, "{\"a\":2}")],
            ),
            ("{\n\"a\": 1\n}\n", false, &[(1, "{\n\"a\": 1\n}\n")]),
            (
                "[{\"a\":1},\n {\"b\":[2,{}]}]",
                false,
                &[(1, "{\"a\":1}"), (2, "{\"b\":[2,{}]}")],
            ),
            (
                "\n[\n{\"a\":\"],[\\\"\"},\n[1,2],\n7 ,8\n]",
                false,
                &[(3, "{\"a\":\"],[\\\"\"}"), (4, "[1,2]"), (5, "7"), (5, "8")],
            ),
            ("[]", false, &[]),
            ("[1]\n[2]\n", true, &[(1, "[1]"), (2, "[2]")]),
            (
                "{\"a\":\n{\"b\":1}\n",
                false,
                &[(1, "{\"a\":"), (2, "{\"b\":1}")],
            ),
            ("\u{feff}{\"a\":1}", true, &[(1, "{\"a\":1}")]),
        ];
        for (text, lines, expected) in cases {
            let expected: Vec<(usize, String)> = expected
                .iter()
                .map(|(line, text)| (*line, (*text).to_owned()))
                .collect();
            assert_eq!(events_of(text, lines), expected, "{text:?}");
        }
    }
}
