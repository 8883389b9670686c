//! Which letters a listing or a replay is about, as it is said on the command line.

use clap::Args;
use events::Timestamp;
use store::{DeadLetterFilter, Reason};

/// Which letters; every option that is given must fit.
#[derive(Args, Clone, Default)]
pub(super) struct Selection {
    /// Only those given up for this reason
    #[arg(long, value_name = "REASON", value_parser = parse_reason)]
    pub(super) reason: Option<Reason>,
    /// Only those of this destination
    #[arg(long, value_name = "ID")]
    pub(super) destination: Option<String>,
    /// Only those of this route
    #[arg(long, value_name = "NAME")]
    pub(super) route: Option<String>,
    /// Only those given up since then: a time (2026-01-31T08:00:00Z) or a duration before now (24h)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    pub(super) since: Option<Since>,
}

/// A moment, or a time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    At(Timestamp),
    Ago(std::time::Duration),
}

impl Selection {
    /// The same for the store, at most `limit` letters.
    pub(super) fn filter(&self, now: Timestamp, limit: usize) -> DeadLetterFilter {
        let since = self.since.map(|since| match since {
            Since::At(moment) => moment,
            Since::Ago(duration) => now.minus(duration),
        });
        DeadLetterFilter {
            reason: self.reason,
            destination: self.destination.clone(),
            route: self.route.clone(),
            event_id: None,
            since,
            limit,
        }
    }
}

pub(super) fn parse_reason(name: &str) -> Result<Reason, String> {
    Reason::parse(name).ok_or_else(|| {
        let known: Vec<&str> = Reason::ALL.into_iter().map(Reason::name).collect();
        format!("the reasons are {}", known.join(", "))
    })
}

pub(super) fn parse_since(text: &str) -> Result<Since, String> {
    match (Timestamp::parse_rfc3339(text), web::duration::parse(text)) {
        (Ok(moment), _) => Ok(Since::At(moment)),
        (_, Ok(duration)) => Ok(Since::Ago(duration)),
        _ => Err("write a time such as 2026-01-31T08:00:00Z, or a duration such as 24h".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_selection_takes_times_and_durations_and_names_the_reasons() {
        let now = Timestamp::from_millis(1_764_060_000_000);
        assert_eq!(parse_since("2025-11-25T08:40:00Z"), Ok(Since::At(now)));
        let selection = Selection {
            since: parse_since("24h").ok(),
            ..Selection::default()
        };
        let day_before = now.minus(Duration::from_secs(86_400));
        assert_eq!(selection.filter(now, 1).since, Some(day_before));
        assert!(parse_since("yesterday").is_err());
        assert!(
            parse_reason("lost")
                .expect_err("no reason")
                .contains("outcome-unknown")
        );
    }
}
