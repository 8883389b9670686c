//! Keys of effects: permanent, distinct, and the same however the elements are ordered.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::plan;
use super::{IDENTITY, NOW_MS, plan_for, purchase, routes};

const EACH: &str = "  - { name: stock, was: [first, second], when: true, to: erp, each: { in: event.data.items, \
                    key: item.item_id }, body: item }\n";

/// Bodies by key.
fn effects(items: &[Value]) -> BTreeMap<String, String> {
    let plan = plan_for(EACH, &purchase(json!({"items": items})));
    let count = plan.effects.len();
    let effects: BTreeMap<String, String> = plan
        .effects
        .iter()
        .map(|effect| (effect.key.clone(), super::shown(effect)))
        .collect();
    assert_eq!(effects.len(), count, "two effects share a key");
    effects
}

#[test]
fn a_key_is_made_of_identity_oldest_route_name_and_element() {
    let items = [
        json!({"item_id": "SETS/DINNER-4"}),
        json!({"item_id": 90210}),
        json!({"item_id": "煎茶"}),
    ];
    let plan = plan_for(EACH, &purchase(json!({"items": items})));
    let keys: Vec<&str> = plan
        .effects
        .iter()
        .map(|effect| effect.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "purchase:ORD-1/first/SETS/DINNER-4",
            "purchase:ORD-1/first/90210",
            "purchase:ORD-1/first/煎茶"
        ]
    );
    assert_eq!(plan.effects[0].element.as_deref(), Some("SETS/DINNER-4"));
    assert_eq!(
        plan.effects[0].idempotency_key,
        events::effect_key_uuid(keys[0])
    );
    assert_eq!(plan.effects[0].route.name, "stock");
}

#[test]
fn a_slash_in_an_identity_makes_no_other_effects_key() {
    let routes = routes("  - { name: b, when: true, to: erp }\n");
    let event = purchase(json!({}));
    let key = |identity: &str| {
        plan(&routes, None, identity, &event, NOW_MS)
            .effects
            .remove(0)
            .key
    };
    assert_eq!(key("purchase:A"), "purchase:A/b");
    assert_eq!(key("purchase:A/b"), "purchase:A%2Fb/b");
    assert_eq!(key("purchase:A%2Fb"), "purchase:A%252Fb/b");
}

#[test]
fn equal_keys_are_numbered_in_the_order_of_content() {
    let items = [
        json!({"item_id": "MUG-01", "quantity": 4}),
        json!({"item_id": "MUG-01", "quantity": 1}),
        json!({"item_id": "MUG-01#2", "quantity": 9}),
        json!({"item_id": "MUG-01", "quantity": 4}),
    ];
    let planned = effects(&items);
    let keys: Vec<&str> = planned.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "purchase:ORD-1/first/MUG-01",
            "purchase:ORD-1/first/MUG-01#2",
            "purchase:ORD-1/first/MUG-01#3",
            "purchase:ORD-1/first/MUG-01#4"
        ]
    );
    assert!(
        planned["purchase:ORD-1/first/MUG-01#2"].contains("\"quantity\":9"),
        "an element's own key is its own"
    );
    let mut reversed = items.to_vec();
    reversed.reverse();
    assert_eq!(effects(&reversed), planned);
}

#[test]
fn an_element_without_a_usable_key_fails_alone() {
    let items = [
        json!({"item_id": "A"}),
        json!({"name": "wrap"}),
        json!({"item_id": ""}),
        json!({"item_id": true}),
    ];
    let planned = effects(&items);
    assert_eq!(
        planned["purchase:ORD-1/first/A"],
        "POST  {\"item_id\":\"A\"}"
    );
    let mut failed: Vec<&str> = planned
        .values()
        .map(String::as_str)
        .filter(|call| call.starts_with("each"))
        .collect();
    failed.sort_unstable();
    assert_eq!(
        failed,
        [
            "each.key: item.item_id is missing",
            "each.key: the key is empty",
            "each.key: the key is neither text nor a number"
        ]
    );
    let mut reversed = items.to_vec();
    reversed.reverse();
    assert_eq!(effects(&reversed), planned);
}

#[test]
fn five_hundred_elements_are_an_order_and_more_are_not() {
    let items = |count: usize| {
        (0..count)
            .map(|n| json!({"item_id": n}))
            .collect::<Vec<_>>()
    };
    assert_eq!(effects(&items(500)).len(), 500);
    let plan = plan_for(EACH, &purchase(json!({"items": items(501)})));
    assert_eq!(plan.effects.len(), 1);
    assert_eq!(plan.effects[0].key, format!("{IDENTITY}/first"));
    assert_eq!(
        super::shown(&plan.effects[0]),
        "each.in: the list has more than 500 elements"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shuffled_elements_keep_their_keys(
        (items, shuffled) in prop::collection::vec(("[ab#]{0,3}|a#[23]", 0..3_u8), 0..12).prop_flat_map(|items| {
            (Just(items.clone()), Just(items).prop_shuffle())
        })
    ) {
        let json = |items: Vec<(String, u8)>| -> Vec<Value> {
            items.into_iter().map(|(id, quantity)| json!({"item_id": id, "quantity": quantity})).collect()
        };
        let (items, shuffled) = (json(items), json(shuffled));
        prop_assert_eq!(effects(&items), effects(&shuffled));
        let plan = plan_for(EACH, &purchase(json!({"items": items})));
        let keys: HashSet<_> = plan.effects.iter().map(|effect| effect.idempotency_key).collect();
        prop_assert_eq!(keys.len(), items.len());
    }
}
