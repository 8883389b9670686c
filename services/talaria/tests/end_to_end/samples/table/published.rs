//! Lines that the tag posts to the publisher.

use super::{Row, Way, row};

const PURCHASES: &str = "publisher_purchase";
const LEADS: &str = "publisher_generate_lead";
const LOGINS: &str = "publisher_user_login";

pub(super) const ROWS: &[Row] = &[
    row(
        PURCHASES,
        1,
        Way::Published,
        &[
            r#"crm POST {"customerSegment":"returning_high_value","lastPurchaseCurrency":"EUR","lastPurchaseDate":"TIME","lastPurchaseValue":184.5,"loyaltyTier":"gold","userId":"cust-48120"}"#,
            r#"erp PATCH /stock/BULB-E14 {"change":-10,"reason":"purchase","transactionRef":"ORD-70311"}"#,
            r#"erp PATCH /stock/LAMP-07 {"change":-1,"reason":"purchase","transactionRef":"ORD-70311"}"#,
            r#"loyalty POST {"pointsToAdd":18,"transactionRef":"ORD-70311","userId":"cust-48120"}"#,
            r#"mail POST {"currency":"EUR","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70311","userId":"cust-48120","value":184.5}"#,
        ],
    ),
    row(
        PURCHASES,
        2,
        Way::Published,
        &[
            r#"crm POST {"customerSegment":"new","lastPurchaseCurrency":"JPY","lastPurchaseDate":"TIME","lastPurchaseValue":12900,"loyaltyTier":"silver","userId":"cust-50077"}"#,
            r#"erp PATCH /stock/TEA-%E7%85%8E%E8%8C%B6 {"change":-3,"reason":"purchase","transactionRef":"ORD-70312"}"#,
            r#"loyalty POST {"pointsToAdd":1290,"transactionRef":"ORD-70312","userId":"cust-50077"}"#,
            r#"mail POST {"currency":"JPY","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70312","userId":"cust-50077","value":12900}"#,
        ],
    ),
    // A guest.
    row(
        PURCHASES,
        3,
        Way::Published,
        &[
            r#"erp PATCH /stock/BOWL-10 {"change":-1,"reason":"purchase","transactionRef":"ORD-70313"}"#,
        ],
    ),
    row(
        PURCHASES,
        4,
        Way::Published,
        &[
            r#"crm POST {"customerSegment":"lapsed","lastPurchaseCurrency":"DKK","lastPurchaseDate":"TIME","lastPurchaseValue":74,"loyaltyTier":"bronze","userId":"cust-11872"}"#,
            r#"erp PATCH /stock/MUG-01 {"change":-2,"reason":"purchase","transactionRef":"ORD-70314"}"#,
            r#"loyalty POST {"pointsToAdd":7,"transactionRef":"ORD-70314","userId":"cust-11872"}"#,
            r#"mail POST {"currency":"DKK","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70314","userId":"cust-11872","value":74}"#,
        ],
    ),
    // The first again.
    row(PURCHASES, 5, Way::Published, &[]),
    row(
        PURCHASES,
        6,
        Way::Published,
        &[
            r#"crm POST {"customerSegment":"gift_card_only","lastPurchaseCurrency":"USD","lastPurchaseDate":"TIME","lastPurchaseValue":0,"loyaltyTier":"none","userId":"cust-60210"}"#,
            r#"erp PATCH /stock/GIFT-50 {"change":-1,"reason":"purchase","transactionRef":"ORD-70315"}"#,
            r#"loyalty POST {"pointsToAdd":0,"transactionRef":"ORD-70315","userId":"cust-60210"}"#,
            r#"mail POST {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70315","userId":"cust-60210","value":0}"#,
        ],
    ),
    row(
        PURCHASES,
        7,
        Way::Published,
        &[
            r#"crm POST {"customerSegment":"b2b","lastPurchaseCurrency":"USD","lastPurchaseDate":"TIME","lastPurchaseValue":1249,"loyaltyTier":"platinum","userId":"cust-00031"}"#,
            r#"loyalty POST {"pointsToAdd":124,"transactionRef":"ORD-70316","userId":"cust-00031"}"#,
            r#"mail POST {"currency":"USD","messageId":"KEY","template":"thank-you","transactionRef":"ORD-70316","userId":"cust-00031","value":1249}"#,
        ],
    ),
    row(
        LEADS,
        1,
        Way::Published,
        &[
            r#"crm POST {"emailHashed":"5d41402abc4b2a76b9719d911017c592e8a1b0d2c3f4a5968778695a4b3c2d1e","leadFormId":"demo-request","leadMedium":"cpc","leadSource":"google","status":"New Lead","userId":"cust-77120"}"#,
        ],
    ),
    row(
        LEADS,
        2,
        Way::Published,
        &[
            r#"crm POST {"emailHashed":"0f3a77c2b19e4d5860adbe11c7f2390415d6e8a9bb0c4f7d21e3a5968c7b4d02","leadFormId":"whitepaper-2025","leadMedium":"email","leadSource":"newsletter","status":"New Lead","userId":"crm-lead-90412"}"#,
        ],
    ),
    row(
        LEADS,
        3,
        Way::Published,
        &[
            r#"crm POST {"emailHashed":"9a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9","leadFormId":"contact","leadMedium":"(none)","leadSource":"(direct)","status":"New Lead"}"#,
        ],
    ),
    row(
        LEADS,
        4,
        Way::Published,
        &[
            r#"crm POST {"leadFormId":"trial-signup","leadMedium":"paid_social","leadSource":"linkedin","status":"New Lead","userId":"cust-20011"}"#,
        ],
    ),
    row(
        LEADS,
        5,
        Way::Published,
        &[
            r#"crm POST {"emailHashed":"c4ca4238a0b923820dcc509a6f75849b1e2d3c4b5a69788796a5b4c3d2e1f0ab","leadFormId":"dealer-locator","leadMedium":"referral","leadSource":"partner-nordhandel","status":"New Lead","userId":"cust-31090"}"#,
        ],
    ),
    row(
        LEADS,
        6,
        Way::Published,
        &[
            r#"crm POST {"leadFormId":"callback-request","status":"New Lead","userId":"cust-42077"}"#,
        ],
    ),
    row(
        LOGINS,
        1,
        Way::Published,
        &[
            r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"password","previousLoginDate":"2025-11-22T08:46:40.000Z","userId":"cust-48120"}"#,
        ],
    ),
    row(
        LOGINS,
        2,
        Way::Published,
        &[
            r#"crm POST {"isFirstLogin":true,"lastLoginDate":"TIME","loginMethod":"google","userId":"cust-50077"}"#,
        ],
    ),
    row(
        LOGINS,
        3,
        Way::Published,
        &[
            r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"apple","previousLoginDate":"2025-11-20T08:14:55.000Z","userId":"cust-60210"}"#,
        ],
    ),
    row(
        LOGINS,
        4,
        Way::Published,
        &[
            r#"crm POST {"isFirstLogin":false,"lastLoginDate":"TIME","loginMethod":"sso-saml","previousLoginDate":"2025-11-24T16:00:00.000Z","userId":"cust-00031"}"#,
        ],
    ),
    row(
        LOGINS,
        5,
        Way::Published,
        &[r#"crm POST {"lastLoginDate":"TIME","loginMethod":"magic_link","userId":"cust-11872"}"#],
    ),
    // The first again.
    row(LOGINS, 6, Way::Published, &[]),
];
