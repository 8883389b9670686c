//! docs/telemetry.md and the code name the same metrics and spans.

use std::collections::BTreeMap;

use telemetry::{METRICS, SPANS, Values};

const PAGE: &str = include_str!("../../../docs/telemetry.md");

/// The rows of the table whose head begins with `first`, by the cells' texts.
fn rows(first: &str) -> Vec<Vec<String>> {
    let mut lines = PAGE
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {first} |")));
    lines
        .next()
        .unwrap_or_else(|| panic!("the page has no table that begins with {first}"));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let inner = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'));
        inner
            .expect("a row")
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}

fn ticked<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[test]
fn the_page_lists_every_metric_as_it_is_and_no_other() {
    let described = METRICS.iter().map(|metric| {
        let keys = ticked(metric.attributes.iter().map(|attribute| attribute.key));
        vec![
            ticked([metric.name]),
            metric.kind.word().into(),
            ticked([metric.unit]),
            keys,
            metric.what.into(),
        ]
    });
    let mut listed = rows("metric");
    for row in &mut listed {
        assert!(
            row.len() == 6 && !row[5].is_empty(),
            "{} says nothing of when to look",
            row[0]
        );
        row.pop();
    }
    assert_eq!(listed, described.collect::<Vec<Vec<String>>>());
}

#[test]
fn the_page_lists_what_each_attribute_can_be() {
    let described = METRICS.iter().flat_map(|metric| {
        metric.attributes.iter().map(|attribute| {
            let values = match attribute.values {
                Values::Words(words) => ticked(words.iter().copied()),
                Values::Names(whose) => whose.to_owned(),
            };
            vec![ticked([attribute.key]), ticked([metric.name]), values]
        })
    });
    assert_eq!(rows("attribute"), described.collect::<Vec<Vec<String>>>());
}

#[test]
fn the_page_lists_every_span_as_it_is_and_no_other() {
    let described = SPANS.iter().map(|span| {
        let keys = ticked(span.attributes.iter().map(|key| key.word()));
        vec![
            ticked([span.name]),
            span.kind.word().into(),
            keys,
            span.what.into(),
        ]
    });
    assert_eq!(rows("span"), described.collect::<Vec<Vec<String>>>());
}

#[test]
fn names_and_words_are_written_as_opentelemetry_wants_them() {
    let legal = |name: &str, extra: &[char]| {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || extra.contains(&c);
        name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(sound)
    };
    let mut names = BTreeMap::new();
    for metric in METRICS {
        assert!(
            legal(metric.name, &['.', '_']) && metric.name.starts_with("talaria."),
            "{}",
            metric.name
        );
        assert!(
            metric.unit == "s" || (metric.unit.starts_with('{') && metric.unit.ends_with('}')),
            "{}",
            metric.name
        );
        assert!(metric.buckets.is_sorted(), "{}", metric.name);
        assert_eq!(
            metric.buckets.is_empty(),
            metric.kind != telemetry::InstrumentKind::Histogram,
            "{}",
            metric.name
        );
        assert_eq!(
            names.insert(metric.name, ()),
            None,
            "{} is there twice",
            metric.name
        );
        for attribute in metric.attributes {
            assert!(legal(attribute.key, &['_']), "{}", attribute.key);
            if let Values::Words(words) = attribute.values {
                assert!(
                    words.iter().all(|word| legal(word, &['_', '-'])),
                    "{words:?}"
                );
            }
        }
    }
}
