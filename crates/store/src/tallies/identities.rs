//! Whether an event was tallied, for whoever looks one up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Counted, Tallies};
use crate::StoreUnavailable;

/// What the event that somebody looks up is recognised by; several events can share an event id by mistake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventIdentities {
    /// To whether events of its type are counted.
    identities: BTreeMap<String, bool>,
}

/// An identity of an event that is looked up, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TalliedIdentity {
    /// Such as `purchase:ORD-1`.
    pub identity: String,
    /// Whether the tallies know it; `None` where events of its type are not counted.
    pub tallied: Option<bool>,
}

impl EventIdentities {
    /// Those that the tallies know of what `text` may be: an event's id, a transaction's, or an identity. An event that
    /// no route wants is in no ledger, but it may be counted.
    pub async fn tallied(tallies: &dyn Tallies, text: &str) -> Result<Self, StoreUnavailable> {
        let mut found = Self::default();
        let of_kinds = Counted::ALL.map(|counted| format!("{}:{text}", counted.name()));
        for identity in of_kinds.into_iter().chain([text.to_owned()]) {
            if tallies.known(&identity).await? {
                found.identities.insert(identity, true);
            }
        }
        Ok(found)
    }

    /// Adds one, of an event of that type if it names one.
    pub fn add(&mut self, identity: &str, event_type: Option<&str>) {
        let is_counted = event_type.and_then(Counted::parse).is_some();
        *self.identities.entry(identity.to_owned()).or_default() |= is_counted;
    }

    /// All of them, none twice.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.identities.keys().map(String::as_str)
    }

    /// Asks the tallies for each. Bare items name no type and are counted nevertheless: what is known is tallied.
    pub async fn shown(
        &self,
        tallies: &dyn Tallies,
    ) -> Result<Vec<TalliedIdentity>, StoreUnavailable> {
        let mut shown = Vec::with_capacity(self.identities.len());
        for (identity, is_counted) in &self.identities {
            let is_known = tallies.known(identity).await?;
            shown.push(TalliedIdentity {
                identity: identity.clone(),
                tallied: (is_known || *is_counted).then_some(is_known),
            });
        }
        Ok(shown)
    }
}
