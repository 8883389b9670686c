//! The program as a user calls it: what it prints where, and its exit code.

mod credentials;
mod explained;
mod personal_data;
mod sandbox;
mod telemetry;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs the program at the root of the repository, with these variables alone.
fn talaria(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talaria"));
    command.current_dir(REPOSITORY).args(arguments).env_clear();
    command
        .envs(environment.iter().copied())
        .output()
        .expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn file(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

fn sample(name: &str, line: usize) -> String {
    let path = format!("{REPOSITORY}/crates/events/tests/samples/{name}.jsonl");
    let text = std::fs::read_to_string(path).expect("samples");
    text.lines().nth(line - 1).expect("that line").to_owned()
}

const SECRETS: [(&str, &str); 2] = [
    ("CRM_API_KEY", "crm-secret-value"),
    ("LOYALTY_API_KEY", "loyalty-secret-value"),
];

#[test]
fn the_default_routes_have_no_mistakes() {
    let output = talaria(&["check"], &SECRETS);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    assert!(
        stdout(&output).ends_with("no mistakes\n"),
        "{}",
        stdout(&output)
    );
    assert!(!stdout(&output).contains("secret-value"));
}

#[test]
fn check_names_a_missing_secret_and_what_to_set() {
    let output = talaria(&["check", "config/routes.yaml"], &SECRETS[..1]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    assert!(
        text.contains("warning:") && text.contains("LOYALTY_API_KEY"),
        "{text}"
    );
    let output = talaria(&["check", "--json"], &SECRETS[..1]);
    let missing = json(&output)["missingSecrets"][0]["message"].to_string();
    assert!(missing.contains("LOYALTY_API_KEY"), "{missing}");
}

#[test]
fn check_reports_every_mistake_with_its_place_and_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = "\
destinations:
  crm:
    url: http://127.0.0.1:8090/crm
    repeat: safe
    timeot: 5s
routes:
  - name: leads
    when: evnt.eventType == \"generate_lead\"
    to: cmr
";
    let path = file(directory.path(), "routes.yaml", text);
    let output = talaria(&["check", &path], &[]);
    assert_eq!(output.status.code(), Some(1));
    let printed = stdout(&output);
    for expected in [
        "routes.yaml:5:5: ",
        "    timeot: 5s\n      ^",
        "timeout",
        "routes.yaml:8:11: ",
        "event",
        "routes.yaml:9:9: ",
        "crm",
        "3 mistakes",
    ] {
        assert!(
            printed.contains(expected),
            "{expected:?} is not in\n{printed}"
        );
    }
    let output = talaria(&["check", &path, "--json"], &[]);
    let mistakes = json(&output)["mistakes"].clone();
    assert_eq!(mistakes.as_array().expect("a list").len(), 3);
    assert_eq!(
        (&mistakes[0]["line"], &mistakes[0]["column"]),
        (&5.into(), &5.into())
    );
}

#[test]
fn explain_shows_each_call_with_its_secret_masked() {
    let output = talaria(&["explain", &sample("publisher_purchase", 1)], &SECRETS);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for expected in [
        "identity    purchase:ORD-70311",
        "PATCH http://127.0.0.1:8090/erp/stock/BULB-E14",
        "\"change\": -10",
        "\"pointsToAdd\": 18",
        "Authorization: Bearer ••••",
        "Idempotency-Key: ",
        "Content-Type: application/json",
        "SILENT ROUTE",
        "when: is false",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
    assert!(!text.contains("secret-value"), "{text}");
}

#[test]
fn explain_says_why_a_guest_gets_no_points() {
    let event = sample("publisher_purchase", 3);
    let output = talaria(&["explain", &event, "--json"], &SECRETS);
    let explained = json(&output);
    let destinations: Vec<&Value> = explained["effects"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| &e["destination"])
        .collect();
    assert!(destinations.contains(&&"erp".into()), "{explained:#}");
    assert!(!destinations.contains(&&"loyalty".into()), "{explained:#}");
    assert_eq!(explained["identity"], "purchase:ORD-70313");
}

#[test]
fn explain_reads_what_hermes_sends_with_a_type_from_outside() {
    let items = r#"[{"item_id":"A/1","quantity":2}]"#;
    let output = talaria(&["explain", items, "--as", "purchase"], &SECRETS);
    let text = stdout(&output);
    assert!(
        text.contains("/erp/stock/A%2F1"),
        "{text}{}",
        stderr(&output)
    );
    assert!(text.contains("the message's own id"), "{text}");
}

#[test]
fn explain_says_what_the_publisher_would_refuse() {
    let event = r#"{"eventType":"purchase","data":{"value":"much"}}"#;
    let output = talaria(&["explain", event], &SECRETS);
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    assert!(
        text.contains("/eventId") && text.contains("/data/value"),
        "{text}"
    );
    assert!(!text.contains("much"), "{text}");
}

#[test]
fn explain_reads_a_file_and_says_when_it_holds_several_events() {
    let directory = tempfile::tempdir().expect("a directory");
    let one = file(
        directory.path(),
        "one.json",
        &sample("publisher_generate_lead", 1),
    );
    let output = talaria(&["explain", &one], &SECRETS);
    assert!(
        stdout(&output).contains("demo-request"),
        "{}",
        stdout(&output)
    );
    let two = "{\"eventId\":\"a\"}\n{\"eventId\":\"b\"}\n";
    let two = file(directory.path(), "two.jsonl", two);
    let output = talaria(&["explain", &two], &SECRETS);
    assert!(
        stderr(&output).contains("several events"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn wrong_usage_is_2_and_help_shows_an_example() {
    assert_eq!(talaria(&["chek"], &[]).status.code(), Some(2));
    assert_eq!(
        talaria(&["dead-letters", "list", "--reason", "x"], &[])
            .status
            .code(),
        Some(2)
    );
    for command in [
        "up", "check", "explain", "send", "journey", "sandbox", "schema",
    ] {
        let output = talaria(&[command, "--help"], &[]);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            stdout(&output).contains(&format!("talaria {command}")),
            "{}",
            stdout(&output)
        );
    }
}

#[test]
fn a_misspelt_setting_is_refused_with_what_was_meant() {
    let output = talaria(&["check"], &[("TALARIA_UPDATER__ROUTE", "x.yaml")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("TALARIA_UPDATER__ROUTES"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn where_nothing_has_run_the_looking_commands_say_so_and_make_no_files() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("none").display().to_string();
    for command in [
        &["journey", "evt-1"][..],
        &["dead-letters", "list"],
        &["dead-letters", "replay"],
    ] {
        let output = talaria(&[command, &["--data", &data]].concat(), &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            stderr(&output).contains("talaria up"),
            "{}",
            stderr(&output)
        );
    }
    assert!(!Path::new(&data).exists());
}

#[test]
fn the_schemas_are_json_on_standard_output() {
    for what in ["event", "routes"] {
        let output = talaria(&["schema", what], &[]);
        assert!(json(&output)["$schema"].is_string(), "{what}");
    }
}
