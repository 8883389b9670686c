//! Reading one destination of the routes file.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::address;
use super::auth;
use super::fields::{Fields, IDENTIFIER_HINT, is_identifier};
use super::header;
use super::mistake::Report;
use super::model::{Auth, Destination, Limits, Rate, Repeat};
use super::response;
use super::yaml::{Key, Node};

pub(super) const KEYS: &[&str] = &[
    "url",
    "auth",
    "repeat",
    "timeout",
    "limits",
    "headers",
    "responses",
    "give_up_after",
    "filter",
];
pub(super) const LIMIT_KEYS: &[&str] = &["concurrency", "rate"];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_FILTER_BYTES: usize = 256;
const REPEAT_HINT: &str = "safe: the API honours Idempotency-Key, so a call may be made again; \
                           unsafe: never call again when it is unknown whether a call arrived";

/// A destination of this name would share a subscription with the counter.
const RESERVED: &str = "counter";

/// The destination, as far as it can be read; nothing without a usable url.
pub(super) fn read(key: &Key, node: &Node, report: &mut Report) -> Option<Destination> {
    if !is_identifier(&key.name) {
        report.add_with_hint(
            key.place,
            format!("'{}' can't be a destination's name", key.name),
            IDENTIFIER_HINT,
        );
    }
    if key.name == RESERVED {
        report.add_with_hint(
            key.place,
            format!(
                "'{RESERVED}' can't be a destination's name: the counter's subscription has it"
            ),
            "another name, such as counter-api",
        );
    }
    let what = format!("destination '{}'", key.name);
    let later = [(
        "kind",
        "every destination is an HTTP API; there are no kinds yet",
    )];
    let fields = Fields::open(node, what, KEYS, &later, report)?;
    let url = read_url(&fields, report);
    let auth = fields.get("auth").map_or(Auth::None, |node| {
        auth::read(node, url.as_ref().map(|(url, _)| url), report)
    });
    fields.required("repeat", REPEAT_HINT, report);
    let repeat = fields.choice(
        "repeat",
        &[("safe", Repeat::Safe), ("unsafe", Repeat::Unsafe)],
        report,
    );
    let timeouts = (Duration::from_millis(100), Duration::from_secs(120));
    let timeout = fields.duration("timeout", Duration::from_secs(5), timeouts, report);
    let limits = read_limits(&fields, report);
    let headers = fields
        .get("headers")
        .map(|node| header::read_static(node, report))
        .unwrap_or_default();
    let responses = fields
        .get("responses")
        .map(|node| response::read(node, report))
        .unwrap_or_default();
    let give_up = (Duration::from_secs(60), 30 * DAY);
    let give_up_after = fields.duration("give_up_after", 7 * DAY, give_up, report);
    let filter = read_filter(&fields, report);
    let (url, is_loopback) = url?;
    Some(Destination {
        id: key.name.clone(),
        url,
        auth,
        repeat: repeat?,
        timeout,
        limits,
        headers: headers.into_iter().collect::<BTreeMap<_, _>>(),
        responses,
        give_up_after,
        filter,
        is_loopback,
    })
}

/// Google refuses others when the subscription is made, which is late; the emulator never does.
fn read_filter(fields: &Fields, report: &mut Report) -> Option<String> {
    let (filter, place) = fields.text("filter", report)?;
    if !(1..=MAX_FILTER_BYTES).contains(&filter.len()) {
        report.add_with_hint(
            place,
            format!("filter: has {} bytes", filter.len()),
            format!(
                "Pub/Sub takes 1 to {MAX_FILTER_BYTES}; leave it out, or say the rest in when: of the routes"
            ),
        );
    }
    Some(filter.to_owned())
}

fn read_url(fields: &Fields, report: &mut Report) -> Option<(Url, bool)> {
    fields.required("url", "url: https://host/path", report)?;
    let (written, place) = fields.text("url", report)?;
    match address::read(written) {
        Ok(read) => Some(read),
        Err((message, hint)) => {
            report.add_with_hint(place, message, hint);
            None
        }
    }
}

fn read_limits(fields: &Fields, report: &mut Report) -> Limits {
    let mut limits = Limits {
        concurrency: 32,
        rate: None,
    };
    let Some(fields) = fields
        .get("limits")
        .and_then(|node| Fields::open(node, "limits", LIMIT_KEYS, &[], report))
    else {
        return limits;
    };
    if let Some((written, place)) = fields.text("concurrency", report) {
        match written.parse() {
            Ok(calls) if (1..=10_000).contains(&calls) => limits.concurrency = calls,
            _ => report.add_with_hint(
                place,
                format!("concurrency: '{written}' is not a number of calls"),
                "a whole number from 1 to 10000",
            ),
        }
    }
    if let Some((written, place)) = fields.text("rate", report) {
        limits.rate = parse_rate(written);
        if limits.rate.is_none() {
            report.add_with_hint(
                place,
                format!("rate: '{written}' is not a rate"),
                "calls in a second or a minute: 100/s, 6000/m",
            );
        }
    }
    limits
}

fn parse_rate(written: &str) -> Option<Rate> {
    let rate: web::Rate = written.parse().ok()?;
    Some(Rate {
        calls: rate.count,
        per: rate.per,
    })
}
