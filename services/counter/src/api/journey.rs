//! `/api/events/{eventId}`: what became of one event.

use std::collections::{BTreeMap, BTreeSet};

use ::web::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use store::tallies::{EventIdentities, TalliedIdentity};
use store::{
    DeadLetterFilter, DeadLetterSummary, EffectRecord, EffectState, EventQuery, HeldSummary,
    LedgerRecord, StoreUnavailable,
};

use super::dead_letters::letter_shown;
use super::parameters::name_after;
use super::{PageState, answer, moment, not_found, unavailable};

/// By the tag's id of the event, or by its identity such as `purchase:ORD-1`.
pub(super) async fn of_event(
    request: HttpRequest,
    state: web::Data<PageState>,
) -> Result<HttpResponse, Problem> {
    let event_id = name_after("/api/events/", &request)?;
    let journey = Journey::of(&state, &event_id).await.map_err(unavailable)?;
    if journey.identities.is_empty() && journey.letters.is_empty() && journey.held.is_empty() {
        return Err(not_found(
            "nothing is known of an event with this id: it has not come yet, no route wants it and it is not counted, \
             or it is forgotten",
        ));
    }
    Ok(answer(HttpResponse::Ok()).json(json!({
        "eventId": event_id,
        "identities": journey.identities,
        "records": journey.records.iter().map(record_shown).collect::<Vec<_>>(),
        "held": journey.held.iter().map(held_shown).collect::<Vec<_>>(),
        "deadLetters": journey.letters.iter().map(letter_shown).collect::<Vec<_>>(),
    })))
}

struct Journey {
    identities: Vec<TalliedIdentity>,
    records: Vec<LedgerRecord>,
    held: Vec<HeldSummary>,
    letters: Vec<DeadLetterSummary>,
}

impl Journey {
    async fn of(state: &PageState, id: &str) -> Result<Self, StoreUnavailable> {
        let tallies = &*state.tallies;
        let mut identities = EventIdentities::tallied(tallies, id).await?;
        let records = records(state, id, &identities).await?;
        let held = held(state, id, &records).await?;
        let letters = letters(state, id, &records).await?;
        for LedgerRecord { event, .. } in &records {
            identities.add(&event.identity, event.event_type.as_deref());
        }
        for HeldSummary {
            identity,
            event_type,
            ..
        } in &held
        {
            identities.add(identity, event_type.as_deref());
        }
        for letter in &letters {
            if let Some(identity) = &letter.identity {
                identities.add(identity, letter.event_type.as_deref());
            }
        }
        Ok(Self {
            identities: identities.shown(tallies).await?,
            records,
            held,
            letters,
        })
    }
}

async fn records(
    state: &PageState,
    id: &str,
    identities: &EventIdentities,
) -> Result<Vec<LedgerRecord>, StoreUnavailable> {
    let mut found = BTreeMap::new();
    let named = [
        EventQuery::EventId(id.into()),
        EventQuery::Identity(id.into()),
    ];
    let tallied = identities
        .iter()
        .map(|identity| EventQuery::Identity(identity.into()));
    for query in named.into_iter().chain(tallied) {
        for record in state.ledger.find(&query).await? {
            let key = (record.event.identity.clone(), record.destination.clone());
            found.insert(key, record);
        }
    }
    Ok(found.into_values().collect())
}

/// What waits of the event, under its id, its identity, or the identities that its records tell.
async fn held(
    state: &PageState,
    id: &str,
    records: &[LedgerRecord],
) -> Result<Vec<HeldSummary>, StoreUnavailable> {
    let mut queries = vec![
        EventQuery::EventId(id.into()),
        EventQuery::Identity(id.into()),
    ];
    let told = records.iter().map(|record| record.event.identity.clone());
    queries.extend(
        told.collect::<BTreeSet<_>>()
            .into_iter()
            .map(EventQuery::Identity),
    );
    let mut found = BTreeMap::new();
    for query in queries {
        for held in state.held_messages.find_held(&query).await? {
            found.insert(held.id.clone(), held);
        }
    }
    Ok(found.into_values().collect())
}

/// Letters that name the event, and those that its effects ended in.
async fn letters(
    state: &PageState,
    id: &str,
    records: &[LedgerRecord],
) -> Result<Vec<DeadLetterSummary>, StoreUnavailable> {
    let filter = DeadLetterFilter {
        event_id: Some(id.to_owned()),
        ..DeadLetterFilter::default()
    };
    let mut letters = state.dead_letters.list(&filter).await?;
    let effects = records.iter().flat_map(|record| record.effects.values());
    for effect in effects {
        let (EffectState::Dead { letter } | EffectState::Review { letter }) = &effect.state else {
            continue;
        };
        let is_known = letters.iter().any(|known| known.id == *letter);
        if !is_known && let Some(letter) = state.dead_letters.get(letter).await? {
            letters.push(letter.summary);
        }
    }
    Ok(letters)
}

fn record_shown(record: &LedgerRecord) -> Value {
    json!({
        "identity": record.event.identity,
        "destination": record.destination,
        "effects": record.effects.values().map(effect_shown).collect::<Vec<_>>(),
    })
}

fn held_shown(held: &HeldSummary) -> Value {
    json!({
        "destination": held.destination,
        "reason": held.reason,
        "since": held.first_held.to_rfc3339(),
        "dueAt": held.due.to_rfc3339(),
        "tries": held.tries,
    })
}

fn effect_shown(effect: &EffectRecord) -> Value {
    let attempts = effect.history.iter().map(|attempt| {
        json!({
            "at": attempt.at.to_rfc3339(),
            "tookMs": attempt.took_ms,
            "outcome": attempt.outcome,
            "status": attempt.status,
            "note": attempt.note,
        })
    });
    json!({
        "route": effect.route,
        "element": effect.element,
        "state": effect.state.name(),
        "dueAt": moment(effect.state.due()),
        "attempts": attempts.collect::<Vec<_>>(),
    })
}
