//! Arguments and environment to a target.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Parser;
use events::SystemClock;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    target: TargetArguments,
}

fn read(line: &str, environment: &[(&str, &str)]) -> anyhow::Result<PubSubTarget> {
    let invocation = Invocation {
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        config: None,
        data: None,
        clock: Arc::new(SystemClock),
    };
    let words = std::iter::once("talaria").chain(line.split_whitespace());
    let line = Line::try_parse_from(words)?;
    line.target.read(&invocation, &TalariaSettings::default())
}

const EMULATED: [(&str, &str); 2] = [(EMULATOR, "127.0.0.1:8685"), (PROJECT, "shop")];
const REAL: &str = "--project shop --updater-url https://updater.example --counter-url https://counter.example \
                    --push-service-account push@shop.iam.gserviceaccount.com";

#[test]
fn on_the_emulator_the_services_are_those_that_run_here() {
    let target = read("", &EMULATED).expect("a target");
    assert_eq!(target.project, "shop");
    assert_eq!(target.emulator_host.as_deref(), Some("127.0.0.1:8685"));
    assert_eq!(target.plan.topic, "backend-updates");
    assert_eq!(target.plan.updater.as_str(), "http://127.0.0.1:8081/");
    assert_eq!(target.plan.counter.as_str(), "http://127.0.0.1:8082/");
    assert_eq!(target.plan.push_identity, None);
}

#[test]
fn options_speak_over_the_environment() {
    let line = "--project other --updater-url http://updater:8080 --push-service-account a@b --audience talaria";
    let target = read(line, &EMULATED).expect("a target");
    assert_eq!(target.project, "other");
    assert_eq!(target.plan.updater.as_str(), "http://updater:8080/");
    let expected = PushIdentity {
        service_account: "a@b".into(),
        audience: Some("talaria".into()),
    };
    assert_eq!(target.plan.push_identity, Some(expected));
}

#[test]
fn a_real_project_is_taken_where_no_emulator_is_named() {
    for environment in [&[][..], &[(EMULATOR, "")]] {
        let target = read(REAL, environment).expect("a target");
        assert_eq!(target.emulator_host, None);
    }
}

#[test]
fn what_is_missing_or_impossible_is_named() {
    type Variables = [(&'static str, &'static str)];
    let cases: [(&str, &Variables, &[&str]); 6] = [
        (
            "",
            &[],
            &[
                "GOOGLE_CLOUD_PROJECT",
                "--updater-url",
                "--counter-url",
                "--push-service-account",
            ],
        ),
        (
            "",
            &[(EMULATOR, "127.0.0.1:8685")],
            &["GOOGLE_CLOUD_PROJECT"],
        ),
        (
            "--updater-url updater",
            &EMULATED,
            &["--updater-url", "no address"],
        ),
        (
            "--updater-url http://u/?a=b",
            &EMULATED,
            &["--updater-url", "leave out"],
        ),
        (
            "--project shop --updater-url http://u --counter-url https://c --push-service-account a@b",
            &[],
            &["--updater-url", "https://"],
        ),
        ("--audience talaria", &EMULATED, &["--push-service-account"]),
    ];
    for (line, environment, expected) in cases {
        let error = read(line, environment).expect_err(line).to_string();
        for part in expected {
            assert!(error.contains(part), "{line}: {error}");
        }
    }
    let error = read("", &[(EMULATOR, "127.0.0.1:8685")])
        .expect_err("no project")
        .to_string();
    assert!(!error.contains("--updater-url"), "{error}");
}
