//! `talaria dead-letters replay`: letters go on their way again, as idempotent as any delivery.
//!
//! The order of the steps makes a crash between them harmless: the effect is opened, the message is published, the letter is
//! marked. Run again, an effect that is open stays open under the same key, and a message that comes twice does nothing twice.

mod letter;

use std::time::Duration;

use anyhow::Context;
use bus::Bus;
use events::Clock;
use serde::Serialize;
use store::{DeadLetter, DeadLetterSummary, DeadLetters, EffectState, EventQuery, Ledger};

use super::ReplayArguments;
use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::output;
pub(super) use letter::{message_of, objection};

/// Letters that one run replays at most; run it again for more.
const MAX_LETTERS: usize = 100_000;
const TOLD_EVERY: u64 = 100;

/// What a replay works with.
pub(super) struct Replayer<'a> {
    pub(super) ledger: &'a dyn Ledger,
    pub(super) dead_letters: &'a dyn DeadLetters,
    pub(super) bus: &'a dyn Bus,
    pub(super) clock: &'a dyn Clock,
    pub(super) topic: &'a str,
}

/// What came of each letter, by id.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) dry_run: bool,
    pub(super) replayed: Vec<String>,
    /// The effect was done meanwhile; nothing was published.
    pub(super) already_done: Vec<String>,
    pub(super) left_alone: Vec<LeftAlone>,
}

/// A letter that was selected and not replayed.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct LeftAlone {
    pub(super) id: String,
    pub(super) reason: String,
}

/// Replays what the arguments select.
pub(super) async fn run(
    invocation: &Invocation,
    arguments: &ReplayArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let store = kept::store(&settings)?;
    let bus = kept::bus(&settings, invocation.clock.clone())?;
    let replayer = Replayer {
        ledger: &store,
        dead_letters: &store,
        bus: &bus,
        clock: &invocation.clock,
        topic: &settings.publisher.topic,
    };
    let report = replayer.replay(arguments).await?;
    if arguments.json {
        output::json(&report)?;
    } else {
        print(&report)?;
    }
    Ok(Completion::of(report.left_alone.is_empty()))
}

impl Replayer<'_> {
    /// Replays each selected letter that nothing speaks against, at the rate of the arguments.
    pub(super) async fn replay(&self, arguments: &ReplayArguments) -> anyhow::Result<Report> {
        let mut report = Report {
            dry_run: arguments.dry_run,
            ..Report::default()
        };
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / arguments.rate.max(1));
        let mut progress = output::Progress::new(TOLD_EVERY);
        for id in self.selected(arguments).await? {
            let Some(letter) = self.dead_letters.get(&id).await? else {
                let reason = "there is no such letter".into();
                report.left_alone.push(LeftAlone { id, reason });
                continue;
            };
            if let Some(reason) = objection(&letter.summary, arguments) {
                report.left_alone.push(LeftAlone { id, reason });
                continue;
            }
            if !arguments.dry_run {
                ticks.tick().await;
            }
            let published = self
                .replay_one(&letter, arguments.dry_run)
                .await
                .with_context(|| {
                    let so_far = output::counted(report.replayed.len(), "letter");
                    format!(
                        "{so_far} replayed; then {id} could not be: running it again is harmless"
                    )
                })?;
            if published {
                report.replayed.push(id)
            } else {
                report.already_done.push(id)
            }
            progress.step("letters replayed");
        }
        progress.finish();
        Ok(report)
    }

    /// Named letters, or the ids of those that the options select and that wait for a first replay, oldest first.
    async fn selected(&self, arguments: &ReplayArguments) -> anyhow::Result<Vec<String>> {
        if !arguments.ids.is_empty() {
            return Ok(arguments.ids.clone());
        }
        let filter = arguments.selection.filter(self.clock.now(), MAX_LETTERS);
        let letters = self.dead_letters.list(&filter).await?;
        let waiting = letters
            .into_iter()
            .rev()
            .filter(|letter| letter.replayed.is_none());
        Ok(waiting.map(|letter| letter.id).collect())
    }

    /// Returns false, and publishes nothing, if the letter's effect is done.
    async fn replay_one(&self, letter: &DeadLetter, dry_run: bool) -> anyhow::Result<bool> {
        let summary = &letter.summary;
        if self.is_done(summary).await? {
            if !dry_run {
                self.dead_letters
                    .mark_replayed(&summary.id, self.clock.now())
                    .await?;
            }
            return Ok(false);
        }
        let message = message_of(letter)?;
        if dry_run {
            return Ok(true);
        }
        if let (Some(identity), Some(destination), Some(effect)) =
            (&summary.identity, &summary.destination, &summary.effect)
        {
            let refused = summary.reason.is_definite_refusal();
            let now = self.clock.now();
            // False means that it is open already, or forgotten; either way the message may go.
            self.ledger
                .reopen(identity, destination, effect, refused, now)
                .await?;
        }
        self.bus.publish(self.topic, message).await?;
        self.dead_letters
            .mark_replayed(&summary.id, self.clock.now())
            .await?;
        Ok(true)
    }

    async fn is_done(&self, letter: &DeadLetterSummary) -> anyhow::Result<bool> {
        let (Some(identity), Some(destination), Some(effect)) =
            (&letter.identity, &letter.destination, &letter.effect)
        else {
            return Ok(false);
        };
        let records = self
            .ledger
            .find(&EventQuery::Identity(identity.clone()))
            .await?;
        let record = records
            .iter()
            .find(|record| record.destination == *destination);
        let state = record
            .and_then(|record| record.effects.get(effect))
            .map(|effect| &effect.state);
        Ok(matches!(state, Some(EffectState::Done { .. })))
    }
}

fn print(report: &Report) -> anyhow::Result<()> {
    for LeftAlone { id, reason } in &report.left_alone {
        output::line(format!("{id}: left alone: {reason}"))?;
    }
    for id in &report.already_done {
        output::line(format!("{id}: done already, nothing to replay"))?;
    }
    if report.dry_run {
        for id in &report.replayed {
            output::line(format!("{id}: would be replayed"))?;
        }
    }
    let replayed = output::counted(report.replayed.len(), "letter");
    let (verb, done) = if report.dry_run {
        ("would be", "are")
    } else {
        ("", "were")
    };
    output::line(format!(
        "{replayed} {}, {} {done} done already, {} left alone",
        format!("{verb} replayed").trim_start(),
        report.already_done.len(),
        report.left_alone.len()
    ))?;
    Ok(())
}
