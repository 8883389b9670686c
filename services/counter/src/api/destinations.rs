//! `/api/destinations`: how destinations fare, all instances of the updater together.

use std::collections::BTreeMap;

use ::web::Problem;
use actix_web::{HttpResponse, web};
use events::Timestamp;
use serde_json::{Value, json};
use store::{DestinationReport, HeldBacklog, Outcome};

use super::{PageState, answer, moment, unavailable};

/// What an instance said that fell silent this long ago is not how things are any more.
const REPORTS_AGE_MS: i64 = 5 * 60_000;

pub(super) async fn list(state: web::Data<PageState>) -> Result<HttpResponse, Problem> {
    let found = state.standing.found().await.map_err(unavailable)?;
    let mut by_destination: BTreeMap<&str, Known> = BTreeMap::new();
    for report in &found.reports {
        by_destination
            .entry(&report.destination)
            .or_default()
            .reports
            .push(report);
    }
    for (destination, letters) in &found.letters {
        by_destination.entry(destination).or_default().letters = *letters;
    }
    for backlog in &found.backlogs {
        let known = by_destination.entry(&backlog.destination).or_default();
        known.held = Some(backlog);
    }
    let now = state.view.now();
    let destinations: Vec<Value> = by_destination
        .into_iter()
        .map(|(destination, known)| shown(destination, &known, now))
        .collect();
    Ok(answer(HttpResponse::Ok()).json(json!({"destinations": destinations})))
}

/// What is known of a destination.
#[derive(Default)]
struct Known<'a> {
    reports: Vec<&'a DestinationReport>,
    letters: u64,
    held: Option<&'a HeldBacklog>,
}

fn shown(destination: &str, known: &Known<'_>, now: Timestamp) -> Value {
    let reports = &known.reports;
    let last_done = reports.iter().filter_map(|report| report.last_done).max();
    let last_failure = reports
        .iter()
        .filter_map(|report| report.last_failure.as_ref())
        .max_by_key(|failure| failure.at);
    let reported = reports.iter().map(|report| report.at).max();
    let failed = last_failure.map(|failure| failure.at);
    let is_recent = |at: Timestamp| now.millis() - at.millis() < REPORTS_AGE_MS;
    let state = match (last_done, failed) {
        _ if !reported.is_some_and(is_recent) => "unknown",
        (None, None) => "unknown",
        (done, failed) if failed > done => "failing",
        _ => "ok",
    };
    let calls = |outcome: Outcome| -> u64 {
        let counts = reports
            .iter()
            .filter_map(|report| report.calls.get(&outcome));
        counts.sum()
    };
    // Percentiles have no sum: the slowest instance speaks for all.
    let latencies = reports.iter().filter_map(|report| report.latency_ms);
    let latency = latencies.reduce(|one, other| store::Latency {
        p50: one.p50.max(other.p50),
        p95: one.p95.max(other.p95),
        p99: one.p99.max(other.p99),
    });
    // Whoever was killed never said that his calls had ended.
    let speaking = reports.iter().filter(|report| is_recent(report.at));
    let in_flight: u64 = speaking.map(|report| report.in_flight).sum();
    json!({
        "destination": destination,
        "state": state,
        "calls": {
            "done": calls(Outcome::Done), "retry": calls(Outcome::Retry), "setup": calls(Outcome::Setup),
            "reject": calls(Outcome::Reject), "unknown": calls(Outcome::Unknown),
        },
        "latencyMs": latency,
        "inFlight": in_flight,
        "lastDoneAt": moment(last_done),
        "lastFailure": last_failure.map(|failure| json!({
            "at": failure.at.to_rfc3339(), "note": failure.note, "status": failure.status,
        })),
        "reportedAt": moment(reported),
        "held": {
            "count": known.held.map_or(0, |held| held.count),
            "oldestAt": moment(known.held.map(|held| held.oldest)),
        },
        "deadLetters": known.letters,
    })
}
