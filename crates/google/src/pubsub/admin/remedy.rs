//! What an operator does about a difference.

use super::difference::{Difference, Field, Resource};
use super::wanted::{WantedSubscription, WantedTopology};

impl Difference {
    /// Whether [`super::PubSubAdmin::apply`] mends it: what is missing is made, and most of what differs can be updated.
    /// The emulator can't update an expiration.
    pub fn is_mendable(&self, on_emulator: bool) -> bool {
        match self.field {
            Field::Existence | Field::Subscribers => true,
            Field::Expiration => !on_emulator,
            field => field.update_path().is_some(),
        }
    }

    /// The command that mends it in a real project whose resources no Terraform keeps; where it does, that is the place.
    pub fn remedy(&self, wanted: &WantedTopology, project: &str) -> String {
        let topology = wanted;
        let wanted = topology
            .subscriptions
            .iter()
            .find(|wanted| wanted.name == self.resource.name());
        match (&self.resource, self.field, wanted) {
            (Resource::Topic(name), Field::Existence, _) => {
                format!("gcloud pubsub topics create {name} --project={project}")
            }
            (Resource::Topic(_), _, _) => {
                "make the subscription that is missing: until then what Pub/Sub gives up on is lost"
                    .to_owned()
            }
            // The lake's: it has a table and rights, which only Terraform knows whole.
            (_, _, None) => "apply infra/terraform, which keeps the event lake".to_owned(),
            (_, Field::Existence, Some(wanted)) => create(wanted, project),
            (Resource::Subscription(name), field, Some(wanted)) => match options(field, wanted) {
                Some(options) => {
                    format!(
                        "gcloud pubsub subscriptions update {name} --project={project} {options}"
                    )
                }
                None => format!(
                    "this can't be changed: gcloud pubsub subscriptions delete {name} --project={project}, which drops \
                     the messages that wait in it, and: {}",
                    create(wanted, project)
                ),
            },
        }
    }
}

fn create(wanted: &WantedSubscription, project: &str) -> String {
    let mut parts = vec![format!(
        "gcloud pubsub subscriptions create {} --project={project} --topic={}",
        wanted.name, wanted.topic
    )];
    let fields = [
        Field::Endpoint,
        Field::AckDeadline,
        Field::RetryPolicy,
        Field::DeadLetterTopic,
        Field::Retention,
        Field::Expiration,
    ];
    let dead_letter =
        |field: &Field| *field != Field::DeadLetterTopic || wanted.dead_letter.is_some();
    let fields = fields.into_iter().filter(dead_letter);
    parts.extend(fields.filter_map(|field| options(field, wanted)));
    if let Some(filter) = &wanted.filter {
        parts.push(format!("--message-filter={}", quoted(filter)));
    }
    parts.join(" ")
}

/// All options that belong together, because gcloud resets what is left out.
fn options(field: Field, wanted: &WantedSubscription) -> Option<String> {
    let seconds = |duration: std::time::Duration| format!("{}s", duration.as_secs_f64());
    Some(match field {
        Field::Endpoint | Field::TokenAccount | Field::TokenAudience => {
            let endpoint = format!("--push-endpoint={}", quoted(&wanted.endpoint));
            match &wanted.token {
                None => endpoint,
                Some(token) => format!(
                    "{endpoint} --push-auth-service-account={} --push-auth-token-audience={}",
                    token.service_account,
                    quoted(&token.audience)
                ),
            }
        }
        Field::Envelope => "--clear-push-no-wrapper-config".to_owned(),
        Field::AckDeadline => format!("--ack-deadline={}", wanted.ack_deadline.as_secs()),
        Field::RetryPolicy => format!(
            "--min-retry-delay={} --max-retry-delay={}",
            seconds(wanted.retry_min),
            seconds(wanted.retry_max)
        ),
        Field::DeadLetterTopic | Field::DeadLetterAttempts => match &wanted.dead_letter {
            None => "--clear-dead-letter-policy".to_owned(),
            Some(dead_letter) => format!(
                "--dead-letter-topic={} --max-delivery-attempts={}",
                dead_letter.topic, dead_letter.max_delivery_attempts
            ),
        },
        Field::Retention => format!("--message-retention-duration={}", seconds(wanted.retention)),
        Field::Expiration => "--expiration-period=never".to_owned(),
        Field::ExactlyOnce => "--no-enable-exactly-once-delivery".to_owned(),
        Field::Existence
        | Field::Subscribers
        | Field::Topic
        | Field::Detached
        | Field::Delivery
        | Field::State
        | Field::Filter
        | Field::Ordering => return None,
    })
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=".contains(c);
    match text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
