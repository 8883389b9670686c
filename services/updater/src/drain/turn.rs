//! One drain at one destination: which messages come next, until nothing is left, the time is up, or the destination is to
//! be left in peace.

use events::Timestamp;
use futures_util::future::join_all;
use store::{Found, StoreUnavailable, Wanted};
use tokio::time::Instant;
use web::TraceContext;

use super::pace::Pace;
use super::work::Worked;
use super::{DrainCounts, Drainer};
use crate::paused;

/// See the module's text about who is called when something fails.
pub(super) struct Turn<'a> {
    drainer: &'a Drainer,
    destination: &'a str,
    /// When the drain began, and on whose behalf.
    occasion: (Instant, Option<TraceContext>),
    pace: Pace,
    /// What messages wait for that holds no more.
    resumed: Vec<String>,
    /// Where the next batch comes from; the others are asked if there is nothing.
    next: usize,
    /// When the first that was seen was due.
    longest_due: Option<Timestamp>,
    /// When the last that was seen was due.
    latest_due: Option<Timestamp>,
    /// Batches that were taken from elsewhere than the longest due.
    samples: u32,
}

/// Where batches come from, by turns.
#[derive(Clone, Copy)]
enum Place {
    Resumed,
    LongestDue,
    Elsewhere,
}

const PLACES: [Place; 3] = [Place::Resumed, Place::LongestDue, Place::Elsewhere];

impl<'a> Turn<'a> {
    pub(super) fn of(
        drainer: &'a Drainer,
        destination: &'a str,
        occasion: (Instant, Option<TraceContext>),
        pace: Pace,
    ) -> Self {
        Self {
            drainer,
            destination,
            occasion,
            pace,
            resumed: Vec::new(),
            next: 0,
            longest_due: None,
            latest_due: None,
            samples: 0,
        }
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// An error means that the store failed, perhaps for one message alone: the others are worked all the same.
    pub(super) async fn run(&mut self) -> Result<DrainCounts, StoreUnavailable> {
        self.resumed = self.no_longer_paused().await?;
        let mut counts = DrainCounts::default();
        let mut unavailable = None;
        while !self.pace.is_over() && !self.drainer.is_over(self.occasion.0) {
            let found = self.next_batch().await?;
            if found.is_empty() {
                break;
            }
            let earlier = self.drainer.evidence_of(self.destination);
            let working = found.messages.iter();
            let working = working.map(|seen| self.drainer.work(seen, self.occasion));
            let setting_aside = found.unreadable.iter();
            let setting_aside = setting_aside.map(|it| self.drainer.set_aside(it));
            let (worked, aside) = tokio::join!(join_all(working), join_all(setting_aside));
            let worked = worked.into_iter().chain(aside).map(|one| {
                one.unwrap_or_else(|error| {
                    unavailable = Some(error);
                    Worked::Failed
                })
            });
            let worked: Vec<Worked> = worked.collect();
            worked.iter().for_each(|one| counts.count(*one));
            let shown = self.drainer.evidence_of(self.destination);
            self.pace.note(&worked, shown.since(earlier));
        }
        unavailable.map_or(Ok(counts), Err)
    }

    async fn no_longer_paused(&self) -> Result<Vec<String>, StoreUnavailable> {
        let held = &self.drainer.held_messages;
        let mut waited_for = held.waited_for(self.destination).await?;
        waited_for.retain(|what| !self.is_still_paused(what));
        Ok(waited_for)
    }

    fn is_still_paused(&self, what: &str) -> bool {
        let routes = self.drainer.processor.routes.current();
        paused::is_still_so(&routes, self.destination, what)
    }

    async fn next_batch(&mut self) -> Result<Found, StoreUnavailable> {
        for _ in PLACES {
            let place = PLACES[self.next % PLACES.len()];
            self.next += 1;
            let found = match place {
                Place::Resumed => self.resumed().await?,
                Place::LongestDue => self.longest_due().await?,
                Place::Elsewhere if self.pace.has_failed() => self.elsewhere().await?,
                Place::Elsewhere => Found::default(),
            };
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Found::default())
    }

    async fn resumed(&mut self) -> Result<Found, StoreUnavailable> {
        while let Some(what) = self.resumed.last() {
            // Paused again meanwhile, they would be found and put off again and again until the time is up.
            if !self.is_still_paused(what) {
                let found = self.ask(Wanted::WaitingFor(what.clone())).await?;
                if !found.is_empty() {
                    return Ok(found);
                }
            }
            self.resumed.pop();
        }
        Ok(Found::default())
    }

    async fn longest_due(&mut self) -> Result<Found, StoreUnavailable> {
        let now = self.drainer.clock.now();
        let found = self.ask(Wanted::LongestDue(now)).await?;
        let first = found.messages.first().map(|seen| seen.due);
        self.longest_due = self.longest_due.or(first);
        Ok(found)
    }

    async fn elsewhere(&mut self) -> Result<Found, StoreUnavailable> {
        let by = match (self.longest_due, self.latest_due) {
            (Some(from), Some(to)) => from.plus(to.since(from).mul_f64(halving(self.samples))),
            _ => self.drainer.clock.now(),
        };
        self.samples += 1;
        let found = self.ask(Wanted::LatestDue(by)).await?;
        let last = found.messages.first().map(|seen| seen.due);
        self.latest_due = self.latest_due.or(last);
        Ok(found)
    }

    async fn ask(&self, wanted: Wanted) -> Result<Found, StoreUnavailable> {
        let held = &self.drainer.held_messages;
        held.due(self.destination, wanted, self.pace.width()).await
    }
}

/// Places between nought and one, each in the middle of the widest gap that those before have left: a half, a quarter, three
/// quarters, and so on.
fn halving(number: u32) -> f64 {
    f64::from(number.reverse_bits()) / 2_f64.powi(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_over_all_there_is() {
        let places: Vec<_> = (1..=7).map(halving).collect();
        assert_eq!(places, [0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]);
    }
}
