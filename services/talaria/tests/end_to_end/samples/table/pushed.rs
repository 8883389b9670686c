//! Lines that Pub/Sub pushes from topics of others; identities that the published lines had are not new.

use super::{Row, Way, kept, row};

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

pub(super) const ROWS: &[Row] = &[
    row(
        HERMES,
        1,
        AS_PURCHASE,
        &[
            r#"erp PATCH /stock/blazer {"change":-1,"reason":"purchase","transactionRef":"9f0c2c1e-51a7-4a7a-8d3e-2f1b6ad0e711"}"#,
        ],
    ),
    // The order that the publisher had already, with less in it.
    kept(HERMES, 2, AS_PURCHASE, "identity-conflict"),
    row(
        HERMES,
        3,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/456 {"change":-2,"reason":"purchase"}"#],
    ),
    row(HERMES, 4, AS_PURCHASE, &[]),
    // It says itself that it is a sign_up, which no route wants.
    row(HERMES, 5, AS_PURCHASE, &[]),
    kept(HERMES, 6, PLAIN, "no-event-type"),
    row(
        HERMES,
        7,
        AS_PURCHASE,
        &[
            r#"erp PATCH /stock/MUG-01 {"change":-4,"reason":"purchase","transactionRef":"ORD-70400"}"#,
        ],
    ),
    kept(HERMES_BODIES, 1, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 2, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 3, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 4, PLAIN, "no-event-type"),
    row(HERMES_BODIES, 5, PLAIN, &[]),
    kept(HERMES_BODIES, 6, PLAIN, "no-event-type"),
    kept(HERMES_BODIES, 7, PLAIN, "no-event-type"),
    row(
        ITEMS,
        1,
        AS_PURCHASE,
        &[
            r#"erp PATCH /stock/123 {"change":-1,"reason":"purchase"}"#,
            r#"erp PATCH /stock/456 {"change":-2,"reason":"purchase"}"#,
        ],
    ),
    row(
        ITEMS,
        2,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/LAMP-07 {"change":-1,"reason":"purchase"}"#],
    ),
    row(
        ITEMS,
        3,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/BOWL-10 {"change":-1,"reason":"purchase"}"#],
    ),
    row(
        ITEMS,
        4,
        AS_PURCHASE,
        &[
            r#"erp PATCH /stock/MUG-01 {"change":-1,"reason":"purchase"}"#,
            r#"erp PATCH /stock/MUG-01 {"change":-4,"reason":"purchase"}"#,
        ],
    ),
    row(
        ITEMS,
        5,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/90210 {"change":-1,"reason":"purchase"}"#],
    ),
    // The second item has no id, and so no stock.
    row(
        ITEMS,
        6,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/SETS%2FDINNER-4 {"change":-1,"reason":"purchase"}"#],
    ),
    row(
        ITEMS,
        7,
        AS_PURCHASE,
        &[r#"erp PATCH /stock/TEA-%E7%85%8E%E8%8C%B6 {"change":-3,"reason":"purchase"}"#],
    ),
    row(ITEMS, 8, AS_PURCHASE, &[]),
    row(
        PROMOTIONS,
        1,
        AS_PROMOTION,
        &[
            r#"cdp POST {"currency":"GBP","promotion":"AUTUMN15","transactionRef":"ORD-70313","value":39.95}"#,
        ],
    ),
    row(
        PROMOTIONS,
        2,
        AS_PROMOTION,
        &[
            r#"cdp POST {"clientId":"1203948571.1763981200","currency":"EUR","promotion":"BF-2025-HOME","transactionRef":"ORD-70318","value":212}"#,
        ],
    ),
    row(
        PROMOTIONS,
        3,
        AS_PROMOTION,
        &[
            r#"cdp POST {"currency":"GBP","promotion":"FREESHIP50","transactionRef":"ORD-70319","value":58.2}"#,
        ],
    ),
    row(
        PROMOTIONS,
        4,
        AS_PROMOTION,
        &[
            r#"cdp POST {"coupon":"GOLD10","discount":14.9,"name":"Gold tier 10%","promotion":"P-LOYAL-GOLD","transactionRef":"ORD-70320"}"#,
        ],
    ),
    row(
        PROMOTIONS,
        5,
        AS_PROMOTION,
        &[r#"cdp POST {"promotion":"2-FOR-3","transactionRef":"ORD-70321"}"#],
    ),
    row(
        PROMOTIONS,
        6,
        AS_PROMOTION,
        &[
            r#"cdp POST {"currency":"DKK","promotion":"WELCOME-NEWS","transactionRef":"ORD-70322","userId":"cust-60210","value":24}"#,
        ],
    ),
    row(
        LOW_STOCK,
        1,
        AS_LOW_STOCK,
        &[r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10"}"#],
    ),
    row(
        LOW_STOCK,
        2,
        AS_LOW_STOCK,
        &[
            r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10","soldOut":false,"stock":4,"threshold":5}"#,
        ],
    ),
    row(
        LOW_STOCK,
        3,
        AS_LOW_STOCK,
        &[
            r#"shop PUT /stock-warnings/LAMP-07 {"sku":"LAMP-07","soldOut":false,"stock":2,"threshold":3}"#,
        ],
    ),
    row(
        LOW_STOCK,
        4,
        AS_LOW_STOCK,
        &[
            r#"shop PUT /stock-warnings/TEA-%E7%85%8E%E8%8C%B6 {"locationId":"WH-OSAKA","sku":"TEA-煎茶","soldOut":true,"stock":0,"threshold":10}"#,
        ],
    ),
    row(
        LOW_STOCK,
        5,
        AS_LOW_STOCK,
        &[
            r#"shop PUT /stock-warnings/SETS%2FDINNER-4 {"sku":"SETS/DINNER-4","soldOut":false,"stock":1}"#,
        ],
    ),
    row(
        LOW_STOCK,
        6,
        AS_LOW_STOCK,
        &[
            r#"shop PUT /stock-warnings/MUG-01 {"sku":"MUG-01","soldOut":true,"stock":-1,"threshold":5}"#,
        ],
    ),
    // The lead and the login that the publisher had already.
    row(PUSHES, 1, PLAIN, &[]),
    row(PUSHES, 2, PLAIN, &[]),
    row(
        PUSHES,
        3,
        PLAIN,
        &[r#"shop PUT /stock-warnings/BOWL-10 {"sku":"BOWL-10"}"#],
    ),
    kept(PUSHES, 4, PLAIN, "unreadable"),
];
