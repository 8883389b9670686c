//! Instances that know little of each other agree in the end.

use store::tallies::ItemDetails;

use super::*;

fn says(at: i64, by: &str, texts: [Option<&str>; 3], price: Option<i64>) -> KnownDetails {
    let [name, category, brand] = texts.map(|text| text.map(str::to_owned));
    let details = ItemDetails {
        name,
        category,
        brand,
        price: price.map(|micros| Money::from_micros(micros, Currency::NONE)),
        at: None,
    };
    KnownDetails::of(&details, Timestamp::from_millis(at), by)
}

/// What the document becomes, however much the writer knew.
fn write(document: &mut BTreeMap<String, KnownDetails>, change: Change) {
    document.retain(|name, _| !change.removed.contains(name));
    document.extend(change.added);
}

#[test]
fn writers_who_read_seldom_lose_nothing_and_leave_little() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut document = BTreeMap::new();
    let mut instances = [const { Candidates(BTreeMap::new()) }; 3];
    let mut all = KnownDetails::default();
    for number in 0..500 {
        let text = |random: &mut fastrand::Rng| random.bool().then(|| number.to_string());
        let texts = [text(&mut random), text(&mut random), text(&mut random)];
        let price = random.bool().then_some(number);
        let at = number / 2 + random.i64(-20..20);
        let texts = texts.each_ref().map(Option::as_deref);
        let news = says(at, &format!("e{number}"), texts, price);
        all.merge(news.clone());
        let instance = random.usize(0..instances.len());
        if random.u8(0..20) == 0 {
            instances[instance] = Candidates(document.clone());
        }
        write(&mut document, instances[instance].learn(&news));
        assert_eq!(Candidates(document.clone()).latest(), all, "{number}");
    }
    assert!(document.len() <= 3 * 4 * 2, "{} candidates", document.len());
}

#[test]
fn one_event_is_one_candidate_and_what_is_older_changes_nothing() {
    let mut candidates = Candidates::default();
    let first = says(5, "b", [Some("Mug"), Some("Kitchen"), None], Some(4));
    let change = candidates.learn(&first);
    assert_eq!(change.added.len(), 1);
    assert_eq!(change.removed, Vec::<String>::new());
    for older in [
        says(4, "z", [Some("Cup"), None, None], Some(9)),
        says(5, "a", [Some("Cup"), Some("Garden"), None], None),
    ] {
        assert_eq!(candidates.learn(&older), Change::default());
    }
    let other_field = says(4, "c", [None, None, Some("Acme")], None);
    assert_eq!(candidates.learn(&other_field).removed.len(), 0);
    let all = says(6, "c", [Some("Pot"), Some("Garden"), Some("Best")], Some(3));
    assert_eq!(candidates.learn(&all).removed.len(), 2);
    assert_eq!(candidates.latest(), all);
}

#[test]
fn candidates_come_back_from_a_document() {
    let mut candidates = Candidates::default();
    let long = "é/".repeat(800);
    candidates.learn(&says(
        -5,
        &long,
        [Some(""), None, Some("☕️")],
        Some(i64::MIN),
    ));
    candidates.learn(&says(7, "x", [None, Some("a.b`c"), None], None));
    let said = candidates.0.iter();
    let said = said.map(|(name, candidate)| (name.clone(), candidate_value(candidate)));
    let document = fields([(SAID, map(said.collect()))]);
    assert_eq!(Candidates::read(&document).expect("readable"), candidates);
}
