use std::time::Duration;

use store::{DeadLetterFilter, Reason};

use super::*;
use crate::commands::dead_letters::selection::{Selection, Since};

const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);

#[test]
fn named_letters_speak_over_the_other_options() {
    let day = Duration::from_secs(86_400);
    let mut arguments = ReplayArguments {
        selection: Selection {
            reason: Some(Reason::Rejected),
            destination: Some("crm".into()),
            route: Some("leads".into()),
            since: Some(Since::Ago(day)),
        },
        dry_run: true,
        rate: 5,
        accept_duplicates: true,
        ..ReplayArguments::default()
    };
    let order = order(&arguments, NOW);
    let ReplaySelection::Filter(DeadLetterFilter { limit, .. }) = order.selection else {
        panic!("no letter is named")
    };
    let filter = DeadLetterFilter {
        reason: Some(Reason::Rejected),
        destination: Some("crm".into()),
        route: Some("leads".into()),
        event_id: None,
        since: Some(NOW.minus(day)),
        limit,
    };
    assert_eq!(order.selection, ReplaySelection::Filter(filter));
    assert!(order.dry_run && order.accept_duplicates);
    assert_eq!(order.letters_per_second, 5);
    arguments.ids = vec!["a".into()];
    let selection = super::order(&arguments, NOW).selection;
    assert_eq!(selection, ReplaySelection::Ids(vec!["a".into()]));
}
