//! What the fuzz targets share: the form of an input that has a head and a body, a moment that never changes, and an eye
//! for personal data.

use std::collections::BTreeMap;

use bus::{MessageId, Push, PushEnvelope};
use events::Timestamp;

/// The moment at which everything happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_764_060_481_502);
/// The same, as a push names it.
pub const NOW_TEXT: &str = "2025-11-25T08:48:01.502Z";
/// The bus's id of the message.
pub const MESSAGE_ID: &str = "12988041557291043";

const LENGTH_OF_A_CARD: usize = 16;

/// An input that looks like a request: lines of `name: value`, an empty line, a body. An input without an empty line is
/// all body. So the corpus can be read and written by people, and a fuzzer mutates a name as easily as a brace.
pub struct Parts<'a> {
    /// Names and values, in their order; lines without a colon are left out.
    pub head: Vec<(&'a str, &'a [u8])>,
    /// What follows the empty line.
    pub body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes an input apart.
    pub fn of(input: &'a [u8]) -> Self {
        let end = input.windows(2).position(|pair| pair == b"\n\n");
        let Some(end) = end else {
            return Self {
                head: Vec::new(),
                body: input,
            };
        };
        let lines = input[..end].split(|byte| *byte == b'\n');
        Self {
            head: lines.filter_map(named).collect(),
            body: &input[end + 2..],
        }
    }

    /// The first value of this name that is text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let mut values = self.head.iter().filter(|(known, _)| *known == name);
        values.find_map(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// All of the head that is text, by name.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |(name, value): &(&str, &[u8])| {
            Some((
                (*name).to_owned(),
                std::str::from_utf8(value).ok()?.to_owned(),
            ))
        };
        self.head.iter().filter_map(text).collect()
    }
}

fn named(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let value = &line[colon + 1..];
    Some((
        std::str::from_utf8(&line[..colon]).ok()?,
        value.strip_prefix(b" ").unwrap_or(value),
    ))
}

/// The push that brings this message, as it comes out of a request's body.
///
/// # Panics
/// If what goes into an envelope doesn't come out of it.
pub fn pushed(data: &[u8], attributes: &BTreeMap<String, String>) -> Push {
    let id = MessageId(MESSAGE_ID.into());
    let mut envelope = PushEnvelope::new("s".into(), &id, NOW_TEXT.into(), data);
    envelope.message.attributes = attributes.clone();
    let body = serde_json::to_vec(&envelope).expect("an envelope is JSON");
    let push = Push::from_body(&body).expect("an envelope is a push");
    assert_eq!(&push.attributes, attributes);
    assert_eq!((push.message_id, &*push.publish_time), (id, NOW_TEXT));
    let bus::PushPayload::Decoded(decoded) = &push.payload else {
        panic!("an envelope's payload is base64");
    };
    assert_eq!(decoded, data);
    Push::from_body(&body).expect("an envelope is a push")
}

/// Whether a text holds an e-mail address or a card number: the plainest forms alone, found in a way that has nothing in
/// common with the library's.
pub fn holds_personal_data(text: &str) -> bool {
    let mut words = text.split(' ');
    words.any(|word| is_address(word) || is_card(word))
}

fn is_address(word: &str) -> bool {
    let Some((name, domain)) = word.split_once('@') else {
        return false;
    };
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let host = ["com", "org", "example"]
        .iter()
        .find_map(|end| domain.strip_suffix(end)?.strip_suffix('.'));
    is_plain(name) && host.is_some_and(is_plain)
}

fn is_card(word: &str) -> bool {
    let is_visa = word.len() == LENGTH_OF_A_CARD
        && word.starts_with('4')
        && word.bytes().all(|byte| byte.is_ascii_digit());
    let digits = word
        .bytes()
        .rev()
        .map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let sum: u32 = digits
        .enumerate()
        .take_while(|_| is_visa)
        .map(|(place, digit)| match place % 2 {
            0 => digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    is_visa && sum.is_multiple_of(10)
}
