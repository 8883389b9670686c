//! `talaria journey`: what became of one event.

mod shown;

use std::collections::BTreeMap;

use clap::Args;
use embedded::{EmbeddedStore, StoredMessage};
use events::{MessageContext, PurchaseIdentity, read_message};
use serde::Serialize;
use store::tallies::{EventIdentities, TalliedIdentity};
use store::{
    DeadLetterFilter, DeadLetterSummary, DeadLetters, EffectState, EventQuery, HeldMessages,
    HeldSummary, Ledger, LedgerRecord,
};

use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output;

const EXAMPLES: &str = "\
Examples:
  talaria journey evt_0191f2a4_purchase_ORD-70311
  talaria journey purchase:ORD-70311 --json";

/// Whose journey.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct JourneyArguments {
    /// The event's id, or its identity such as purchase:ORD-1
    #[arg(value_name = "EVENT_ID")]
    event_id: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Everything that is known of an event.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Journey {
    event_id: String,
    identities: Vec<TalliedIdentity>,
    #[serde(serialize_with = "shown::messages")]
    messages: Vec<StoredMessage>,
    records: Vec<LedgerRecord>,
    held: Vec<HeldSummary>,
    dead_letters: Vec<DeadLetterSummary>,
}

/// Looks the event up and prints what is known; not well if nothing is.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &JourneyArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let bus = kept::bus(&settings, invocation.clock.clone())?;
    let store = kept::store(&settings)?;
    let mut journey = Journey {
        event_id: arguments.event_id.clone(),
        ..Journey::default()
    };
    journey.messages = bus.find_messages(&journey.event_id).await?;
    let mut identities = EventIdentities::tallied(&store, &journey.event_id).await?;
    add_messages(
        &mut identities,
        &journey.messages,
        settings.updater.purchase_identity,
    );
    find_records(&mut journey, &mut identities, &store).await?;
    find_held(&mut journey, &mut identities, &store).await?;
    find_dead_letters(&mut journey, &mut identities, &store).await?;
    journey.identities = identities.shown(&store).await?;
    if arguments.json {
        output::json(&journey)?;
    } else {
        shown::print(&journey, &settings.data)?;
    }
    Ok(Completion::of(journey.is_known()))
}

impl Journey {
    fn is_known(&self) -> bool {
        !(self.identities.is_empty()
            && self.messages.is_empty()
            && self.records.is_empty()
            && self.held.is_empty()
            && self.dead_letters.is_empty())
    }
}

/// Adds what the updater recognises the messages by. Those that it can't read have none; their dead letters say so.
fn add_messages(
    identities: &mut EventIdentities,
    messages: &[StoredMessage],
    purchase_identity: PurchaseIdentity,
) {
    for message in messages {
        let (data, id) = (&message.data, &message.id.0);
        let mut context = MessageContext::new(data, &message.attributes, id, message.published);
        context.purchase_identity = purchase_identity;
        if let Ok(received) = read_message(&context) {
            let event_type = received.update.event_type.as_deref();
            identities.add(received.identity.as_str(), event_type);
        }
    }
}

/// Finds records by the event's id and by its identities: a reloaded thank-you page has an id of its own and the
/// record of the first.
async fn find_records(
    journey: &mut Journey,
    identities: &mut EventIdentities,
    store: &EmbeddedStore,
) -> anyhow::Result<()> {
    let mut queries = vec![
        EventQuery::EventId(journey.event_id.clone()),
        EventQuery::Identity(journey.event_id.clone()),
    ];
    queries.extend(
        identities
            .iter()
            .map(|identity| EventQuery::Identity(identity.to_owned())),
    );
    let mut found = BTreeMap::new();
    for query in queries {
        for record in store.find(&query).await? {
            let event = &record.event;
            identities.add(&event.identity, event.event_type.as_deref());
            let key = (event.identity.clone(), record.destination.clone());
            found.insert(key, record);
        }
    }
    journey.records = found.into_values().collect();
    Ok(())
}

/// Finds what waits for destinations, by the event's id and by its identities.
async fn find_held(
    journey: &mut Journey,
    identities: &mut EventIdentities,
    store: &EmbeddedStore,
) -> anyhow::Result<()> {
    let mut queries = vec![EventQuery::EventId(journey.event_id.clone())];
    queries.push(EventQuery::Identity(journey.event_id.clone()));
    let told = identities.iter().map(str::to_owned);
    queries.extend(told.map(EventQuery::Identity));
    let mut found = BTreeMap::new();
    for query in queries {
        for held in store.find_held(&query).await? {
            identities.add(&held.identity, held.event_type.as_deref());
            found.insert(held.id.clone(), held);
        }
    }
    journey.held = found.into_values().collect();
    Ok(())
}

async fn find_dead_letters(
    journey: &mut Journey,
    identities: &mut EventIdentities,
    store: &EmbeddedStore,
) -> anyhow::Result<()> {
    let event_id = Some(journey.event_id.clone());
    let filter = DeadLetterFilter {
        event_id,
        ..DeadLetterFilter::default()
    };
    let mut letters = store.list(&filter).await?;
    let effects = journey
        .records
        .iter()
        .flat_map(|record| record.effects.values());
    for effect in effects {
        let (EffectState::Dead { letter } | EffectState::Review { letter }) = &effect.state else {
            continue;
        };
        let known = letters.iter().any(|known| known.id == *letter);
        if !known && let Some(letter) = store.get(letter).await? {
            letters.push(letter.summary);
        }
    }
    for letter in &letters {
        if let Some(identity) = &letter.identity {
            identities.add(identity, letter.event_type.as_deref());
        }
    }
    journey.dead_letters = letters;
    Ok(())
}
