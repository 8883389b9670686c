//! The event lake: the subscriptions of the topic that write to BigQuery. Nobody needs one; one that is there must work, or
//! events are lost for it without anybody noticing.

use std::time::Duration;

use google_cloud_pubsub::model::Subscription;
use google_cloud_pubsub::model::big_query_config::State;

use super::compare::{Report, compare_life_of};
use super::difference::{Difference, Field, Resource};
use super::resource_names::Project;

/// What follows a topic's name in the name of its lake.
const LAKE: &str = "-lake";
/// What follows that where the lake takes also what came past the publisher.
const ALL: &str = "-all";
/// Only the publisher's own messages have a schema version, and those are redacted.
const PUBLISHED: &str = "attributes:schemaVersion";
/// As long as the topic's other subscriptions.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Whether a subscription of this short name is the lake of `topic`.
pub(super) fn is_lake_of(topic: &str, name: &str) -> bool {
    let rest = name.strip_prefix(topic).unwrap_or_default();
    rest.strip_suffix(ALL).unwrap_or(rest) == LAKE
}

/// Everything about the lake `name` that is not as it must be.
pub(super) fn compare(name: &str, found: &Subscription, project: &Project) -> Vec<Difference> {
    let mut report = Report::new(Resource::Subscription(name.to_owned()));
    let topic = project.short_topic(&found.topic);
    let wanted_topic = name.strip_suffix(ALL).unwrap_or(name);
    let wanted_topic = wanted_topic.strip_suffix(LAKE).unwrap_or(wanted_topic);
    report.expect(Field::Topic, wanted_topic, topic);
    let delivery = match &found.bigquery_config {
        Some(_) => "to BigQuery",
        None => "elsewhere",
    };
    report.expect(Field::Delivery, "to BigQuery", delivery);
    if let Some(lake) = &found.bigquery_config {
        report.expect(Field::State, "active", state(&lake.state));
    }
    let filter = (!name.ends_with(ALL)).then_some(PUBLISHED);
    compare_life_of(RETENTION, filter, found, &mut report);
    report.differences
}

fn state(state: &State) -> &'static str {
    match state {
        // The emulator, and a subscription just made, say nothing.
        State::Active | State::Unspecified => "active",
        State::PermissionDenied => {
            "refused by BigQuery: Pub/Sub's account may not write to the table"
        }
        State::NotFound => "without its table, which is gone",
        State::SchemaMismatch => "unable to write: the table's columns don't fit",
        State::InTransitLocationRestriction => "unable to write: the data may not leave its region",
        State::VertexAiLocationRestriction => {
            "unable to write: a transform is not offered in its region"
        }
        _ => "in a state unknown here",
    }
}

#[cfg(test)]
mod tests {
    use google_cloud_pubsub::model::{BigQueryConfig, ExpirationPolicy};

    use super::*;

    fn lake(filter: &str) -> Subscription {
        Subscription::new()
            .set_topic("projects/shop/topics/updates")
            .set_filter(filter)
            .set_expiration_policy(ExpirationPolicy::new())
            .set_bigquery_config(BigQueryConfig::new().set_state(State::Active))
    }

    fn differences(name: &str, found: &Subscription) -> Vec<(Field, String)> {
        let project = Project("shop".into());
        let differences = compare(name, found, &project).into_iter();
        differences
            .map(|difference| (difference.field, difference.found))
            .collect()
    }

    #[test]
    fn a_lake_is_known_by_its_name() {
        for (name, known) in [
            ("updates-lake", true),
            ("updates-lake-all", true),
            ("updates-lake-other", false),
            ("updates-all", false),
            ("updates.lake", false),
            ("other-lake", false),
            ("updates", false),
        ] {
            assert_eq!(is_lake_of("updates", name), known, "{name}");
        }
    }

    #[test]
    fn a_lake_as_terraform_makes_it_has_no_differences() {
        assert_eq!(differences("updates-lake", &lake(PUBLISHED)), []);
        assert_eq!(differences("updates-lake-all", &lake("")), []);
    }

    #[test]
    fn what_would_lose_events_or_take_what_nobody_redacted_is_found() {
        type Change = fn(&mut Subscription);
        let cases: [(Field, Change); 6] = [
            (Field::Filter, |found| found.filter.clear()),
            (Field::Topic, |found| found.topic = "_deleted-topic_".into()),
            (Field::Delivery, |found| found.bigquery_config = None),
            (Field::Expiration, |found| found.expiration_policy = None),
            (Field::Detached, |found| found.detached = true),
            (Field::State, |found| {
                let gone = BigQueryConfig::new().set_state(State::NotFound);
                found.bigquery_config = Some(gone);
            }),
        ];
        for (field, change) in cases {
            let mut found = lake(PUBLISHED);
            change(&mut found);
            let fields: Vec<Field> = differences("updates-lake", &found)
                .into_iter()
                .map(|(field, _)| field)
                .collect();
            assert_eq!(fields, [field]);
        }
    }
}
