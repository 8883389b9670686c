//! Reports are replaced, listed and forgotten. The tests are handed reports that hold nothing yet.

use std::time::Duration;

use events::Timestamp;

use crate::{CallFailure, DestinationReport, DestinationReports, Latency, Outcome};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

fn report(destination: &str, instance: &str, seconds: u64) -> DestinationReport {
    DestinationReport {
        destination: destination.to_owned(),
        instance: instance.to_owned(),
        since: NOW,
        at: NOW.plus(Duration::from_secs(seconds)),
        calls: [(Outcome::Done, seconds), (Outcome::Retry, 2)].into(),
        latency_ms: Some(Latency {
            p50: 20,
            p95: 80,
            p99: 200,
        }),
        in_flight: 3,
        last_done: Some(NOW),
        last_failure: Some(CallFailure {
            at: NOW,
            status: Some(503),
            note: "the API answered 503".into(),
        }),
    }
}

async fn kept(reports: &impl DestinationReports) -> Vec<DestinationReport> {
    reports.reports().await.expect("the store answers")
}

async fn keep(reports: &impl DestinationReports, kept: &[DestinationReport]) {
    let kept = reports.report(kept.to_vec()).await;
    kept.expect("the store answers");
}

/// And no other; all fields come back.
pub async fn a_report_replaces_the_earlier_one_of_its_instance(reports: &impl DestinationReports) {
    assert_eq!(kept(reports).await, []);
    let bare = DestinationReport {
        calls: [].into(),
        latency_ms: None,
        last_done: None,
        last_failure: None,
        ..report("crm", "b", 10)
    };
    let other = report("erp", "a", 10);
    keep(
        reports,
        &[other.clone(), bare.clone(), report("crm", "a", 10)],
    )
    .await;
    assert_eq!(
        kept(reports).await,
        [report("crm", "a", 10), bare.clone(), other.clone()]
    );
    let newer = report("crm", "a", 20);
    keep(reports, &[report("crm", "a", 15), newer.clone()]).await;
    keep(reports, &[]).await;
    assert_eq!(kept(reports).await, [newer, bare, other]);
}

/// One that was made at that very time stays.
pub async fn reports_are_forgotten_by_the_time_they_were_made(reports: &impl DestinationReports) {
    let (older, newer) = (report("crm", "a", 10), report("crm", "b", 11));
    keep(reports, &[older.clone(), newer.clone()]).await;
    assert_eq!(reports.purge(older.at).await.expect("purged"), 0);
    assert_eq!(reports.purge(newer.at).await.expect("purged"), 1);
    assert_eq!(kept(reports).await, [newer]);
}
