//! What is set about a push's sender, and what it comes to.

use std::collections::BTreeMap;
use std::io::Write;

use actix_web::http::header::HeaderValue;

use super::*;
use crate::settings::load;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    push_callers: PushCallers,
}

fn callers(mode: PushCallersMode, audience: &[&str], service_account: &[&str]) -> PushCallers {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    PushCallers {
        mode,
        audience: owned(audience),
        service_account: owned(service_account),
    }
}

fn refusal(callers: &PushCallers, address: &str, handed: bool) -> Option<String> {
    let handed = handed.then(|| Arc::new(Anybody) as Arc<dyn PushVerifier>);
    let address = address.parse().expect("an address");
    let checked = callers.verifier("updater", address, handed);
    checked.err().map(|error| error.to_string())
}

#[test]
fn the_environment_has_lists_with_commas_and_a_file_has_them_in_both_ways() {
    let variables = BTreeMap::from(
        [
            ("TALARIA_PUSH_CALLERS__MODE", "cloud-run-iam"),
            (
                "TALARIA_PUSH_CALLERS__AUDIENCE",
                "https://a.example/tally, https://b.example,",
            ),
            (
                "TALARIA_PUSH_CALLERS__SERVICE_ACCOUNT",
                "push@p.iam.gserviceaccount.com",
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let read: Settings = load(None, &variables).expect("good settings");
    let expected = callers(
        PushCallersMode::CloudRunIam,
        &["https://a.example/tally", "https://b.example"],
        &["push@p.iam.gserviceaccount.com"],
    );
    assert_eq!(read.push_callers, expected);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let text = "push_callers:\n  mode: verify\n  audience: [one, two]\n  service_account: a, b\n";
    file.write_all(text.as_bytes()).expect("writing it");
    let read: Settings = load(Some(file.path()), &BTreeMap::new()).expect("good settings");
    let expected = callers(PushCallersMode::Verify, &["one", "two"], &["a", "b"]);
    assert_eq!(read.push_callers, expected);
}

#[test]
fn a_mode_that_does_not_exist_is_refused_with_those_that_do() {
    for (name, value) in [
        ("TALARIA_PUSH_CALLERS__MODE", "off"),
        ("TALARIA_PUSH_CALLERS", "none"),
    ] {
        let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let error = load::<Settings>(None, &variables).expect_err(value);
        let expected: &[&str] = match value {
            "off" => &["none", "verify", "cloud-run-iam", "trusted-network"],
            _ => &["TALARIA_PUSH_CALLERS__MODE"],
        };
        for word in expected {
            assert!(error.to_string().contains(word), "{word}: {error}");
        }
    }
}

#[test]
fn nothing_but_a_trusted_network_lets_strangers_in() {
    use PushCallersMode::{CloudRunIam, None as Nobody, TrustedNetwork, Verify};
    let (reachable, loopback) = ("0.0.0.0:8080", "127.0.0.1:8080");
    let default = PushCallers::default();
    let says = |found: Option<String>, words: &[&str]| {
        let text = found.expect("a refusal");
        for word in words {
            assert!(text.contains(word), "{word:?} is not in {text}");
        }
    };
    for open in [&default, &callers(Nobody, &["a"], &["b"])] {
        assert_eq!(refusal(open, loopback, false), None);
        assert_eq!(refusal(open, "[::1]:1", true), None);
        let ways = [
            "127.0.0.1",
            "verify",
            "cloud-run-iam",
            "trusted-network",
            "emulator",
        ];
        let words = [&["none", reachable][..], &ways].concat();
        says(refusal(open, reachable, true), &words);
    }
    for address in [reachable, loopback] {
        for handed in [true, false] {
            let trusted = callers(TrustedNetwork, &[], &[]);
            assert_eq!(refusal(&trusted, address, handed), None);
        }
    }
    for mode in [Verify, CloudRunIam] {
        for address in [reachable, loopback] {
            let whole = callers(mode, &["a"], &["b"]);
            assert_eq!(refusal(&whole, address, true), None);
            says(
                refusal(&whole, address, false),
                &[mode.name(), "talaria up"],
            );
            let nothing = refusal(&callers(mode, &[], &[]), address, true);
            says(nothing, &["audience", "service_account"]);
            says(
                refusal(&callers(mode, &[], &["b"]), address, true),
                &["audience"],
            );
            let one = refusal(&callers(mode, &["a"], &[]), address, true);
            assert!(!one.as_deref().unwrap_or_default().contains(".audience"));
            says(one, &["service_account"]);
        }
    }
}

#[test]
fn only_services_that_know_or_trust_their_callers_answer_under_any_name() {
    use PushCallersMode::{CloudRunIam, None as Nobody, TrustedNetwork, Verify};
    for (mode, hosts) in [
        (Nobody, Hosts::LoopbackNames),
        (Verify, Hosts::Any),
        (CloudRunIam, Hosts::Any),
        (TrustedNetwork, Hosts::Any),
    ] {
        assert_eq!(callers(mode, &["a"], &["b"]).hosts(), hosts, "{mode:?}");
    }
}

#[test]
fn an_authorization_that_is_not_exactly_one_text_is_none() {
    let header = |values: &[&'static [u8]]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                AUTHORIZATION,
                HeaderValue::from_bytes(value).expect("a value"),
            );
        }
        headers
    };
    let cases: [(&[&'static [u8]], Option<&str>); 4] = [
        (&[], None),
        (&[b"Bearer a"], Some("Bearer a")),
        (&[b"Bearer a", b"Bearer b"], None),
        (&[b"Bearer \xff"], None),
    ];
    for (values, expected) in cases {
        let headers = header(values);
        assert_eq!(PushCredentials::of(&headers).authorization, expected);
    }
}
