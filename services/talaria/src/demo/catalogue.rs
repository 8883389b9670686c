//! What the demo shop sells, and for how much.

/// A currency that the shop sells in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShopCurrency {
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
}

impl ShopCurrency {
    /// As ISO 4217 writes it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
        }
    }
}

/// Something that is sold. Amounts are in cents or pence.
pub(super) struct Article {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    price_eur: i64,
    price_gbp: i64,
    /// Parts of a hundred that stay with the shop.
    margin: i64,
}

impl Article {
    pub(super) fn price(&self, currency: ShopCurrency) -> i64 {
        match currency {
            ShopCurrency::Eur => self.price_eur,
            ShopCurrency::Gbp => self.price_gbp,
        }
    }

    pub(super) fn profit(&self, currency: ShopCurrency) -> i64 {
        self.price(currency) * self.margin / 100
    }
}

/// The articles, the best-selling first.
pub(super) const ARTICLES: [Article; 8] = [
    article("OIL-500", "Olive oil 500 ml", "Pantry", [1290, 1150], 38),
    article("HONEY-250", "Heather honey 250 g", "Pantry", [890, 790], 42),
    article("TEA-SENCHA", "Sencha 煎茶 100 g", "Tea", [1650, 1490], 55),
    article(
        "MUG-BLUE",
        "Stoneware mug, blue",
        "Tableware",
        [2200, 1950],
        48,
    ),
    article(
        "BOARD-OAK",
        "Oak chopping board",
        "Kitchen",
        [4950, 4400],
        45,
    ),
    article("APRON-LIN", "Linen apron", "Kitchen", [3900, 3500], 52),
    article("PAN-24", "Iron pan 24 cm", "Kitchen", [7900, 6990], 35),
    article(
        "SETS/DINNER-4",
        "Dinner set for four",
        "Tableware",
        [18900, 16900],
        40,
    ),
];

const fn article(
    id: &'static str,
    name: &'static str,
    category: &'static str,
    prices: [i64; 2],
    margin: i64,
) -> Article {
    Article {
        id,
        name,
        category,
        price_eur: prices[0],
        price_gbp: prices[1],
        margin,
    }
}
