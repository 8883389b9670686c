//! Reading the rules by which a destination's answers are understood otherwise than usual.

use std::collections::BTreeMap;

use super::fields::{Fields, list, map, text};
use super::mistake::Report;
use super::model::{AnswerClass, ResponseOverride, StatusPattern};
use super::yaml::{Content, Node};

pub(super) const KEYS: &[&str] = &["status", "header", "body", "is"];
const CLASSES: &[(&str, AnswerClass)] = &[
    ("done", AnswerClass::Done),
    ("retry", AnswerClass::Retry),
    ("setup", AnswerClass::Setup),
    ("reject", AnswerClass::Reject),
];
const STATUS_HINT: &str = "409, or 4xx for a hundred, or a list of them";
const CLASS_HINT: &str = "done: it worked; retry: call again later; setup: the destination is broken; \
                          reject: the event is refused for good";

/// The rules that can be read.
pub(super) fn read(node: &Node, report: &mut Report) -> Vec<ResponseOverride> {
    let rules = list(node, "responses:", report).unwrap_or_default();
    rules
        .iter()
        .filter_map(|rule| read_rule(rule, report))
        .collect()
}

fn read_rule(node: &Node, report: &mut Report) -> Option<ResponseOverride> {
    let fields = Fields::open(node, "a rule of responses:", KEYS, &[], report)?;
    let statuses = fields
        .required("status", STATUS_HINT, report)
        .map(|node| read_statuses(node, report));
    fields.required("is", CLASS_HINT, report);
    let class = fields.choice("is", CLASSES, report);
    let mut headers = BTreeMap::new();
    if let Some(node) = fields.get("header") {
        for (key, value) in map(node, "header:", report).unwrap_or_default() {
            if let Some(value) = text(value, &key.name, report) {
                headers.insert(key.name.to_ascii_lowercase(), value.to_owned());
            }
        }
    }
    let body = fields.text("body", report).map(|(body, _)| body.to_owned());
    Some(ResponseOverride {
        statuses: statuses?,
        headers,
        body,
        class: class?,
    })
}

fn read_statuses(node: &Node, report: &mut Report) -> Vec<StatusPattern> {
    let nodes = match &node.content {
        Content::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut patterns = Vec::new();
    for node in nodes {
        let Some(written) = text(node, "status:", report) else {
            continue;
        };
        match parse_status(written) {
            Some(pattern) => patterns.push(pattern),
            None => report.add_with_hint(
                node.place,
                format!("'{written}' is not a status"),
                STATUS_HINT,
            ),
        }
    }
    patterns
}

fn parse_status(written: &str) -> Option<StatusPattern> {
    if let Some(hundred) = written.strip_suffix("xx") {
        return hundred
            .parse()
            .ok()
            .filter(|hundred| (1..=5).contains(hundred))
            .map(StatusPattern::Hundred);
    }
    written
        .parse()
        .ok()
        .filter(|code| (100..=599).contains(code))
        .map(StatusPattern::Code)
}
