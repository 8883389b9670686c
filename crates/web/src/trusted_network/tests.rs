//! What is let in unasked, and that it is said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use telemetry::LogSettings;

use super::*;
use crate::settings::load;
use crate::{PushCallers, PushCallersMode};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    page_readers: UncheckedCallers,
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn read(value: &str) -> Result<UncheckedCallers, String> {
    let variables = BTreeMap::from([("TALARIA_PAGE_READERS".to_owned(), value.to_owned())]);
    let settings = load::<Settings>(None, &variables).map_err(|error| error.to_string());
    settings.map(|settings| settings.page_readers)
}

#[test]
fn it_is_never_a_default_and_a_misspelt_one_is_refused_with_those_there_are() {
    assert_eq!(Settings::default().page_readers, UncheckedCallers::None);
    assert_eq!(read("none"), Ok(UncheckedCallers::None));
    assert_eq!(
        read("trusted-network"),
        Ok(UncheckedCallers::TrustedNetwork)
    );
    let error = read("trusted").expect_err("no mode");
    assert!(
        error.contains("trusted-network") && error.contains("none"),
        "{error}"
    );
}

#[test]
fn only_a_trusted_network_is_let_in_from_elsewhere_and_under_any_name() {
    use UncheckedCallers::{None as Nobody, TrustedNetwork};
    for (callers, text, allowed) in [
        (Nobody, "127.0.0.1:80", true),
        (Nobody, "[::1]:80", true),
        (Nobody, "0.0.0.0:80", false),
        (Nobody, "10.0.0.1:80", false),
        (TrustedNetwork, "127.0.0.1:80", true),
        (TrustedNetwork, "0.0.0.0:80", true),
    ] {
        assert_eq!(callers.allow(address(text)), allowed, "{callers:?} {text}");
    }
    assert_eq!(Nobody.hosts(), Hosts::LoopbackNames);
    assert_eq!(TrustedNetwork.hosts(), Hosts::Any);
}

#[test]
fn a_service_that_others_reach_unasked_says_so_in_its_log() {
    let lines = Arc::new(Mutex::new(String::new()));
    let written = Arc::clone(&lines);
    let dispatch = telemetry::dispatch(&LogSettings::default(), move |line| {
        written.lock().expect("no panic holds it").push_str(line);
    })
    .expect("a filter");
    let said = |tell: &dyn Fn()| {
        tracing::dispatcher::with_default(&dispatch, tell);
        std::mem::take(&mut *lines.lock().expect("no panic holds it"))
    };
    let (open, loopback) = (address("0.0.0.0:8080"), address("127.0.0.1:8080"));
    let trusted = UncheckedCallers::TrustedNetwork;
    let line = said(&|| trusted.warn_if_trusted("counter.page_readers", open));
    for word in ["WARN", "counter.page_readers", "0.0.0.0:8080", "internet"] {
        assert!(line.contains(word), "{word:?} is not in {line}");
    }
    assert_eq!(said(&|| trusted.warn_if_trusted("x", loopback)), "");
    assert_eq!(
        said(&|| UncheckedCallers::None.warn_if_trusted("x", open)),
        ""
    );
    let pushes = |mode| PushCallers {
        mode,
        ..PushCallers::default()
    };
    let trusted = pushes(PushCallersMode::TrustedNetwork);
    let line = said(&|| trusted.warn_if_trusted("updater", open));
    assert!(line.contains("the updater's push_callers.mode"), "{line}");
    let checked = pushes(PushCallersMode::Verify);
    assert_eq!(said(&|| checked.warn_if_trusted("updater", open)), "");
}
