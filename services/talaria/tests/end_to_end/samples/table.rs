//! What each line of the samples leads to, in a world that has seen the lines before it.

use serde_json::Value;

use crate::support::{envelope, envelope_of_base64, sample};

/// How a line comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Posted to `/publish-event`.
    Published,
    /// Pushed to `/process-backend-update` and what stands here.
    Pushed(&'static str),
}

/// A line, the calls that it leads to, and the reason of the dead letter that it leaves.
pub struct Row {
    pub file: &'static str,
    pub line: usize,
    pub way: Way,
    pub calls: &'static [&'static str],
    pub letter: Option<&'static str>,
}

impl Row {
    /// What is sent for it: an event, or a push published just now.
    pub fn body(&self) -> Value {
        let value = sample(self.file).swap_remove(self.line - 1);
        let message_id = format!("{}-{}", self.file, self.line);
        match self.file {
            _ if self.way == Way::Published => value,
            "push_envelopes" => {
                let now = envelope("", &Value::Null)["message"]["publishTime"].clone();
                let mut push = value;
                push["message"]["publishTime"] = now.clone();
                push["message"]["publish_time"] = now;
                push
            }
            "hermes_publish_bodies" => {
                let data = value["messages"][0]["data"].as_str().expect("a text");
                envelope_of_base64(&message_id, data)
            }
            _ => envelope(&message_id, &value),
        }
    }
}

type Calls = &'static [&'static str];

const fn row(file: &'static str, line: usize, way: Way, calls: Calls) -> Row {
    let letter = None;
    Row { file, line, way, calls, letter }
}

const fn kept(file: &'static str, line: usize, way: Way, letter: &'static str) -> Row {
    let (calls, letter) = (&[], Some(letter));
    Row { file, line, way, calls, letter }
}

const PURCHASES: &str = "publisher_purchase";
const LEADS: &str = "publisher_generate_lead";
const LOGINS: &str = "publisher_user_login";
const HERMES: &str = "hermes_data";
const HERMES_BODIES: &str = "hermes_publish_bodies";
const ITEMS: &str = "items_realtime";
const PROMOTIONS: &str = "promotions";
const LOW_STOCK: &str = "low_stock";
const PUSHES: &str = "push_envelopes";

const AS_PURCHASE: Way = Way::Pushed("?as=purchase");
const AS_PROMOTION: Way = Way::Pushed("?as=promotion");
const AS_LOW_STOCK: Way = Way::Pushed("?as=LowStock");
const PLAIN: Way = Way::Pushed("");

pub const FILES: [&str; 9] = [
    PURCHASES, LEADS, LOGINS, HERMES, HERMES_BODIES, ITEMS, PROMOTIONS, LOW_STOCK, PUSHES,
];

pub const TABLE: &[Row] = &[
    row(PURCHASES, 1, Way::Published, &[
        r#"crm POST {"customerSegment":"returning_high_value","lastPurchaseCurrency":"EUR","lastPurchaseDate":"TIME","lastPurchaseValue":184.5,"loyaltyTier":"gold","userId":"cust-48120"}"#,
        r#"erp PATCH /stock/BULB-E14 {"change":-10,"reason":"purchase","transactionRef":"ORD-70311"}"#,
        r#"erp PATCH /stock/LAMP-07 {"change":-1,"reason":"purchase","transactionRef":"ORD-70311"}"#,
        r#"loyalty POST {"pointsToAdd":18,"transactionRef":"ORD-70311","userId":"cust-48120"}"#,
        r#"mail POST {"currency":"EUR","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70311","userId":"cust-48120","value":184.5}"#,
    ]),
    row(PURCHASES, 2, Way::Published, &[
        r#"crm POST {"customerSegment":"new","lastPurchaseCurrency":"JPY","lastPurchaseDate":"TIME","lastPurchaseValue":12900,"loyaltyTier":"silver","userId":"cust-50077"}"#,
        r#"erp PATCH /stock/TEA-%E7%85%8E%E8%8C%B6 {"change":-3,"reason":"purchase","transactionRef":"ORD-70312"}"#,
        r#"loyalty POST {"pointsToAdd":1290,"transactionRef":"ORD-70312","userId":"cust-50077"}"#,
        r#"mail POST {"currency":"JPY","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70312","userId":"cust-50077","value":12900}"#,
    ]),
    // A guest.
    row(PURCHASES, 3, Way::Published, &[
        r#"erp PATCH /stock/BOWL-10 {"change":-1,"reason":"purchase","transactionRef":"ORD-70313"}"#,
    ]),
    row(PURCHASES, 4, Way::Published, &[
        r#"crm POST {"customerSegment":"lapsed","lastPurchaseCurrency":"DKK","lastPurchaseDate":"TIME","lastPurchaseValue":74,"loyaltyTier":"bronze","userId":"cust-11872"}"#,
        r#"erp PATCH /stock/MUG-01 {"change":-2,"reason":"purchase","transactionRef":"ORD-70314"}"#,
        r#"loyalty POST {"pointsToAdd":7,"transactionRef":"ORD-70314","userId":"cust-11872"}"#,
        r#"mail POST {"currency":"DKK","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70314","userId":"cust-11872","value":74}"#,
    ]),
    // The first again.
    row(PURCHASES, 5, Way::Published, &[]),
    row(PURCHASES, 6, Way::Published, &[
        r#"crm POST {"customerSegment":"gift_card_only","lastPurchaseCurrency":"USD","lastPurchaseDate":"TIME","lastPurchaseValue":0,"loyaltyTier":"none","userId":"cust-60210"}"#,
        r#"erp PATCH /stock/GIFT-50 {"change":-1,"reason":"purchase","transactionRef":"ORD-70315"}"#,
        r#"loyalty POST {"pointsToAdd":0,"transactionRef":"ORD-70315","userId":"cust-60210"}"#,
        r#"mail POST {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70315","userId":"cust-60210","value":0}"#,
    ]),
    row(PURCHASES, 7, Way::Published, &[
        r#"crm POST {"customerSegment":"b2b","lastPurchaseCurrency":"USD","lastPurchaseDate":"TIME","lastPurchaseValue":1249,"loyaltyTier":"platinum","userId":"cust-00031"}"#,
        r#"loyalty POST {"pointsToAdd":124,"transactionRef":"ORD-70316","userId":"cust-00031"}"#,
        r#"mail POST {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70316","userId":"cust-00031","value":1249}"#,
    ]),
    row(LEADS, 1, Way::Published, &[
        r#"crm POST {"emailHashed":"5d41402abc4b2a76b9719d911017c592e8a1b0d2c3f4a5968778695a4b3c2d1e","leadFormId":"demo-request","leadMedium":"cpc","leadSource":"google","status":"New Lead","userId":"cust-77120"}"#,
    ]),
    row(LEADS, 2, Way::Published, &[
        r#"crm POST {"emailHashed":"0f3a77c2b19e4d5860adbe11c7f2390415d6e8a9bb0c4f7d21e3a5968c7b4d02","leadFormId":"whitepaper-2025","leadMedium":"email","leadSource":"newsletter","status":"New Lead","userId":"crm-lead-90412"}"#,
    ]),
    row(LEADS, 3, Way::Published, &[
        r#"crm POST {"emailHashed":"9a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9","leadFormId":"contact","leadMedium":"(none)","leadSource":"(direct)","status":"New Lead"}"#,
    ]),
    row(LEADS, 4, Way::Published, &[
        r#"crm POST {"leadFormId":"trial-signup","leadMedium":"paid_social","leadSource":"linkedin","status":"New Lead","userId":"cust-20011"}"#,
    ]),
    row(LEADS, 5, Way::Published, &[
        r#"crm POST {"emailHashed":"c4ca4238a0b923820dcc509a6f75849b1e2d3c4b5a69788796a5b4c3d2e1f0ab","leadFormId":"dealer-locator","leadMedium":"referral","leadSource":"partner-nordhandel","status":"New Lead","userId":"cust-31090"}"#,
    ]),
    row(LEADS, 6, Way::Published, &[
        r#"crm POST {"leadFormId":"callback-request","status":"New Lead","userId":"cust-42077"}"#,
    ]),
    row(LOGINS, 1, Way::Published, &[
        r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"password","previousLoginDate":"2025-11-22T08:46:40.000Z","userId":"cust-48120"}"#,
    ]),
    row(LOGINS, 2, Way::Published, &[
        r#"crm POST {"isFirstLogin":true,"lastLoginDate":"TIME","loginMethod":"google","userId":"cust-50077"}"#,
    ]),
    row(LOGINS, 3, Way::Published, &[
        r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"apple","previousLoginDate":"2025-11-20T08:14:55.000Z","userId":"cust-60210"}"#,
    ]),
    row(LOGINS, 4, Way::Published, &[
        r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"sso-saml","previousLoginDate":"2025-11-24T16:00:00.000Z","userId":"cust-00031"}"#,
    ]),
    row(LOGINS, 5, Way::Published, &[
        r#"crm POST {"lastLoginDate":"TIME","loginMethod":"magic_link","userId":"cust-11872"}"#,
    ]),
    // The first again.
    row(LOGINS, 6, Way::Published, &[]),
    row(HERMES, 1, AS_PURCHASE, &[
        r#"erp PATCH /stock/blazer {"change":-1,"reason":"purchase","transactionRef":"9f0c2c1e-51a7-4a7a-8d3e-2f1b6ad0e711"}"#,
    ]),
    // The order that the publisher had already, with less in it.
    kept(HERMES, 2, AS_PURCHASE, "identity-conflict"),
    row(HERMES, 3, AS_PURCHASE, &[
        r#"erp PATCH /stock/456 {"change":-2,"reason":"purchase"}"#,
    ]),
    row(HERMES, 4, AS_PURCHASE, &[]),
    // It says itself that it is a sign_up, which no route wants.
    row(HERMES, 5, AS_PURCHASE, &[]),
    kept(HERMES, 6, PLAIN, "no-event-type"),
    row(HERMES, 7, AS_PURCHASE, &[
        r#"erp PATCH /stock/MUG-01 {"change":-4,"reason":"purchase","transactionRef":"ORD-70400"}"#,
    ]),
    kept(HERMES_BODIES, 1, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 2, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 3, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 4, PLAIN, "no-event-type"),
    row(HERMES_BODIES, 5, PLAIN, &[]),
    kept(HERMES_BODIES, 6, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 7, PLAIN, "no-event-type"),
    row(ITEMS, 1, AS_PURCHASE, &[
        r#"erp PATCH /stock/123 {"change":-1,"reason":"purchase"}"#,
        r#"erp PATCH /stock/456 {"change":-2,"reason":"purchase"}"#,
    ]),
    row(ITEMS, 2, AS_PURCHASE, &[r#"erp PATCH /stock/LAMP-07 {"change":-1,"reason":"purchase"}"#]),
    row(ITEMS, 3, AS_PURCHASE, &[r#"erp PATCH /stock/BOWL-10 {"change":-1,"reason":"purchase"}"#]),
    row(ITEMS, 4, AS_PURCHASE, &[
        r#"erp PATCH /stock/MUG-01 {"change":-1,"reason":"purchase"}"#,
        r#"erp PATCH /stock/MUG-01 {"change":-4,"reason":"purchase"}"#,
    ]),
    row(ITEMS, 5, AS_PURCHASE, &[r#"erp PATCH /stock/90210 {"change":-1,"reason":"purchase"}"#]),
    // The second item has no id, and so no stock.
    row(ITEMS, 6, AS_PURCHASE, &[r#"erp PATCH /stock/SETS%2FDINNER-4 {"change":-1,"reason":"purchase"}"#]),
    row(ITEMS, 7, AS_PURCHASE, &[r#"erp PATCH /stock/TEA-%E7%85%8E%E8%8C%B6 {"change":-3,"reason":"purchase"}"#]),
    row(ITEMS, 8, AS_PURCHASE, &[]),
    row(PROMOTIONS, 1, AS_PROMOTION, &[
        r#"cdp POST {"currency":"GBP","promotion":"AUTUMN15","transactionRef":"ORD-70313","value":39.95}"#,
    ]),
    row(PROMOTIONS, 2, AS_PROMOTION, &[
        r#"cdp POST {"clientId":"1203948571.1763981200","currency":"EUR","promotion":"BF-2025-HOME","transactionRef":"ORD-70318","value":212}"#,
    ]),
    row(PROMOTIONS, 3, AS_PROMOTION, &[
        r#"cdp POST {"currency":"GBP","promotion":"FREESHIP50","transactionRef":"ORD-70319","value":58.2}"#,
    ]),
    row(PROMOTIONS, 4, AS_PROMOTION, &[
        r#"cdp POST {"coupon":"GOLD10","discount":14.9,"name":"Gold tier 10%","promotion":"P-LOYAL-GOLD","transactionRef":"ORD-70320"}"#,
    ]),
    row(PROMOTIONS, 5, AS_PROMOTION, &[
        r#"cdp POST {"promotion":"2-FOR-3","transactionRef":"ORD-70321"}"#,
    ]),
    row(PROMOTIONS, 6, AS_PROMOTION, &[
        r#"cdp POST {"currency":"DKK","promotion":"WELCOME-NEWS","transactionRef":"ORD-70322","userId":"cust-60210","value":24}"#,
    ]),
    row(LOW_STOCK, 1, AS_LOW_STOCK, &[r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10"}"#]),
    row(LOW_STOCK, 2, AS_LOW_STOCK, &[
        r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10","soldOut":false,"stock":4,"threshold":5}"#,
    ]),
    row(LOW_STOCK, 3, AS_LOW_STOCK, &[
        r#"shop PUT /stock-warnings/LAMP-07 {"sku":"LAMP-07","soldOut":false,"stock":2,"threshold":3}"#,
    ]),
    row(LOW_STOCK, 4, AS_LOW_STOCK, &[
        r#"shop PUT /stock-warnings/TEA-%E7%85%8E%E8%8C%B6 {"locationId":"WH-OSAKA","sku":"TEA-煎茶","soldOut":true,"stock":0,"threshold":10}"#,
    ]),
    row(LOW_STOCK, 5, AS_LOW_STOCK, &[
        r#"shop PUT /stock-warnings/SETS%2FDINNER-4 {"sku":"SETS/DINNER-4","soldOut":false,"stock":1}"#,
    ]),
    row(LOW_STOCK, 6, AS_LOW_STOCK, &[
        r#"shop PUT /stock-warnings/MUG-01 {"sku":"MUG-01","soldOut":true,"stock":-1,"threshold":5}"#,
    ]),
    // The lead and the login that the publisher had already.
    row(PUSHES, 1, PLAIN, &[]),
    row(PUSHES, 2, PLAIN, &[]),
    row(PUSHES, 3, PLAIN, &[r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10"}"#]),
    kept(PUSHES, 4, PLAIN, "unreadable"),
];
