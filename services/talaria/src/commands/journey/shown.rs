//! A journey as a person and as a program reads it.

use std::path::Path;

use embedded::StoredMessage;
use serde::Serializer;
use serde_json::{Value, json};
use store::{Attempt, EffectRecord, EffectState, LedgerRecord};

use super::Journey;
use crate::output::{self, line};

/// Messages without their payloads.
pub(super) fn messages<S: Serializer>(
    messages: &[StoredMessage],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let shown = messages.iter().map(|message| {
        let waiting = message.waiting.iter().map(|delivery| {
            json!({
                "subscription": delivery.subscription,
                "attempts": delivery.attempts,
                "due": delivery.due.to_rfc3339(),
            })
        });
        json!({
            "id": message.id,
            "topic": message.topic,
            "published": message.published.to_rfc3339(),
            "waiting": waiting.collect::<Vec<Value>>(),
        })
    });
    serializer.collect_seq(shown)
}

/// Prints it all, in the order in which it happened: received, done, given up.
pub(super) fn print(journey: &Journey, data: &Path) -> anyhow::Result<()> {
    if !journey.is_known() {
        let (id, data) = (output::printable(&journey.event_id), data.display());
        line(format!(
            "nothing is known of {id} in {data}: it was never received here, or so long ago that it was forgotten"
        ))?;
        return Ok(());
    }
    for identity in &journey.identities {
        let name = output::printable(&identity.identity);
        line(format!("identity  {name}"))?;
        if let Some(is_tallied) = identity.tallied {
            let answer = if is_tallied { "yes" } else { "no" };
            line(format!("tallied   {answer}"))?;
        }
    }
    for message in &journey.messages {
        line(format!(
            "received  {}  message {} on {}",
            message.published.to_rfc3339(),
            message.id,
            message.topic
        ))?;
        for delivery in &message.waiting {
            let (due, attempts) = (delivery.due.to_rfc3339(), delivery.attempts);
            line(format!(
                "  waiting for {}: {attempts} attempts, next at {due}",
                delivery.subscription
            ))?;
        }
    }
    if journey.records.is_empty() && journey.held.is_empty() {
        line("\nno route has made a call of it so far")?;
    }
    for record in &journey.records {
        print_record(record)?;
    }
    for held in &journey.held {
        let (destination, reason) = (&held.destination, held.reason.name());
        let (since, due) = (held.first_held.to_rfc3339(), held.due.to_rfc3339());
        line(format!(
            "\nheld for {destination} since {since} ({reason}): {} tries, due at {due}",
            held.tries
        ))?;
    }
    if !journey.dead_letters.is_empty() {
        let rows: Vec<[String; 4]> = journey
            .dead_letters
            .iter()
            .map(|letter| {
                let (at, reason) = (letter.at.to_rfc3339(), letter.reason.name().to_owned());
                [letter.id.clone(), at, reason, letter.detail.clone()]
            })
            .collect();
        line(format!(
            "\n{}",
            output::table(["DEAD LETTER", "AT", "REASON", "DETAIL"], &rows)
        ))?;
    }
    Ok(())
}

fn print_record(record: &LedgerRecord) -> std::io::Result<()> {
    line(format!("\n{}", record.destination))?;
    for effect in record.effects.values() {
        let element = effect
            .element
            .as_ref()
            .map(|key| format!(" for {key}"))
            .unwrap_or_default();
        let name = output::printable(&format!("{}{element}", effect.route));
        line(format!("  {name}: {}", state(effect)))?;
        for attempt in &effect.history {
            line(format!("    {}", shown(attempt)))?;
        }
    }
    Ok(())
}

fn state(effect: &EffectRecord) -> String {
    match &effect.state {
        EffectState::Claimed | EffectState::Sending => effect.state.name().to_owned(),
        EffectState::Done { at } | EffectState::Expired { at } | EffectState::Shadow { at } => {
            format!("{} at {}", effect.state.name(), at.to_rfc3339())
        }
        EffectState::Retry { not_before } => {
            format!("retry, not before {}", not_before.to_rfc3339())
        }
        EffectState::Held { due } => format!("held, due at {}", due.to_rfc3339()),
        EffectState::Dead { letter } | EffectState::Review { letter } => {
            format!("{}, kept as dead letter {letter}", effect.state.name())
        }
    }
}

fn shown(attempt: &Attempt) -> String {
    let status = attempt
        .status
        .map_or("no answer".into(), |status| format!("status {status}"));
    let (at, took, note) = (
        attempt.at.to_rfc3339(),
        attempt.took_ms,
        output::printable(&attempt.note),
    );
    format!("{at}  {status} after {took} ms: {note}")
}
