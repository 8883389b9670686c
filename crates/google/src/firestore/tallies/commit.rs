//! Adding a batch: one commit, and what is done when it fails.
//!
//! A commit is written without looking whether its events are new: markers are created, and the commit fails as a whole
//! if one is there. Only then are the markers read.

mod attempt;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use events::Identity;
use store::StoreUnavailable;
use store::tallies::{OrderTally, Tallied, Tally, TallyError, Totals};

use super::super::client::Client;
use super::Shared;
use super::known_items::KnownItem;
use super::markers::{self, Markers, digest_of_order};
use super::recent::Recent;

/// Rounds that are lost against others who add the same events.
const ROUNDS: u32 = 3;
/// Items whose sums and details are remembered, so that they need not be read.
const ITEMS: usize = 50_000;
/// Events that were added lately, so that one that comes again need not be committed to find out.
const IDENTITIES: usize = 20_000;

/// Adds batches, one at a time.
pub(super) struct Writer {
    client: Arc<Client>,
    shared: Arc<Shared>,
    items: Recent<String, KnownItem>,
    /// Of all time; `None` until they are read.
    totals: Option<Totals>,
    identities: Recent<String, ()>,
    /// The last day whose first commit has forgotten what is long past.
    forgot_on: Option<i64>,
    shards: u16,
}

/// An event of the batch that may be new.
struct Event<'a> {
    place: usize,
    digest: String,
    tally: &'a Tally,
}

/// Why an attempt added nothing.
enum Failure {
    /// Something is not as it was taken to be: look, and try again.
    Stale(String),
    /// The batch can't be added as it is, unless some of it was added before.
    Refused(TallyError),
    Unavailable(StoreUnavailable),
}

impl From<StoreUnavailable> for Failure {
    fn from(error: StoreUnavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl Writer {
    pub(super) fn new(client: Arc<Client>, shared: Arc<Shared>) -> Self {
        Self {
            shards: client.settings().shards.max(1),
            client,
            shared,
            items: Recent::new(ITEMS),
            totals: None,
            identities: Recent::new(IDENTITIES),
            forgot_on: None,
        }
    }

    pub(super) async fn tally(&mut self, batch: &[Tally]) -> Result<Vec<Tallied>, TallyError> {
        if self.shared.is_emptied.swap(false, Ordering::Relaxed) {
            self.forget();
        }
        let mut outcomes = vec![Tallied::Known; batch.len()];
        let mut events = self.distinct(batch);
        let mut markers = Markers::default();
        let mut is_looked_up = false;
        let mut reason = String::new();
        for _ in 0..=ROUNDS {
            if events.is_empty() {
                return Ok(outcomes);
            }
            match self.attempt(&mut events, &mut markers).await {
                Ok(()) => {
                    for event in events {
                        outcomes[event.place] = Tallied::Added;
                        self.identities.insert(event.digest, ());
                    }
                    return Ok(outcomes);
                }
                Err(Failure::Unavailable(error)) => return Err(error.into()),
                // Halves may fit; they are looked up when it comes to that.
                Err(Failure::Refused(error @ TallyError::TooLarge { .. })) if events.len() > 1 => {
                    return Err(error);
                }
                Err(Failure::Refused(error)) if is_looked_up => return Err(error),
                Err(Failure::Refused(error)) => reason = error.to_string(),
                Err(Failure::Stale(stale)) => reason = stale,
            }
            self.look_up(&mut events, &mut markers).await?;
            is_looked_up = true;
        }
        Err(StoreUnavailable::new(format!(
            "others add the same events at the same time ({reason})"
        ))
        .into())
    }

    /// Forgets everything that is known of the database.
    pub(super) fn forget(&mut self) {
        self.items.clear();
        self.identities.clear();
        self.totals = None;
    }

    fn distinct<'a>(&mut self, batch: &'a [Tally]) -> Vec<Event<'a>> {
        let mut seen = HashSet::new();
        let mut events = Vec::with_capacity(batch.len());
        for (place, tally) in batch.iter().enumerate() {
            if !seen.insert(tally.identity.as_str()) {
                continue;
            }
            let digest = Identity::from_text(tally.identity.as_str()).digest();
            if self.identities.get(&digest).is_none() {
                events.push(Event {
                    place,
                    digest,
                    tally,
                });
            }
        }
        events
    }

    /// Reads the events' markers and those that keep their orders, and leaves out the events that were counted.
    async fn look_up(
        &mut self,
        events: &mut Vec<Event<'_>>,
        markers: &mut Markers,
    ) -> Result<(), StoreUnavailable> {
        let digests = events.iter().map(|event| event.digest.clone());
        let wanted: BTreeSet<String> = digests.chain(orders(events, |_| true)).collect();
        let name = |digest: &String| markers::document(&self.client, digest);
        let names: Vec<String> = wanted.iter().map(name).collect();
        let found = self.client.get(&names).await?;
        let found: BTreeMap<&str, _> = found
            .iter()
            .map(|document| (document.name.as_str(), document))
            .collect();
        for (digest, name) in wanted.into_iter().zip(&names) {
            markers.found(digest, found.get(name.as_str()).copied())?;
        }
        self.leave_out_counted(events, markers);
        Ok(())
    }

    /// Nothing but this keeps an event from being added again once its marker was read: the marker is then changed and not
    /// created.
    fn leave_out_counted(&mut self, events: &mut Vec<Event<'_>>, markers: &Markers) {
        events.retain(|event| {
            let is_counted = markers.is_counted(&event.digest);
            if is_counted {
                self.identities.insert(event.digest.clone(), ());
            }
            !is_counted
        });
    }
}

/// The digests under which the events' orders are kept.
fn orders(
    events: &[Event<'_>],
    is_wanted: impl Fn(&Tally) -> bool,
) -> impl Iterator<Item = String> {
    let wanted = events.iter().filter(move |event| is_wanted(event.tally));
    wanted.filter_map(|event| event.tally.transaction().map(digest_of_order))
}

/// Whether its order is likely to be there, so that it is read before. A purchase's seldom is: should it be, the commit
/// fails and it is read then.
fn is_refund(tally: &Tally) -> bool {
    matches!(
        tally.order,
        Some(OrderTally::RefundOfItems { .. } | OrderTally::RefundOfOrder { .. })
    )
}
