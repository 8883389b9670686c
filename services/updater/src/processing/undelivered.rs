//! What the bus gave up on.

use bus::{Push, attribute};
use events::Received;
use store::dead_letters::Death;
use store::{HoldReason, Reason, StoreUnavailable, Wait};
use telemetry::{Span, key};
use web::describe_event;

use super::{Processor, PushAddress};
use crate::delivery::Disposition;
use crate::message::IncomingEvent;

/// Where a message comes from that the bus gave up on.
struct Source {
    subscription: String,
    /// As the subscription's name has it.
    destination: Option<String>,
    deliveries: u32,
}

impl Processor {
    /// Holds what the bus gave up on, if it can still be delivered; else it is kept for a person. It wasn't refused by an
    /// API, which would have had it held before: something broke every time.
    pub(crate) async fn process_dead_letter(
        &self,
        push: Push,
        span: &mut Span,
    ) -> Result<Disposition, StoreUnavailable> {
        let source = Source::of(&push);
        let push = as_published(push);
        // An unreadable message would have been kept and acknowledged at its first delivery.
        let received = self.read_event(&push, &PushAddress::default()).ok();
        if let Some(received) = &received {
            describe_event(span, &received.update);
        }
        let routes = self.routes.current();
        let destination = source.destination.as_deref();
        let destination = destination.and_then(|id| routes.destination(id));
        match (received, destination) {
            (Some(received), Some(destination)) if is_recognisable(&push, &received) => {
                span.set(key::DESTINATION, destination.id.as_str());
                let event = IncomingEvent {
                    json: received.update.to_json(),
                    push,
                    received,
                    event_type_hint: None,
                    trace: span.context(),
                };
                let (due, reason) = (self.clock.now(), HoldReason::Undelivered);
                let wait = Wait {
                    due,
                    reason,
                    waits_for: None,
                };
                self.deliverer.hold(&event, destination, wait).await?;
                Ok(Disposition::Held {
                    due,
                    reason: Some(reason),
                    waits_for: None,
                })
            }
            (received, _) => self.bury_undelivered(&push, received, &source).await,
        }
    }

    async fn bury_undelivered(
        &self,
        push: &Push,
        received: Option<Received>,
        source: &Source,
    ) -> Result<Disposition, StoreUnavailable> {
        let subscription = &source.subscription;
        let about = received.as_ref().map_or_else(
            || push.message_id.0.clone(),
            |received| format!("{}/{}", received.identity.as_str(), received.content_hash()),
        );
        let death = Death {
            attempts: source.deliveries,
            destination: source.destination.as_deref(),
            ..Death::of_message(
                format!("undelivered/{subscription}/{about}"),
                Reason::Undelivered,
                format!(
                    "the bus gave up delivering it to {subscription}: mend the destination, then replay"
                ),
            )
        };
        self.deliverer
            .bury_push(push, received.as_ref(), death)
            .await?;
        Ok(Disposition::Settled { buried: true })
    }
}

impl Source {
    fn of(push: &Push) -> Self {
        let attribute = |name: &str| push.attributes.get(name).cloned();
        let subscription =
            attribute(attribute::DEAD_LETTER_SUBSCRIPTION).unwrap_or_else(|| "unknown".into());
        let deliveries = attribute(attribute::DEAD_LETTER_DELIVERY_COUNT)
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        // What follows the mark is the hash of the subscription's filter.
        let destination = subscription
            .rsplit_once('.')
            .and_then(|(_, name)| name.split('~').next())
            .map(str::to_owned);
        Self {
            subscription,
            destination,
            deliveries,
        }
    }
}

/// Whether it is known which event this is. The bus gives what it gave up on a new message id, so where only that stood
/// behind the event, what was done of it would be done again.
fn is_recognisable(push: &Push, received: &Received) -> bool {
    push.attributes.contains_key(attribute::IDENTITY) || !received.identity.is_message_only()
}

/// The push with the time at which its message was published first.
fn as_published(mut push: Push) -> Push {
    if let Some(time) = push.attributes.get(attribute::DEAD_LETTER_PUBLISH_TIME) {
        push.publish_time.clone_from(time);
    }
    push
}
