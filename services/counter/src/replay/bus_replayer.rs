//! Replaying letters one by one.
//!
//! The order of the steps makes a crash between them harmless: the effect is opened, the message is published, the
//! letter is marked. Run again, an effect that is open stays open under the same key, and a message that comes twice
//! does nothing twice.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bus::Bus;
use events::Clock;
use store::{
    DeadLetter, DeadLetterSummary, DeadLetters, EffectState, EventQuery, Ledger, Reopened,
};

use super::letter::{Objection, message_of, objection};
use super::report::{LeftAlone, ReplayReport};
use super::selected::selected;
use crate::replayer::ReplaySelection;

/// Replays letters on a bus.
#[derive(Clone)]
pub struct BusReplayer {
    /// Where effects are opened again.
    pub ledger: Arc<dyn Ledger>,
    /// Where the letters are.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// Where their messages go.
    pub bus: Arc<dyn Bus>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The topic of events.
    pub topic: String,
}

/// Which letters to replay, and how.
#[derive(Clone, Debug)]
pub struct ReplayOrder {
    /// These letters, or those that pass and wait for a first replay, up to the filter's limit and 100,000.
    pub selection: ReplaySelection,
    /// Only say what would be done.
    pub dry_run: bool,
    /// At most so many a second; 0 counts as 1.
    pub letters_per_second: u32,
    /// Also replay messages that can't be recognised when they come again.
    pub accept_duplicates: bool,
}

/// What became of one letter.
enum Replay {
    Published,
    AlreadyDone,
    LeftAlone(String),
}

impl BusReplayer {
    /// Replays each selected letter that nothing speaks against, at the order's rate, and calls `progress` after each. An
    /// error says how many were replayed before it; giving the order again is harmless.
    pub async fn replay_letters(
        &self,
        order: &ReplayOrder,
        mut progress: impl FnMut() + Send,
    ) -> anyhow::Result<ReplayReport> {
        let mut report = ReplayReport {
            dry_run: order.dry_run,
            ..ReplayReport::default()
        };
        let mut ticks =
            tokio::time::interval(Duration::from_secs(1) / order.letters_per_second.max(1));
        for id in selected(self.dead_letters.as_ref(), order).await? {
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
            }) = objection(&letter.summary, order)
            {
                report.left_alone.push(LeftAlone {
                    id,
                    reason,
                    needs_accept_duplicates,
                });
                continue;
            }
            if !order.dry_run {
                ticks.tick().await;
            }
            let outcome = self
                .replay_one(&letter, order.dry_run)
                .await
                .with_context(|| {
                    let count = report.replayed.len();
                    let letters = if count == 1 { "letter" } else { "letters" };
                    format!(
                        "{count} {letters} replayed; then {id} could not be: running it again is harmless"
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
            progress();
        }
        Ok(report)
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
        self.bus.publish(&self.topic, message).await?;
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
