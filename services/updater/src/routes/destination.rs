//! Reading one destination of the routes file.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::address;
use super::fields::{Fields, IDENTIFIER_HINT, is_identifier};
use super::header;
use super::mistake::Report;
use super::model::{Auth, Destination, Limits, Rate, Repeat};
use super::response;
use super::yaml::{Content, Key, Node};

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
pub(super) const AUTH_KEYS: &[&str] = &["bearer", "header", "secret"];
pub(super) const LIMIT_KEYS: &[&str] = &["concurrency", "rate"];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const REPEAT_HINT: &str = "safe: the API honours Idempotency-Key, so a call may be made again; \
                           unsafe: never call again when it is unknown whether a call arrived";
const AUTH_HINT: &str =
    "bearer: SECRET_NAME, or header: X-API-KEY with secret: SECRET_NAME, or no auth: at all";

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
    let auth = fields
        .get("auth")
        .map_or(Auth::None, |node| read_auth(node, report));
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
    let filter = fields
        .text("filter", report)
        .map(|(filter, _)| filter.to_owned());
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

fn read_auth(node: &Node, report: &mut Report) -> Auth {
    if matches!(&node.content, Content::Text(text) if text == "none") {
        return Auth::None;
    }
    let later =
        "this kind of auth does not exist yet; now there are bearer: and header: with secret:";
    let kinds = [
        "basic",
        "oauth2",
        "google_identity",
        "google_access",
        "signature",
        "mtls",
    ]
    .map(|kind| (kind, later));
    let Some(fields) = Fields::open(node, "auth", AUTH_KEYS, &kinds, report) else {
        return Auth::None;
    };
    let secret = |name: &str, report: &mut Report| {
        let (written, place) = fields.text(name, report)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if written.is_empty() || !written.bytes().all(plain) {
            report.add_with_hint(
                place,
                format!("{name}: this is not the name of a secret"),
                "the name only, letters, digits, _ and -; the secret itself never stands in this file",
            );
        }
        Some(written.to_owned())
    };
    match (
        fields.get("bearer"),
        fields.get("header"),
        fields.get("secret"),
    ) {
        (Some(_), None, None) => {
            secret("bearer", report).map_or(Auth::None, |secret| Auth::Bearer { secret })
        }
        (None, Some(header), Some(_)) => {
            let name = fields
                .text("header", report)
                .map(|(name, _)| name.to_owned());
            let name = name.filter(|name| header::check_name(name, header.place, report));
            match (name, secret("secret", report)) {
                (Some(name), Some(secret)) => Auth::Header { name, secret },
                _ => Auth::None,
            }
        }
        _ => {
            report.add_with_hint(node.place, "auth: is not exactly one kind", AUTH_HINT);
            Auth::None
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
    let (calls, unit) = written.split_once('/')?;
    let per = match unit.trim() {
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return None,
    };
    let calls = calls.trim().parse().ok().filter(|calls| *calls > 0)?;
    Some(Rate { calls, per })
}
