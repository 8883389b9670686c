//! `talaria explain` shows what would be called: without what the publisher keeps out of messages.

use serde_json::Value;

use super::{file, json, stderr, stdout, talaria};

const ROUTES: &str = "\
destinations:
  crm:
    url: http://127.0.0.1:8090/crm
    repeat: safe
routes:
  - name: leads
    when: event.eventType == \"generate_lead\"
    to: crm
    path: '\"/leads\"'
    query: { from: event.data.page }
    body: |
      { \"note\": event.data.note, \"contact\": event.data.contact }
";
const LEAD: &str = r#"{"eventType":"generate_lead","eventId":"E1","data":{"leadFormId":"f",
    "note":"card 4111.1111.1111.1111","contact":"jane@example.com","page":"/a?e=jane%40example.com"}}"#;

fn explain(arguments: &[&str], environment: &[(&str, &str)]) -> std::process::Output {
    let directory = tempfile::tempdir().expect("a directory");
    let routes = file(directory.path(), "routes.yaml", ROUTES);
    let arguments = [&["explain", LEAD, "--routes", &routes], arguments].concat();
    talaria(&arguments, environment)
}

#[test]
fn the_call_is_shown_as_the_publisher_would_have_redacted_the_event() {
    let output = explain(&[], &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for expected in [
        "redacted    /data/contact, /data/note, /data/page\n",
        "--as-is",
        "\"note\": \"card [card number]\"",
        "\"contact\": \"[e-mail]\"",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
    assert!(!text.contains("jane") && !text.contains("1111"), "{text}");
    let explained = json(&explain(&["--json"], &[]));
    let pointers = ["/data/contact", "/data/note", "/data/page"];
    assert_eq!(explained["redacted"], Value::from(pointers.to_vec()));
    assert_eq!(explained["redactedMore"], 0);
    assert_eq!(explained["event"]["data"]["contact"], "[e-mail]");
}

#[test]
fn what_others_write_to_the_topic_is_shown_as_it_is() {
    let text = stdout(&explain(&["--as-is"], &[]));
    assert!(text.contains("\"contact\": \"jane@example.com\""), "{text}");
    assert!(!text.contains("redacted"), "{text}");
    let explained = json(&explain(&["--as-is", "--json"], &[]));
    assert_eq!(explained["redacted"], Value::Array(Vec::new()));
    // What the publisher would refuse for its lack of an id, others may have written.
    let event = r#"{"eventType":"generate_lead","data":{"leadFormId":"f"}}"#;
    assert_eq!(talaria(&["explain", event], &[]).status.code(), Some(1));
    let output = talaria(&["explain", event, "--as-is"], &[]);
    assert!(stdout(&output).contains("the message's own id"));
}

#[test]
fn the_settings_of_the_publisher_count() {
    let keep = (
        "TALARIA_PUBLISHER__REDACTION__KEEP",
        "/data/contact, /data/page",
    );
    let text = stdout(&explain(&[], &[keep]));
    assert!(text.contains("redacted    /data/note\n"), "{text}");
    assert!(text.contains("\"contact\": \"jane@example.com\""), "{text}");
    let hash = ("TALARIA_PUBLISHER__REDACTION__EMAILS", "hash");
    let jane = "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d";
    let text = stdout(&explain(&[], &[hash]));
    assert!(text.contains(&format!("\"contact\": \"{jane}\"")), "{text}");
    let refuse = ("TALARIA_PUBLISHER__REDACTION__CARD_NUMBERS", "refuse");
    let output = explain(&[], &[refuse]);
    assert_eq!(output.status.code(), Some(1));
    let refused = stderr(&output);
    assert!(
        refused.contains("the publisher would refuse the event") && refused.contains("/data/note"),
        "{refused}"
    );
    assert!(!refused.contains("4111"), "{refused}");
}
