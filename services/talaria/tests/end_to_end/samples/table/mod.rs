//! What each line of the samples leads to, in a world that has seen the lines before it.

mod published;
mod pushed;

use serde_json::Value;

use crate::support::{envelope, envelope_of_base64, sample};

/// How a line comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Posted to `/publish-event`.
    Published,
    /// Pushed to `/process-backend-update` and what stands here.
    Pushed(&'static str),
}

/// A line, the calls that it leads to, and the reason of the dead letter that it leaves.
pub struct Row {
    pub file: &'static str,
    pub line: usize,
    pub way: Way,
    pub calls: &'static [&'static str],
    pub letter: Option<&'static str>,
}

impl Row {
    /// What is sent for it: an event, or a push published just now.
    pub fn body(&self) -> Value {
        let value = sample(self.file).swap_remove(self.line - 1);
        let message_id = format!("{}-{}", self.file, self.line);
        match self.file {
            _ if self.way == Way::Published => value,
            "push_envelopes" => {
                let now = envelope("", &Value::Null)["message"]["publishTime"].clone();
                let mut push = value;
                push["message"]["publishTime"] = now.clone();
                push["message"]["publish_time"] = now;
                push
            }
            "hermes_publish_bodies" => {
                let data = value["messages"][0]["data"].as_str().expect("a text");
                envelope_of_base64(&message_id, data)
            }
            _ => envelope(&message_id, &value),
        }
    }
}

type Calls = &'static [&'static str];

const fn row(file: &'static str, line: usize, way: Way, calls: Calls) -> Row {
    let letter = None;
    Row {
        file,
        line,
        way,
        calls,
        letter,
    }
}

const fn kept(file: &'static str, line: usize, way: Way, letter: &'static str) -> Row {
    let (calls, letter) = (&[], Some(letter));
    Row {
        file,
        line,
        way,
        calls,
        letter,
    }
}

/// All rows: what is published first, then what is pushed.
pub fn table() -> impl Iterator<Item = &'static Row> {
    published::ROWS.iter().chain(pushed::ROWS)
}
