//! `talaria check` warns of routes that read what the publisher redacts.

use super::{file, json, stdout, talaria};

const ROUTES: &str = "\
destinations:
  crm:
    url: http://127.0.0.1:8090/crm
    repeat: safe
routes:
  - name: leads
    when: event.eventType == \"generate_lead\" && has(event.data.email)
    to: crm
    path: '\"/leads/\" + event.data.people[0].phone_number'
    query: { hash: event.data.emailHashed, id: event.userId }
    headers: { X-To: 'event.data[\"e-mail\"]' }
    body: |
      {
        \"to\": lower(event.data.user.email),
        \"card\": event.data.?cardNumber.orValue(\"\")
      }
";

/// The warnings of `check --json`: line, column, message.
fn warnings(environment: &[(&str, &str)]) -> Vec<(u64, u64, String, String)> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = file(directory.path(), "routes.yaml", ROUTES);
    let output = talaria(&["check", &path, "--json"], environment);
    assert_eq!(output.status.code(), Some(0), "a warning is no fault");
    let warnings = json(&output)["warnings"].clone();
    let warnings = warnings.as_array().expect("a list").iter();
    warnings
        .map(|warning| {
            let number = |key: &str| warning[key].as_u64().expect("a number");
            let text = |key: &str| warning[key].as_str().expect("a text").to_owned();
            (
                number("line"),
                number("column"),
                text("message"),
                text("hint"),
            )
        })
        .collect()
}

#[test]
fn each_place_that_is_redacted_is_a_warning_where_it_is_read() {
    let found = warnings(&[]);
    let places: Vec<(u64, u64)> = found
        .iter()
        .map(|(line, column, ..)| (*line, *column))
        .collect();
    assert_eq!(places, [(11, 23), (14, 21), (15, 17)], "{found:?}");
    let [header, to, card] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        header.2,
        "route 'leads' reads event.data.e-mail, and the publisher redacts e-mail addresses in clear"
    );
    assert!(
        to.3.contains("keep: [/data/user/email]") && to.3.contains("emails: hash"),
        "{}",
        to.3
    );
    assert!(
        card.3.contains("keep: [/data/cardNumber]") && !card.3.contains("hash"),
        "{}",
        card.3
    );
}

#[test]
fn what_is_kept_or_off_is_no_warning_and_phones_are_one_when_they_are_redacted() {
    let keep = (
        "TALARIA_PUBLISHER__REDACTION__KEEP",
        "/data/e-mail,/data/user,/data/people/*/phone_number",
    );
    assert_eq!(warnings(&[keep]).len(), 1);
    let phones = ("TALARIA_PUBLISHER__REDACTION__PHONE_NUMBERS", "refuse");
    assert_eq!(warnings(&[keep, phones]).len(), 1);
    let found = warnings(&[phones]);
    let phone = found.iter().find(|warning| warning.2.contains("phone"));
    let (line, column, message, _) = phone.expect("a warning");
    assert_eq!((*line, *column), (9, 24));
    assert!(
        message.contains("event.data.people.*.phone_number") && message.contains("refuses"),
        "{message}"
    );
    let off = [
        ("TALARIA_PUBLISHER__REDACTION__EMAILS", "off"),
        ("TALARIA_PUBLISHER__REDACTION__CARD_NUMBERS", "off"),
    ];
    assert!(warnings(&off).is_empty());
}

#[test]
fn a_person_reads_the_warning_with_its_line_and_what_to_set() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = file(directory.path(), "routes.yaml", ROUTES);
    let hash = ("TALARIA_PUBLISHER__REDACTION__EMAILS", "hash");
    let output = talaria(&["check", &path], &[hash]);
    let printed = stdout(&output);
    for expected in [
        "warning: ",
        "routes.yaml:14:21: route 'leads' reads event.data.user.email, and the publisher hashes e-mail addresses",
        "\"to\": lower(event.data.user.email),\n                      ^",
        "the API gets a SHA-256",
        "1 route to 1 destination, no mistakes",
    ] {
        assert!(
            printed.contains(expected),
            "{expected:?} is not in\n{printed}"
        );
    }
    let output = talaria(
        &["check", &path],
        &[("TALARIA_PUBLISHER__REDACTION__CARD_NUMBERS", "hash")],
    );
    assert_eq!(output.status.code(), Some(1));
    let refused = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(refused.contains("can't be hashed"), "{refused}");
}
