//! `talaria journey`: what became of one event.

mod shown;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use embedded::{EmbeddedStore, StoredMessage};
use events::{MessageContext, PurchaseIdentity, read_message};
use serde::Serialize;
use store::{
    DeadLetterFilter, DeadLetterSummary, DeadLetters, EffectState, EventQuery, Ledger, LedgerRecord,
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
    identities: BTreeSet<String>,
    #[serde(serialize_with = "shown::messages")]
    messages: Vec<StoredMessage>,
    records: Vec<LedgerRecord>,
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
    journey.identities = identities(&journey.messages, settings.updater.purchase_identity);
    find_records(&mut journey, &store).await?;
    find_dead_letters(&mut journey, &store).await?;
    if arguments.json {
        output::json(&journey)?;
    } else {
        shown::print(&journey, &settings.data)?;
    }
    Ok(Completion::of(journey.is_known()))
}

impl Journey {
    fn is_known(&self) -> bool {
        !(self.messages.is_empty() && self.records.is_empty() && self.dead_letters.is_empty())
    }
}

/// What the updater recognises the messages by. Those that it can't read have none; their dead letters say so.
fn identities(messages: &[StoredMessage], purchase_identity: PurchaseIdentity) -> BTreeSet<String> {
    let read = messages.iter().filter_map(|message| {
        let (data, id) = (&message.data, &message.id.0);
        let mut context = MessageContext::new(data, &message.attributes, id, message.published);
        context.purchase_identity = purchase_identity;
        read_message(&context).ok()
    });
    read.map(|received| received.identity.as_str().to_owned())
        .collect()
}

/// Finds records by the event's id and by its identities: a reloaded thank-you page has an id of its own and the
/// record of the first.
async fn find_records(journey: &mut Journey, store: &EmbeddedStore) -> anyhow::Result<()> {
    let mut queries = vec![
        EventQuery::EventId(journey.event_id.clone()),
        EventQuery::Identity(journey.event_id.clone()),
    ];
    queries.extend(journey.identities.iter().cloned().map(EventQuery::Identity));
    let mut found = BTreeMap::new();
    for query in queries {
        for record in store.find(&query).await? {
            journey.identities.insert(record.event.identity.clone());
            found.insert(
                (record.event.identity.clone(), record.destination.clone()),
                record,
            );
        }
    }
    journey.records = found.into_values().collect();
    Ok(())
}

async fn find_dead_letters(journey: &mut Journey, store: &EmbeddedStore) -> anyhow::Result<()> {
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
    journey.dead_letters = letters;
    Ok(())
}
