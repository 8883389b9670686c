//! From a push or a held message to an answer: read the message, plan its effects, deliver them.

mod overdue;
mod undelivered;
mod unreadable;

use std::collections::BTreeMap;
use std::sync::Arc;

use bus::{Push, attribute};
use events::{Clock, PurchaseIdentity, Received};
use futures_util::future::join_all;
use store::dead_letters::Death;
use store::{Reason, StoreUnavailable};
use telemetry::{Span, key};
use tokio::time::Instant;
use web::{NoEvent, PushReading, describe_event, read_event};

use crate::delivery::{Deliverer, Disposition, Occasion, Source};
use crate::effect::{self, Plan, PlannedEffect};
use crate::message::IncomingEvent;
use crate::routes::{Routes, RoutesHandle};
pub(crate) use overdue::overdue_at;

/// What a push address says beside the message.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushAddress {
    /// The destination whose subscription this is; all of them if none is named.
    pub destination: Option<String>,
    /// The event type of messages that name none (`?as=`).
    pub event_type_hint: Option<String>,
}

/// Processes messages.
pub(crate) struct Processor {
    pub routes: Arc<RoutesHandle>,
    pub deliverer: Deliverer,
    pub clock: Arc<dyn Clock>,
    pub purchase_identity: PurchaseIdentity,
}

impl Processor {
    /// How many calls at once a destination takes of this process; one that the routes file doesn't have gets none.
    pub(crate) fn concurrency_of(&self, destination: &str) -> usize {
        let routes = self.routes.current();
        let limiter = |it| self.deliverer.limiters.of(it).concurrency();
        routes
            .destination(destination)
            .map_or(usize::MAX, |it| limiter(it))
    }

    /// Does what a push asks for. An error means that the store is not available: the bus keeps the message.
    pub(crate) async fn process(
        &self,
        push: Push,
        address: &PushAddress,
        span: &mut Span,
    ) -> Result<Disposition, StoreUnavailable> {
        let source = match address.destination {
            Some(_) => Source::OwnSubscription,
            None => Source::SharedSubscription,
        };
        let began = Instant::now();
        self.process_from(push, address, Occasion { source, began }, span)
            .await
    }

    /// The same for a message on any occasion; one that was held is addressed to its destination. What is done is part of
    /// `span`, which is told of the event.
    pub(crate) async fn process_from(
        &self,
        push: Push,
        address: &PushAddress,
        occasion: Occasion,
        span: &mut Span,
    ) -> Result<Disposition, StoreUnavailable> {
        let Some(event) = self.read(push, address, span).await? else {
            return Ok(Disposition::Settled { buried: true });
        };
        let routes = self.routes.current();
        if let Some(id) = &address.destination
            && routes.destination(id).is_none()
        {
            return self.bury_unknown_destination(&event, id).await;
        }
        if let Some(id) = &address.destination {
            span.set(key::DESTINATION, id.as_str());
        }
        let now = self.clock.now();
        let plan = effect::plan(
            &routes,
            address.destination.as_deref(),
            event.identity(),
            &event.json,
            now.millis(),
        );
        span.set(key::EFFECTS, plan.effects.len());
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
                    .deliver(event, routes, &destination, effects, occasion)
                    .await
            })
        });
        let mut disposition = Disposition::Settled { buried: false };
        for delivered in join_all(delivering).await {
            disposition = disposition.and(delivered?);
        }
        if plan.effects.is_empty() && matches!(disposition, Disposition::Settled { .. }) {
            let nothing = self.nothing_to_do(&event, &routes, address, &plan).await?;
            return Ok(disposition.and(nothing));
        }
        Ok(disposition)
    }

    /// The event of a push; `None` if it can't be read, which is kept as a dead letter.
    async fn read(
        &self,
        push: Push,
        address: &PushAddress,
        span: &mut Span,
    ) -> Result<Option<IncomingEvent>, StoreUnavailable> {
        match self.read_event(&push, address) {
            Ok(received) => {
                describe_event(span, &received.update);
                let json = received.update.to_json();
                Ok(Some(IncomingEvent {
                    push,
                    received,
                    json,
                    event_type_hint: address.event_type_hint.clone(),
                    trace: span.context(),
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
        let (identity, content) = (event.identity(), event.received.content_hash());
        let about = format!("unknown-destination/{id}/{identity}/{content}");
        self.deliverer
            .bury(
                event,
                Death::of_message(about, Reason::UnknownDestination, detail).at(id),
            )
            .await?;
        Ok(Disposition::Settled { buried: true })
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
        let buried = event_type.is_none() && (address.destination.is_none() || !wanted_elsewhere());
        if buried {
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
        Ok(Disposition::Settled { buried })
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
