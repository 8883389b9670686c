//! What `up` refuses to start with, and what it starts with all the same: each with a sentence that helps.

use std::net::TcpListener;

use testing::eventually;

use crate::support::{BackOffice, World, sample};

/// Starts what must not start; what it said.
async fn refused(world: &World, says: &[&str]) {
    let (code, log) = world.spawn().ended().await;
    assert_eq!(code, Some(1), "{log}");
    for word in says {
        assert!(log.contains(word), "{word:?} is not in {log}");
    }
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn a_routes_file_with_a_typo_is_refused_with_its_line_and_what_would_be_right() {
    let office = BackOffice::open().await;
    let routes = "\
destinations:
  crm:
    url: http://127.0.0.1:8090/crm
    repeat: safe
    timeot: 5s
routes:
  - name: leads
    when: evnt.eventType == \"generate_lead\"
    to: crm
";
    let world = World::new(&office).with_routes(routes);
    let says = [
        "routes.yaml:5:5",
        "timeot",
        "timeout",
        "routes.yaml:8:",
        "evnt",
        "event",
    ];
    refused(&world, &says).await;
}

#[tokio::test]
async fn a_routes_file_that_is_missing_is_refused_with_the_setting_that_names_it() {
    let office = BackOffice::open().await;
    let world = World::new(&office).set("TALARIA_UPDATER__ROUTES", "nowhere/routes.yaml");
    refused(&world, &["nowhere/routes.yaml", "TALARIA_UPDATER__ROUTES"]).await;
}

#[tokio::test]
async fn a_setting_that_nobody_knows_is_refused_with_the_one_that_was_meant() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let file = world.write("settings.yaml", "bus:\n  retry_mim: 10s\n");
    let in_file = world
        .argument("--config")
        .argument(&file.display().to_string());
    refused(&in_file, &["settings.yaml", "retry_mim", "retry_min"]).await;
    let in_environment = World::new(&office).set("TALARIA_PUBLISHER__LISTN", "127.0.0.1:0");
    refused(
        &in_environment,
        &["TALARIA_PUBLISHER__LISTN", "TALARIA_PUBLISHER__LISTEN"],
    )
    .await;
}

#[tokio::test]
async fn a_setting_of_another_kind_is_refused_by_name() {
    let office = BackOffice::open().await;
    let world = World::new(&office).set("TALARIA_BUS__RETRY_MIN", "soon");
    refused(&world, &["retry_min"]).await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_refused_with_the_setting_that_names_another() {
    let office = BackOffice::open().await;
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    for part in ["PUBLISHER", "UPDATER"] {
        let setting = format!("TALARIA_{part}__LISTEN");
        let world = World::new(&office).set(&setting, &address);
        refused(&world, &[&address, &setting, "another talaria"]).await;
    }
}

#[tokio::test]
async fn a_data_directory_has_one_owner() {
    let office = BackOffice::open().await;
    let world = World::new(&office);
    let first = world.start().await;
    let lead = &sample("publisher_generate_lead")[0];
    refused(
        &world,
        &[
            "another talaria works in",
            "stop it first",
            "another data directory",
        ],
    )
    .await;
    first.publish(lead).await;
    world.all_acknowledged().await;
    assert_eq!(office.calls().len(), 1, "the first goes on as before");
    first.stop().await;
    world.start().await.stop().await;
}

#[tokio::test]
async fn without_a_secret_it_starts_and_warns_and_calls_once_the_secret_is_there() {
    let office = BackOffice::open().await;
    let world = World::new(&office).unset("CRM_API_KEY");
    let process = world.start().await;
    let lead = &sample("publisher_generate_lead")[0];
    process.publish(lead).await;
    eventually("the event to wait for the secret", || async {
        let states = world.states("generate_lead:evt_lead_5be1a0").await;
        (states == ["crm/lead-crm: held"]).then_some(())
    })
    .await;
    let log = process.log();
    assert!(log.contains("CRM_API_KEY") && log.contains("WARN"), "{log}");
    assert!(
        office.calls().is_empty(),
        "no call goes out without its secret"
    );
    process.stop().await;
    let world = world.set("CRM_API_KEY", "crm-key");
    let process = world.start().await;
    world.all_acknowledged().await;
    assert_eq!(office.calls().len(), 1);
    assert_eq!(office.calls()[0].credentials, "Bearer crm-key");
    assert!(!process.log().contains("crm-key"), "secrets are not logged");
    process.stop().await;
}

#[tokio::test]
async fn a_demo_that_would_call_a_real_api_is_refused_and_calls_nobody() {
    let office = BackOffice::open().await;
    let without_sandbox = World::new(&office).argument("--demo");
    let says = [
        "--demo invents orders",
        "unset ERP_API_URL",
        "leave --demo out",
    ];
    refused(&without_sandbox, &says).await;
    let crm = office.url("crm");
    let beside_sandbox = World::with_sandbox()
        .set("CRM_API_URL", &crm)
        .argument("--demo");
    let says = ["--demo invents orders", &crm, "unset CRM_API_URL"];
    refused(&beside_sandbox, &says).await;
    assert!(office.calls().is_empty());
    let world = World::with_sandbox().argument("--demo");
    let on_sandbox = world.start().await;
    eventually("the banner to say that the demo runs", || async {
        let says = on_sandbox.log().contains("2 invented events a second");
        says.then_some(())
    })
    .await;
}
