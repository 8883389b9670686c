//! Plans beside the file of indexes.

use super::*;

/// Maps of counters in an index would make every write slow and dear.
#[test]
fn no_field_is_indexed_but_those_that_people_look_for() {
    const INDEXES: &str =
        include_str!("../../../../../../../infra/firestore/firestore.indexes.json");
    let indexes: serde_json::Value = serde_json::from_str(INDEXES).expect("JSON");
    let exempt: BTreeSet<(&str, &str)> = indexes["fieldOverrides"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| {
            (
                entry["collectionGroup"].as_str(),
                entry["fieldPath"].as_str(),
            )
        })
        .map(|(collection, field)| (collection.expect("a name"), field.expect("a path")))
        .collect();
    let events = [purchase("A", &items(1)), refund("1", "A"), refund("2", "B")];
    let plan = Given::nothing().plan(&events).expect("it fits");
    let mut indexed = BTreeSet::new();
    for write in &plan.writes {
        let Some(Operation::Update(document)) = &write.operation else {
            panic!("{write:?} is no update");
        };
        let (collection, _) = path(write).split_once('/').expect("a path");
        let set = document.fields.keys().map(String::as_str);
        let added = write.update_transforms.iter();
        let added =
            added.map(|transform| transform.field_path.split('.').next().expect("a segment"));
        let fields = set.chain(added).map(|field| (collection, field));
        indexed.extend(fields.filter(|field| !exempt.contains(field)));
    }
    let looked_for = ["item_brand", "item_category", "item_id", "item_name"];
    assert_eq!(indexed, looked_for.map(|field| ("items", field)).into());
}
