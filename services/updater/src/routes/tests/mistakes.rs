//! What a wrong file is told.

use super::{bad, changed, read};

/// Twelve mistakes of all kinds.
const BROKEN: &str = r#"
destinations:
  Crm:
    url: https://crm.example.com
    repeat: safe
  loyalty:
    url: "${LOYALTY_API_URL}"
    repeat: maybe
    timeot: 5s
    timeout: 5 lightyears
    auth: { basic: KEY }
  erp:
    url: ${ERP_API_URL}
    limits: { concurrency: many, rate: 100 }
routes:
  - name: points
    when: event.eventType = "purchase"
    to: loyalti
    body: |
      {
        "userId": event.userid,
        "points": flor(event.data.value)
      }
  - name: points
    when: 'has(event.userId) && item.quantity > 1'
    to: erp
    method: get
    mode: stopped
    path: item.item_id
    bdy: "1"
"#;

#[test]
fn every_mistake_is_reported_at_once_with_its_place() {
    assert_eq!(
        bad(BROKEN),
        [
            "3:3 'Crm' can't be a destination's name",
            "7:10 the url still holds ${…}",
            "8:13 repeat: 'maybe' is not known",
            "9:5 unknown key 'timeot' in destination 'loyalty'",
            "10:14 timeout: '5 lightyears' is not a duration",
            "11:11 auth: is not exactly one kind",
            "11:13 unknown key 'basic' in auth",
            "13:5 destination 'erp' has no repeat:",
            "13:10 the environment variable ERP_API_URL is not set",
            "14:28 concurrency: 'many' is not a number of calls",
            "14:40 rate: '100' is not a rate",
            "17:27 compare with ==",
            "18:9 there is no destination 'loyalti'",
            "21:25 unknown field 'event.userid'",
            "22:19 unknown function 'flor'",
            "24:11 the route name 'points' is taken on line 16",
            "25:33 unknown name 'item'",
            "27:13 method: 'get' is not known",
            "28:11 mode: 'stopped' is not known",
            "29:11 unknown name 'item'",
            "29:11 a path starts with text in quotes: \"/…\" + …",
            "30:5 unknown key 'bdy' in a route",
        ]
    );
}

#[test]
fn a_mistake_shows_its_line_and_what_would_be_right() {
    let mistakes = read(BROKEN).expect_err("mistakes");
    let shown: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    for expected in [
        "routes.yaml:9:5: unknown key 'timeot' in destination 'loyalty'\n      timeot: 5s\n      ^\n  did you mean 'timeout'?",
        "routes.yaml:22:19: unknown function 'flor'\n          \"points\": flor(event.data.value)\n                    ^\n  did you mean 'floor'?",
    ] {
        assert!(
            shown.iter().any(|shown| shown == expected),
            "{expected}\nnot in\n{}",
            shown.join("\n")
        );
    }
    let hints: Vec<&str> = mistakes
        .iter()
        .filter_map(|mistake| mistake.hint.as_deref())
        .collect();
    for expected in [
        "did you mean 'loyalty'?",
        "did you mean 'userId'?",
        "did you mean 'body'?",
        "a single = means nothing here",
        "set it, or give a default: ${ERP_API_URL:-…}",
    ] {
        assert!(hints.contains(&expected), "{expected} not in {hints:?}");
    }
    let later = hints
        .iter()
        .any(|hint| hint.contains("bearer: and header: with secret:, google-identity-token:"));
    let repeat = hints
        .iter()
        .any(|hint| hint.contains("honours Idempotency-Key") && hint.contains("unsafe: never"));
    assert!(later && repeat, "{hints:?}");
}

#[test]
fn mistakes_in_expressions_are_placed_in_the_file_however_yaml_writes_them() {
    for (written, expected) in [
        (
            "when: evnt.eventType == \"purchase\"",
            "8:11 unknown name 'evnt'",
        ),
        (
            "when: '  evnt.eventType == \"purchase\"'",
            "8:14 unknown name 'evnt'",
        ),
        ("when: \"true || evnt.x\"", "8:20 unknown name 'evnt'"),
        (
            "when: |\n      true ||\n\n        evnt.eventType == \"a\"",
            "11:9 unknown name 'evnt'",
        ),
        ("when: |-\n      evnt.x", "9:7 unknown name 'evnt'"),
        (
            "when: \"true || \\\"煎\\\" == evnt.x\"",
            "8:11 unknown name 'evnt' (line 1, column 16 of the expression)",
        ),
        (
            "when: >\n      true ||\n      evnt.x",
            "9:7 unknown name 'evnt' (line 1, column 9 of the expression)",
        ),
        (
            "when: true ||\n      evnt.x",
            "8:11 unknown name 'evnt' (line 1, column 9 of the expression)",
        ),
    ] {
        let source = changed("when: event.eventType == \"purchase\"", written);
        assert_eq!(bad(&source), [expected], "{source}");
    }
}

#[test]
fn a_filter_that_google_would_not_take_is_a_mistake() {
    let with_filter = |bytes: usize| {
        let filter = format!("repeat: safe\n    filter: '{}'", "a".repeat(bytes));
        changed("repeat: safe", &filter)
    };
    assert!(read(&with_filter(256)).is_ok());
    for bytes in [0, 257] {
        let expected = format!("6:13 filter: has {bytes} bytes");
        assert_eq!(bad(&with_filter(bytes)), [expected]);
    }
}
