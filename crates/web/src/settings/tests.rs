//! Settings as an operator meets them.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{load, load_beside};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Whole {
    data: String,
    part: Part,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Part {
    count: u32,
    name: Option<String>,
    #[serde(with = "crate::duration")]
    wait: Duration,
}

impl Default for Part {
    fn default() -> Self {
        Self {
            count: 3,
            name: None,
            wait: Duration::from_secs(10),
        }
    }
}

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("writing it");
    file
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
    let file = file("data: from-file\npart:\n  count: 4\n  wait: 2m\n");
    let variables = environment(&[
        ("TALARIA_PART__COUNT", "5"),
        ("TALARIA_PART__NAME", "1e5"),
        ("HOME", "/x"),
    ]);
    let whole: Whole = load(Some(file.path()), &variables).expect("good settings");
    assert_eq!(whole.data, "from-file");
    assert_eq!(
        whole.part,
        Part {
            count: 5,
            name: Some("1e5".into()),
            wait: Duration::from_secs(120)
        }
    );
}

#[test]
fn every_unknown_name_is_reported_at_once_with_what_was_meant() {
    let file = file("part:\n  cuont: 4\nnothing_like_it: 1\n");
    let variables = environment(&[("TALARIA_PART__NAMEE", "x"), ("TALARIA_DAT", "y")]);
    let error = load::<Whole>(Some(file.path()), &variables)
        .expect_err("three misspelt names")
        .to_string();
    for part in [
        "part.cuont",
        "did you mean part.count?",
        "TALARIA_PART__NAME?",
        "TALARIA_DATA?",
        "nothing_like_it",
    ] {
        assert!(error.contains(part), "{part} is missing in {error}");
    }
}

#[test]
fn a_setting_that_is_named_with_its_service_is_recognised() {
    let file = file("updater:\n  part:\n    wait: 2m\n");
    let variables = environment(&[("TALARIA_PUBLISHER__PART__COUNT", "4")]);
    let error = load::<Whole>(Some(file.path()), &variables)
        .expect_err("names of another level")
        .to_string();
    for meant in ["TALARIA_PART__COUNT?", "did you mean part.wait?"] {
        assert!(error.contains(meant), "{meant} is missing in {error}");
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beside {
    log: Option<String>,
    store: Store,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Store {
    backend: Option<String>,
}

#[test]
fn settings_that_stand_side_by_side_are_told_apart_by_their_keys() {
    let file = file("data: from-file\nlog: debug\nstore:\n  backend: a\n");
    let variables = environment(&[
        ("TALARIA_STORE__BACKEND", "b"),
        ("TALARIA_PART__COUNT", "5"),
    ]);
    let defaults = (
        &Whole {
            part: Part {
                wait: Duration::from_secs(7),
                ..Part::default()
            },
            ..Whole::default()
        },
        &Beside::default(),
    );
    let (whole, beside) = load_beside(defaults, Some(file.path()), &variables).expect("good");
    assert_eq!(whole.data, "from-file");
    assert_eq!(
        (whole.part.count, whole.part.wait),
        (5, Duration::from_secs(7))
    );
    assert_eq!(beside.log.as_deref(), Some("debug"));
    assert_eq!(beside.store.backend.as_deref(), Some("b"));
}

#[test]
fn side_by_side_a_name_that_neither_has_is_refused() {
    let file = file("stor:\n  backend: a\n");
    let variables = environment(&[("TALARIA_STORE__BACKND", "b"), ("TALARIA_DATTA", "c")]);
    let defaults = (&Whole::default(), &Beside::default());
    let error = load_beside(defaults, Some(file.path()), &variables)
        .expect_err("three misspelt names")
        .to_string();
    for part in ["stor.backend", "TALARIA_STORE__BACKEND?", "TALARIA_DATA?"] {
        assert!(error.contains(part), "{part} is missing in {error}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_says_what_would_be_right() {
    let cases = [
        ("TALARIA_PART__COUNT", "many", "count"),
        ("TALARIA_PART__WAIT", "ten", "10s"),
    ];
    for (name, value, expected) in cases {
        let error = load::<Whole>(None, &environment(&[(name, value)]))
            .expect_err(value)
            .to_string();
        assert!(error.contains(expected), "{expected} is missing in {error}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_yaml_names_itself() {
    let missing =
        load::<Whole>(Some("no/such/file.yaml".as_ref()), &BTreeMap::new()).expect_err("no file");
    assert!(missing.to_string().contains("no/such/file.yaml"));
    let broken = file("part: [\n");
    let error = load::<Whole>(Some(broken.path()), &BTreeMap::new()).expect_err("no YAML");
    assert!(
        error
            .to_string()
            .contains(&broken.path().display().to_string())
    );
}
