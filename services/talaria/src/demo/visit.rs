//! One visit to the demo shop: who comes, what they look at, and what they leave with.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::catalogue::{ARTICLES, Article, ShopCurrency};

/// Of a hundred visitors so many have an account.
const KNOWN_VISITORS: u32 = 60;
const CUSTOMERS: u32 = 400;

/// What happens next in a visit, with the event's data.
pub(super) struct Step {
    pub(super) event_type: &'static str,
    pub(super) data: Map<String, Value>,
}

/// A visitor under way, or a purchase that was made.
pub(super) struct Visit {
    pub(super) client_id: String,
    pub(super) user_id: Option<String>,
    pub(super) currency: ShopCurrency,
    /// The next step last.
    steps: Vec<Planned>,
    cart: Vec<(&'static Article, i64)>,
}

enum Planned {
    Login,
    View(&'static Article),
    AddToCart(&'static Article, i64),
    Checkout,
    Purchase,
    Lead,
}

/// A purchase that can come back.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) client_id: String,
    pub(super) user_id: Option<String>,
    data: Map<String, Value>,
}

impl Visit {
    /// Somebody comes. About one visit in three fills a cart, and six of ten carts are bought.
    pub(super) fn begin(random: &mut Rng) -> Self {
        let known = random.u32(0..100) < KNOWN_VISITORS;
        let customer = random.u32(0..CUSTOMERS);
        let client = if known {
            customer
        } else {
            random.u32(CUSTOMERS..100_000)
        };
        let mut steps = Vec::new();
        if known && random.u32(0..100) < 40 {
            steps.push(Planned::Login);
        }
        let mut carted = false;
        for _ in 0..random.u32(1..=4) {
            let article = liked(random);
            steps.push(Planned::View(article));
            if random.u32(0..100) < 18 {
                carted = true;
                steps.push(Planned::AddToCart(article, random.i64(1..=3)));
            }
        }
        if carted && random.u32(0..100) < 75 {
            steps.push(Planned::Checkout);
            if random.u32(0..100) < 80 {
                steps.push(Planned::Purchase);
            }
        } else if random.u32(0..100) < 6 {
            steps.push(Planned::Lead);
        }
        steps.reverse();
        Self {
            client_id: format!("{}.{}", 100_000_000 + client, 1_700_000_000 + client * 37),
            user_id: known.then(|| format!("cust-{customer:05}")),
            currency: if client % 4 == 0 {
                ShopCurrency::Gbp
            } else {
                ShopCurrency::Eur
            },
            steps,
            cart: Vec::new(),
        }
    }

    /// The next step; `None` once the visitor has gone. `transaction_id` is used if it is a purchase.
    pub(super) fn next_step(
        &mut self,
        transaction_id: &str,
        random: &mut Rng,
        now_ms: i64,
    ) -> Option<Step> {
        let currency = self.currency;
        let (event_type, data) = match self.steps.pop()? {
            Planned::Login => ("user_login", login(random, now_ms)),
            Planned::View(article) => ("view_item", basket(&[(article, 1)], currency)),
            Planned::AddToCart(article, quantity) => {
                self.cart.push((article, quantity));
                ("add_to_cart", basket(&[(article, quantity)], currency))
            }
            Planned::Checkout => ("begin_checkout", basket(&self.cart, currency)),
            Planned::Purchase => ("purchase", self.purchase(transaction_id, random)),
            Planned::Lead => ("generate_lead", lead(random)),
        };
        Some(Step { event_type, data })
    }

    /// The order that a purchase of this visit made.
    pub(super) fn order(&self, data: &Map<String, Value>) -> Order {
        Order {
            client_id: self.client_id.clone(),
            user_id: self.user_id.clone(),
            data: data.clone(),
        }
    }

    fn purchase(&self, transaction_id: &str, random: &mut Rng) -> Map<String, Value> {
        let mut data = basket(&self.cart, self.currency);
        data.insert("transactionId".into(), transaction_id.into());
        if self.user_id.is_some() {
            let tier = pick(random, &["bronze", "silver", "gold"]);
            data.insert("loyaltyTier".into(), (*tier).into());
            let segment = pick(random, &["new", "returning", "returning_high_value"]);
            data.insert("customerSegment".into(), (*segment).into());
        }
        data
    }
}

impl Order {
    /// The whole order comes back.
    pub(super) fn refund(mut self) -> Step {
        self.data.remove("loyaltyTier");
        self.data.remove("customerSegment");
        Step {
            event_type: "refund",
            data: self.data,
        }
    }
}

/// An article, the first of the catalogue more often than the last.
fn liked(random: &mut Rng) -> &'static Article {
    let place = random
        .usize(0..ARTICLES.len())
        .min(random.usize(0..ARTICLES.len()));
    &ARTICLES[place]
}

fn pick<'a, T>(random: &mut Rng, choices: &'a [T]) -> &'a T {
    &choices[random.usize(0..choices.len())]
}

fn basket(articles: &[(&'static Article, i64)], currency: ShopCurrency) -> Map<String, Value> {
    let value = articles
        .iter()
        .map(|(article, quantity)| article.price(currency) * quantity)
        .sum();
    let items: Vec<Value> = articles
        .iter()
        .map(|(article, quantity)| {
            json!({
                "item_id": article.id,
                "item_name": article.name,
                "item_category": article.category,
                "price": amount(article.price(currency)),
                "profit": amount(article.profit(currency)),
                "quantity": quantity,
            })
        })
        .collect();
    Map::from_iter([
        ("currency".to_owned(), currency.code().into()),
        ("value".to_owned(), amount(value)),
        ("items".to_owned(), items.into()),
    ])
}

/// Cents as the decimal number that a tag sends: 1290 is 12.9.
fn amount(cents: i64) -> Value {
    // The quotient of two whole numbers is the nearest double to the decimal, which prints as that decimal.
    json!(cents as f64 / 100.0)
}

fn login(random: &mut Rng, now_ms: i64) -> Map<String, Value> {
    let method = pick(random, &["password", "google", "apple", "magic_link"]);
    let first = random.u32(0..100) < 10;
    let mut data = Map::from_iter([
        ("loginMethod".to_owned(), (*method).into()),
        ("isFirstLogin".to_owned(), first.into()),
    ]);
    if !first {
        let ago = random.i64(3_600_000..30 * 86_400_000);
        data.insert("lastLoginTimestamp".into(), (now_ms - ago).into());
    }
    data
}

fn lead(random: &mut Rng) -> Map<String, Value> {
    let (source, medium) = pick(
        random,
        &[
            ("google", "cpc"),
            ("newsletter", "email"),
            ("(direct)", "(none)"),
        ],
    );
    let form = pick(random, &["contact", "wholesale", "callback"]);
    let hash: String = (0..32).map(|_| format!("{:02x}", random.u8(..))).collect();
    Map::from_iter([
        ("leadSource".to_owned(), (*source).into()),
        ("leadMedium".to_owned(), (*medium).into()),
        ("leadFormId".to_owned(), (*form).into()),
        ("emailHashed".to_owned(), hash.into()),
    ])
}
