//! Names and values of headers.

use super::fields::{map, text};
use super::mistake::{Place, Report};
use super::yaml::Node;

/// Headers that are set from elsewhere.
const RESERVED: &[(&str, &str)] = &[
    ("authorization", "use auth: with the name of a secret"),
    (
        "idempotency-key",
        "it is always sent, and is the effect's key",
    ),
    ("host", "it follows from the url"),
    ("content-length", "it follows from the body"),
    ("transfer-encoding", "it follows from the body"),
    ("connection", "it is the client's own"),
    (
        "traceparent",
        "it is sent wherever the event's message has one",
    ),
];

/// Reports a name that no header can have, or that is set from elsewhere.
pub(super) fn check_name(name: &str, place: Place, report: &mut Report) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        report.add_with_hint(
            place,
            format!("'{name}' can't be a header's name"),
            "letters, digits and dashes",
        );
        return false;
    }
    if let Some((_, hint)) = RESERVED
        .iter()
        .find(|(reserved, _)| name.eq_ignore_ascii_case(reserved))
    {
        report.add_with_hint(place, format!("the header {name} can't be set here"), *hint);
        return false;
    }
    true
}

/// True for visible ASCII, spaces and tabs, which is what every server takes; a line break would start another header.
pub(crate) fn is_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

/// The headers of a destination: names and fixed texts.
pub(super) fn read_static(node: &Node, report: &mut Report) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (key, node) in map(node, "headers:", report).unwrap_or_default() {
        let named = check_name(&key.name, key.place, report);
        let Some(value) = text(node, &format!("{}:", key.name), report) else {
            continue;
        };
        if value.contains("${") {
            report.add_with_hint(
                node.place,
                format!("the value of {} still holds ${{…}}", key.name),
                "variables are filled in without quotes only",
            );
        } else if !is_value(value) {
            report.add(
                node.place,
                format!(
                    "the value of {} holds a character no header can have",
                    key.name
                ),
            );
        } else if named {
            headers.push((key.name.clone(), value.to_owned()));
        }
    }
    headers
}
