//! Adding a batch: one commit, and what is done when it fails.
//!
//! A commit is written without looking whether its events are new: markers are created, and the commit fails as a whole
//! if one is there. Only then are the markers read.

mod attempt;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use events::Identity;
use store::StoreUnavailable;
use store::tallies::{OrderTally, Tallied, Tally, TallyError, Totals};

use super::super::client::Client;
use super::super::collections::{MARKERS, ORDERS};
use super::Shared;
use super::known_items::KnownItem;
use super::orders::{Orders, digest_of};
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
        let mut orders = Orders::default();
        let mut is_looked_up = false;
        let mut reason = String::new();
        for _ in 0..=ROUNDS {
            if events.is_empty() {
                return Ok(outcomes);
            }
            match self.attempt(&events, &mut orders).await {
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
            self.look_up(&mut events, &mut orders).await?;
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

    /// Reads the events' markers and orders, and leaves out the events that are there.
    async fn look_up(
        &mut self,
        events: &mut Vec<Event<'_>>,
        orders: &mut Orders,
    ) -> Result<(), StoreUnavailable> {
        let marker = |event: &Event<'_>| self.client.document(MARKERS, &event.digest);
        let mut names: Vec<String> = events.iter().map(marker).collect();
        let orders_by_name = self.orders_by_name(events, |_| true);
        names.extend(orders_by_name.keys().cloned());
        let found = self.client.get(&names).await?;
        let found: BTreeMap<&str, _> = found
            .iter()
            .map(|document| (document.name.as_str(), document))
            .collect();
        for (name, digest) in orders_by_name {
            let document = found.get(name.as_str()).copied();
            orders.found(digest, document)?;
        }
        let identities = &mut self.identities;
        let client = &self.client;
        events.retain(|event| {
            let is_new = !found.contains_key(client.document(MARKERS, &event.digest).as_str());
            if !is_new {
                identities.insert(event.digest.clone(), ());
            }
            is_new
        });
        Ok(())
    }

    /// The digests of transactions by the names of their documents.
    fn orders_by_name(
        &self,
        events: &[Event<'_>],
        is_wanted: impl Fn(&Tally) -> bool,
    ) -> BTreeMap<String, String> {
        let wanted = events.iter().filter(|event| is_wanted(event.tally));
        let digests = wanted.filter_map(|event| event.tally.transaction().map(digest_of));
        digests
            .map(|digest| (self.client.document(ORDERS, &digest), digest))
            .collect()
    }
}

/// Whether what was bought must be known before the event can be added.
fn is_refund_of_order(tally: &Tally) -> bool {
    matches!(tally.order, Some(OrderTally::RefundOfOrder { .. }))
}
