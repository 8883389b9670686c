//! What a reader asks for.

use events::Currency;
use store::tallies::ItemFigures;

use crate::windows::Window;

/// The most rows of one answer.
pub(crate) const MAX_LIMIT: usize = 2000;

/// What a reader asks for. Readers who ask for the same share the work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Query {
    pub window: Window,
    pub sort: Sort,
    pub descending: bool,
    /// Rows at most.
    pub limit: usize,
    pub category: Option<String>,
    pub currency: Option<Currency>,
    /// A part of names or ids, in lower case.
    pub search: Option<String>,
}

/// What items are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sort {
    Revenue,
    Profit,
    UnitsSold,
    Views,
    Carts,
    Name,
}

impl Sort {
    pub(crate) const ALL: [Self; 6] = [
        Self::Revenue,
        Self::Profit,
        Self::UnitsSold,
        Self::Views,
        Self::Carts,
        Self::Name,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Profit => "profit",
            Self::UnitsSold => "unitsSold",
            Self::Views => "views",
            Self::Carts => "carts",
            Self::Name => "name",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

impl Query {
    /// Whether an item is among those that are ranked: of the category, and with money or a price in the currency.
    pub(crate) fn ranks(&self, item: &ItemFigures) -> bool {
        let of_category = self.category.is_none() || self.category == item.details.category;
        let in_currency = self.currency.is_none_or(|currency| {
            item.figures.money.contains_key(&currency)
                || item
                    .details
                    .price
                    .is_some_and(|price| price.currency() == currency)
        });
        of_category && in_currency
    }

    /// Whether a ranked item is one that was searched for.
    pub(crate) fn finds(&self, item: &ItemFigures) -> bool {
        self.search.as_ref().is_none_or(|part| {
            let holds = |text: &str| text.to_lowercase().contains(part);
            holds(&item.item_id) || item.details.name.as_deref().is_some_and(holds)
        })
    }
}
