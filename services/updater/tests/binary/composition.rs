//! The updater as docker-compose.yml starts it: the emulator of Pub/Sub pushes without a token, under the service's name.

use testing::RunningProgram;

use crate::{PROGRAM, routes_file};

#[tokio::test]
async fn it_takes_pushes_of_its_own_network_and_says_whom_it_lets_in() {
    let routes = routes_file();
    let variables = [
        ("API", "http://127.0.0.1:1"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1"),
        ("GOOGLE_CLOUD_PROJECT", "shop-1"),
        ("PORT", "0"),
        ("TALARIA_PUSH_CALLERS__MODE", "trusted-network"),
        ("TALARIA_ROUTES", &routes.path().display().to_string()),
        ("TALARIA_STORE__BACKEND", "firestore"),
    ];
    let mut program = RunningProgram::start(PROGRAM, &[], &variables);
    let address = program.address().await;
    let port = address.strip_prefix("0.0.0.0:").expect("all addresses");
    let client = reqwest::Client::builder().build().expect("a client");
    let push = client
        .post(format!(
            "http://127.0.0.1:{port}/process-backend-update/crm"
        ))
        .header("content-type", "application/json")
        .header("host", "updater:8080")
        .body("{}");
    let answer = push.send().await.expect("an answer");
    assert_eq!(answer.status(), 400, "it was let in, and is no push");
    let log = program.log();
    assert_eq!(log.matches("is trusted-network").count(), 1, "{log}");
}

/// Their defaults are addresses of this machine, where a container finds nobody.
#[test]
fn the_composition_names_the_address_of_every_destination() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let read = |name: &str| std::fs::read_to_string(format!("{root}/{name}")).expect("a file");
    let (routes, composition) = (read("config/routes.yaml"), read("docker-compose.yml"));
    let addresses = routes.lines().filter_map(|line| {
        let variable = line.trim().strip_prefix("url: ${")?;
        variable.split_once(":-").map(|(name, _)| name)
    });
    let mut count = 0;
    for name in addresses {
        count += 1;
        assert!(
            composition.contains(&format!("\n      {name}: http://sandbox:8090/")),
            "docker-compose.yml doesn't set {name}"
        );
    }
    assert_eq!(count, 6, "destinations of config/routes.yaml");
}
