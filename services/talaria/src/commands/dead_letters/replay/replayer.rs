//! Replaying letters one by one.
//!
//! The order of the steps makes a crash between them harmless: the effect is opened, the message is published, the
//! letter is marked. Run again, an effect that is open stays open under the same key, and a message that comes twice
//! does nothing twice.

use std::time::Duration;

use anyhow::Context;
use bus::Bus;
use events::Clock;
use store::{
    DeadLetter, DeadLetterSummary, DeadLetters, EffectState, EventQuery, Ledger, Reopened,
};

use super::letter::{Objection, message_of, objection};
use super::report::{LeftAlone, Report};
use crate::commands::dead_letters::ReplayArguments;
use crate::output;

/// Letters that one run replays at most; run it again for more.
const MAX_LETTERS: usize = 100_000;
const TOLD_EVERY: u64 = 100;

/// What a replay works with.
pub(in crate::commands::dead_letters) struct Replayer<'a> {
    pub(in crate::commands::dead_letters) ledger: &'a dyn Ledger,
    pub(in crate::commands::dead_letters) dead_letters: &'a dyn DeadLetters,
    pub(in crate::commands::dead_letters) bus: &'a dyn Bus,
    pub(in crate::commands::dead_letters) clock: &'a dyn Clock,
    pub(in crate::commands::dead_letters) topic: &'a str,
}

/// What became of one letter.
enum Replay {
    Published,
    AlreadyDone,
    LeftAlone(String),
}

impl Replayer<'_> {
    /// Replays each selected letter that nothing speaks against, at the rate of the arguments.
    pub(in crate::commands::dead_letters) async fn replay(
        &self,
        arguments: &ReplayArguments,
    ) -> anyhow::Result<Report> {
        let mut report = Report {
            dry_run: arguments.dry_run,
            ..Report::default()
        };
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / arguments.rate.max(1));
        let mut progress = output::Progress::new(TOLD_EVERY);
        for id in self.selected(arguments).await? {
            let Some(letter) = self.dead_letters.get(&id).await? else {
                let reason = "there is no such letter".into();
                report.left_alone.push(LeftAlone {
                    id,
                    reason,
                    needs_accept_duplicates: false,
                });
                continue;
            };
            if let Some(Objection {
                reason,
                needs_accept_duplicates,
            }) = objection(&letter.summary, arguments)
            {
                report.left_alone.push(LeftAlone {
                    id,
                    reason,
                    needs_accept_duplicates,
                });
                continue;
            }
            if !arguments.dry_run {
                ticks.tick().await;
            }
            let outcome = self
                .replay_one(&letter, arguments.dry_run)
                .await
                .with_context(|| {
                    let so_far = output::counted(report.replayed.len(), "letter");
                    format!(
                        "{so_far} replayed; then {id} could not be: running it again is harmless"
                    )
                })?;
            match outcome {
                Replay::Published => report.replayed.push(id),
                Replay::AlreadyDone => report.already_done.push(id),
                Replay::LeftAlone(reason) => {
                    report.left_alone.push(LeftAlone {
                        id,
                        reason,
                        needs_accept_duplicates: false,
                    });
                }
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

    async fn replay_one(&self, letter: &DeadLetter, dry_run: bool) -> anyhow::Result<Replay> {
        let summary = &letter.summary;
        if self.is_done(summary).await? {
            if !dry_run && summary.replayed.is_none() {
                self.dead_letters
                    .mark_replayed(&summary.id, self.clock.now())
                    .await?;
            }
            return Ok(Replay::AlreadyDone);
        }
        let message = message_of(letter)?;
        if dry_run {
            return Ok(Replay::Published);
        }
        if let (Some(identity), Some(destination), Some(effect)) =
            (&summary.identity, &summary.destination, &summary.effect)
        {
            let now = self.clock.now();
            match self
                .ledger
                .reopen(identity, destination, effect, &summary.id, now)
                .await?
            {
                Reopened::Opened | Reopened::AlreadyOpen | Reopened::Unknown => {}
                Reopened::Settled => return Ok(Replay::AlreadyDone),
                Reopened::InWork => {
                    return Ok(Replay::LeftAlone(
                        "it is being worked on at this moment: try again soon".into(),
                    ));
                }
                Reopened::Superseded { by } => {
                    return Ok(Replay::LeftAlone(format!(
                        "it died again since: look at letter {by} instead"
                    )));
                }
            }
        }
        self.bus.publish(self.topic, message).await?;
        self.dead_letters
            .mark_replayed(&summary.id, self.clock.now())
            .await?;
        Ok(Replay::Published)
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
