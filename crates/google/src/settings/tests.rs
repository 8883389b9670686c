//! What a service alone may be told about bus and store.

use super::*;
use crate::firestore::FirestoreSettings;
use crate::pubsub::PubSubSettings;

const PATIENCE: Duration = Duration::from_secs(2);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn bus(backend: Option<BusBackend>) -> BusSettings {
    BusSettings {
        backend,
        ..BusSettings::default()
    }
}

fn store(backend: Option<StoreBackend>) -> StoreSettings {
    StoreSettings {
        backend,
        ..StoreSettings::default()
    }
}

#[test]
fn what_is_set_reaches_the_clients_settings() {
    let settings = BusSettings {
        emulator_host: Some("pubsub:8085".into()),
        max_in_flight: 7,
        max_bytes_in_flight: 8,
        ..bus(Some(BusBackend::Pubsub))
    };
    let pubsub = settings.pubsub(Some("shop-1"), PATIENCE).expect("good");
    let expected = PubSubSettings {
        emulator_host: Some("pubsub:8085".into()),
        publish_timeout: PATIENCE,
        max_in_flight: 7,
        max_bytes_in_flight: 8,
        ..PubSubSettings::new("shop-1")
    };
    assert_eq!(pubsub, expected);
    let settings = StoreSettings {
        emulator_host: Some("[::1]:8086".into()),
        database: "tallies".into(),
        request_timeout: PATIENCE,
        shards: 9,
        ..store(Some(StoreBackend::Firestore))
    };
    let firestore = settings.firestore(Some("shop-1")).expect("good");
    let expected = FirestoreSettings {
        emulator_host: Some("[::1]:8086".into()),
        database: "tallies".into(),
        request_timeout: PATIENCE,
        shards: 9,
        ..FirestoreSettings::new("shop-1")
    };
    assert_eq!(firestore, expected);
}

#[test]
fn a_backend_is_never_guessed_and_the_values_are_named_with_all_else_that_is_missing() {
    let missing_project = "GOOGLE_CLOUD_PROJECT, or TALARIA_PROJECT";
    let publisher = bus(None).pubsub(None, PATIENCE).expect_err("nothing set");
    let page = bus(None)
        .pubsub_if_any(Some(""), PATIENCE)
        .expect_err("nothing set");
    let updater = store(None).firestore(None).expect_err("nothing set");
    for (faults, setting) in [
        (publisher.to_string(), "TALARIA_BUS__BACKEND=pubsub"),
        (page.to_string(), "TALARIA_BUS__BACKEND=none"),
        (updater.to_string(), "TALARIA_STORE__BACKEND=firestore"),
    ] {
        assert!(faults.contains(setting), "{faults}");
        assert!(faults.contains(missing_project), "{faults}");
    }
}

#[test]
fn only_a_service_that_can_do_without_a_bus_may_have_none() {
    let none = bus(Some(BusBackend::None));
    assert_eq!(none.pubsub_if_any(None, PATIENCE), Ok(None));
    assert!(none.pubsub(Some("shop-1"), PATIENCE).is_err());
    let some = bus(Some(BusBackend::Pubsub));
    assert!(matches!(
        some.pubsub_if_any(Some("shop-1"), PATIENCE),
        Ok(Some(_))
    ));
}

#[test]
fn a_backend_that_there_is_none_of_is_refused_with_those_there_are() {
    let bus = serde_json::from_str::<BusBackend>("\"kafka\"").expect_err("no bus");
    let store = serde_json::from_str::<StoreBackend>("\"\"").expect_err("no store");
    assert!(bus.to_string().contains("TALARIA_BUS__BACKEND=pubsub"));
    assert!(
        store
            .to_string()
            .contains("TALARIA_STORE__BACKEND=firestore")
    );
    for backend in [BusBackend::Pubsub, BusBackend::Embedded, BusBackend::None] {
        let written = serde_json::to_string(&backend).expect("JSON");
        assert_eq!(
            serde_json::from_str::<BusBackend>(&written).ok(),
            Some(backend)
        );
    }
    for backend in [StoreBackend::Firestore, StoreBackend::Embedded] {
        let written = serde_json::to_string(&backend).expect("JSON");
        assert_eq!(
            serde_json::from_str::<StoreBackend>(&written).ok(),
            Some(backend)
        );
    }
}

#[test]
fn embedded_backends_are_refused_with_the_reason() {
    let bus = bus(Some(BusBackend::Embedded)).pubsub(Some("shop-1"), PATIENCE);
    let store = store(Some(StoreBackend::Embedded)).firestore(Some("shop-1"));
    for (faults, instead) in [
        (bus.expect_err("refused"), "TALARIA_BUS__BACKEND=pubsub"),
        (
            store.expect_err("refused"),
            "TALARIA_STORE__BACKEND=firestore",
        ),
    ] {
        let faults = faults.to_string();
        assert!(
            faults.contains("inside `talaria up` alone") && faults.contains(instead),
            "{faults}"
        );
    }
}

#[test]
fn a_project_is_named_by_its_id() {
    for good in ["my-shop-123456", "test-4711-2", "example.com:shop"] {
        assert!(project_id(Some(good)).is_ok(), "{good}");
    }
    for bad in [
        "My Shop",
        "123456789",
        "projects/my-shop",
        "-shop",
        "shop\n",
    ] {
        let faults = project_id(Some(bad)).expect_err(bad).to_string();
        assert!(faults.contains("gcloud projects list"), "{faults}");
    }
}

#[test]
fn an_emulator_is_named_by_host_and_port() {
    for bad in [
        "http://127.0.0.1:8085",
        "127.0.0.1",
        "127.0.0.1:port",
        "a b:1",
        ":8085",
        "::1:8085",
        "me@localhost:8085",
    ] {
        let faults = emulator_host(Some(bad), "PUBSUB_EMULATOR_HOST").expect_err(bad);
        assert!(
            faults.to_string().contains("PUBSUB_EMULATOR_HOST"),
            "{faults}"
        );
    }
    assert_eq!(emulator_host(Some(""), "X"), Ok(None));
}

#[test]
fn an_empty_variable_names_no_emulator_and_no_project() {
    let empty = [
        "GOOGLE_CLOUD_PROJECT",
        "PUBSUB_EMULATOR_HOST",
        "FIRESTORE_EMULATOR_HOST",
    ];
    let of = |value: &str| {
        let variables = empty.map(|name| (name.to_owned(), value.to_owned()));
        UsualVariables::of(&variables.into())
    };
    for value in ["", "  "] {
        assert_eq!(of(value), UsualVariables::default(), "{value:?}");
    }
    let host = of("127.0.0.1:1").pubsub_emulator;
    for (emulator_host, is_emulated) in [(host, true), (Some(String::new()), false), (None, false)]
    {
        let bus = BusSettings {
            emulator_host: emulator_host.clone(),
            ..bus(Some(BusBackend::Pubsub))
        };
        let store = StoreSettings {
            emulator_host,
            ..store(Some(StoreBackend::Firestore))
        };
        assert_eq!(
            (bus.is_emulated(), store.is_emulated()),
            (is_emulated, is_emulated)
        );
        let pubsub = bus.pubsub(Some("shop-1"), PATIENCE).expect("good");
        assert_eq!(pubsub.emulator_host.is_some(), is_emulated);
    }
}

#[test]
fn a_bus_without_any_room_is_refused() {
    type Change = fn(&mut BusSettings);
    let cases: [(&str, Change); 2] = [
        ("bus.max_in_flight is 0", |bus| bus.max_in_flight = 0),
        ("bus.max_bytes_in_flight is 0", |bus| {
            bus.max_bytes_in_flight = 0
        }),
    ];
    for (expected, change) in cases {
        let mut settings = bus(Some(BusBackend::Pubsub));
        change(&mut settings);
        let faults = settings
            .pubsub(Some("shop-1"), PATIENCE)
            .expect_err(expected);
        assert!(faults.to_string().starts_with(expected), "{faults}");
    }
}

#[test]
fn events_are_remembered_longer_than_they_can_come() {
    let check = |days: u32| remembered_long_enough("dedupe_retention", DAY * days, DAY * 30);
    assert_eq!(check(45), Ok(()));
    let faults = check(44).expect_err("not longer").to_string();
    assert!(
        faults.contains("dedupe_retention") && faults.contains("44 days"),
        "{faults}"
    );
}

#[test]
fn a_credentials_file_must_be_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("key.json");
    let check = |path: &std::path::Path, needed: bool| {
        let variables = UsualVariables {
            credentials_file: Some(path.display().to_string()),
            ..UsualVariables::default()
        };
        variables.check_credentials_file(needed)
    };
    assert!(check(&path, true).is_err(), "there is none");
    std::fs::write(&path, "secret-that-is-no-json").expect("writing");
    let faults = check(&path, true).expect_err("no JSON").to_string();
    assert!(
        faults.contains("GOOGLE_APPLICATION_CREDENTIALS") && !faults.contains("secret-that"),
        "{faults}"
    );
    assert_eq!(check(&path, false), Ok(()), "the emulators need none");
    std::fs::write(&path, r#"{"type": "service_account"}"#).expect("writing");
    assert_eq!(check(&path, true), Ok(()));
    let unset = UsualVariables::default();
    assert_eq!(unset.check_credentials_file(true), Ok(()));
}

#[test]
fn googles_keys_come_over_https_or_from_this_machine() {
    let clock: std::sync::Arc<dyn events::Clock> = std::sync::Arc::new(events::SystemClock);
    let refusal = |url| token_verifier(TokenVoucher::Signature(url), &[], &[], &clock).err();
    for url in [
        None,
        Some("https://mirror.example/certs"),
        Some("http://127.0.0.1:80/certs"),
        Some("http://localhost/certs"),
        Some("http://[::1]:80/certs"),
    ] {
        assert!(refusal(url).is_none(), "{url:?}");
    }
    for url in [
        "",
        "mirror.example/certs",
        "http://mirror.example/certs",
        "http://127.0.0.1.mirror.example/certs",
        "http://127.0.0.1@mirror.example/certs",
        "file:///certs",
    ] {
        let refusal = refusal(Some(url)).expect(url).to_string();
        assert!(refusal.contains("https://"), "{refusal}");
    }
}
