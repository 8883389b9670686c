//! From a push to an answer: read the message, plan its effects, deliver them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bus::{Push, attribute};
use events::{Clock, PurchaseIdentity, Received};
use futures_util::future::join_all;
use store::dead_letters::Death;
use store::{Reason, StoreUnavailable};
use tokio::time::Instant;
use web::{NoEvent, PushReading, read_event};

use crate::delivery::{Deliverer, Disposition};
use crate::effect::{self, Plan, PlannedEffect};
use crate::message::IncomingEvent;
use crate::routes::{Routes, RoutesHandle};

/// What a push address says beside the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushAddress {
    /// The destination whose subscription this is; all of them if none is named.
    pub destination: Option<String>,
    /// The event type of messages that name none (`?as=`).
    pub event_type_hint: Option<String>,
}

/// Processes pushes.
pub(crate) struct Processor {
    pub routes: Arc<RoutesHandle>,
    pub deliverer: Deliverer,
    pub clock: Arc<dyn Clock>,
    pub purchase_identity: PurchaseIdentity,
}

impl Processor {
    /// Does what a push asks for. An error means that the store is not available: the bus keeps the message.
    pub(crate) async fn process(
        &self,
        push: Push,
        address: &PushAddress,
    ) -> Result<Disposition, StoreUnavailable> {
        let began = Instant::now();
        let Some(event) = self.read(push, address).await? else {
            return Ok(Disposition::Acknowledge);
        };
        let routes = self.routes.current();
        if let Some(id) = &address.destination
            && routes.destination(id).is_none()
        {
            return self.bury_unknown_destination(&event, id).await;
        }
        let now = self.clock.now();
        let plan = effect::plan(
            &routes,
            address.destination.as_deref(),
            event.identity(),
            &event.json,
            now.millis(),
        );
        if plan.effects.is_empty() && !may_be_known(&event.push) {
            return self.nothing_to_do(&event, &routes, address, &plan).await;
        }
        let mut by_destination = destinations_to_ask(&event.push, &routes, address);
        for effect in &plan.effects {
            by_destination
                .entry(effect.destination().to_owned())
                .or_default()
                .push(effect.clone());
        }
        let delivering = by_destination.iter().filter_map(|(id, effects)| {
            let destination = Arc::clone(routes.destination(id)?);
            let (event, routes) = (&event, &routes);
            Some(async move {
                self.deliverer
                    .deliver(event, routes, &destination, effects, began)
                    .await
            })
        });
        let mut disposition = Disposition::Acknowledge;
        for delivered in join_all(delivering).await {
            if delivered? == Disposition::Refuse {
                disposition = Disposition::Refuse;
            }
        }
        if plan.effects.is_empty() && disposition == Disposition::Acknowledge {
            return self.nothing_to_do(&event, &routes, address, &plan).await;
        }
        Ok(disposition)
    }

    /// Keeps what the bus gave up on. Deliveries were tried as often as the subscription allows, so it is not
    /// delivered again but kept for a person.
    pub(crate) async fn process_dead_letter(
        &self,
        push: Push,
    ) -> Result<Disposition, StoreUnavailable> {
        let attribute = |name: &str| push.attributes.get(name).cloned();
        let subscription =
            attribute(attribute::DEAD_LETTER_SUBSCRIPTION).unwrap_or_else(|| "unknown".into());
        let count = attribute(attribute::DEAD_LETTER_DELIVERY_COUNT)
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        // An unreadable message would have been kept and acknowledged at its first delivery.
        let received = self.read_event(&push, &PushAddress::default()).ok();
        // What follows the mark is the hash of the subscription's filter.
        let destination = subscription
            .rsplit_once('.')
            .and_then(|(_, name)| name.split('~').next())
            .map(str::to_owned);
        let identity = received
            .as_ref()
            .map_or(push.message_id.0.as_str(), |received| {
                received.identity.as_str()
            });
        let death = Death {
            attempts: count,
            destination: destination.as_deref(),
            ..Death::of_message(
                format!("undelivered/{subscription}/{identity}"),
                Reason::Undelivered,
                format!(
                    "the bus gave up delivering it to {subscription}: mend the destination, then replay"
                ),
            )
        };
        self.deliverer
            .bury_push(&push, received.as_ref(), death)
            .await?;
        Ok(Disposition::Acknowledge)
    }

    /// The event of a push; `None` if it can't be read, which is kept as a dead letter.
    async fn read(
        &self,
        push: Push,
        address: &PushAddress,
    ) -> Result<Option<IncomingEvent>, StoreUnavailable> {
        match self.read_event(&push, address) {
            Ok(received) => {
                let json = received.update.to_json();
                Ok(Some(IncomingEvent {
                    push,
                    received,
                    json,
                }))
            }
            Err(error) => {
                let reason = Reason::of_unread(error.is_invalid());
                let death = Death::of_unread_message(
                    &push.message_id,
                    &push.payload,
                    reason,
                    error.to_string(),
                );
                self.deliverer.bury_push(&push, None, death).await?;
                Ok(None)
            }
        }
    }

    fn read_event(&self, push: &Push, address: &PushAddress) -> Result<Received, NoEvent> {
        let reading = PushReading {
            event_type_hint: address.event_type_hint.as_deref(),
            items_hint: None,
            purchase_identity: self.purchase_identity,
        };
        read_event(push, reading, self.clock.now())
    }

    async fn bury_unknown_destination(
        &self,
        event: &IncomingEvent,
        id: &str,
    ) -> Result<Disposition, StoreUnavailable> {
        let detail = format!(
            "the push address names the destination {id}, which the routes file doesn't have: remove the \
             subscription, or add the destination and replay"
        );
        let about = format!("unknown-destination/{id}/{}", event.identity());
        self.deliverer
            .bury(
                event,
                Death::of_message(about, Reason::UnknownDestination, detail).at(id),
            )
            .await?;
        Ok(Disposition::Acknowledge)
    }

    /// An event that no route wants is acknowledged. One without a type may be wanted and just not be recognised, so
    /// it is kept, unless another destination takes it.
    async fn nothing_to_do(
        &self,
        event: &IncomingEvent,
        routes: &Routes,
        address: &PushAddress,
        plan: &Plan,
    ) -> Result<Disposition, StoreUnavailable> {
        let event_type = event.received.update.event_type.as_deref();
        tracing::debug!(
            identity = event.identity(),
            event_type,
            destination = address.destination,
            "no route wants it"
        );
        let wanted_elsewhere = || {
            let now = self.clock.now().millis();
            let all = effect::plan(routes, None, event.identity(), &event.json, now);
            !all.effects.is_empty()
        };
        if event_type.is_none() && (address.destination.is_none() || !wanted_elsewhere()) {
            let about = format!("no-event-type/{}", event.identity());
            let detail = "the message names no event type and no route wants it: set the attribute eventType, or add \
                          ?as=TYPE to the push address, then replay";
            self.deliverer
                .bury(event, Death::of_message(about, Reason::NoEventType, detail))
                .await?;
        }
        let missing = plan
            .silent
            .iter()
            .filter(|silence| matches!(silence.reason, effect::SilenceReason::Missing { .. }));
        for silence in missing {
            tracing::debug!(
                route = silence.route.name,
                identity = event.identity(),
                "silent: {}",
                silence.reason
            );
        }
        Ok(Disposition::Acknowledge)
    }
}

/// Whether the ledger may know the event: it was delivered before, or is replayed.
fn may_be_known(push: &Push) -> bool {
    push.delivery_attempt != Some(1) || push.attributes.contains_key(attribute::IDENTITY)
}

/// The destinations whose ledger is asked even if no route leads there: effects may wait there that routes wanted before
/// they were changed. The first delivery of an event needs no such question.
fn destinations_to_ask(
    push: &Push,
    routes: &Routes,
    address: &PushAddress,
) -> BTreeMap<String, Vec<PlannedEffect>> {
    if !may_be_known(push) {
        return BTreeMap::new();
    }
    let addressed = |id: &String| address.destination.as_ref().is_none_or(|only| only == id);
    let ids = routes
        .destinations()
        .map(|destination| destination.id.clone());
    ids.filter(addressed).map(|id| (id, Vec::new())).collect()
}
