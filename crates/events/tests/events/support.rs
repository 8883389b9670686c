//! What the tests share: the samples, and messages as a push gives them.

use std::collections::BTreeMap;
use std::path::Path;

use events::{MessageContext, Received, Timestamp, Unreadable, read_message};
use serde_json::Value;

/// Just after the samples' events.
pub const NOW: Timestamp = Timestamp::from_millis(1_764_060_600_000);

/// The lines of a sample file.
pub fn sample(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("samples are JSON"))
        .collect()
}

/// Attributes from pairs.
pub fn attributes<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Reads a message that has data alone, changed as the test likes.
pub fn read_with(
    data: &[u8],
    change: impl Fn(&mut MessageContext<'_>),
) -> Result<Received, Unreadable> {
    let attributes = BTreeMap::new();
    let mut context = MessageContext::new(data, &attributes, "9001", NOW);
    change(&mut context);
    read_message(&context)
}

/// Reads a message that must be readable, with a hint for its event type.
pub fn read_as(value: &Value, event_type_hint: Option<&'static str>) -> Received {
    read_with(value.to_string().as_bytes(), |context| {
        context.event_type_hint = event_type_hint
    })
    .unwrap_or_else(|unreadable| panic!("{value}: {unreadable}"))
}

/// Reads a message that must be readable, with attributes.
pub fn read_with_attributes<const N: usize>(value: &Value, pairs: [(&str, &str); N]) -> Received {
    let (data, attributes) = (value.to_string(), attributes(pairs));
    read_message(&MessageContext::new(
        data.as_bytes(),
        &attributes,
        "9001",
        NOW,
    ))
    .expect("readable")
}

/// An amount as `184.50 EUR`.
pub fn written(money: Option<events::Money>) -> Option<String> {
    money.map(|money| format!("{} {}", money.to_decimal_string(), money.currency()))
}

/// One line: what the data becomes, the identity, the value at stake.
pub type Expected = (Value, &'static str, Option<&'static str>);

/// Checks every line of a sample file, read with a hint.
pub fn check(name: &str, hint: Option<&'static str>, expected: &[Expected]) {
    let lines = sample(name);
    assert_eq!(lines.len(), expected.len(), "{name}");
    for (line, (data, identity, value)) in lines.iter().zip(expected) {
        let received = read_as(line, hint);
        assert_eq!(
            &Value::Object(received.update.data.clone()),
            data,
            "{name}: {line}"
        );
        assert_eq!(received.identity.as_str(), *identity, "{name}: {line}");
        assert_eq!(written(received.value).as_deref(), *value, "{name}: {line}");
    }
}
